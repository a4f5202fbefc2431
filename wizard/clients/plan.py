"""What makes a client trust the registry: one step for each thing there that pulls images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes.files import WriteFile
from wizard.changes.services import restart
from wizard.changes.store import Anchors
from wizard.clients import containerd, rancher
from wizard.clients.facts import RANCHER
from wizard.hosts import File
from wizard.pki import describe
from wizard.plan import Step
from wizard.render import render
from wizard.steps import hosts_line, repair
from wizard.steps.trust import certs_d
from wizard.troubles.bundles import anchor_path
from wizard.troubles.folders import CONTAINERS, DOCKER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.changes import Change
    from wizard.changes.commands import Command
    from wizard.clients.facts import ClientFacts
    from wizard.hosts import Host
    from wizard.plan import Plan
    from wizard.troubles import Ours


@dataclass(frozen=True)
class ClientGiven:
    """Everything that a client's plan is made from."""

    ours: Ours
    ip: str  # where they should lead; empty: wherever they lead already
    facts: ClientFacts
    host: Host
    trust: tuple[str, ...] = ()  # as answered; empty: whatever is found

    @property
    def trusting(self) -> tuple[str, ...]:
        return self.trust or self.facts.found


def client_plan(given: ClientGiven) -> Plan:
    """Give the plan for this very machine, a step for each place."""
    places = (PLACES[name](given) for name in PLACES if name in given.trusting)
    # The repair first: it knows what the system's store is to hold without the CA of ours.
    steps = (_hosts(given), _repair(given), *places)
    return tuple(step for step in steps if step.changes)


def remote_plan(name: str, given: ClientGiven) -> Plan:
    """Give the same as one step on another machine: of many there is one line each."""
    steps = client_plan(given)
    trusting = ", ".join(given.trusting) or "nothing that pulls images"
    whole = Step(
        id=step_id(name),
        title=f"Let {name} trust the registry ({trusting})",
        why=" ".join(step.why for step in steps),
        changes=tuple(change for step in steps for change in step.changes),
        then=tuple(dict.fromkeys(command for step in steps for command in step.then)),
        host=name,
    )
    return (whole,) if whole.changes else ()


def step_id(name: str) -> str:
    return f"client {name}"


def _hosts(given: ClientGiven) -> Step:
    facts = given.facts
    right = {given.ip, *given.ours.addresses}
    leads = {name: set(facts.resolved.get(name, ())) for name in given.ours.dns}
    needed = [
        n for n in given.ours.dns if n in facts.marked_names or not leads[n] or leads[n] - right
    ]
    return Step(
        id="hosts",
        title="Make the name lead to the registry",
        why="The name must lead to the address at which the registry answers.",
        changes=(hosts_line.change(given.ip, tuple(needed), given.ours.dns),)
        if given.ip and given.ours.dns
        else (),
    )


def _docker(given: ClientGiven) -> Step:
    return Step(
        id="trust docker",
        title="Let Docker trust the CA",
        why="Docker reads this folder at every request: nothing needs a restart.",
        changes=certs_d(DOCKER, given.ours),
    )


def _podman(given: ClientGiven) -> Step:
    return Step(
        id="trust podman",
        title="Let podman, buildah and skopeo trust the CA",
        why="They read this folder at every request.",
        changes=certs_d(CONTAINERS, given.ours),
    )


def _containerd(given: ClientGiven) -> Step:
    found = given.facts.containerd
    ca = [
        change
        for at in given.ours.at
        for change in (
            _ca(f"{found.folder}/{at}/ca.crt", given.ours.trust),
            WriteFile(f"{found.folder}/{at}/hosts.toml", _hosts_toml(found.folder, at)),
        )
    ]
    return Step(
        id="trust containerd",
        title="Let containerd trust the CA",
        why="These files are read at every request; only being told of the folder takes a restart.",
        changes=(*ca, *_told(given)),
        then=_restarts(given.host, ("containerd",)) if _told(given) else (),
    )


def _told(given: ClientGiven) -> tuple[Change, ...]:
    """Tell containerd of the folder where a kubelet pulls through it; others name it themselves."""
    found = given.facts.containerd
    if found.told or not given.facts.programs & {"kubelet", "crictl"}:
        return ()
    shown = f'config_path = "{containerd.CERTS_D}"'
    return (_changed(containerd.SETTINGS, found.with_folder(), found.file, File(b""), shown),)


def _hosts_toml(folder: str, at: str) -> bytes:
    return render("hosts.toml", at=at, ca=f"{folder}/{at}/ca.crt")


def _k3s(given: ClientGiven) -> Step:
    return _rancher(given, "k3s")


def _rke2(given: ClientGiven) -> Step:
    return _rancher(given, "rke2")


def _rancher(given: ClientGiven, name: str) -> Step:
    folder, ours = f"/etc/rancher/{name}", given.ours
    path, ca = f"{folder}/registries.yaml", f"{folder}/registry-wizard-ca.crt"
    now = given.facts.registries.get(name)
    text = now.content if now else None
    for at in ours.at:
        text = rancher.with_entry(path, text, at, ca)
    shown = "\n".join(f"mirrors, configs: {at} with ca_file: {ca}" for at in ours.at)
    running = tuple(each for each in RANCHER[name] if each in given.facts.services)
    return Step(
        id=f"trust {name}",
        title=f"Let {name} trust the CA",
        why=f"{name} reads this file only when it starts, so it is restarted.",
        changes=(
            _ca(ca, ours.trust),
            _changed(path, text or b"", now, File(b"", 0o600), shown),
        ),
        then=_restarts(given.host, running),
    )


def _system(given: ClientGiven) -> Step:
    return Step(
        id="trust system",
        title="Let the system trust the CA",
        why="For curl, browsers and all else that asks; the system's own tool does it.",
        changes=tuple(_anchors(given)),
    )


def _anchors(given: ClientGiven) -> Iterator[Change]:
    seen, ours = given.facts.store, given.ours
    if seen.store is None:
        return
    path = anchor_path(seen.store, ours.trust)
    yield Anchors(
        seen.store.bundle,
        seen.store.tool,
        (path,),
        ours.trust,
        shown=f"    {path}\n{describe(ours.trust)}",
    )


def _repair(given: ClientGiven) -> Step:
    changes = (change for trouble in given.facts.troubles for change in trouble.changes)
    return Step(
        id="repair",
        title="Repair what spoils trust",
        why="Each trouble is explained in the findings; undo brings back what was there before.",
        changes=tuple(dict.fromkeys(changes)),
        then=repair.then(given.host, given.facts.init),
    )


def _changed(path: str, content: bytes, now: File | None, new: File, shown: str) -> WriteFile:
    """Give a file of somebody's with our lines in it; the other lines may be secrets."""
    file = now or new
    return WriteFile(path, content, file.mode, file.owner, file.group, secret=True, shown=shown)


def _ca(path: str, pem: bytes) -> WriteFile:
    return WriteFile(path, pem, shown=describe(pem))


def _restarts(host: Host, services: tuple[str, ...]) -> tuple[Command, ...]:
    return tuple(restart(host, each) for each in services)


PLACES: dict[str, Callable[[ClientGiven], Step]] = {
    "docker": _docker,
    "podman": _podman,
    "containerd": _containerd,
    "k3s": _k3s,
    "rke2": _rke2,
    "system": _system,
}
