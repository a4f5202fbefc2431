"""A TCP port that a zone of firewalld lets in: now, or after the next start; and closed again.

firewalld is never reloaded or restarted: that would throw away the rules which Docker put there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.changes import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.hosts import Argv, Host, Log

OWN = "/etc/firewalld/zones"
SHIPPED = "/usr/lib/firewalld/zones"


@dataclass(frozen=True)
class FirewalldPort:
    """A port of a zone, in the rules at work or in those that are kept.

    The first port that is kept makes firewalld write a file of the zone's, which it never removes.
    """

    zone: str
    port: int
    permanent: bool
    opened: bool = True
    fresh: bool = False  # the zone had no file of this machine's own before we opened it

    @property
    def label(self) -> str:
        when = "for good" if self.permanent else "now"
        verb = "open" if self.opened else "close"
        return f"{verb} port {self.port} in firewalld's zone {self.zone} {when}"

    @property
    def key(self) -> str:
        return f"firewalld:{self.zone}:{self.port}:{'kept' if self.permanent else 'now'}"

    def compare(self, host: Host) -> Difference | None:
        if not (self.permanent or is_running(host)):
            return None  # no rules are at work
        text = " ".join((*self._command(host), self._act()))
        if self.opened:
            inverse = replace(self, opened=False, fresh=self.permanent and not self._own(host))
            return None if self._accepted(host) else Difference("create", text, inverse)
        if self._listed(host):
            return Difference("remove", text, replace(self, opened=True, fresh=False))
        if self._left_over(host):
            return Difference("remove", f"{self._file}: as the zone is without it", None)
        return None

    def apply(self, host: Host, log: Log) -> None:
        if self.opened or self._listed(host):
            host.run(*self._command(host), self._act(), log=log).must()
        if not self.opened and self._left_over(host):
            self._forget(host, log)

    def _act(self) -> str:
        return f"--{'add' if self.opened else 'remove'}-port={self.port}/tcp"

    def _command(self, host: Host) -> Argv:
        return (*_program(host, permanent=self.permanent), f"--zone={self.zone}")

    def _listed(self, host: Host) -> bool:
        return host.run(*self._command(host), f"--query-port={self.port}/tcp").ok

    @property
    def _file(self) -> str:
        return f"{OWN}/{self.zone}.xml"

    def _own(self, host: Host) -> bool:
        """Say whether there is a file of the zone, or firewalld's copy of a former one."""
        return any(host.read(each) for each in (self._file, f"{self._file}.old"))

    def _left_over(self, host: Host) -> bool:
        """Say whether the zone's file came with our port, and says no more than it does without."""
        own, shipped = host.read(self._file), host.read(f"{SHIPPED}/{self.zone}.xml")
        return self.fresh and bool(own and shipped and own.content == shipped.content)

    def _forget(self, host: Host, log: Log) -> None:
        """Take the file away; firewalld, where it runs, has to know, and keeps a copy of it."""
        if is_running(host):
            host.run(*self._command(host)[:-1], f"--load-zone-defaults={self.zone}", log=log).must()
        host.remove(self._file)
        host.remove(f"{self._file}.old")

    def _accepted(self, host: Host) -> bool:
        """Say whether the zone lets the port in, by its number, by a service, or by letting all."""
        program = _program(host, permanent=self.permanent)
        zone = host.run(*self._command(host), "--list-all").out
        return any(self.port in span for span in _spans(host, program, zone))


@dataclass(frozen=True)
class SourceZone:
    """A zone at work for clients of some addresses, by whatever interface they come in."""

    name: str
    sources: tuple[str, ...]
    open: tuple[range, ...]


def source_zones(host: Host) -> Iterator[SourceZone]:
    """Give every zone that is bound to addresses, but for those that are there to refuse them."""
    said = host.run("firewall-cmd", "--get-active-zones").out
    for name in re.findall(r"(?m)^(\S+)", said):
        zone = host.run("firewall-cmd", f"--zone={name}", "--list-all").out
        sources, target = _words(zone, "sources"), _words(zone, "target")
        if sources and not set(target) & {"DROP", "%%REJECT%%"}:
            yield SourceZone(name, tuple(sources), tuple(_spans(host, ("firewall-cmd",), zone)))


def is_running(host: Host) -> bool:
    return host.run("firewall-cmd", "--state").ok


def _program(host: Host, *, permanent: bool) -> Argv:
    """Give the command for the rules meant; those that are kept can be changed while it is off."""
    if not permanent:
        return ("firewall-cmd",)
    return ("firewall-cmd", "--permanent") if is_running(host) else ("firewall-offline-cmd",)


def _words(said: str, title: str) -> list[str]:
    found = re.search(rf"(?m)^\s+{title}:(.*)$", said)
    return found[1].split() if found else []


def _spans(host: Host, program: Argv, zone: str) -> Iterator[range]:
    """Give the TCP ports that a zone lets in, by number, by a service, or by letting all in."""
    if "ACCEPT" in _words(zone, "target"):
        yield range(1, 65536)
    services = (
        host.run(*program, f"--info-service={each}").out for each in _words(zone, "services")
    )
    for said in (zone, *services):
        for each in _words(said, "ports"):
            ends = each.removesuffix("/tcp").split("-")
            if each.endswith("/tcp"):
                yield range(int(ends[0]), int(ends[-1]) + 1)
