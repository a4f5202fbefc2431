"""Passwords and secrets: kept where they are right, else made in memory. The home of ``bcrypt``."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard import passwords
from wizard.names import RESERVED_USER, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ETC = "/etc/registry-wizard"
HTPASSWD = f"{ETC}/htpasswd"
"""Who may log in, as nginx reads it."""
FRONT_SECRET = f"{ETC}/front.secret"
"""What nginx knows its own questions by."""
MOUNTED = f"{ETC}/container"
"""What the registry sees of all this in its container: a folder, since a mounted file would stay
the old one once it is replaced."""
PAIR = "between.pem"
BETWEEN = f"{ETC}/front/{PAIR}"
"""What nginx and the registry know each other by, as nginx reads it."""
COPIES = (f"{ETC}/{PAIR}", f"{MOUNTED}/{PAIR}")
"""The same, as the registry reads it: from its package, and in its container."""
ADMIN = "admin"
# nginx compares whenever it has not just done so; 12 would cost four times as much of a core.
COST = 10


@dataclass(frozen=True)
class Login:
    """A user as wanted: by password, or by a hash that is taken as it is."""

    name: str
    password: str | None = field(default=None, repr=False)
    hash: str = field(default="", repr=False)


@dataclass(frozen=True)
class Credentials:
    hashes: dict[str, str] = field(repr=False)  # user name -> bcrypt hash, in order
    check_password: str = field(repr=False)  # of the wizard's own account, for its checks
    admin_password: str = field(repr=False)  # empty where the answers name their own users
    http_secret: str = field(repr=False)
    front_secret: str = field(repr=False)  # what nginx knows its own questions by
    between: bytes = field(repr=False)  # key and certificate of nginx and the registry

    @property
    def htpasswd(self) -> bytes:
        return "".join(f"{name}:{kept}\n" for name, kept in self.hashes.items()).encode()


def make_credentials(
    logins: tuple[Login, ...], forget: Iterable[str], read: Callable[[str], bytes | None]
) -> Credentials:
    """Keep every hash and secret that is right, and make what is missing.

    ``forget`` names users of an earlier run; all other entries found in the file are somebody's
    own and stay.
    """
    found = entries(read(HTPASSWD) or b"")
    admin = "" if logins else _password(read(password_file(ADMIN)))
    check = _password(read(password_file(RESERVED_USER)))
    wanted = (*(logins or (Login(ADMIN, admin),)), Login(RESERVED_USER, check))
    gone = set(forget) - {login.name for login in wanted}
    hashes = {name: kept for name, kept in found.items() if name not in gone}
    with ThreadPoolExecutor() as pool:  # bcrypt takes all of a core, and lets go of Python
        made = pool.map(lambda login: _hash(login, found.get(login.name, "")), wanted)
        hashes |= {login.name: each for login, each in zip(wanted, made, strict=True)}
    from wizard.pki import between  # noqa: PLC0415  (cryptography is loaded where it is used)

    return Credentials(
        hashes=hashes,
        check_password=check,
        admin_password=admin,
        http_secret=_kept_or_made(read(f"{ETC}/http.secret")),
        front_secret=_unquoted(read(FRONT_SECRET)),
        between=between.kept_or_made(_agreed(read), dt.datetime.now(dt.UTC)),
    )


def _agreed(read: Callable[[str], bytes | None]) -> bytes | None:
    """Give the key of nginx, unless the registry has another: then both get a new one."""
    copies = [kept for path in COPIES if (kept := read(path))]
    found = read(BETWEEN)
    return found if found in copies or not copies else None


def password_file(user: str) -> str:
    return f"{ETC}/{'check' if user == RESERVED_USER else user}.password"


def hash_password(password: str, cost: int = COST) -> str:
    """Give a new bcrypt hash of a password."""
    import bcrypt  # noqa: PLC0415  (loaded where a password is really looked at)

    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


def generate_password() -> str:
    return _kept_or_made(None)


def _hash(login: Login, found: str) -> str:
    import bcrypt  # noqa: PLC0415  (loaded where a password is really looked at)

    if login.password is None:
        return login.hash
    password = login.password.encode()
    try:
        right = bcrypt.checkpw(password, found.encode())
    except ValueError:  # no bcrypt hash: somebody's htpasswd wrote another kind, or half a line
        right = False
    return found if right else hash_password(login.password)


def _password(found: bytes | None) -> str:
    """Give what is kept, unless an edit has made it one that bcrypt or HTTP cannot take."""
    kept = _kept_or_made(found)
    try:
        return passwords.password(kept)
    except Refused:
        return _kept_or_made(None)


def _unquoted(found: bytes | None) -> str:
    """Give what is kept, unless an edit has made it one that nginx's settings cannot hold."""
    kept = _kept_or_made(found)
    return kept if re.fullmatch(r"[A-Za-z0-9_-]{16,72}", kept) else _kept_or_made(None)


def _kept_or_made(found: bytes | None) -> str:
    """Give what is kept, or 128 random bits in letters that survive any shell."""
    try:
        kept = (found or b"").decode().strip()
    except UnicodeDecodeError:
        kept = ""
    return kept or secrets.token_urlsafe(16)


def entries(content: bytes) -> dict[str, str]:
    """Give the names in an htpasswd file, each with its hash."""
    lines = (line.partition(":") for line in content.decode(errors="replace").splitlines())
    return {name: kept for name, colon, kept in lines if colon}
