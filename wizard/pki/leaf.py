"""The server certificate under its chain: made, and judged as a strict client would."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

from wizard.errors import WizardError
from wizard.pki.authority import BACKDATED, authority_key_identifier, blank, key_usage
from wizard.pki.certificates import extension, read_certificates, read_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.pki.authority import Authority, Wanted
    from wizard.pki.certificates import SigningKey

SECOND = dt.timedelta(seconds=1)  # of notAfter is part of the life (RFC 5280, 4.1.2.5)
# As strong as the curve that signs; all else is SHA-256.
HASHES: dict[int, hashes.SHA384 | hashes.SHA512] = {384: hashes.SHA384(), 521: hashes.SHA512()}


def make_leaf(
    wanted: Wanted, authority: Authority, now: dt.datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Make a fresh key and its certificate, which lives within every CA above it."""
    chain = read_certificates(authority.certificate)
    issuer = chain[0]
    signing = cast("SigningKey", read_key(authority.key))  # problems() has seen to that
    key = ec.generate_private_key(ec.SECP256R1())
    begins = max(now - BACKDATED, *(each.not_valid_before_utc for each in chain))
    subject = wanted.subject
    leaf = (
        blank(key, begins, end(begins, wanted, chain))
        .subject_name(subject)
        .issuer_name(issuer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName(wanted.subjects),
            critical=not list(subject),  # RFC 5280, 4.2.1.6
        )
        .add_extension(authority_key_identifier(_identifier(issuer)), critical=False)
        .sign(signing, _hash(signing))
    )
    return leaf, key


def end(begins: dt.datetime, wanted: Wanted, chain: Sequence[x509.Certificate]) -> dt.datetime:
    """Say when a certificate that begins then must end: no client minds if it outlives its CA."""
    full = begins.replace(microsecond=0) + dt.timedelta(days=wanted.days) - SECOND
    return min(full, *(each.not_valid_after_utc for each in chain))


def issued(pem: bytes) -> dt.datetime:
    """Give the moment at which a certificate of ours was made, as it begins a little earlier."""
    return read_certificates(pem)[0].not_valid_before_utc + BACKDATED


def _identifier(issuer: x509.Certificate) -> x509.SubjectKeyIdentifier:
    """Give the issuer's identifier; problems() lets no CA without one through."""
    return cast("x509.SubjectKeyIdentifier", extension(issuer, x509.SubjectKeyIdentifier))


def _hash(key: SigningKey) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    return HASHES.get(key.key_size, hashes.SHA256())


def self_issued(certificate: x509.Certificate) -> bool:
    return certificate.subject == certificate.issuer


def anchor(chain: Sequence[x509.Certificate]) -> x509.Certificate:
    """Give what clients should trust: the root if it is there, else the issuer itself."""
    return next(filter(self_issued, chain), chain[0])


def intermediates(chain: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Give what a server must send along."""
    return tuple(each for each in chain if not self_issued(each))


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def by_another(pem: bytes, ca: bytes) -> bool:
    """Say whether another CA signed a certificate; of one that cannot be read nobody knows."""
    with suppress(WizardError):
        return not signed_by(read_certificates(pem)[0], read_certificates(ca)[0])
    return False


def ends_with_its_ca(pem: bytes, ca: bytes) -> bool:
    """Say whether a further certificate of this CA, given with those above it, ends no later."""
    last = min(each.not_valid_after_utc for each in read_certificates(ca))
    return read_certificates(pem)[0].not_valid_after_utc >= last


def refusal(
    leaf: x509.Certificate,
    chain: Sequence[x509.Certificate],
    subjects: Sequence[x509.GeneralName],
    now: dt.datetime,
) -> str:
    """Say why a strict client that trusts the chain's anchor would refuse this, if it would."""
    if not all(signed_by(*pair) for pair in pairwise((leaf, *chain))):
        return "a signature is not that of the CA above it"
    store = verification.Store([anchor(chain)])
    builder = verification.PolicyBuilder().store(store).time(now)
    for subject in subjects:
        try:
            verifier = builder.build_server_verifier(subject)  # type: ignore[arg-type]
            verifier.verify(leaf, list(intermediates(chain)))
        except (verification.VerificationError, ValueError) as refused:
            return f"{subject.value}: {refused}"
    return ""
