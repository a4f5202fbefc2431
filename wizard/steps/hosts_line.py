"""One marked line in the hosts file, for names that do not lead to the right address already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.changes.files import MarkedLine
from wizard.changes.swapped_line import SwappedLine
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
        changes=(*_unlooped(given), change(ip, needed, names)) if names else (),
    )


def change(ip: str, needed: tuple[str, ...], names: tuple[str, ...]) -> MarkedLine:
    """Give the one line for the names that need it; without any there is no such line.

    A line of another registry, which this machine may be a client of, stays.
    """
    line = f"{ip}\t{' '.join(needed)}" if needed else ""
    return MarkedLine("/etc/hosts", HOSTS_MARKER, line, names)


def _unlooped(given: Given) -> tuple[SwappedLine, ...]:
    """Lead the names away from loopback, where Debian's installer puts a machine's own name.

    A second address of a name counts as much as the first: Docker verifies nothing as soon as one
    is of loopback. A machine's own names move to the address together, so its full name stays.
    """
    lines, ip, ours = given.facts.looped, given.answers.registry.ip, dns_names(given.answers)
    wanted = {each: unlooped(each, ip, ours) for each in lines}
    return tuple(SwappedLine("/etc/hosts", new, old) for old, new in wanted.items() if new != old)


def unlooped(line: str, ip: str, ours: tuple[str, ...]) -> str:
    """Give a line of loopback's as it leads none of our names there."""
    said, mark, comment = line.partition("#")
    address, *names = said.split()
    if not set(names) & set(ours):
        return line
    if not any(name.startswith(("localhost", "ip6-")) for name in names):
        return line.replace(address, ip, 1)
    parts = re.split(r"(\s+)", said.rstrip())
    kept = [parts[0]] + [
        blank + name
        for blank, name in zip(parts[1::2], parts[2::2], strict=True)
        if name not in ours
    ]
    return "".join(kept) + (f" {mark}{comment}" if mark else "")


def _former(given: Given) -> tuple[str, ...]:
    """Give the names of earlier answers, whose line is ours as well."""
    lines = (each for each in given.latest if isinstance(each, MarkedLine))
    return tuple(name for each in lines for name in each.names)
