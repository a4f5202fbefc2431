"""Looks after the fact, from the outside, each with a verdict, what was seen and what to do."""

from __future__ import annotations

import http.client
import secrets
import ssl
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wizard import pki, running
from wizard.changes.files import digest
from wizard.check_image import NoCheckImage
from wizard.credentials import ETC, HTPASSWD, password_file
from wizard.errors import WizardError
from wizard.events import Checked
from wizard.front import Front, Reply, refuses
from wizard.given import addresses, dns_names
from wizard.join import SCRIPT
from wizard.names import RESERVED_USER, in_url, is_address
from wizard.nginx import Nginx, nginx_of
from wizard.pem import certificates
from wizard.roundtrip import Image, fresh_image, pushed_and_pulled, upload
from wizard.survey import REGISTRY_PORT
from wizard.troubles import checked
from wizard.troubles.roots import public_roots

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from wizard.answers import Answers
    from wizard.changes import Change
    from wizard.events import Found
    from wizard.hosts import Host
    from wizard.troubles import Trouble

PKI = f"{ETC}/pki"
DAYS_TO_WARN = 30
RELOAD_SECONDS = 5
MODES = {
    PKI: 0o700,
    f"{PKI}/ca.key": 0o400,
    f"{PKI}/server.key": 0o600,
    HTPASSWD: 0o640,
    password_file(RESERVED_USER): 0o600,
    f"{ETC}/http.secret": 0o600,
    f"{ETC}/answers.toml": 0o600,
}


@dataclass(frozen=True)
class Scene:
    """What the checks look at."""

    answers: Answers
    host: Host
    ca: bytes
    served: bytes  # the certificate as it lies on disk
    local: tuple[str, ...]  # this machine's own addresses
    resolved: dict[str, tuple[str, ...]]
    password: str = field(repr=False)
    now: dt.datetime
    troubles: tuple[Trouble, ...] = ()
    openings: tuple[Change, ...] = ()  # what must be so in the firewall at work
    shut: tuple[Found, ...] = ()  # what in the firewall is not ours to open
    selinux: str = ""  # enforcing | permissive; empty: off
    allowances: tuple[Change, ...] = ()  # what must be so in SELinux

    @property
    def nginx(self) -> Nginx:
        return nginx_of(self.answers, None)

    @property
    def front(self) -> Front:
        registry = self.answers.registry
        return Front(
            registry.hostname,
            registry.ip,
            registry.https_port,
            self.ca,
            RESERVED_USER,
            self.password,
        )


def check(scene: Scene) -> Iterator[Checked]:
    """Run every check in order; one that cannot even begin fails with what stopped it."""
    for name, remedy, look in CHECKS:
        try:
            yield from look(scene)
        except (OSError, http.client.HTTPException, WizardError) as error:
            yield Checked(name, "failed", _sentence(error), remedy)


def _resolve(scene: Scene) -> Iterator[Checked]:
    ip = scene.answers.registry.ip
    for name in dns_names(scene.answers):
        found = scene.resolved.get(name, ())
        seen = f"{name} leads to {', '.join(found) or 'nowhere'}"
        yield _verdict("resolve", set(found) == {ip}, seen, f"it should lead to {ip} only")


def _tcp(scene: Scene) -> Iterator[Checked]:
    front = scene.front
    open_ = not refuses(front.address, front.port)
    where = in_url(front.address, front.port)
    seen = f"{where} {'accepts connections' if open_ else 'accepts no connection'}"
    yield _verdict("tcp", open_, seen, f"is nginx running? systemctl status {scene.nginx.service}")


def _tls(scene: Scene) -> Iterator[Checked]:
    """Every name and address of the certificate, by a connection of its own."""
    wanted = _leaf_fingerprint(scene.served)
    for front in _fronts(scene):
        served, version = _handshake(front, wanted)
        seen = f"{front.name} is trusted with our CA alone, {version}"
        if served != wanted:
            seen = f"{front.name} shows another certificate than the one in {PKI}/server.crt"
        good = served == wanted and version in ("TLSv1.2", "TLSv1.3")
        yield _verdict("tls", good, seen, f"reload nginx: systemctl reload {scene.nginx.service}")


def _handshake(front: Front, wanted: str) -> tuple[str, str]:
    """Give the certificate's digest and the protocol; a reload may take a moment to show."""
    until = time.monotonic() + RELOAD_SECONDS
    while True:
        with front.connect() as tls:
            served = digest(tls.getpeercert(binary_form=True) or b"")
            version = tls.version() or ""
        if served == wanted or time.monotonic() > until:
            return served, version
        time.sleep(0.1)


def _untrusted(scene: Scene) -> Iterator[Checked]:
    try:
        scene.front.connect_without_ca()
    except ssl.SSLCertVerificationError:
        yield Checked("untrusted", "passed", "a client without our CA is told not to trust it")
        return
    yield Checked("untrusted", "failed", "a client without our CA trusts it", "look at nginx")


def _dates(scene: Scene) -> Iterator[Checked]:
    left, ca_left = pki.days_left(scene.served, scene.now), pki.days_left(scene.ca, scene.now)
    verdict = "passed" if left >= DAYS_TO_WARN else "warning"
    seen = f"{left} days left, {ca_left} for the CA"
    yield Checked("dates", verdict if left >= 0 else "failed", seen, "run the wizard again")


def _runtime(scene: Scene) -> Iterator[Checked]:
    """What runs, and whether it comes back with the machine."""
    up, enabled, what = running.look(scene.host, scene.answers.registry.runtime)
    seen = f"{what} {'runs' if up else 'does not run'}"
    seen += " and comes back with the machine" if enabled else ", and would not come back"
    yield _verdict("runtime", up and enabled, seen, "run the wizard again: it starts it")


def _anonymous(scene: Scene) -> Iterator[Checked]:
    reply = scene.front.anonymous().ask("GET", "/v2/")
    challenge = reply.headers.get("www-authenticate", "")
    api = reply.headers.get("docker-distribution-api-version", "")
    good = reply.status == 401 and challenge.startswith("Basic") and api == "registry/2.0"
    seen = f"/v2/ without a login gives {reply.status}"
    yield _verdict("anonymous", good, seen, _why(scene, reply))


def _login(scene: Scene) -> Iterator[Checked]:
    reply = scene.front.ask("GET", "/v2/")
    seen = f"/v2/ with a login gives {reply.status}"
    yield _verdict("login", reply.status == 200, seen, _why(scene, reply))


def _wrong_password(scene: Scene) -> Iterator[Checked]:
    reply = replace(scene.front, password=secrets.token_hex(8)).ask("GET", "/v2/")
    seen = f"/v2/ with a wrong password gives {reply.status}"
    yield _verdict("wrong password", reply.status == 401, seen, "who checks passwords there?")


def _location(scene: Scene) -> Iterator[Checked]:
    front = scene.front
    reply, path = upload(front)
    good = reply.status == 202 and path != ""
    if path:
        front.ask("DELETE", path)
    seen = "an upload goes on at the same scheme, host and port"
    if not good:
        where = reply.headers.get("location", "no Location")
        seen = f"an upload is sent to {where} ({reply.status})"
    yield _verdict("upload location", good, seen, "nginx must pass Host and X-Forwarded-Proto on")


def _round_trip(scene: Scene) -> Iterator[Checked]:
    image = fresh_image()
    try:
        yield from pushed_and_pulled(scene.front, image, delete=scene.answers.registry.delete)
    finally:
        sweep(scene, image)


def sweep(scene: Scene, image: Image) -> None:
    """Remove what the check pushed, and what one that was cut off left."""
    NoCheckImage(scene.answers.registry.storage, image.digests).apply(scene.host, lambda _: None)


def _closed(scene: Scene) -> Iterator[Checked]:
    open_ = [each for each in scene.local if not refuses(each, REGISTRY_PORT)]
    seen = f"port {REGISTRY_PORT} answers on {', '.join(open_) or 'no other address'}"
    remedy = "the registry must listen on 127.0.0.1 only: run the wizard again"
    yield _verdict("registry hidden", not open_, seen, remedy)


def _firewall(scene: Scene) -> Iterator[Checked]:
    """Whether the openings are still there: from this machine itself they cannot be tried."""
    yield from (Checked("firewall", "warning", each.text, each.remedy) for each in scene.shut)
    yield from _so(
        "firewall", scene.openings, "what the wizard opens in the firewall is open", scene.host
    )


def _selinux(scene: Scene) -> Iterator[Checked]:
    good = f"{scene.selinux}, and lets nginx listen, read its files and ask the registry"
    yield from _so("selinux", scene.allowances, good, scene.host)


def _so(name: str, wanted: tuple[Change, ...], good: str, host: Host) -> Iterator[Checked]:
    """Say whether all of these are so; where nothing stands in the way there is nothing to say."""
    if wanted:
        due = [each.label for each in wanted if each.compare(host)]
        seen = f"still to do: {'; '.join(due)}" if due else good
        yield _verdict(name, not due, seen, "run the wizard again")


def _join(scene: Scene) -> Iterator[Checked]:
    """What clients fetch by the address is what lies on the disk, and it has our CA in it."""
    ip = scene.answers.registry.ip
    front = replace(scene.front, name=ip, address=ip).anonymous()
    script, ca = (front.ask("GET", path) for path in ("/join.sh", "/ca.crt"))
    on_disk = scene.host.read(SCRIPT)
    seen = f"clients get the script of SHA-256 {digest(script.body)}, and our CA"
    if script.status != 200 or not on_disk or script.body != on_disk.content:
        seen = f"/join.sh ({script.status}) is not what lies in {SCRIPT}"
    elif scene.ca.strip() not in script.body:
        seen = f"{SCRIPT} has another CA in it"
    elif ca.status != 200 or list(certificates(ca.body)) != list(certificates(scene.ca)):
        seen = f"/ca.crt ({ca.status}) is not our CA"
    yield _verdict("join", seen.startswith("clients get"), seen, "run the wizard again")


def _modes(scene: Scene) -> Iterator[Checked]:
    wrong = []
    for path, mode in MODES.items():
        found = scene.host.read(path) or scene.host.folder(path)
        if found is None or found.mode != mode:
            wrong.append(f"{path} is {f'{found.mode:04o}' if found else 'missing'}, not {mode:04o}")
    seen = "; ".join(wrong) or "keys and passwords can be read by those who need them only"
    yield _verdict("file modes", not wrong, seen, "run the wizard again")


def _trust(scene: Scene) -> Iterator[Checked]:
    yield from checked(scene.troubles)
    yield public_roots(scene.host)


CHECKS: tuple[tuple[str, str, Callable[[Scene], Iterator[Checked]]], ...] = (
    ("resolve", "look at /etc/hosts and DNS", _resolve),
    ("tcp", "is nginx running?", _tcp),
    ("tls", "look at nginx's certificate", _tls),
    ("untrusted", "look at nginx's certificate", _untrusted),
    ("dates", "run the wizard again", _dates),
    ("runtime", "is the registry running? run the wizard again", _runtime),
    ("anonymous", "is the registry running? see the check `runtime`", _anonymous),
    ("login", "is the registry running? see the check `runtime`", _login),
    ("wrong password", "is the registry running?", _wrong_password),
    ("upload location", "look at nginx's error log", _location),
    ("push and pull", "look at nginx's error log and the registry's log", _round_trip),
    ("join", "look at nginx's error log", _join),
    ("registry hidden", "look at the registry's addr", _closed),
    ("firewall", "run the wizard again", _firewall),
    ("selinux", "run the wizard again", _selinux),
    ("file modes", "run the wizard again", _modes),
    ("trust", "look at the folders of CAs by hand", _trust),
)


def _fronts(scene: Scene) -> Iterator[Front]:
    for name in dns_names(scene.answers):
        yield replace(scene.front, name=name)
    for address in addresses(scene.answers):
        here = address in scene.local or not is_address(address)
        yield replace(scene.front, name=address, address=address if here else scene.front.address)


def _leaf_fingerprint(pem: bytes) -> str:
    return pki.fingerprint(pem).replace(":", "").lower()


def _verdict(name: str, good: bool, seen: str, remedy: str) -> Checked:  # noqa: FBT001
    return Checked(name, "passed" if good else "failed", seen, "" if good else remedy)


def _why(scene: Scene, reply: Reply) -> str:
    """Say what an unexpected status of /v2/ usually means."""
    if reply.status in (502, 503, 504):
        return _behind(scene)
    if reply.status == 401:
        return "the registry does not know this password: run the wizard again"
    return f"something else answers there: look at {scene.nginx.program} -T"


def _behind(scene: Scene) -> str:
    """Say what keeps nginx from the registry: it is not there, or SELinux does not let it ask."""
    enforcing = scene.selinux == "enforcing"
    if enforcing and any(each.compare(scene.host) for each in scene.allowances):
        return "nginx is up, and SELinux keeps it from the registry: see the check `selinux`"
    said = "nginx is up, the registry behind it is not: see the check `runtime`"
    more = "; if that passed, SELinux may keep nginx from it: ausearch -m avc -ts recent"
    return said + more if enforcing else said


def _sentence(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is refused: {error.verify_message}"
    return str(error) or type(error).__name__
