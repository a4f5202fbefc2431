"""What nginx and the registry know each other by: one key, and a certificate that it signed."""

from __future__ import annotations

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from wizard.pki.authority import blank, distinguished_name, key_usage
from wizard.pki.certificates import (
    alternative_names,
    certificate_pem,
    key_pem,
    read_certificates,
)
from wizard.pki.server import belong_together

NAME = "registry-wizard"
"""In the certificate; no host's, as both are on this one and only they ever look."""
# Whoever may read the key may replace it, so it need not end, nor mind a clock that is wrong
# (RFC 5280, 4.1.2.5: no well-defined expiration date).
BEGINS, ENDS = dt.datetime(1950, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001


def kept_or_made(found: bytes | None, now: dt.datetime) -> bytes:
    """Give the certificate and its key in PEM: what is there, where it is of use."""
    return found if found and _is_right(found, now) else _made()


def _made() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name, usages = distinguished_name(NAME), [ExtendedKeyUsageOID.SERVER_AUTH]
    usages.append(ExtendedKeyUsageOID.CLIENT_AUTH)
    certificate = (
        blank(key, BEGINS, ENDS)
        .subject_name(name)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate_pem([certificate]) + key_pem(key)


def _is_right(pem: bytes, now: dt.datetime) -> bool:
    if not belong_together((pem, pem)):
        return False
    certificate = read_certificates(pem)[0]
    lives = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    return lives and alternative_names(certificate) == (x509.DNSName(NAME),)
