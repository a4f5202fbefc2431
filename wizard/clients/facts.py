"""What is true of a client now, whatever way leads to it; reading it changes nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes.services import init, is_running
from wizard.clients import containerd
from wizard.clients.containerd import Containerd
from wizard.distros import read_os_release
from wizard.errors import WizardError
from wizard.facts import marked_names, resolve_names
from wizard.troubles import find_troubles, store

if TYPE_CHECKING:
    from wizard.hosts import File, Host
    from wizard.troubles import Ours, Trouble
    from wizard.troubles.store import Seen

# One question for all, since each is a way to another machine.
WHICH = 'for each; do ! command -v "$each" > /dev/null || echo "$each"; done'
# What uses each place of trust; the system's store is no program.
PROGRAMS = {
    "docker": ("docker", "dockerd"),
    "podman": ("podman", "buildah", "skopeo", "crio"),
    "containerd": ("containerd",),
    "k3s": ("k3s",),
    "rke2": ("rke2",),
}
TOOLS = ("ctr", "nerdctl", "kubelet", "crictl", "curl", "wget", "openssl")
RANCHER = {"k3s": ("k3s", "k3s-agent"), "rke2": ("rke2-server", "rke2-agent")}


@dataclass(frozen=True)
class ClientFacts:
    root: bool
    os: str
    init: str  # systemd | OpenRC | init scripts
    ahead: float  # seconds by which its clock is ahead of the one that asks
    programs: frozenset[str]  # those of PROGRAMS and TOOLS that are there
    store: Seen
    resolved: dict[str, tuple[str, ...]]
    marked_names: tuple[str, ...]  # in our own line of the hosts file
    containerd: Containerd
    services: frozenset[str]  # those of RANCHER that run
    registries: dict[str, File | None]  # registries.yaml of k3s and rke2
    troubles: tuple[Trouble, ...]

    @property
    def found(self) -> tuple[str, ...]:
        """Give what here can trust a registry.

        Docker brings a containerd along that asks no registry itself, unless a kubelet uses it.
        """
        named = [name for name, any_of in PROGRAMS.items() if self.programs & set(any_of)]
        own = "dockerd" not in self.programs or "kubelet" in self.programs
        alone = [name for name in named if name != "containerd" or own]
        return (*alone, "system") if self.store.store else tuple(alone)


def read_client(host: Host, ours: Ours) -> ClientFacts:
    """Look at everything that a client's plan depends on."""
    programs, seen = programs_of(host), store.look(host)
    release = read_os_release(host.run("cat", "/etc/os-release").out)
    services = (each for name in RANCHER if name in programs for each in RANCHER[name])
    return ClientFacts(
        root=host.run("id", "-u").out.strip() == "0",
        os=release.get("PRETTY_NAME", "an unknown system"),
        init=init(host),
        ahead=_ahead(host),
        programs=programs,
        store=seen,
        resolved=resolve_names(host, ours.dns),
        marked_names=marked_names(host),
        containerd=containerd.look(host) if "containerd" in programs else Containerd(),
        services=frozenset(each for each in services if is_running(host, each)),
        registries={
            n: host.read(f"/etc/rancher/{n}/registries.yaml") for n in RANCHER if n in programs
        },
        troubles=find_troubles(host, ours, seen),
    )


def _ahead(host: Host) -> float:
    before = time.time()
    said = host.run("date", "+%s").out.strip()
    if not said.isdigit():
        raise WizardError(f"{host.name} does not say what time it is: date gives {said!r}")
    there = float(said)
    return there + 0.5 - (before + time.time()) / 2


def programs_of(host: Host) -> frozenset[str]:
    wanted = (*(each for any_of in PROGRAMS.values() for each in any_of), *TOOLS)
    return frozenset(host.run("sh", "-c", WHICH, "sh", *wanted).out.split())
