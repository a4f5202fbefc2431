"""The system's own store of CAs: its sources, the bundle made of them, and what is read first."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.pem import certificates

if TYPE_CHECKING:
    from wizard.hosts import Argv, Host


@dataclass(frozen=True)
class Store:
    """Where a family of distributions keeps what; README of each, and update-ca-trust(8)."""

    anchors: str  # the admin's own folder
    ending: str  # of a file in it that counts
    tool: Argv
    bundle: str  # what the tool makes, and every pasted line is lost in
    sources: tuple[str, ...]
    chosen: str = ""  # the file that names those of the sources that count; empty: all do


STORES = (
    Store(
        "/etc/pki/ca-trust/source/anchors",
        ".pem",
        ("update-ca-trust", "extract"),
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        ("/usr/share/pki/ca-trust-source", "/etc/pki/ca-trust/source"),
    ),
    Store(
        "/usr/local/share/ca-certificates",
        ".crt",
        ("update-ca-certificates",),
        "/etc/ssl/certs/ca-certificates.crt",
        ("/usr/share/ca-certificates", "/usr/local/share/ca-certificates"),
        "/etc/ca-certificates.conf",
    ),
    Store(
        "/etc/pki/trust/anchors",
        ".crt",
        ("update-ca-certificates",),
        "/var/lib/ca-certificates/ca-bundle.pem",
        ("/usr/share/pki/trust", "/etc/pki/trust"),
    ),
    Store(
        "/etc/ca-certificates/trust-source/anchors",
        ".crt",
        ("trust", "extract-compat"),
        "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
        ("/usr/share/ca-certificates/trust-source", "/etc/ca-certificates/trust-source"),
    ),
)
# The first of these that exists is the one that Go reads (crypto/x509/root_linux.go).
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
# In one line: a bundle has thousands, and each that a command prints is looked at.
OF_FOLDERS = """name=$1; shift
find -L "$@" -type f -name "$name" -exec cat {} + | base64 -w 0"""
OF_FILES = 'cat -- "$@" | base64 -w 0'


@dataclass(frozen=True)
class Bundle:
    path: str
    real: str  # with every link followed
    linked: bool  # the path itself is a link
    held: dict[str, bytes]  # PEM by fingerprint


@dataclass(frozen=True)
class Seen:
    store: Store | None
    bundles: tuple[Bundle, ...]  # those of Go's that exist, in its order
    sources: dict[str, bytes]  # whatever lies in the store's sources, PEM by fingerprint
    chosen: frozenset[str]  # of these what the bundle is made of; none: not known
    taken: frozenset[str]  # paths in the folder of anchors
    packaged: bool  # the first bundle is a package's own file

    @property
    def first(self) -> Bundle | None:
        return self.bundles[0] if self.bundles else None


def look(host: Host) -> Seen:
    store = next((each for each in STORES if _usable(host, each)), None)
    bundles = tuple(found for path in BUNDLES if (found := _bundle(host, path)))
    if store is None:
        return Seen(None, bundles, {}, frozenset(), frozenset(), packaged=False)
    taken = host.run("find", store.anchors, "-maxdepth", "1", "-type", "f").out.splitlines()
    return Seen(
        store,
        bundles,
        _read(host, *store.sources),
        _chosen(host, store) if store.chosen else frozenset(),
        frozenset(taken),
        packaged=bool(bundles) and _packaged(host, bundles[0], store),
    )


def _usable(host: Host, store: Store) -> bool:
    there = host.folder(store.anchors) is not None
    return there and host.run("sh", "-c", 'command -v "$1"', "sh", store.tool[0]).ok


def _bundle(host: Host, path: str) -> Bundle | None:
    file = host.read(path)
    if file is None:
        return None
    real = host.run("readlink", "-f", path).out.strip() or path
    return Bundle(path, real, bool(host.link(path)), certificates(file.content))


def _read(host: Host, *folders: str, name: str = "*") -> dict[str, bytes]:
    return _certificates(host, OF_FOLDERS, name, *folders)


def _certificates(host: Host, script: str, *arguments: str) -> dict[str, bytes]:
    return certificates(base64.b64decode(host.run("sh", "-c", script, "sh", *arguments).out))


def _chosen(host: Host, store: Store) -> frozenset[str]:
    """Give what update-ca-certificates takes: what its file names, and all of the admin's own."""
    lines = (host.run("cat", store.chosen).out).splitlines()
    names = [line for line in lines if line and line[0] not in "#!"]
    files = [f"{store.sources[0]}/{name}" for name in names]
    named = _certificates(host, OF_FILES, *files) if files else {}
    return frozenset(named) | frozenset(_read(host, store.anchors, name=f"*{store.ending}"))


def _packaged(host: Host, bundle: Bundle, store: Store) -> bool:
    """Ask whose file it is, where it is not what the store's tool makes."""
    if store.bundle in (bundle.path, bundle.real):
        return False
    asked = (("rpm", "-qf", bundle.real), ("dpkg-query", "-S", bundle.real))
    return any(host.run(*argv).ok for argv in asked)
