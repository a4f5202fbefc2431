"""A TCP port that a chain of nftables lets in, by a rule with our comment; and that rule gone."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from wizard.changes import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.hosts import Host, Log

    Rule: TypeAlias = dict[str, Any]

COMMENT = "registry-wizard"


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
        let_in = any(accepts(each, self.port) for each in rules)
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
        return [each["handle"] for each in ours if accepts(each, self.port)]


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


def accepts(rule: Rule, port: int) -> bool:
    """Say whether a rule lets everybody's new connections to a TCP port in."""
    matches = [each["match"] for each in rule["expr"] if "match" in each]
    others = [match for match in matches if not _new_connections(match)]
    verdict = any("accept" in each for each in rule["expr"])
    return verdict and len(others) == 1 and _is_about(others[0], port)


def ends_all(rule: Rule) -> bool:
    """Say whether nothing gets past a rule: it drops or rejects whatever comes."""
    words = {word for each in rule["expr"] for word in each}
    return bool(words & {"drop", "reject"}) and words <= {"drop", "reject", "counter", "log"}


def _new_connections(match: dict[str, Any]) -> bool:
    """``ct state new`` narrows nothing down: a connection begins with such a packet."""
    return bool(match["left"] == {"ct": {"key": "state"}}) and "new" in _flat(match["right"])


def _is_about(match: dict[str, Any], port: int) -> bool:
    if match["left"] != {"payload": {"protocol": "tcp", "field": "dport"}} or match["op"] != "==":
        return False
    spans = (each["range"] if isinstance(each, dict) else [each] for each in _flat(match["right"]))
    return any(span[0] <= port <= span[-1] for span in spans if isinstance(span[0], int))


def _flat(right: Any) -> list[Any]:
    """Give the members of a set, or of a list of flags, or the one value that stands alone."""
    members = right.get("set", right) if isinstance(right, dict) else right
    return members if isinstance(members, list) else [members]
