"""Who may log in, as nginx reads it; and that nobody comes past nginx."""

from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING

from wizard.checks.own import AGAIN
from wizard.checks.said import Look, all_of, bad, doubt, verdict
from wizard.credentials import HTPASSWD
from wizard.hash_kinds import BCRYPT, PLAIN, kind_of
from wizard.names import RESERVED_USER
from wizard.peer import ask_over_tls, ask_plainly
from wizard.survey import REGISTRY_PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.checks.scene import Scene

DES = re.compile(r"[./A-Za-z0-9]{13}")


def accounts(scene: Scene) -> Look:
    """Every line of htpasswd is one that nginx can read, and is as strong as ours."""
    file = scene.host.read(HTPASSWD)
    found = list(_faults(file.content.decode(errors="replace") if file else ""))
    wrong = [fault for _, fault, lets_in in found if fault and not lets_in]
    weak = [fault for _, fault, lets_in in found if fault and lets_in]
    if RESERVED_USER not in [name for name, _, _ in found]:
        wrong.append(f"{HTPASSWD} does not know {RESERVED_USER}, who makes these checks")
    remedy = f"registry-wizard users passwd NAME makes it anew; {AGAIN} for ours"
    if weak and not wrong:
        yield doubt("; ".join(weak[:3]), remedy)
        return
    yield from all_of(f"{len(found)} users, each with a bcrypt hash", [*wrong, *weak], remedy)


def _faults(text: str) -> Iterator[tuple[str, str, bool]]:
    """Give each user's name, what is wrong with the line, and if it lets somebody in even so."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, kept = line.partition(":")
        kept = kept.partition(":")[0]  # nginx takes what follows for a comment
        where = f"{HTPASSWD}, line {number} ({name[:40] if colon else '?'})"
        kind = kind_of(kept) or ("DES" if DES.fullmatch(kept) else "")
        fault = _fault(kept, kind) if colon else "it has no colon, so it lets nobody in"
        yield name, f"{where}: {fault}" if fault else "", bool(colon and kind)


def _fault(kept: str, kind: str) -> str:
    if BCRYPT.fullmatch(kept):
        return ""
    if not kind:
        return "no bcrypt hash, nor another that nginx can compare a password with"
    seen = kind if kind == PLAIN else f"a hash of {kind}"
    return f"{seen}, which is not what the wizard makes: bcrypt"


def behind(scene: Scene) -> Look:
    """The registry itself answers nobody but nginx: else roles and places could be passed by."""
    try:
        plain, _ = ask_plainly("127.0.0.1", REGISTRY_PORT)
        secure = ask_over_tls("127.0.0.1", REGISTRY_PORT)
    except (OSError, http.client.HTTPException) as error:
        yield bad(f"127.0.0.1:{REGISTRY_PORT} does not answer: {error}", AGAIN)
        return
    keyless = f"gives {secure}" if secure else "shuts the door"
    seen = f"past nginx, the registry gives {plain} to plain HTTP, and {keyless} without its key"
    yield verdict((plain, secure) == (400, 0), seen, f"it should know nginx alone: {AGAIN}")
