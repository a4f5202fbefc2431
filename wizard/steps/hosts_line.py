"""One marked line in the hosts file, for names that do not lead to the right address already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.files import MarkedLine
from wizard.facts import HOSTS_MARKER
from wizard.given import dns_names
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    ip, facts = given.answers.registry.ip, given.facts
    needed = tuple(
        name
        for name in dns_names(given.answers)
        if name in facts.marked_names or facts.resolved.get(name) != (ip,)
    )
    return Step(
        id="hosts",
        title="Make the name lead here",
        why="On this machine the name must lead to the address that clients use, not to loopback:"
        " Docker verifies no certificate there.",
        changes=(change(ip, needed),),
    )


def change(ip: str, names: tuple[str, ...]) -> MarkedLine:
    """Give the one line for these names; without any there is no such line."""
    line = f"{ip}\t{' '.join(names)}" if names else ""
    return MarkedLine("/etc/hosts", HOSTS_MARKER, line)
