"""A TCP port that a zone of firewalld lets in: now, or after the next start; and closed again.

firewalld is never reloaded or restarted: that would throw away the rules which Docker put there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.changes import Difference

if TYPE_CHECKING:
    from wizard.hosts import Argv, Host, Log


@dataclass(frozen=True)
class FirewalldPort:
    """A port of a zone, in the rules at work or in those that are kept."""

    zone: str
    port: int
    permanent: bool
    opened: bool = True

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
        if self._accepted(host) if self.opened else not self._listed(host):
            return None
        verb = "create" if self.opened else "remove"
        text = " ".join((*self._command(host), self._act()))
        return Difference(verb, text, replace(self, opened=not self.opened))

    def apply(self, host: Host, log: Log) -> None:
        host.run(*self._command(host), self._act(), log=log).must()

    def _act(self) -> str:
        return f"--{'add' if self.opened else 'remove'}-port={self.port}/tcp"

    def _command(self, host: Host) -> Argv:
        return (*_program(host, permanent=self.permanent), f"--zone={self.zone}")

    def _listed(self, host: Host) -> bool:
        return host.run(*self._command(host), f"--query-port={self.port}/tcp").ok

    def _accepted(self, host: Host) -> bool:
        """Say whether the zone lets the port in, by its number, by a service, or by letting all."""
        zone = host.run(*self._command(host), "--list-all").out
        if "ACCEPT" in _words(zone, "target") or _holds(_words(zone, "ports"), self.port):
            return True
        program = _program(host, permanent=self.permanent)
        said = (
            host.run(*program, f"--info-service={each}").out for each in _words(zone, "services")
        )
        return any(_holds(_words(service, "ports"), self.port) for service in said)


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


def _holds(ports: list[str], port: int) -> bool:
    """Say whether ``443/tcp`` or ``400-500/tcp`` is among these and has the port in it."""
    spans = [each.removesuffix("/tcp").split("-") for each in ports if each.endswith("/tcp")]
    return any(int(span[0]) <= port <= int(span[-1]) for span in spans)
