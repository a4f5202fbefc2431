"""The private CA and the server certificate, each with its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.files import MakeFolder, WriteFile
from wizard.changes.services import reload
from wizard.credentials import ETC
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given

PKI = f"{ETC}/pki"


def plan(given: Given) -> Step:
    made = given.pki
    leaf = pki.describe(made.certificate)
    issued = f"{PKI}/issued/{pki.serial(made.certificate)}.crt"
    return Step(
        id="authority",
        title="Make the certificates",
        why="Clients trust this CA, which may sign for the registry's names and addresses only.",
        changes=(
            MakeFolder(PKI, 0o700),
            WriteFile(
                f"{PKI}/ca.key",
                made.authority.key,
                0o400,
                secret=True,
                shown="the private key of the CA",
            ),
            WriteFile(f"{PKI}/ca.crt", made.authority.certificate, shown=pki.describe(made.trust)),
            WriteFile(
                f"{PKI}/server.key",
                made.key,
                0o600,
                secret=True,
                shown="the private key of the server certificate",
            ),
            WriteFile(f"{PKI}/server.crt", made.certificate, shown=leaf),
            WriteFile(issued, made.certificate, shown="the same certificate, for the record"),
        ),
        then=(reload(given.host, "nginx"),),
    )
