"""Looks at this machine as a client: whom its programs trust, and which way they go."""

from __future__ import annotations

import re
import shlex
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from wizard.changes.files import digest
from wizard.checks.said import Look, Said, Unseen, bad, doubt, good
from wizard.errors import WizardError
from wizard.names import is_address
from wizard.pem import certificates
from wizard.troubles import Ours, bundles, certs_d, checked, folders, store
from wizard.troubles import insecure as flags
from wizard.troubles.roots import public_roots
from wizard.troubles.trouble import DOCKER as ABOUT_DOCKER
from wizard.troubles.trouble import INSECURE, PODMAN, REPAIRED, STORE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wizard.checks.scene import Scene
    from wizard.events import Checked
    from wizard.hosts import Host
    from wizard.troubles import Trouble

ADDRESS_AND_PORT = re.compile(r"\[?((?<=\[)[^\]]+(?=\]:)|[\d.]+)\]?:(\d+)")
BY_HAND = "put it right by hand; on a machine that it set up, registry-wizard does so"
PROXIES = ("https_proxy", "all_proxy")
ENVIRONMENT = "/etc/environment"
DOCKERS = "Docker's service"


def ours(scene: Scene) -> Ours:
    """Give the registry as this machine's folders should know it, and whose CA counts as its own.

    Somebody may trust the root, or a CA below it: each of the chain is right in a folder.
    """
    try:
        above = scene.shown(scene.target.name, scene.door).issuers
    except (Unseen, OSError):  # nothing answers there now
        above = ()
    also = frozenset(map(digest, above))
    every = certificates(scene.target.ca)
    anchor = next((pem for name, pem in every.items() if name in also), scene.target.ca)
    return Ours(scene.target.every, scene.target.port, anchor, also)


def looked_up(scene: Scene) -> store.Seen:
    """Give the system's store of CAs; reading it takes a moment."""
    found: store.Seen = scene.once("store", lambda: store.look(scene.host))
    return found


def _told(scene: Scene, about: str, find: Callable[[], Iterable[Trouble]]) -> Look:
    """Give what was found about one thing that decides whom this machine trusts."""
    try:
        troubles = [each for each in find() if each.about == about]
    except WizardError as why:  # it may be root's to read
        raise Unseen(str(why)) from None
    yield from (_of(scene, each) for each in checked(troubles) if each.name == about)


def _of(scene: Scene, each: Checked) -> Said:
    by_hand = each.remedy == REPAIRED and not scene.known
    return Said(each.verdict, each.seen, BY_HAND if by_hand else each.remedy)


def system(scene: Scene) -> Look:
    yield from _told(scene, STORE, lambda: bundles.find(looked_up(scene), ours(scene)))


def _folders(scene: Scene) -> tuple[Trouble, ...]:
    own = ours(scene)
    found: tuple[Trouble, ...] = scene.once(
        "folders", lambda: (*certs_d.find(folders.look(scene.host, own), own),)
    )
    return found


def docker(scene: Scene) -> Look:
    yield from _told(scene, ABOUT_DOCKER, lambda: _folders(scene))


def podman(scene: Scene) -> Look:
    yield from _told(scene, PODMAN, lambda: _folders(scene))


def insecure(scene: Scene) -> Look:
    looked = flags.look
    yield from _told(scene, INSECURE, lambda: flags.find(looked(scene.host), ours(scene)))


def roots(scene: Scene) -> Look:
    yield _of(scene, public_roots(scene.host, looked_up(scene)))


def proxy(scene: Scene) -> Look:
    """A proxy that is set and not told to leave the registry alone gets all requests to it.

    Of those who set one, Docker's service alone stops an installation of ours.
    """
    name, port = scene.target.name, scene.target.port
    used = [(where, words) for where, words in environments(scene) if proxied(words)]
    wrong = [w for w, words in used if not excepted(name, words.get("no_proxy", ""), port)]
    for where in wrong:
        say = bad if scene.known and where == DOCKERS else doubt
        seen = f"{where} sends requests for {name} to a proxy"
        yield say(seen, f"add {name} to NO_PROXY there; Docker has to restart for its own")
    if not wrong:
        places = ", ".join(where for where, _ in used)
        yield good(f"NO_PROXY excepts it in {places}" if used else "no proxy is set")


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
    pairs = (word.partition("=") for word in _words(shown.strip().removeprefix("Environment=")))
    yield DOCKERS, _lower({name: text for name, _, text in pairs})


def _words(shown: str) -> list[str]:
    """Split what systemd shows; a value with a blank in it stands in quotes."""
    try:
        return shlex.split(shown)
    except ValueError:
        return shown.split()


def _lower(words: Mapping[str, str]) -> dict[str, str]:
    return {name.strip().lower(): text for name, text in words.items()}


def proxied(words: Mapping[str, str]) -> bool:
    return any(words.get(each) for each in PROXIES)


def excepted(name: str, said: str, port: int = 443) -> bool:
    """Say whether NO_PROXY names this host, as Go's programs read it.

    An entry is ``*``, an address, a network, or a domain, which stands for all below it, and for
    those alone where it begins with a dot; a port behind it has to be the same.
    """
    return any(_excepts(each, name, port) for each in re.split(r"[,\s]+", said.lower()) if each)


def _excepts(entry: str, name: str, port: int) -> bool:
    if entry == "*":
        return True
    if is_address(name):
        return _covers(entry, name, port)
    host, _, only = entry.partition(":")
    if only and only != str(port):
        return False
    domain = host.removeprefix("*")
    return f".{name}".endswith(domain if domain.startswith(".") else f".{domain}") and (
        not domain.startswith(".") or name != domain[1:]
    )


def _covers(entry: str, address: str, port: int) -> bool:
    """Say whether an entry is this address or a network that it is in."""
    parts = ADDRESS_AND_PORT.fullmatch(entry)
    bare, only = parts.groups() if parts else (entry.strip("[]"), "")
    try:
        return only in ("", str(port)) and ip_address(address) in ip_network(bare, strict=False)
    except ValueError:
        return False
