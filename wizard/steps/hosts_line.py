"""One marked line in the hosts file, for names that do not lead to the right address already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.files import MarkedLine
from wizard.changes.swapped_line import SwappedLine
from wizard.facts import HOSTS_MARKER
from wizard.given import dns_names
from wizard.loopback import Loopback, said, short
from wizard.plan import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.given import Given

HOSTS = "/etc/hosts"


def plan(given: Given) -> Step:
    ip = given.answers.registry.ip
    names = tuple(dict.fromkeys((*dns_names(given.answers), *_former(given))))
    return Step(
        id="hosts",
        title="Make the name lead here",
        why="On this machine the name must lead to the address that clients use, not to loopback:"
        " Docker verifies no certificate there.",
        changes=(*_unlooped(given), change(ip, _needed(given), names)) if names else (),
    )


def change(ip: str, needed: tuple[str, ...], names: tuple[str, ...]) -> MarkedLine:
    """Give the one line for the names that need it; without any there is no such line.

    A line of another registry, which this machine may be a client of, stays.
    """
    line = f"{ip}\t{' '.join(needed)}" if needed else ""
    return MarkedLine(HOSTS, HOSTS_MARKER, line, names)


def _needed(given: Given) -> tuple[str, ...]:
    """Give the names that our line must have, the machine's own first: it is asked by the short.

    A short name that stood beside its full one has to stay beside it: ``hostname -f`` gives the
    first name of the line on which it finds the short one.
    """
    ip, facts, ours = given.answers.registry.ip, given.facts, dns_names(given.answers)
    lines = (*facts.looped, *_before(given).values())
    taken = {name.lower() for each in lines for name in Loopback.of(each).taken(ours)} - {*ours}
    needed = [n for n in ours if n in facts.marked_names or facts.resolved.get(n) != (ip,)]
    shorts = {name: (short(name),) if short(name) in taken else () for name in needed}
    own_first = sorted(needed, key=lambda name: not shorts[name])
    return tuple(dict.fromkeys(each for name in own_first for each in (name, *shorts[name])))


def _unlooped(given: Given) -> Iterator[SwappedLine]:
    """Lead the names away from loopback, where Debian's installer puts a machine's own name.

    A second address of a name counts as much as the first: Docker verifies nothing as soon as one
    is of loopback. A machine's own names move to the address together, so its full name stays.
    What an earlier run put there follows the address and the names of today.
    """
    ip, ours = given.answers.registry.ip, dns_names(given.answers)
    before = _before(given)
    for line in dict.fromkeys((*given.facts.looped, *before)):
        first = before.get(line, line)
        wanted = unlooped(first, ip, ours)
        if said(wanted) != said(line):
            yield SwappedLine(HOSTS, wanted, line, first if first != line else "")


def _before(given: Given) -> dict[str, str]:
    """Give what stood there before each line that earlier runs put into its place."""
    swaps = (each for each in given.latest if isinstance(each, SwappedLine))
    return {each.former: each.line for each in swaps}


def unlooped(line: str, ip: str, ours: tuple[str, ...]) -> str:
    """Give a line of loopback's as it leads none of our names there.

    It ends with what it was: two that lead elsewhere now must not become the same, or nobody
    could tell which of them was which.
    """
    found = Loopback.of(line)
    if not found.taken(ours) or line.rstrip().endswith(HOSTS_MARKER):
        return line
    return f"{found.without(ours) if found.shared else found.moved(ip)} {HOSTS_MARKER}: was {line}"


def _former(given: Given) -> tuple[str, ...]:
    """Give the names of earlier answers, whose line is ours as well."""
    lines = (each for each in given.latest if isinstance(each, MarkedLine))
    return tuple(name for each in lines for name in each.names)
