"""What stands in the way, or is worth knowing, before anything is touched; each with its remedy."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wizard.credentials import ETC
from wizard.distro_survey import look_at_distro
from wizard.events import Found
from wizard.firewall_survey import look_at_firewall, told
from wizard.names import is_address
from wizard.nginx import nginx_of
from wizard.runtime_survey import look_at_runtime
from wizard.source_facts import PACKAGED, source_of
from wizard.source_looks import described_source
from wizard.source_looks import looks as source_looks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.answers import Answers
    from wizard.facts import Facts, Listener

REGISTRY_PORT = 5000
GIB = 1024**3
LEAST_FREE = GIB // 4
FREE_TO_WARN = 5 * GIB
NOT_AFTER = dt.datetime(2036, 1, 1, tzinfo=dt.UTC)  # this version is not used for so long
NOT_BEFORE = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)  # no machine that runs this is older


def survey(answers: Answers, facts: Facts) -> tuple[Found, ...]:
    """Give all findings at once, blockers first."""
    found = [each for look in LOOKS for each in look(answers, facts)]
    return tuple(sorted(found, key=lambda each: not each.blocker))


def described(answers: Answers, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Give what was found out about the machine, as titles and texts for people."""
    registry = answers.registry
    others = ", ".join(each for each in facts.addresses if each != registry.ip)
    return (
        ("System", f"{facts.os}, {facts.init}"),
        ("Name", f"{registry.hostname}, {_leads(registry.hostname, facts)}"),
        ("Address", registry.ip + (f" (also {others})" if others else "")),
        ("nginx", described_source(answers, facts) or _present(facts.nginx, _sites(facts))),
        ("Registry", _present(facts.registry, "its package")),
        ("Runtime", _runtime(answers, facts)),
        (f"Port {registry.https_port}", _held(facts, registry.https_port)),
        (f"Port {REGISTRY_PORT}", _held(facts, REGISTRY_PORT)),
        ("Firewall", told(facts.firewall)),
        *((("SELinux", facts.selinux),) if facts.selinux else ()),
        ("Storage", f"{registry.storage}, {facts.space.free / GIB:.1f} GiB free"),
        ("Clock", f"{facts.now:%Y-%m-%d %H:%M} UTC"),
    )


def _leads(hostname: str, facts: Facts) -> str:
    found = facts.resolved.get(hostname, ())
    if is_address(hostname):
        return "an address, which needs no DNS"
    return f"leads to {', '.join(found)}" if found else "not known to DNS or the hosts file here"


def _present(there: bool, more: str) -> str:  # noqa: FBT001
    return f"installed ({more})" if there else "not installed yet"


def _sites(facts: Facts) -> str:
    return f"{len(facts.sites)} sites"


def _runtime(answers: Answers, facts: Facts) -> str:
    docker, source = facts.docker, facts.image
    engine = f"Docker {docker.version} {docker.state}" if docker.version else "no Docker Engine"
    image = f", {source.reference}: {source.how}" if source.how else ""
    return f"{answers.registry.runtime} ({engine}{image})"


def _held(facts: Facts, port: int) -> str:
    holder = facts.holder(port)
    return f"held by {holder.process} (pid {holder.pid})" if holder else "free"


def _rights(answers: Answers, facts: Facts) -> Iterator[Found]:
    if not facts.root:
        yield _blocker("This needs root: it installs packages and writes to /etc", "run with sudo")


def _system(answers: Answers, facts: Facts) -> Iterator[Found]:
    if facts.now < NOT_BEFORE:
        yield _blocker(
            f"The clock says {facts.now:%Y-%m-%d}, so certificates would be wrong",
            "set the time (timedatectl set-ntp true), then run again",
        )
    if facts.now > NOT_AFTER:
        yield _warning(
            f"The clock says {facts.now:%Y-%m-%d}: whoever has the right time takes certificates"
            " that are made now for not valid yet",
            "look at it (timedatectl), and set it where it is wrong, before you go on",
        )


def _addresses(answers: Answers, facts: Facts) -> Iterator[Found]:
    registry = answers.registry
    if not registry.ip:
        yield _blocker("This machine has no address but loopback", "give it one, then run again")
    elif registry.ip not in facts.addresses:
        own = ", ".join(facts.addresses) or "none"
        yield _blocker(
            f"{registry.ip} is not an address of this machine (it has {own})",
            "answer registry.ip with one of these, or run the wizard on that machine",
        )
    for address in answers.certificate.alt_names:
        if is_address(address) and address not in facts.addresses:
            yield _warning(
                f"{address} is not an address of this machine, yet will be in its certificate",
                "right where a router forwards it to here; else take it out of alt_names",
            )


def _names(answers: Answers, facts: Facts) -> Iterator[Found]:
    ip = answers.registry.ip
    for name, found in facts.resolved.items():
        elsewhere = [each for each in found if each != ip and not each.startswith("127.")]
        if elsewhere and ip not in found:
            yield _warning(
                f"{name} leads to {', '.join(elsewhere)} from here, not to {ip}",
                "a line in this machine's hosts file mends it here; clients need DNS mended",
            )


def _ports(answers: Answers, facts: Facts) -> Iterator[Found]:
    port = answers.registry.https_port
    if port == REGISTRY_PORT:
        yield _blocker(
            f"Port {port} is where the registry itself listens, on loopback",
            "answer another registry.https_port, for example 443",
        )
    for number, ours in ((port, ("nginx",)), (REGISTRY_PORT, _own_holders(facts))):
        holder = facts.holder(number)
        if holder and holder.process not in ours:
            yield _holding(facts, holder, port)
    yield from _by_hand(answers, facts)
    if answers.registry.http_redirect and not redirects(answers, facts):
        holder = facts.holder(80)
        by = f"held by {holder.process} (pid {holder.pid})" if holder else "the HTTPS port itself"
        yield _warning(f"Port 80 is {by}, so there is no redirect from http://", "none is needed")


def _holding(facts: Facts, holder: Listener, https_port: int) -> Found:
    """Say who stands in the way at a port, and how to go on from there."""
    text = f"Port {holder.port} is held by {holder.process} (pid {holder.pid})"
    if holder.port == https_port:
        return _blocker(text, "stop it, or answer another registry.https_port")
    by = facts.publisher
    if by is None or holder.process != "docker-proxy":
        return _blocker(text, "stop it; the registry needs this port on loopback")
    keep = f"; its images are in {by.storage}: answer it as registry.storage" if by.storage else ""
    return _blocker(
        f"Port {holder.port} is held by Docker for the container {by.name} (image {by.image})",
        f"docker stop {by.name} && docker update --restart=no {by.name} (docker start is the way"
        f" back){keep}",
    )


def _by_hand(answers: Answers, facts: Facts) -> Iterator[Found]:
    """An nginx that somebody built by hand does not give its port to the distribution's."""
    port = answers.registry.https_port
    program = source_of(facts).stranger_on(port)
    if program and program not in PACKAGED and answers.proxy.install == "package":
        yield _blocker(
            f"Port {port} is held by {program}, an nginx that is not the distribution's",
            f"{program} -s quit, and take it out of what starts it at boot (its files may stay);"
            " or answer another registry.https_port",
        )


def _own_holders(facts: Facts) -> tuple[str, ...]:
    """Give the processes behind which our registry can be: the package's, or its container's."""
    return (
        facts.distro.registry_process if facts.distro else "",
        *(("docker-proxy",) if facts.docker.container == "ours" else ()),
    )


def redirects(answers: Answers, facts: Facts) -> bool:
    """Say whether nginx can answer port 80 with a redirect."""
    holder = facts.holder(80)
    free = holder is None or (
        holder.process == "nginx" and not source_of(facts).stranger_on(holder.port)
    )
    return answers.registry.http_redirect and answers.registry.https_port != 80 and free


def ports(answers: Answers, facts: Facts) -> tuple[int, ...]:
    """Give the ports at which clients come in."""
    return (answers.registry.https_port, *((80,) if redirects(answers, facts) else ()))


def _firewall(answers: Answers, facts: Facts) -> Iterator[Found]:
    yield from look_at_firewall(ports(answers, facts), facts.firewall)


def _storage(answers: Answers, facts: Facts) -> Iterator[Found]:
    storage, space = answers.registry.storage, facts.space
    if not space.writable:
        yield _blocker(
            f"The storage folder {storage} is on a read-only file system (at {space.folder})",
            "remount it read-write, or answer another registry.storage",
        )
    elif space.free < LEAST_FREE:
        yield _blocker(
            f"The disk under {storage} is full: {space.free // 1024**2} MiB are free",
            "make room, or answer a registry.storage on another disk",
        )
    elif space.free < FREE_TO_WARN:
        yield _warning(
            f"The disk under {storage} has only {space.free / GIB:.1f} GiB free",
            "images take room: think of a larger disk",
        )
    strangers = set(space.owners) - ({facts.distro.registry_user} if facts.distro else set())
    if strangers:
        user = facts.distro.registry_user if facts.distro else "the registry's user"
        yield _blocker(
            f"{storage} holds files of {', '.join(sorted(strangers))}, which the registry's user"
            f" {user} could not change",
            f"chown -R {user}: {storage} if they are its images, or answer another folder",
        )


def _renewal(answers: Answers, facts: Facts) -> Iterator[Found]:
    if not facts.cron:
        yield _warning(
            "There is no cron here, so nobody runs what is to renew the certificate",
            "install it (its package is called cron, or cronie); until then renewing it is up to"
            " you: registry-wizard renew",
        )


def _nginx(answers: Answers, facts: Facts) -> Iterator[Found]:
    # What is missing of our own files this run makes again.
    if facts.nginx_problem and f'"{ETC}/' not in facts.nginx_problem:
        yield _blocker(
            f"nginx's own settings are broken already: {facts.nginx_problem.splitlines()[0]}",
            "mend them until `nginx -t` is content, then run again",
        )
    port, hostname = answers.registry.https_port, answers.registry.hostname
    ours = nginx_of(answers, facts.distro).site
    for site in facts.sites:
        if site.file != ours and hostname in site.names and port in site.ports:
            yield _blocker(
                f"nginx serves {hostname} on port {port} already, from {site.file}",
                "take the name out of that file, or answer another hostname or port",
            )


def _blocker(text: str, remedy: str) -> Found:
    return Found(blocker=True, text=text, remedy=remedy)


def _warning(text: str, remedy: str) -> Found:
    return Found(blocker=False, text=text, remedy=remedy)


LOOKS: tuple[Callable[[Answers, Facts], Iterator[Found]], ...] = (
    _rights,
    _system,
    look_at_distro,
    _addresses,
    _names,
    _ports,
    _storage,
    _nginx,
    look_at_runtime,
    source_looks,
    _firewall,
    _renewal,
)
