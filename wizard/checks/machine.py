"""Looks at this machine as a client: whom its programs trust, and which way they go."""

from __future__ import annotations

import re
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.checks.said import Look, Said, aside, bad, doubt, good
from wizard.pem import certificates
from wizard.troubles import Ours, checked, find_troubles, store
from wizard.troubles.folders import CONTAINERS, DOCKER, IN_A_HOME
from wizard.troubles.roots import public_roots
from wizard.troubles.trouble import DOCKER as ABOUT_DOCKER
from wizard.troubles.trouble import INSECURE, PODMAN, STORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.checks.scene import Scene
    from wizard.events import Checked
    from wizard.front import Front
    from wizard.hosts import Host

PROXIES = ("https_proxy", "all_proxy")
ENVIRONMENT = "/etc/environment"
PROGRAMS = {"docker": ("dockerd",), "podman": ("podman", "skopeo", "buildah")}
WHICH = 'for each; do ! command -v "$each" > /dev/null || echo "$each"; done'


def ours(scene: Scene) -> Ours:
    return Ours(scene.target.every, scene.target.port, scene.target.ca)


def looked_up(scene: Scene) -> store.Seen:
    """Give the system's store of CAs; reading it takes a moment."""
    found: store.Seen = scene.once("store", lambda: store.look(scene.host))
    return found


def _told(scene: Scene, about: str) -> Look:
    """Give what was found about one thing that decides whom this machine trusts."""
    troubles = scene.once(
        "troubles", lambda: find_troubles(scene.host, ours(scene), looked_up(scene))
    )
    for each in checked(troubles):
        if each.name == about:
            yield _of(each)


def _of(each: Checked) -> Said:
    return Said(each.verdict, each.seen, each.remedy)


def system(scene: Scene) -> Look:
    yield from _told(scene, STORE)


def docker(scene: Scene) -> Look:
    yield from _told(scene, ABOUT_DOCKER)


def podman(scene: Scene) -> Look:
    yield from _told(scene, PODMAN)


def insecure(scene: Scene) -> Look:
    yield from _told(scene, INSECURE)


def roots(scene: Scene) -> Look:
    yield _of(public_roots(scene.host, looked_up(scene)))


def here(scene: Scene) -> Look:
    """Whether Docker and podman of this machine would take the certificate that is shown now."""
    wanted = [each for any_of in PROGRAMS.values() for each in any_of]
    found = set(scene.host.run("sh", "-c", WHICH, "sh", *wanted).out.split())
    programs = [name for name, any_of in PROGRAMS.items() if found & set(any_of)]
    for name in programs:
        folder = _folder(scene, name)
        why = _refusal(scene, folder)
        if not why:
            yield good(f"{name} here trusts it ({folder})")
            continue
        remedy = f"put the CA there as ca.crt: {folder}/ca.crt"
        yield (bad if scene.own else doubt)(f"{name} here refuses it: {why}", remedy)
    if not programs:
        yield aside("there is neither Docker nor podman on this machine")


def _folder(scene: Scene, program: str) -> str:
    """Give the folder that counts: podman stops at the first of its three that exists."""
    home = scene.environ.get("HOME", "/root")
    bases = (DOCKER,) if program == "docker" else (f"{home}/{IN_A_HOME}", CONTAINERS, DOCKER)
    places = [f"{base}/{scene.target.at}" for base in bases]
    return next((each for each in places if scene.host.folder(each) is not None), places[-1])


def _refusal(scene: Scene, folder: str) -> str:
    """Say why a program that trusts this folder and the system's store would refuse it."""
    listed = scene.host.run("find", folder, "-maxdepth", "1", "-name", "*.crt").out.splitlines()
    files = (scene.host.read(path) for path in listed)
    held = b"".join(pem for file in files if file for pem in certificates(file.content).values())
    roots = looked_up(scene).first
    trusted = held + b"".join(roots.held.values() if roots else ())
    if not trusted:
        return "it knows no CA at all"
    front = replace(scene.front, ca=trusted, strict=False)
    return _tried(front)


def _tried(front: Front) -> str:
    try:
        front.connect().close()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return ""


def proxy(scene: Scene) -> Look:
    """A proxy that is set and not told to leave the registry alone gets all requests to it."""
    wrong, looked = [], []
    for where, words in environments(scene):
        if proxied(words):
            looked.append(where)
            wrong += [where] * (not excepted(scene.target.name, words.get("no_proxy", "")))
    for where in wrong:
        seen = f"{where} sends requests for {scene.target.name} to a proxy"
        yield bad(seen, f"add {scene.target.name} to NO_PROXY there; then restart Docker")
    if not wrong:
        told = f"NO_PROXY excepts it in {', '.join(looked)}" if looked else "no proxy is set"
        yield good(told)


def environments(scene: Scene) -> tuple[tuple[str, dict[str, str]], ...]:
    """Give the variables of whoever asks, of every login, and of Docker, in lower case."""
    found: tuple[tuple[str, dict[str, str]], ...] = scene.once(
        "environments", lambda: (*variables(scene.host, scene.environ),)
    )
    return found


def variables(host: Host, environ: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the variables of each place that may set a proxy, their names in lower case."""
    yield "this shell", _lower(environ)
    file = host.read(ENVIRONMENT)
    lines = file.content.decode(errors="replace").splitlines() if file else []
    words = (line.removeprefix("export ").partition("=") for line in lines)
    yield ENVIRONMENT, _lower({name: text.strip("\"'") for name, _, text in words})
    shown = host.run("systemctl", "show", "docker", "--property", "Environment").out
    pairs = (word.partition("=") for word in shown.strip().removeprefix("Environment=").split())
    yield "Docker's service", _lower({name: text for name, _, text in pairs})


def _lower(words: Mapping[str, str]) -> dict[str, str]:
    return {name.strip().lower(): text for name, text in words.items()}


def proxied(words: Mapping[str, str]) -> bool:
    return any(words.get(each) for each in PROXIES)


def excepted(name: str, said: str) -> bool:
    """Say whether NO_PROXY names this host: itself, a domain above it, or everything."""
    for each in re.split(r"[,\s]+", said.lower()):
        domain = each.strip().partition(":")[0].lstrip("*").lstrip(".")
        if each.strip() == "*" or (domain and f".{name}".endswith(f".{domain}")):
            return True
    return False
