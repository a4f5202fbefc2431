"""Every reason why a CA cannot be used here, in sentences for an admin."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509

from wizard.errors import WizardError
from wizard.pki.certificates import (
    extension,
    key_is_common,
    key_type,
    moment,
    read_certificates,
    read_key,
)
from wizard.pki.constraints import permits, scope
from wizard.pki.leaf import make_leaf, refusal, signed_by

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from wizard.pki.authority import Authority, Wanted

CERTIFICATE = "the CA certificate"
KEY = "the CA's key"


@dataclass(frozen=True)
class Link:
    """A certificate of the chain, and what it is looked at for."""

    certificate: x509.Certificate
    below: int  # how many CA certificates stand between it and the server's
    wanted: Wanted
    now: dt.datetime

    def __str__(self) -> str:
        """Say which one it is: the issuer needs no number."""
        return f"{CERTIFICATE} no. {self.below + 1} in the file" if self.below else CERTIFICATE


def problems(wanted: Wanted, authority: Authority, now: dt.datetime) -> tuple[str, ...]:
    """Give every reason, all at once; where the fields show none, try what a strict client says."""
    found: list[str] = []
    chain: tuple[x509.Certificate, ...] = ()
    key = None
    try:
        chain = read_certificates(authority.certificate, CERTIFICATE)
    except WizardError as error:
        found.append(str(error))
    try:
        key = read_key(authority.key, KEY)
    except WizardError as error:
        found.append(str(error))
    found += _of_files(authority, chain, key)
    for below, certificate in enumerate(chain):
        link = Link(certificate, below, wanted, now)
        found += [sentence for look in LOOKS for sentence in look(link)]
    return tuple(found) or _of_rehearsal(wanted, authority, now)


def _of_files(
    authority: Authority, chain: Sequence[x509.Certificate], key: PrivateKeyTypes | None
) -> Iterator[str]:
    if b"PRIVATE KEY-----" in authority.certificate:
        yield f"{CERTIFICATE} has a private key in its file, which everybody may read; take it out"
    public = key and key.public_key()
    owner = next((n for n, each in enumerate(chain, 1) if each.public_key() == public), 0)
    if owner > 1:
        yield f"{KEY} belongs to no. {owner} in the file, but the issuer must come first"
        return
    if key and chain and not owner:
        yield f"{KEY} does not belong to {CERTIFICATE}"
    for number, (lower, upper) in enumerate(pairwise(chain), 1):
        if not signed_by(lower, upper):
            yield (
                f"{CERTIFICATE} no. {number} in the file is not signed by no. {number + 1}: after"
                " the issuer comes who signed it, up to the root, and nothing else"
            )


def _look_at_key(link: Link) -> Iterator[str]:
    key = link.certificate.public_key()
    if not key_is_common(key):
        yield (
            f"{link} has a key of type {key_type(key)}, which not every client takes;"
            " RSA with 2048 to 8192 bits and ECDSA with P-256, P-384 or P-521 are right"
        )


def _look_at_dates(link: Link) -> Iterator[str]:
    begins, ends = link.certificate.not_valid_before_utc, link.certificate.not_valid_after_utc
    if ends <= link.now:
        yield f"{link} expired on {moment(ends)}; it is {moment(link.now)} now"
    if begins > link.now:
        yield f"{link} is not valid before {moment(begins)}; it is {moment(link.now)} now"


def _look_at_purpose(link: Link) -> Iterator[str]:
    basic = extension(link.certificate, x509.BasicConstraints)
    if not basic or not basic.ca:
        yield f"{link} is not a CA's: its basic constraints do not say CA:TRUE"
    elif basic.path_length is not None and basic.path_length < link.below:
        yield (
            f"{link} allows {basic.path_length} CA certificates below it (pathlen), but"
            f" {link.below} stand between it and the server's"
        )
    if not extension(link.certificate, x509.SubjectKeyIdentifier):
        yield f"{link} has no subject key identifier, without which strict clients refuse it"
    usage = extension(link.certificate, x509.KeyUsage)
    if not usage or not usage.key_cert_sign:
        yield (
            f"{link} must not sign certificates: its key usage lacks keyCertSign; the CA can be"
            " issued again with the same key and name, and what it signed stays valid"
        )


def _look_at_names(link: Link) -> Iterator[str]:
    limits = extension(link.certificate, x509.NameConstraints)
    for subject in link.wanted.subjects:
        if not permits(limits, subject):
            yield f"{link} may not sign for {subject.value}; it may sign for {scope(limits)}"


LOOKS = (_look_at_key, _look_at_dates, _look_at_purpose, _look_at_names)


def _of_rehearsal(wanted: Wanted, authority: Authority, now: dt.datetime) -> tuple[str, ...]:
    chain = read_certificates(authority.certificate)
    leaf, _ = make_leaf(wanted, authority, now)
    why = refusal(leaf, chain, wanted.subjects, now)
    return (f"strict clients would refuse what this CA signs, for {why}",) if why else ()
