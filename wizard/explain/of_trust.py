"""Looks at certificates and at whom this machine trusts."""

from __future__ import annotations

import datetime as dt
import stat
from typing import TYPE_CHECKING

from wizard import pki
from wizard.clients.facts import PROGRAMS, programs_of
from wizard.events import Checked
from wizard.explain.of_network import unseen
from wizard.names import in_url
from wizard.pem import certificates
from wizard.troubles import bundles, certs_d, folders
from wizard.troubles import store as stores
from wizard.troubles.folders import CONTAINERS, DOCKER, IN_A_HOME
from wizard.troubles.roots import public_roots
from wizard.troubles.trouble import DOCKER as OF_DOCKER
from wizard.troubles.trouble import PODMAN as OF_PODMAN
from wizard.troubles.trouble import REPAIRED, STORE, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.explain.scene import Scene
    from wizard.hosts import Host

MIB = 1024**2
LARGEST = 4 * MIB  # of a file that may hold CAs; a system's whole store has a quarter of a MiB
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


def certificate(scene: Scene) -> Iterator[Checked]:
    """What the certificate says that is shown now."""
    if not scene.certificate:
        yield unseen("tls-dates", f"{scene.at} shows none now")
        return
    says = told(scene.certificate)
    yield _dates(scene)
    held = [
        each for key in ("names", "addresses") for each in says.get(key, "").split(", ") if each
    ]
    good = any(_covers(each, scene.name) for each in held)
    seen = f"it holds {', '.join(held[:9]) or 'no name and no address'}"
    lacks = "" if good else f"; {scene.name} is not among them"
    yield Checked("tls-names", "passed" if good else "failed", seen + lacks)
    yield Checked("issuer", "passed", f"it is signed by {says.get('issuer', 'nobody')}")


def _dates(scene: Scene) -> Checked:
    says, left = told(scene.certificate), pki.days_left(scene.certificate, dt.datetime.now(dt.UTC))
    seen = f"{scene.at} shows one from {says.get('valid from')} until {says.get('valid until')}"
    return Checked("tls-dates", "passed" if left >= 0 else "failed", seen)


def _covers(held: str, name: str) -> bool:
    if held.startswith("*."):
        return name.partition(".")[2] == held[2:].lower()
    return held.lower() == name


def registry(scene: Scene) -> Iterator[Checked]:
    """Who signed what the registry shows, and which CA it publishes."""
    if not scene.certificate:
        seen = {"open": "speaks no TLS"}.get(scene.reached, "does not answer")
        yield unseen("registry", f"{scene.at} {seen}, so nothing here can be compared with it")
        return
    issuer = told(scene.certificate).get("issuer", "nobody")
    yield Checked("registry", "passed", f"{scene.at} shows a certificate signed by {issuer}")
    if scene.published:
        found = pki.fingerprint(scene.published)
        seen = f"it publishes a CA with the SHA-256 {found}; `registry-wizard status` on the server"
        yield Checked("registry", "passed", f"{seen} must show the same")


def places(scene: Scene) -> Iterator[Checked]:
    """The folders of certs.d of what is installed here, by exactly the registry's name."""
    if not scene.name:
        yield unseen("certs.d", "the text does not say which registry it is about")
        return
    programs = programs_of(scene.host)
    if programs & set(PROGRAMS["docker"]):
        yield from _folder(scene, DOCKER, OF_DOCKER)
    if programs & set(PROGRAMS["podman"]):
        own = f"{scene.home}/{IN_A_HOME}"
        first = next((b for b in (own, CONTAINERS) if _there(scene, b)), DOCKER)
        yield from _folder(scene, first, OF_PODMAN)
    if programs & set(PROGRAMS["containerd"]) and not programs & set(PROGRAMS["docker"]):
        yield from _folder(scene, "/etc/containerd/certs.d", "trust-containerd")
    if not programs:
        yield unseen("certs.d", "neither Docker nor podman nor containerd is here")


def _there(scene: Scene, base: str) -> bool:
    return scene.host.folder(f"{base}/{scene.at}") is not None


def _folder(scene: Scene, base: str, about: str) -> Iterator[Checked]:
    folder = f"{base}/{scene.at}"
    if not _there(scene, base):
        wrong = [each for each in _misnamed(scene) if scene.host.folder(f"{base}/{each}")]
        seen = f"there is no folder {folder}"
        if wrong:
            seen = f"{base}/{wrong[0]} is read by nobody for this registry: it must be {folder}"
        remedy = f"mv {base}/{wrong[0]} {folder}" if wrong else ""
        yield Checked(about, "failed", seen, remedy)
        return
    listed = scene.host.run("find", folder, "-maxdepth", "1", "-follow", "-type", "f").out
    found = [path for path in listed.splitlines() if path.endswith(".crt")]
    if not found:
        yield Checked(about, "failed", f"{folder} has no file that ends in .crt")
    for path in found:
        yield _file(scene, path, about)


def _misnamed(scene: Scene) -> tuple[str, ...]:
    bare = in_url(scene.name)
    return (f"{bare}:443",) if scene.port == 443 else (bare, f"{bare}_{scene.port}_")


def _file(scene: Scene, path: str, about: str) -> Checked:
    file = scene.host.read(path)
    content = file.content if file else b""
    whose = told(next(iter(certificates(content).values()), b"")).get("subject", "no certificate")
    if not scene.certificate:
        return unseen(
            about, f"whether {path} ({whose}) is the right CA: the registry shows nothing"
        )
    why = scene.refusal(content)
    if not why:
        return Checked(about, "passed", f"{path} ({whose}) vouches for what the registry shows")
    return Checked(about, "failed", f"{path} ({whose}) does not vouch for it: {why}")


def store(scene: Scene) -> Iterator[Checked]:
    """Whether the system's own store vouches for the registry."""
    path = next((each for each in stores.BUNDLES if scene.host.read(each)), "")
    if not path or not scene.certificate:
        why = "the registry shows no certificate" if path else "there is no store of CAs here"
        yield unseen(STORE, why)
        return
    file = scene.host.read(path)
    content = file.content if file else b""
    count, why = len(certificates(content)), scene.refusal(content)
    if not why:
        seen = f"{path} vouches for it; Docker reads it only when it starts"
        yield Checked(STORE, "passed", seen, "systemctl restart docker")
        return
    seen = f"{path}, {count} certificates, does not vouch for it: {why}"
    yield Checked(STORE, "warning", seen)


def troubles(scene: Scene) -> Iterator[Checked]:
    """What else keeps the CA of this registry from being found."""
    if scene.ours is None:
        return
    seen = stores.look(scene.host)
    found = (
        *certs_d.find(folders.look(scene.host, scene.ours), scene.ours),
        *bundles.find(seen, scene.ours),
    )
    for each in found:
        repaired = each.remedy == REPAIRED and not scene.role
        if each.about in (OF_DOCKER, OF_PODMAN, STORE):
            yield Checked(each.about, each.verdict, each.text, "" if repaired else each.remedy)


def roots(scene: Scene) -> Iterator[Checked]:
    yield public_roots(scene.host)


def environment(scene: Scene) -> Iterator[Checked]:
    """Whether this shell names another store of CAs."""
    found = [name for name in VARIABLES if scene.environ.get(name)]
    if found:
        seen = f"this shell sets {', '.join(found)}: programs look there, not into the store"
        yield Checked("environment", "warning", seen, f"unset {' '.join(found)}")


def times(scene: Scene) -> Iterator[Checked]:
    """What the text says of two moments."""
    now, limit = scene.quoted.now, scene.quoted.limit
    if now and limit:
        apart = abs(now - limit)
        days = f"{apart.days} day{'s' * (apart.days != 1)}"
        span = days if apart.days else f"{apart.seconds // 60} minutes"
        word = "after the end" if now > limit else "before the beginning"
        shown = f"{now:%Y-%m-%d %H:%M} was {span} {word} ({limit:%Y-%m-%d %H:%M} UTC)"
        yield Checked("times", "failed", f"by the text {shown}")


def _unfit(mode: str, size: str) -> str:
    """Say why a file is not read, from its mode in hexadecimal and its size; empty where it is."""
    if not stat.S_ISREG(int(mode, 16)):
        return "is no regular file"
    return f"is {int(size) / MIB:.0f} MiB large" if int(size) > LARGEST else ""


def file(scene: Scene) -> Iterator[Checked]:
    """What the file holds that the text names."""
    if scene.quoted.path:
        yield _readable(scene.host, scene.quoted.path)


def _readable(host: Host, path: str) -> Checked:
    """Say what it holds; the text may name anything, so its size comes first."""
    seen = host.run("stat", "-L", "-c", "%f %s", path)
    if seen.ok and (why := _unfit(*seen.out.split())):
        return Checked("file", "failed", f"{path} {why}, so it holds no certificate")
    found = host.read(path) if seen.ok else None
    if found is None:
        return Checked("file", "failed", f"there is no file {path} that could be read")
    count = len(certificates(found.content))
    if not count:
        der = found.content[:2] == b"0\x82"
        remedy = f"openssl x509 -inform DER -in {path} -out ca.crt turns it into PEM" if der else ""
        kind = "DER, not PEM" if der else "no certificate in PEM"
        return Checked("file", "failed", f"{path} is {kind}", remedy)
    return Checked("file", "passed", f"{path} holds {count} certificate{'s' * (count != 1)}")
