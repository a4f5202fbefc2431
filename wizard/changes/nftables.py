"""A TCP port that a chain of nftables lets in, by a rule with our comment; and that rule gone."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from wizard.changes import Difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.hosts import Host, Log

    Rule: TypeAlias = dict[str, Any]

COMMENT = "registry-wizard"
DPORT = {"payload": {"protocol": "tcp", "field": "dport"}}
ASIDE = {"match", "counter", "log"}  # what decides nothing
VERDICTS = {
    frozenset({"drop"}): "drop",
    frozenset({"reject"}): "drop",
    frozenset({"accept"}): "accept",
    frozenset({"accept", "limit"}): "accept",  # as many as somebody wanted; a drop: only some
}
WIDE = 1024  # a rule about more ports than these is a policy in other words
# What holds for every TCP connection from another machine.
ANY = (
    ({"meta": {"key": "l4proto"}}, "==", "tcp"),
    ({"meta": {"key": "iif"}}, "!=", "lo"),
    ({"meta": {"key": "iifname"}}, "!=", "lo"),
)


@dataclass(frozen=True)
class NftRule:
    """A rule of ours at the top of a chain, in the rules at work."""

    chain: str  # family, table and chain: inet filter input
    port: int
    opened: bool = True

    @property
    def label(self) -> str:
        verb = "open" if self.opened else "close"
        return f"{verb} port {self.port} in nftables' chain {self.chain}"

    @property
    def key(self) -> str:
        return f"nft:{self.chain}:{self.port}"

    @property
    def line(self) -> str:
        """The rule as nft(8) reads it; on top, since what comes later may drop first."""
        return f'insert rule {self.chain} tcp dport {self.port} accept comment "{COMMENT}"'

    def compare(self, host: Host) -> Difference | None:
        rules = self._rules(host)
        let_in = verdict(rules, self.port) == "accepted"
        if let_in if self.opened else not self._ours(rules):
            return None
        verb = "create" if self.opened else "remove"
        return Difference(verb, f"nft {self.line}", replace(self, opened=not self.opened))

    def apply(self, host: Host, log: Log) -> None:
        if self.opened:
            # nft puts its words together and reads them anew, so quotes are part of them.
            host.run("nft", *self.line.split(), log=log).must()
            return
        for handle in self._ours(self._rules(host)):
            rule = ("rule", *self.chain.split(), "handle", str(handle))
            host.run("nft", "delete", *rule, log=log).must()

    def _rules(self, host: Host) -> tuple[Rule, ...]:
        return tuple(rules_of(ruleset(host, "chain", *self.chain.split())))

    def _ours(self, rules: tuple[Rule, ...]) -> list[int]:
        """Give the handles of the rules that are ours."""
        ours = (each for each in rules if each.get("comment") == COMMENT)
        return [each["handle"] for each in ours if decides(each, self.port)]


def ruleset(host: Host, *what: str) -> list[dict[str, Any]]:
    """Give the rules at work as nft's JSON (libnftables-json(5)); none where there is no nft."""
    done = host.run("nft", "-j", "list", *(what or ("ruleset",)))
    found: list[dict[str, Any]] = json.loads(done.out)["nftables"] if done.ok else []
    return found


def rules_of(found: list[dict[str, Any]], chain: str = "") -> Iterator[Rule]:
    for each in found:
        rule = each.get("rule")
        if rule and chain in ("", f"{rule['family']} {rule['table']} {rule['chain']}"):
            yield rule


def verdict(rules: Iterable[Rule], port: int) -> str:
    """Say what the first rule that decides about everybody's new connections to a TCP port does.

    ``accepted``; ``refused`` by a rule about this port; ``closed`` by one about nearly every port,
    or by the chain's end, where no rule decides.
    """
    for rule in rules:
        if decides(rule, port):
            refused = "refused" if port in named(rule) else "closed"
            return "accepted" if _ends(rule) == "accept" else refused
    return "closed"


def decides(rule: Rule, port: int) -> bool:
    """Say whether a rule lets everybody's new connections to a TCP port in, or nobody's."""
    return _ends(rule) != "" and all(_holds(match, port) for match in _matches(rule))


def ends_all(rule: Rule) -> bool:
    """Say whether nothing gets past a rule: it drops or rejects whatever comes."""
    return _ends(rule) == "drop" and not _matches(rule)


def named(rule: Rule) -> set[int]:
    """Give the ports that a rule refuses; one about nearly every port is about none of them."""
    matches = [each for each in _matches(rule) if each["left"] == DPORT and each["op"] == "=="]
    spans = [span for match in matches for span in _spans(match)]
    narrow = _ends(rule) == "drop" and sum(map(len, spans)) <= WIDE
    return {port for span in spans for port in span} if narrow else set()


def _matches(rule: Rule) -> list[dict[str, Any]]:
    return [each["match"] for each in rule["expr"] if "match" in each]


def _ends(rule: Rule) -> str:
    """Say what becomes of all that a rule matches: ``accept``, ``drop``, or neither for sure."""
    words = {word for each in rule["expr"] for word in each} - ASIDE
    return VERDICTS.get(frozenset(words), "")


def _holds(match: dict[str, Any], port: int) -> bool:
    """Say whether a match holds for every new connection to a port that comes from outside."""
    if match["left"] == DPORT:
        spans = _spans(match)
        return bool(spans) and any(port in each for each in spans) == (match["op"] == "==")
    # A connection begins with a packet of this state, so it narrows nothing down.
    if match["left"] == {"ct": {"key": "state"}}:
        return match["op"] != "!=" and "new" in _flat(match["right"])
    return (match["left"], match["op"], match["right"]) in ANY


def _spans(match: dict[str, Any]) -> list[range]:
    """Give the ports of a match; none of a set that has a name, as its members are elsewhere."""
    members = _flat(match["right"])
    ends = (each.get("range") if isinstance(each, dict) else [each] for each in members)
    return [range(each[0], each[-1] + 1) for each in ends if each and isinstance(each[0], int)]


def _flat(right: Any) -> list[Any]:
    """Give the members of a set, or of a list of flags, or the one value that stands alone."""
    members = right.get("set", right) if isinstance(right, dict) else right
    return members if isinstance(members, list) else [members]
