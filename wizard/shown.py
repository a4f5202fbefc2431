"""Which certificate clients are shown, name by name: one TLS connection each, from outside."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.files import digest
from wizard.errors import WizardError
from wizard.front import Front
from wizard.given import addresses, dns_names
from wizard.names import is_address
from wizard.peer import meet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.answers import Answers

SECONDS = 10  # a reload under load may take a moment to show


def fronts(answers: Answers, local: tuple[str, ...], trust: bytes) -> Iterator[Front]:
    """Give how clients see the registry under each name; ``local`` are this machine's addresses."""
    registry = answers.registry
    for name in (*dns_names(answers), *addresses(answers)):
        here = is_address(name) and name in local
        yield Front(name, name if here else registry.ip, registry.https_port, trust)


def shows(front: Front, pem: bytes) -> bool:
    """Say whether a name shows this certificate now, even one that no client takes any more."""
    found = meet(front.address, front.port, front.name).peer
    try:
        return found is not None and digest(found.sent[0]) == _digest(pem)
    except WizardError:  # there is no such certificate
        return False


def wrong(front: Front, wanted: bytes) -> str:
    """Say what is wrong with what a name shows; empty once it is the wanted one, in PEM."""
    until = time.monotonic() + SECONDS
    while (seen := _now(front, wanted)) and time.monotonic() < until:
        time.sleep(0.1)
    return seen


def _now(front: Front, wanted: bytes) -> str:
    try:
        with front.connect() as tls:
            shown = digest(tls.getpeercert(binary_form=True) or b"")
    except ssl.SSLCertVerificationError as refused:
        return f"shows a certificate that is refused: {refused.verify_message}"
    except OSError as error:
        return f"cannot be reached: {error}"
    return "" if shown == _digest(wanted) else "still shows another certificate"


def _digest(pem: bytes) -> str:
    return pki.fingerprint(pem).replace(":", "").lower()
