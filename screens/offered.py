"""The CA that a registry offers, to look at before it is trusted on first use; loads no Textual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard import pki
from wizard.clients import ca
from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.answers import Answers


@dataclass(frozen=True)
class Offered:
    """Whoever answered sent this; nothing is trusted by that."""

    described: str  # subject, dates, what it may sign for, SHA-256
    fingerprint: str


def offered(answers: Answers) -> Offered:
    """Fetch the CA. Raises WizardError where there is none, or something else in its place."""
    pem = ca.fetch(answers)
    described = ca.described(pem)
    if dict(pki.fields(pem)).get("CA") != "yes":
        raise WizardError(
            "What the registry publishes as its CA is no CA's certificate",
            "copy the CA's certificate here and answer client.ca_certificate",
        )
    return Offered(described, pki.fingerprint(pem))
