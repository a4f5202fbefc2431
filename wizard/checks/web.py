"""Looks at what is answered over HTTP: the API, logins, uploads, and what must not be answered."""

from __future__ import annotations

import http.client
import json
import re
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.checks.refused import meaning
from wizard.checks.said import LOGS, Look, Said, Unseen, aside, bad, doubt, good, verdict
from wizard.front import reason
from wizard.names import in_url
from wizard.peer import ask_plainly, reach
from wizard.survey import REGISTRY_PORT

if TYPE_CHECKING:
    from wizard.checks.scene import Scene
    from wizard.front import Reply

VERSION = "docker-distribution-api-version"
PLAIN = 80
CHALLENGE = re.compile(r"(?:\A|,)\s*(?:Basic|Bearer)\b", re.IGNORECASE)
REDIRECTS = (301, 302, 303, 307, 308)


def plain_http(scene: Scene) -> Look:
    """The control: the registry must not answer without TLS on its own port."""
    where = in_url(scene.door, scene.target.port)
    try:
        status, headers = ask_plainly(scene.door, scene.target.port, scene.target.at)
    except (OSError, http.client.HTTPException):
        yield good(f"{where} does not answer plain HTTP")
        return
    secure = status in REDIRECTS and headers.get("location", "").startswith("https://")
    served = VERSION in headers or (status < 400 and not secure)
    remedy = "passwords would cross the network in the clear: only TLS on that port"
    yield verdict(not served, f"plain HTTP to {where} is answered with {status}", remedy)


def redirect(scene: Scene) -> Look:
    """Port 80 leads to HTTPS or is closed; a registry that answers there takes passwords."""
    wanted = scene.own is not None and scene.own.redirects
    address = scene.door
    if reach(address, PLAIN) != "open":
        seen = "nothing answers on port 80"
        yield bad(seen, "look at nginx: it is to redirect there") if wanted else good(seen)
        return
    try:
        status, headers = ask_plainly(address, PLAIN, in_url(scene.target.name))
    except (OSError, http.client.HTTPException) as error:
        yield good(f"port 80 does not answer HTTP ({error})")
        return
    to = place(headers.get("location", ""))
    right = f"https://{in_url(scene.target.name, scene.target.port)}/"
    if wanted:
        good_ = status in REDIRECTS and to.startswith(right)
        seen = f"port 80 answers {status}, and leads to {to or 'nowhere'}"
        yield verdict(good_, seen, f"it should lead to {right}: registry-wizard --answers ...")
        return
    yield verdict(
        VERSION not in headers,
        f"port 80 answers {status}" + (f" and leads to {to}" if to else ""),
        "the registry itself answers there without TLS: take it off port 80",
    )


def api(scene: Scene) -> Look:
    """What /v2/ says to whoever has no login: it asks for one, in the way that clients know."""
    try:
        reply = scene.answer(scene.target.name, scene.door)
    except TimeoutError:
        yield bad("no answer to /v2/ within 10 s: who stands behind nginx is stuck or slow", LOGS)
        return
    except (OSError, http.client.HTTPException) as error:
        yield bad(f"the connection ends before /v2/ is answered: {reason(error)}", LOGS)
        return
    yield _of_api(scene, reply)


def _of_api(scene: Scene, reply: Reply) -> Said:
    seen = f"/v2/ without a login gives {reply.status}"
    if reply.status == 401 and CHALLENGE.search(reply.headers.get("www-authenticate", "")):
        return _asked(scene, seen, reply)
    if reply.status == 401:
        remedy = "whoever answers 401 must say WWW-Authenticate: Basic (nginx: auth_basic)"
        return bad(f"{seen} without a challenge that clients understand", remedy)
    if reply.status == 200 and VERSION in reply.headers:
        return _open_to_all(scene, seen)
    if reply.status in REDIRECTS:
        to = place(reply.headers.get("location", "")) or "nowhere"
        remedy = "clients trust and log in per name and port: use the final name, or serve it here"
        return bad(f"{seen}: it leads to {to}", remedy)
    return bad(f"{seen}{_words(reply)}", _why(scene, reply))


def place(url: str) -> str:
    """Give where a URL leads without what may be a secret in it: a user, a token in the query."""
    return re.sub(r"//[^/?#]*@", "//", url.partition("?")[0].partition("#")[0])


def _asked(scene: Scene, seen: str, reply: Reply) -> Said:
    if VERSION not in reply.headers:
        remedy = "the registry says so itself; nginx must pass it on, also with a 401 of its own"
        return doubt(f"{seen}, and does not say that it is a registry ({VERSION})", remedy)
    return good(f"{seen}, and asks for a login")


def _open_to_all(scene: Scene, seen: str) -> Said:
    said = f"{seen}: everybody may pull, and push if nothing else prevents it"
    remedy = "have a login asked for: htpasswd in the registry's settings"
    return bad(said, remedy) if scene.own else doubt(said, remedy)


def _words(reply: Reply) -> str:
    """Quote the page's own title, where it is one of nginx: it says more than the number."""
    text = reply.body[:4096].decode(errors="replace")
    if "No required SSL certificate" in text:
        return ": it wants a client's certificate"
    return "" if reply.status >= 400 else ", but that is no registry"


def _why(scene: Scene, reply: Reply) -> str:
    """Say what an unexpected status of /v2/ usually means."""
    if "No required SSL certificate" in reply.body[:4096].decode(errors="replace"):
        return "give clients client.cert and client.key in certs.d, or ssl_verify_client off"
    if reply.status in (502, 503, 504):
        return scene.own.behind(scene.host) if scene.own else _BEHIND
    if reply.status == 404:
        return "nginx must hand /v2/ on to the registry, with its path unchanged"
    if reply.status >= 500:
        return f"the registry fails inside (a damaged htpasswd, for one): {LOGS}"
    return "something else answers there: is it the right name and port?"


_BEHIND = "nginx is up, the registry behind it is down, stuck or too slow: look at its service"


def login(scene: Scene) -> Look:
    if not scene.target.user:
        yield aside("not tried: no user was given (--user NAME --password-file FILE)")
        return
    if not scene.needs_login:
        yield aside("not tried: the registry asks nobody for a login")
        return
    if scene.by_token:
        yield aside("not tried: this registry hands out tokens, which are not followed here")
        return
    reply = scene.front.ask("GET", "/v2/")
    seen = f"/v2/ with a login gives {reply.status}"
    yield verdict(reply.status == 200, seen, _no_login(scene, reply))


def _no_login(scene: Scene, reply: Reply) -> str:
    if reply.status != 401:
        return _why(scene, reply)
    if scene.own:
        return "the registry does not know this password: run the wizard again"
    return (
        "the password is wrong, or its line in htpasswd is no bcrypt hash ($2y$...), which is the"
        " only kind that a registry reads: htpasswd -B"
    )


def wrong_password(scene: Scene) -> Look:
    """The control: any password that is let in proves that nobody looks at them.

    Elsewhere it is tried under a name that nobody has: somebody may count failed logins.
    """
    if not scene.needs_login:
        yield aside("not tried: the registry asks nobody for a login")
        return
    if not scene.target.user:
        yield aside("not tried: no user was given (--user NAME --password-file FILE)")
        return
    user = scene.target.user if scene.own else f"nobody-{secrets.token_hex(4)}"
    front = replace(scene.front, user=user, password=secrets.token_hex(8))
    reply = front.ask("GET", "/v2/")
    seen = f"/v2/ with a wrong password gives {reply.status}"
    yield verdict(reply.status in (401, 403, 429), seen, "who checks passwords there?")


def hidden(scene: Scene) -> Look:
    """The registry's own port is for nginx alone: there is neither TLS nor a limit on it."""
    addresses = scene.own.local if scene.own else scene.open
    if scene.target.port == REGISTRY_PORT:
        yield aside(f"port {REGISTRY_PORT} is the registry's front door here")
        return
    found = [each for each in addresses if _answers(each, bool(scene.own))]
    seen = f"port {REGISTRY_PORT} answers on {', '.join(found) or 'no other address'}"
    remedy = "let the registry listen on 127.0.0.1 only (http: {addr: 127.0.0.1:5000})"
    yield verdict(not found, seen, remedy)


def _answers(address: str, own: bool) -> bool:  # noqa: FBT001
    """Say whether a registry answers there; on its own machine any listener is one too many."""
    if own or reach(address, REGISTRY_PORT) != "open":
        return own and reach(address, REGISTRY_PORT) == "open"
    try:
        _, headers = ask_plainly(address, REGISTRY_PORT)
    except (OSError, http.client.HTTPException):
        return False
    return VERSION in headers


def catalog(scene: Scene) -> Look:
    """The list of repositories, as far as this login may see it."""
    if not scene.may_enter:
        raise Unseen("there is no login to ask with")
    reply = scene.front.ask("GET", "/v2/_catalog?n=1")
    if reply.status == 200:
        yield good("the catalog can be read" + _first(reply))
    elif scene.own:
        said, remedy = meaning(reply)
        yield bad(f"the catalog gives {reply.status}{said}", remedy or LOGS)
    else:
        yield aside(f"this registry shows no catalog to this login ({reply.status})")


def _first(reply: Reply) -> str:
    try:
        found = json.loads(reply.body).get("repositories") or []
    except (ValueError, AttributeError, RecursionError):
        return ""
    return "" if found else ", and it is empty"
