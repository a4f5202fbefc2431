"""Looks at how an upload begins and goes on; nothing of it stays in the registry."""

from __future__ import annotations

import http.client
import re
import time
from typing import TYPE_CHECKING

from wizard.checks.refused import meaning
from wizard.checks.said import LOGS, Look, Said, Unseen, bad, good
from wizard.checks.web import place
from wizard.roundtrip import upload

if TYPE_CHECKING:
    from wizard.checks.scene import Scene
    from wizard.front import Front, Reply

TOO_MUCH = 1 << 40  # bytes: no limit that anybody sets on purpose is above it
# How long a refusal may take: nginx gives it at once, so it is the way there and back, which the
# handshake takes several times.
LONGEST = 1024  # bytes of a status line
HERE_SECONDS, THERE_SECONDS, HANDSHAKES = 0.25, 1.0, 3


def begins(scene: Scene) -> Look:
    """An upload begins, and goes on at the same scheme, host and port."""
    if not scene.may_enter:
        raise Unseen("there is no login to upload with")
    reply, path = _begun(scene)
    yield _of_upload(scene, reply, path)


def _begun(scene: Scene) -> tuple[Reply, str]:
    """Begin one upload for whoever looks at it; each answer costs a check of the password."""
    found: tuple[Reply, str] = scene.once("upload", lambda: upload(scene.front))
    return found


def _of_upload(scene: Scene, reply: Reply, path: str) -> Said:
    where = place(reply.headers.get("location", "")) or "no Location"
    if reply.status == 202 and path:
        return good("an upload goes on at the same scheme, host and port")
    if reply.status == 202:
        remedy = (
            "the registry believes what nginx passes on: X-Forwarded-Proto $scheme and Host"
            " $http_host; or `http: {relativeurls: true}` in its settings"
        )
        wanted = f"https://{scene.target.at}/"
        return bad(f"an upload is sent on to {where}, not to {wanted}", remedy)
    said, remedy = meaning(reply)
    return bad(f"an upload is refused with {reply.status}{said}", remedy or LOGS)


def limit(scene: Scene) -> Look:
    """Whether nginx refuses a large layer; it says so as soon as it hears how large it is."""
    _, path = _begun(scene)
    if not path:
        raise Unseen("no upload begins")
    # Our own nginx, which is alone here, says at once that a body may come (RFC 9110, 10.1.1).
    # Elsewhere another may stand behind the one that says so, and its refusal is waited for.
    asked = (HERE_SECONDS, {"Expect": "100-continue"}) if scene.own else (THERE_SECONDS, {})
    status = _announced(scene.front, path, *asked)
    scene.front.ask("DELETE", path)
    if status == 413:
        yield bad("a large layer is refused with 413", "nginx: client_max_body_size 0;")
    else:
        yield good("a layer of any size is not refused")


def _announced(front: Front, path: str, least: float, more: dict[str, str]) -> int:
    """Announce a body without sending any; give the status of an answer that comes at once."""
    connection = http.client.HTTPConnection(front.name, front.port)
    begun = time.monotonic()
    connection.sock = front.connect()
    patience = max(least, HANDSHAKES * (time.monotonic() - begun))
    try:
        connection.putrequest("PATCH", path, skip_host=True)
        stream = {"Content-Type": "application/octet-stream", "Content-Length": str(TOO_MUCH)}
        for name, text in (front.headers() | stream | more).items():
            connection.putheader(name, text)
        connection.endheaders()
        connection.sock.settimeout(patience)
        with connection.sock.makefile("rb") as answer:
            return _status(answer.readline(LONGEST))
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _status(line: bytes) -> int:
    """Read a status line; 0 where it is none."""
    found = re.match(rb"HTTP/1\.[01] (\d{3})\b", line)
    return int(found[1]) if found else 0
