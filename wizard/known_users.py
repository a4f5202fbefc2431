"""Who may log in: the users on record, whoever was put into htpasswd by hand, and the wizard."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from wizard.answers import PULL, Answers, User
from wizard.clean import clean
from wizard.credentials import ADMIN, HTPASSWD, entries
from wizard.errors import Blocked, WizardError
from wizard.hash_kinds import kind_of
from wizard.names import RESERVED_USER
from wizard.place import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.session import Session

_BCRYPT = re.compile(r"\$2[abxy]\$(\d\d)\$")
OTHER = "DES, or the password itself"
COLUMNS = {"name": "NAME", "may": "MAY", "hash": "HASH", "kept": "KEPT"}
OWN = "push, for the checks"


@dataclass(frozen=True)
class There:
    """Who may log in now. Without users in the answers there is one on record, admin."""

    former: Answers
    hashes: dict[str, str]  # of everybody in htpasswd

    @property
    def users(self) -> tuple[User, ...]:
        return self.former.users or (User(ADMIN, password_hash=self.hashes.get(ADMIN, "")),)

    def user(self, name: str) -> User | None:
        return next((each for each in self.users if each.name == name), None)

    @property
    def by_hand(self) -> tuple[str, ...]:
        ours = {RESERVED_USER, *(each.name for each in self.users)}
        return tuple(name for name in self.hashes if name not in ours)

    @property
    def names(self) -> tuple[str, ...]:
        return (*(each.name for each in self.users), *self.by_hand)


@dataclass(frozen=True)
class Row:
    name: str
    role: str
    hash: str  # its kind
    cost: int | None  # of bcrypt
    by_hand: bool
    own: bool  # the wizard's own account


def there(session: Session) -> There:
    """Look who may log in. Raise WizardError where there is no registry, Blocked on a client."""
    former = session.former()
    if former is None:
        raise WizardError(
            NOBODY,
            "users are added on the server; registry-wizard --answers FILE sets one up",
        )
    if former.role != "server":
        raise Blocked(
            "This machine is a client of a registry: nobody logs in here",
            f"registry-wizard users belongs on the server, {former.registry.hostname}",
        )
    return There(former, entries(session.read(HTPASSWD) or b""))


def listed(session: Session, *, as_json: bool) -> str:
    """Give who may log in, and what each may."""
    every = tuple(rows(there(session)))
    if as_json:
        return "".join(json.dumps(asdict(each)) + "\n" for each in every)
    return "".join(_table([COLUMNS, *map(_cells, every)]))


def rows(found: There) -> Iterator[Row]:
    for user in found.users:
        yield _row(user.name, user.role, found.hashes.get(user.name, ""))
    for name in found.by_hand:
        yield _row(name, PULL, found.hashes[name], by_hand=True)
    if RESERVED_USER in found.hashes:
        yield _row(RESERVED_USER, OWN, found.hashes[RESERVED_USER], own=True)


def _row(name: str, role: str, kept: str, *, by_hand: bool = False, own: bool = False) -> Row:
    bcrypt = _BCRYPT.match(kept)
    cost = int(bcrypt[1]) if bcrypt else None
    return Row(name, role, "bcrypt" if bcrypt else _kind(kept), cost, by_hand, own)


def _kind(kept: str) -> str:
    """Say of what kind a hash is that is not bcrypt."""
    return (kind_of(kept) or OTHER) if kept else "none"


def _cells(row: Row) -> dict[str, str]:
    kind = f"bcrypt, cost {row.cost}" if row.cost else f"not bcrypt: {row.hash}"
    kept = {(True, False): "by hand, in htpasswd", (False, True): "by the wizard itself"}
    return {
        "name": clean(row.name),
        "may": row.role,
        "hash": kind if row.hash != "none" else "none: nobody logs in with it",
        "kept": kept.get((row.by_hand, row.own), "on record"),
    }


def _table(cells: list[dict[str, str]]) -> Iterator[str]:
    widths = {key: max(len(each[key]) for each in cells) for key in COLUMNS}
    for each in cells:
        yield "  ".join(each[key].ljust(widths[key]) for key in COLUMNS).rstrip() + "\n"
