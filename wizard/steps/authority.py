"""The private CA and the server certificate, each with its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.files import WriteFile
from wizard.changes.folders import MakeFolder
from wizard.changes.services import reload
from wizard.credentials import ETC
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given

PKI = f"{ETC}/pki"


def plan(given: Given) -> Step:
    return Step(
        id="authority",
        title="Make the certificates",
        why="Clients trust this CA, which may sign for the registry's names and addresses only.",
        changes=(MakeFolder(PKI, 0o700), *_files(given.pki)),
        then=(reload(given.host, given.nginx.service),),
    )


def _files(made: pki.Pki) -> tuple[WriteFile, ...]:
    ca, issued = made.authority, f"issued/{pki.serial(made.certificate)}.crt"
    return (
        _key("ca.key", ca.key, 0o400, "the private key of the CA"),
        _certificate("ca.crt", ca.certificate, pki.describe(made.trust)),
        _key("server.key", made.key, 0o600, "the private key of the server certificate"),
        _certificate("server.crt", made.certificate, pki.describe(made.certificate)),
        _certificate(issued, made.certificate, "the same certificate, for the record"),
    )


def _key(name: str, pem: bytes, mode: int, use: str) -> WriteFile:
    shown = f"{pki.describe_key(pem)}, mode {mode:04o}: {use}"
    return WriteFile(f"{PKI}/{name}", pem, mode, secret=True, shown=shown, needed=True)


def _certificate(name: str, pem: bytes, shown: str) -> WriteFile:
    return WriteFile(f"{PKI}/{name}", pem, shown=shown, needed=True)
