"""Who may log in, as nginx reads it; and that nobody comes past nginx."""

from __future__ import annotations

import http.client
import re
from base64 import b64encode
from typing import TYPE_CHECKING

from wizard.checks.own import AGAIN
from wizard.checks.said import Look, all_of, bad, doubt, verdict
from wizard.credentials import HTPASSWD
from wizard.names import RESERVED_USER
from wizard.peer import ask_plainly
from wizard.survey import REGISTRY_PORT

if TYPE_CHECKING:
    from wizard.checks.scene import Scene

BCRYPT = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")
# What else nginx can compare a password with (ngx_crypt.c, crypt(5)).
WEAKER = {
    "$apr1$": "MD5",
    "$1$": "MD5",
    "{SHA}": "SHA-1",
    "{SSHA}": "SHA-1",
    "{PLAIN}": "",
    "$5$": "SHA-256",
    "$6$": "SHA-512",
    "$7$": "scrypt",
    "$y$": "yescrypt",
}
DES = re.compile(r"[./A-Za-z0-9]{13}")


def accounts(scene: Scene) -> Look:
    """Every line of htpasswd is one that nginx can read, and is as strong as ours."""
    file = scene.host.read(HTPASSWD)
    lines = file.content.decode(errors="replace").splitlines() if file else []
    names: list[str] = []
    wrong: list[str] = []
    weak: list[str] = []
    for number, line in enumerate(lines, 1):
        name, colon, hashed = line.partition(":")
        hashed = hashed.partition(":")[0]  # nginx takes what follows for a comment
        if not line.strip() or line.startswith("#"):
            continue
        names.append(name)
        where = f"{HTPASSWD}, line {number} ({name[:40] if colon else '?'})"
        if not colon:
            wrong.append(f"{where}: it has no colon, so it lets nobody in")
        elif not BCRYPT.fullmatch(hashed):
            (weak if _kind(hashed) else wrong).append(f"{where}: {_weakness(hashed)}")
    if RESERVED_USER not in names:
        wrong.append(f"{HTPASSWD} does not know {RESERVED_USER}, who makes these checks")
    remedy = f"registry-wizard users passwd NAME makes it anew; {AGAIN} for ours"
    if weak and not wrong:
        yield doubt("; ".join(weak[:3]), remedy)
        return
    yield from all_of(f"{len(names)} users, each with a bcrypt hash", [*wrong, *weak], remedy)


def _kind(hashed: str) -> str:
    mark = next((mark for mark in WEAKER if hashed.startswith(mark)), "")
    return mark or ("DES" if DES.fullmatch(hashed) else "")


def _weakness(hashed: str) -> str:
    mark = _kind(hashed)
    if not mark:
        return "no bcrypt hash, nor another that nginx can compare a password with"
    kind = f"a hash of {WEAKER.get(mark, mark)}" if mark != "{PLAIN}" else "the password itself"
    return f"{kind}, which is not what the wizard makes: bcrypt"


def behind(scene: Scene) -> Look:
    """The registry itself answers nobody but nginx: else roles and places could be passed by."""
    ours = f"{scene.target.user}:{scene.target.password}".encode()
    login = f"Basic {b64encode(ours).decode()}"
    try:
        asked = [ask_plainly("127.0.0.1", REGISTRY_PORT, login=each)[0] for each in ("", login)]
    except (OSError, http.client.HTTPException) as error:
        yield bad(f"127.0.0.1:{REGISTRY_PORT} does not answer: {error}", AGAIN)
        return
    seen = f"past nginx, the registry gives {asked[0]} without a login and {asked[1]} with one"
    yield verdict(asked == [401, 401], seen, f"it should know nginx alone: {AGAIN}")
