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
    names = tuple(dict.fromkeys((*dns_names(given.answers), *_former(given))))
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
        changes=(change(ip, needed, names),) if names else (),
    )


def change(ip: str, needed: tuple[str, ...], names: tuple[str, ...]) -> MarkedLine:
    """Give the one line for the names that need it; without any there is no such line.

    A line of another registry, which this machine may be a client of, stays.
    """
    line = f"{ip}\t{' '.join(needed)}" if needed else ""
    return MarkedLine("/etc/hosts", HOSTS_MARKER, line, names)


def _former(given: Given) -> tuple[str, ...]:
    """Give the names of earlier answers, whose line is ours as well."""
    lines = (each for each in given.latest if isinstance(each, MarkedLine))
    return tuple(name for each in lines for name in each.names)
