"""The CA where this machine's own Docker looks for it, under every name of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.files import WriteFile
from wizard.facts import CERTS_D
from wizard.given import addresses, dns_names
from wizard.names import in_url
from wizard.pki import describe
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    port = given.answers.registry.https_port
    every = (*dns_names(given.answers), *addresses(given.answers))
    trust = given.pki.trust
    return Step(
        id="trust",
        title="Trust the CA on this machine",
        why="Docker reads this folder at every request, so nothing needs a restart.",
        changes=tuple(
            WriteFile(f"{CERTS_D}/{in_url(name, port)}/ca.crt", trust, shown=describe(trust))
            for name in every
        ),
    )
