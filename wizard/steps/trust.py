"""The CA where this machine's own Docker looks for it, under every name of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.files import WriteFile
from wizard.facts import CERTS_D
from wizard.given import addresses, dns_names
from wizard.pki import describe
from wizard.plan import Step
from wizard.troubles import Ours

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    names = (*dns_names(given.answers), *addresses(given.answers))
    ours = Ours(names, given.answers.registry.https_port, given.pki.trust)
    return Step(
        id="trust",
        title="Trust the CA on this machine",
        why="Docker reads this folder at every request, so nothing needs a restart.",
        changes=certs_d(CERTS_D, ours),
    )


def certs_d(folder: str, ours: Ours) -> tuple[WriteFile, ...]:
    """Give the CA's file in the folder of each name, as Docker and podman look for it."""
    paths = (f"{folder}/{at}/ca.crt" for at in ours.at)
    return tuple(WriteFile(path, ours.trust, shown=describe(ours.trust)) for path in paths)
