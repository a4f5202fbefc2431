"""The clients that this server has set up, a line each; loads no Textual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens import words
from wizard.clean import clean
from wizard.clients.roster import Entry, read_roster

if TYPE_CHECKING:
    from wizard.hosts import Host


def clients_now(host: Host) -> dict[str, str]:
    """Give how each client was when it was last tried: a word of ``words.SEEN``, or nothing."""
    tried = {name: each for name, each in read_roster(host).items() if each.verified}
    return {name: "good" if each.good else "failed" for name, each in tried.items()}


@dataclass(frozen=True)
class Known:
    """A client that was set up, and how it was when it was last tried."""

    host: str
    good: bool
    how: str


def known_clients(host: Host) -> tuple[Known, ...]:
    """Give each client; those that failed come first."""
    entries = read_roster(host).values()
    ordered = sorted(entries, key=lambda each: (each.good, each.client.host))
    return tuple(Known(clean(e.client.host), e.good, clean(_how(e))) for e in ordered)


def _how(entry: Entry) -> str:
    when = entry.verified.replace("T", " ").removesuffix("Z")[:16]
    if not entry.verified:
        return words.CLIENT_NEW
    if entry.good:
        return words.CLIENT_GOOD.format(when)
    return words.CLIENT_BAD.format(", ".join(entry.failed), when)
