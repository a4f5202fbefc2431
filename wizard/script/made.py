"""What the script makes on the machine: secrets, certificates, and what has the CA in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.changes.services import SYSTEMD
from wizard.credentials import (
    ADMIN,
    BETWEEN,
    COPIES,
    COST,
    ETC,
    FRONT_SECRET,
    HTPASSWD,
    password_file,
)
from wizard.join import SCRIPT
from wizard.names import RESERVED_USER
from wizard.pki import serial
from wizard.render import render
from wizard.script.certificates import authority, server
from wizard.script.publish import join_script, told_later
from wizard.script.words import join, quote
from wizard.steps import front
from wizard.steps.authority import PKI
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from wizard.answers import User
    from wizard.given import Given

HTTP_SECRET = f"{ETC}/http.secret"
SECRETS = (*map(password_file, (RESERVED_USER, ADMIN)), FRONT_SECRET, HTTP_SECRET)
# Files of which every secret is printed there by the script's own words.
FILLED = (front.PRIVATE,)


@dataclass(frozen=True)
class Made:
    """What the script makes rather than writes, in the shell's words."""

    init: str
    files: dict[str, str]  # by path: the lines that make it; none where another's make it, too
    trust: str  # the file with the certificate that clients install
    copies: dict[bytes, str]  # by content: the file that has it at run time
    holes: dict[str, str] = field(repr=False)  # by a value not known here: what prints it there

    @property
    def systemd(self) -> bool:
        return self.init == SYSTEMD


def made(given: Given) -> Made:
    brought = given.answers.authority.certificate != ""
    files = {path: join(("secret", path)) for path in SECRETS} | {HTPASSWD: _users(given)}
    files |= {f"{PKI}/ca.key": authority(given), f"{PKI}/server.key": server(given)}
    together = [f"issued/{serial(given.pki.certificate)}.crt", "server.crt"]
    together += [] if brought else ["ca.crt"]
    files |= {f"{PKI}/{name}": "" for name in together}
    files |= _between(given.distro.registry_user)
    trust = '"$work/root.crt"' if brought else '"$pki/ca.crt"'
    files[SCRIPT] = join_script(given, trust)
    holes = _holes(given) | told_later(given, trust)
    return Made(given.facts.init, files, trust, {given.pki.trust: trust}, holes)


def _between(user: str) -> dict[str, str]:
    """Give what makes the key of nginx and the registry, and the copies that the latter reads."""
    make = join(("between", BETWEEN))
    puts = {copy: join(("put", "640", "root", user, copy)) for copy in COPIES}
    return {BETWEEN: make} | {copy: f"{make}\n{put} < {BETWEEN}" for copy, put in puts.items()}


def told(given: Given) -> list[tuple[str, str]]:
    """Give the script's own name for each password that comes from a variable, and the variable."""
    numbered = [(n, variable(n, user)) for n, user in enumerate(given.answers.users, start=1)]
    return [(f"password_{number}", name) for number, name in numbered if name]


def variable(number: int, user: User) -> str:
    """A password that stands in the answers in the clear comes from a variable as well."""
    return user.password_env or (f"PASSWORD_{number}" if user.password else "")


def _users(given: Given) -> str:
    users = given.answers.users
    own = (RESERVED_USER, password_file(RESERVED_USER))
    every = [_login(number, user) for number, user in enumerate(users, start=1)]
    every += [] if users else [_from_file(ADMIN, password_file(ADMIN))]
    names = [user.name for user in users] or [ADMIN]
    text = render(
        "script-users.sh",
        cost=COST,
        told=told(given),
        record=RECORD,
        everybody=join((*names, RESERVED_USER)),
        logins=[*every, _from_file(*own)],
        group=quote(given.nginx_group),
    )
    return text.decode()


def _login(number: int, user: User) -> str:
    if user.password_hash:
        return join(("entry", user.name, user.password_hash))
    if user.password_file:
        return _from_file(user.name, user.password_file)
    return f'{join(("told", user.name, variable(number, user)))} "$password_{number}"'


def _from_file(name: str, path: str) -> str:
    return f'password=$({join(("password_in", path))})\nlogin {quote(name)} "$password"'


def _holes(given: Given) -> dict[str, str]:
    credentials = given.credentials
    holes = {kept: join(("hash_of", name)) for name, kept in reversed(credentials.hashes.items())}
    return holes | {
        credentials.http_secret: join(("cat", HTTP_SECRET)),
        credentials.front_secret: join(("cat", FRONT_SECRET)),
    }
