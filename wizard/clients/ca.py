"""The registry's CA on a client: read from a file, or fetched and compared with a fingerprint."""

from __future__ import annotations

import hmac
import http.client
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from wizard import pki
from wizard.errors import Blocked, WizardError
from wizard.front import Front, fetch_unverified
from wizard.names import in_url
from wizard.pem import certificates

if TYPE_CHECKING:
    from wizard.answers import Answers
    from wizard.hosts import Host

PATH = "/ca.crt"  # where a server publishes it
WHERE = "on the server: registry-wizard status shows it, next to ca_fingerprint"


def obtain(answers: Answers, host: Host) -> bytes:
    """Give the CA as one PEM certificate. Raises Blocked where it cannot be had or trusted."""
    side = answers.client
    if side.ca_certificate:
        file = host.read(side.ca_certificate)
        if file is None:
            raise Blocked(f"There is no file {side.ca_certificate}", "copy the registry's ca.crt")
        return _checked(file.content, side.ca_certificate, side.ca_fingerprint)
    where = f"https://{in_url(_address(answers), answers.registry.https_port)}{PATH}"
    ca = _checked(fetch(answers), where, side.ca_fingerprint)
    _proven(answers, ca)
    return ca


def fetch(answers: Answers) -> bytes:
    """Fetch what the registry publishes as its CA; nothing is trusted by that. Raises Blocked."""
    registry = answers.registry
    at = in_url(_address(answers), registry.https_port)
    try:
        reply = fetch_unverified(_address(answers), registry.https_port, registry.hostname, PATH)
    except (OSError, http.client.HTTPException) as error:
        raise Blocked(
            f"The registry's CA could not be fetched from {at}: {error}",
            "is the address right and nginx running there? Or copy its"
            " /etc/registry-wizard/pki/ca.crt here and answer client.ca_certificate",
        ) from None
    if reply.status != 200:
        raise Blocked(
            f"{at}{PATH} answers with {reply.status}; this registry publishes no CA there",
            "copy the CA's certificate here and answer client.ca_certificate",
        )
    return reply.body


def _checked(content: bytes, where: str, fingerprint: str) -> bytes:
    found = certificates(content)
    if len(found) != 1:
        count = len(found) or "no"
        raise Blocked(
            f"{where} holds {count} certificate{'s' * (count != 1)}; it should be exactly one CA",
            "the registry's own is /etc/registry-wizard/pki/ca.crt on the server",
        )
    ((digest, pem),) = found.items()
    if fingerprint and not hmac.compare_digest(digest, fingerprint):
        raise Blocked(
            f"{where} is another CA than the one expected: its SHA-256 is {digest}, and"
            f" client.ca_fingerprint says {fingerprint}",
            f"compare {WHERE}; if they differ there too, somebody is in between",
        )
    if dict(pki.fields(pem)).get("CA") != "yes":
        raise Blocked(
            f"{where} holds a certificate that is no CA's",
            "a server's own certificate changes every few months; take the CA's",
        )
    return pem


def _proven(answers: Answers, ca: bytes) -> None:
    """Connect once more, verified with that CA alone."""
    registry = answers.registry
    front = Front(registry.hostname, _address(answers), registry.https_port, ca)
    try:
        front.connect().close()
    except OSError as error:
        raise Blocked(
            f"The registry at {in_url(front.address, front.port)} is not trusted by the CA that it"
            f" publishes: {error}",
            "registry-wizard verify on the server says what is wrong there",
        ) from None


def seconds_ahead(answers: Answers) -> float:
    """Say how far this clock is ahead of the registry's, by the Date of its reply.

    Where nobody answers there is nothing to compare: other checks say that.
    """
    registry = answers.registry
    try:
        reply = fetch_unverified(_address(answers), registry.https_port, registry.hostname, PATH)
        there = parsedate_to_datetime(reply.headers["date"]).timestamp()
    except (OSError, http.client.HTTPException, KeyError, ValueError):
        return 0.0
    return time.time() - there


def _address(answers: Answers) -> str:
    return answers.registry.ip or answers.registry.hostname


def described(pem: bytes) -> str:
    """Give what to compare before a CA is trusted on first use. Raises WizardError."""
    found = certificates(pem)
    if len(found) != 1:
        raise WizardError("What the registry publishes is not exactly one certificate")
    return pki.describe(next(iter(found.values())))
