"""The HTTPS port, and that of the redirect, in the firewall that is at work; no other port."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.changes.firewalld import FirewalldPort
from wizard.changes.last_line import LastLine
from wizard.changes.nftables import NftRule
from wizard.changes.ufw import UfwPort
from wizard.plan import Step
from wizard.survey import ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.answers import Answers
    from wizard.changes import Change
    from wizard.facts import Facts
    from wizard.firewall import Firewall
    from wizard.given import Given


# How a line of ours in nftables' file begins.
OPENS = re.compile(r"insert rule \S+ \S+ \S+ tcp dport (\d+) accept ")


def plan(given: Given) -> Step:
    return Step(
        id="firewall",
        title="Let clients through the firewall",
        why="Only nginx's own ports are opened; the registry behind it stays on loopback.",
        changes=(*openings(given.answers, given.facts), *_former(given)),
    )


def openings(answers: Answers, facts: Facts) -> tuple[Change, ...]:
    """Give what must be so for clients to come in, where the firewall's tool is one we know."""
    firewall = facts.firewall
    way = WAYS.get(firewall.tool)
    due = [port for port in ports(answers, facts) if port not in firewall.refused]
    return tuple(each for port in due for each in way(firewall, port)) if way else ()


def _former(given: Given) -> Iterator[Change]:
    """Close what an earlier run opened for another answer: its port is no business of ours now."""
    kept = (0, *ports(given.answers, given.facts))
    yield from (each for each in given.latest if _closes(each) not in kept)


def _closes(change: Change) -> int:
    """Give the port that a change closes; 0: it closes none."""
    match change:
        case (
            UfwPort(port=port, opened=False)
            | FirewalldPort(port=port, opened=False)
            | NftRule(port=port, opened=False)
        ):
            return port
        case LastLine(line=line, present=False) if found := OPENS.match(line):
            return int(found[1])
    return 0


def _ufw(firewall: Firewall, port: int) -> Iterator[Change]:
    yield UfwPort(port)


def _firewalld(firewall: Firewall, port: int) -> Iterator[Change]:
    yield FirewalldPort(firewall.zone, port, permanent=False)
    yield FirewalldPort(firewall.zone, port, permanent=True)


def _nftables(firewall: Firewall, port: int) -> Iterator[Change]:
    for chain in firewall.chains:
        rule = NftRule(chain, port)
        yield rule
        if firewall.file:
            yield LastLine(firewall.file, rule.line, check=("nft", "-c", "-f", firewall.file))


WAYS: dict[str, Callable[[Firewall, int], Iterator[Change]]] = {
    "ufw": _ufw,
    "firewalld": _firewalld,
    "nftables": _nftables,
}
