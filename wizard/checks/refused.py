"""What a registry's refusal means: its error document, told as cause and remedy."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any

from wizard.clean import clean

if TYPE_CHECKING:
    from wizard.front import Reply

# By the number of the operating system's error, which the registry passes on in its detail.
_ERRNOS = {
    errno.ENOSPC: ("the disk of its storage is full", "make room, or collect garbage"),
    errno.EDQUOT: ("the quota of its storage is used up", "raise the quota, or collect garbage"),
    errno.EROFS: ("its storage is read-only", "mount it read-write; see dmesg for why it is not"),
    errno.EACCES: (
        "it may not write its storage",
        "give the storage folder, and all in it, to the user that the registry runs as (chown -R)",
    ),
    errno.EIO: ("the disk of its storage fails", "look at dmesg and at the disk itself"),
}
# By the code of the distribution API.
_CODES = {
    "UNAUTHORIZED": ("it wants a login", "give one: --user NAME --password-file FILE"),
    "DENIED": ("this user may not do that", "use a user who may push, from where that is allowed"),
    "UNSUPPORTED": ("it does not allow that", "is it a mirror, or set to read-only?"),
    "TOOMANYREQUESTS": ("it has had too many requests", "wait, then try again"),
}
_STATUSES = {
    413: ("a limit of nginx", "nginx: client_max_body_size 0;"),
    403: ("nginx or the registry forbids it", "who may push, and from where?"),
    405: ("it does not allow that", "is it a mirror, or set to read-only?"),
    502: ("nginx gets no answer from the registry", "is the registry running?"),
    503: ("nginx gets no answer from the registry", "is the registry running?"),
    504: ("nginx waits in vain for the registry", "is the registry stuck, or its disk slow?"),
}


def meaning(reply: Reply) -> tuple[str, str]:
    """Give what a refusal means, to be put behind its status, and what to do; or nothing."""
    said, remedy = _document(reply.body) or _STATUSES.get(reply.status, ("", ""))
    return (f": {said}" if said else ""), remedy


def _document(body: bytes) -> tuple[str, str] | None:
    try:
        first = json.loads(body)["errors"][0]
        code, detail = str(first.get("code", "")), first.get("detail")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    number = _number(detail)
    if number in _ERRNOS:
        return _ERRNOS[number]
    if code in _CODES:
        return _CODES[code]
    text = clean(f"{first.get('message', '')} {_plain(detail)}".strip(), 200)
    return f"{code} {text}".strip(), ""


def _number(detail: Any) -> int:
    """Find the number of the error, however deep it lies: each driver nests it otherwise.

    Some give its words alone, which Go has from the operating system.
    """
    if isinstance(detail, dict):
        found = detail.get("Err")
        if isinstance(found, int) and not isinstance(found, bool):
            return found
        return next(filter(None, map(_number, detail.values())), 0)
    said = detail.lower() if isinstance(detail, str) else ""
    return next((each for each in _ERRNOS if os.strerror(each).lower() in said), 0)


def _plain(detail: Any) -> str:
    return detail if isinstance(detail, str) else json.dumps(detail) if detail else ""
