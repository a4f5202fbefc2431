"""A TCP port that ufw lets in, by a rule with our comment; and that rule gone again."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.changes import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.hosts import Host, Log

COMMENT = "registry-wizard"
# ufw(8), `status verbose`: a rule for everybody; those for one source or interface look otherwise.
RULE = re.compile(
    r"^(?P<to>Anywhere|[\d,:]+(?P<proto>/\w+)?)(?: \([^v].*\))?\s+"
    r"(?P<action>ALLOW|LIMIT|DENY|REJECT)(?: IN)?\s+Anywhere\s*(?:#.*)?$"
)


@dataclass(frozen=True)
class UfwPort:
    """A rule of ours for a port; closing takes that rule alone, whoever else opened the port."""

    port: int
    opened: bool = True

    @property
    def label(self) -> str:
        return f"{'open' if self.opened else 'close'} port {self.port} in ufw"

    @property
    def key(self) -> str:
        return f"ufw:{self.port}"

    def compare(self, host: Host) -> Difference | None:
        if (verdict(host, self.port) != "refused") if self.opened else not self._ours(host):
            return None
        verb = "create" if self.opened else "remove"
        text = f"ufw {self._words()} comment {COMMENT}"
        return Difference(verb, text, replace(self, opened=not self.opened))

    def apply(self, host: Host, log: Log) -> None:
        comment = ("comment", COMMENT) if self.opened else ()
        host.run("ufw", *self._words().split(), *comment, log=log).must()

    def _words(self) -> str:
        return f"{'' if self.opened else 'delete '}allow {self.port}/tcp"

    def _ours(self, host: Host) -> bool:
        """Look at the rules that were added: they are listed while ufw is off, too."""
        rule = f"ufw allow {self.port}/tcp comment '{COMMENT}'"
        return rule in host.run("ufw", "show", "added").out.splitlines()


def status(host: Host) -> str:
    """Give what ufw says of itself; its service says nothing of whether it is at work."""
    return host.run("ufw", "status", "verbose").out


def verdict(host: Host, port: int) -> str:
    """Say what becomes of a connection to a port: ``accepted`` or ``refused``."""
    said = status(host)
    actions = [action for numbers, action in rules(said) if port in numbers]
    if "Status: active" not in said or "allow (incoming)" in said:
        return "accepted" if actions[:1] not in (["DENY"], ["REJECT"]) else "refused"
    return "accepted" if actions[:1] in (["ALLOW"], ["LIMIT"]) else "refused"


def rules(said: str) -> Iterator[tuple[range | frozenset[int], str]]:
    """Give the TCP rules for everybody, in order: the ports of each and what it does with them."""
    for line in said.splitlines():
        found = RULE.match(line.rstrip())
        if found and found["proto"] in (None, "/tcp"):
            yield _ports(found["to"].split("/")[0]), found["action"]


def _ports(text: str) -> range | frozenset[int]:
    if text == "Anywhere":
        return range(1, 65536)
    parts = [part.split(":") for part in text.split(",")]
    return frozenset(n for part in parts for n in range(int(part[0]), int(part[-1]) + 1))
