"""One marked line in the hosts file, for names that do not lead to the right address already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes.files import MarkedLine
from wizard.changes.swapped_line import SwappedLine
from wizard.facts import HOSTS_MARKER
from wizard.given import dns_names
from wizard.plan import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.given import Given

HOSTS = "/etc/hosts"
# No names of a machine but of loopback itself.
LOOPBACKS = ("localhost", "ip6-")


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
    shorts = {name: (_short(name),) if _short(name) in taken else () for name in needed}
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
        if _said(wanted) != _said(line):
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


@dataclass(frozen=True)
class Loopback:
    """A line that gives names to an address of loopback's, without its comment."""

    parts: tuple[str, ...]  # the address and the names, each with the blanks before it

    @classmethod
    def of(cls, line: str) -> Loopback:
        return cls(tuple(re.findall(r"\s*\S+", _said(line))))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.strip() for each in self.parts[1:])

    @property
    def shared(self) -> bool:
        """Say whether it has loopback's own names, too, which have to stay."""
        return any(name.lower().startswith(LOOPBACKS) for name in self.names)

    def taken(self, ours: tuple[str, ...]) -> tuple[str, ...]:
        """Give those of its names that may not lead to loopback: ours, as a short one as well."""
        full = [name for name in self.names if name.lower() in {each.lower() for each in ours}]
        short = {_short(name) for name in full} if self.shared else set()
        return tuple(
            name
            for name in self.names
            if name in full or (name.lower() in short and not name.lower().startswith(LOOPBACKS))
        )

    def without(self, ours: tuple[str, ...]) -> str:
        taken = self.taken(ours)
        kept = [each for each in self.parts[1:] if each.strip() not in taken]
        return "".join((self.parts[0], *kept))

    def moved(self, ip: str) -> str:
        address, *names = self.parts
        return "".join((address.replace(address.strip(), ip), *names))


def _said(line: str) -> str:
    return line.partition("#")[0].rstrip()


def _short(name: str) -> str:
    return name.lower().partition(".")[0]


def _former(given: Given) -> tuple[str, ...]:
    """Give the names of earlier answers, whose line is ours as well."""
    lines = (each for each in given.latest if isinstance(each, MarkedLine))
    return tuple(name for each in lines for name in each.names)
