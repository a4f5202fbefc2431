"""The record of the clients that this server set up: how each is reached, and how it was last."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from wizard.answers import Client
from wizard.errors import WizardError
from wizard.hosts import File

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.hosts import Host

ROSTER = "/var/lib/registry-wizard/clients.json"
FORMAT = 1


@dataclass(frozen=True)
class Entry:
    client: Client
    os: str = ""
    trusting: tuple[str, ...] = ()
    ca: str = ""  # SHA-256 of the CA that it trusts
    ca_until: str = ""  # the last moment of that CA, ISO 8601, UTC
    verified: str = ""  # when it was last tried, likewise
    good: bool = False  # how that ended
    failed: tuple[str, ...] = ()  # what it failed at

    def days_left(self, now: dt.datetime) -> int | None:
        """Give the whole days until the CA that it trusts ends; None where it is not known."""
        return (dt.datetime.fromisoformat(self.ca_until) - now).days if self.ca_until else None


def read_roster(host: Host) -> dict[str, Entry]:
    """Read the record. Raise WizardError where it is damaged."""
    file = host.read(ROSTER)
    try:
        found = json.loads(file.content)["clients"] if file else {}
        return {name: _entry(record) for name, record in found.items()}
    except (ValueError, TypeError, LookupError, AttributeError):
        raise WizardError(
            f"The record of the clients, {ROSTER}, is damaged",
            f"mv {ROSTER} {ROSTER}.damaged, then run again with the clients in the answers: what is"
            " set up on them is seen there",
        ) from None


def write_roster(host: Host, entries: dict[str, Entry]) -> None:
    """Keep the record; without anybody on it there is no such file."""
    if not entries:
        host.remove(ROSTER)
        return
    record = {"format": FORMAT, "clients": {name: asdict(e) for name, e in entries.items()}}
    host.write(ROSTER, File(json.dumps(record, indent=1).encode() + b"\n", 0o600))


def enter(host: Host, found: Iterable[Entry]) -> None:
    write_roster(host, read_roster(host) | {each.client.host: each for each in found})


def strike(host: Host, names: Iterable[str]) -> None:
    gone = set(names)
    former = read_roster(host)
    if gone & set(former):
        write_roster(host, {name: e for name, e in former.items() if name not in gone})


def _entry(record: dict[str, Any]) -> Entry:
    client = Client(**record["client"] | {"trust": tuple(record["client"]["trust"])})
    several = {key: tuple(record[key]) for key in ("trusting", "failed")}
    return Entry(**record | several | {"client": client})
