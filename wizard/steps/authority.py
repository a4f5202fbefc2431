"""The private CA and the server certificate, each with its key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.files import WriteFile
from wizard.changes.folders import MakeFolder
from wizard.changes.services import reload
from wizard.credentials import ETC
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given
    from wizard.hosts import Host
    from wizard.nginx import Nginx

PKI = f"{ETC}/pki"
ID, TITLE = "authority", "Make the certificates"


def plan(given: Given) -> Step:
    made = given.pki
    return Step(
        id=ID,
        title=TITLE,
        why="Clients trust this CA, which may sign for the registry's names and addresses only.",
        changes=(MakeFolder(PKI, 0o700), *_of_ca(made.authority, made.trust), *_pair(made)),
        then=(reload(given.host, given.nginx.service),),
    )


def renewed(host: Host, nginx: Nginx, made: pki.Pki) -> Step:
    """Give the step that puts another pair in place, and no more, once nginx takes it."""
    key, certificate, issued = _pair(made)
    return Step(
        id=ID,
        title=TITLE,
        why="The former one was to be replaced.",
        changes=(key, replace(certificate, check=nginx.test), issued),
        then=(reload(host, nginx.service),),
    )


def _of_ca(ca: pki.Authority, trust: bytes) -> tuple[WriteFile, ...]:
    return (
        _key("ca.key", ca.key, 0o400, "the private key of the CA"),
        _certificate("ca.crt", ca.certificate, pki.describe(trust)),
    )


def _pair(made: pki.Pki) -> tuple[WriteFile, WriteFile, WriteFile]:
    """Give the key, its certificate, and that once more for the record."""
    issued = f"issued/{pki.serial(made.certificate)}.crt"
    return (
        _key("server.key", made.key, 0o600, "the private key of the server certificate"),
        _certificate("server.crt", made.certificate, pki.describe(made.certificate)),
        _certificate(issued, made.certificate, "the same certificate, for the record"),
    )


def _key(name: str, pem: bytes, mode: int, use: str) -> WriteFile:
    shown = f"{pki.describe_key(pem)}, mode {mode:04o}: {use}"
    return WriteFile(f"{PKI}/{name}", pem, mode, secret=True, shown=shown, needed=True)


def _certificate(name: str, pem: bytes, shown: str) -> WriteFile:
    return WriteFile(f"{PKI}/{name}", pem, shown=shown, needed=True)
