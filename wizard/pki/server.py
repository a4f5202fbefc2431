"""The server certificate and its key: kept while they are right, else issued."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.errors import WizardError
from wizard.pki.certificates import (
    alternative_names,
    certificate_pem,
    key_pem,
    moment,
    name_text,
    read_certificates,
    read_key,
)
from wizard.pki.leaf import anchor, end, intermediates, make_leaf, refusal, signed_by
from wizard.pki.problems import problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from wizard.pki.authority import Authority, Wanted

Pair = tuple[bytes, bytes]
"""PEM certificate and PEM key."""


@dataclass(frozen=True)
class Pki:
    authority: Authority
    certificate: bytes  # what nginx serves: the server's own, then intermediates
    key: bytes = field(repr=False)

    @property
    def trust(self) -> bytes:
        """The one certificate that clients install: the root if we have it, else the issuer."""
        return certificate_pem([anchor(read_certificates(self.authority.certificate))])


@dataclass(frozen=True)
class Served:
    """A certificate and key that are there already, and what they are compared with."""

    leaf: x509.Certificate
    sent_along: Sequence[x509.Certificate]
    key: PrivateKeyTypes
    chain: Sequence[x509.Certificate]
    wanted: Wanted
    now: dt.datetime


def issue(wanted: Wanted, authority: Authority, now: dt.datetime) -> Pki:
    """Make a fresh key and its certificate. Raise WizardError where a client would refuse it."""
    found = problems(wanted, authority, now)
    if found:
        raise WizardError(
            "this CA cannot issue the server certificate: " + "; ".join(found),
            "bring another CA, or leave authority.certificate and authority.key empty to get one",
        )
    chain = read_certificates(authority.certificate)
    leaf, key = make_leaf(wanted, authority, now)
    why = refusal(leaf, chain, wanted.subjects, now)
    if why:
        raise WizardError(f"a strict client would refuse the new server certificate for {why}")
    return Pki(authority, certificate_pem([leaf, *intermediates(chain)]), key_pem(key))


def keep_or_issue(
    wanted: Wanted, authority: Authority, found: Pair | None, now: dt.datetime
) -> Pki:
    """Keep the found pair byte for byte while it is right, else issue a new one."""
    if found and not reason_to_issue(wanted, authority, found, now):
        return Pki(authority, *found)
    return issue(wanted, authority, now)


def reason_to_issue(
    wanted: Wanted, authority: Authority, found: Pair | None, now: dt.datetime
) -> str:
    """Say why a new certificate is due, in a sentence; empty where the found one is right."""
    if found is None:
        return "there is none yet"
    chain = read_certificates(authority.certificate, "the CA certificate")
    try:
        leaf, *sent_along = read_certificates(found[0], "the server certificate")
        key = read_key(found[1], "the server's key")
    except WizardError as error:
        return str(error)
    served = Served(leaf, sent_along, key, chain, wanted, now)
    return next((why for look in LOOKS if (why := look(served))), "")


def belong_together(found: Pair | None) -> bool:
    """Say whether a server can serve a pair: both are there to be read, and of one another."""
    if found is None:
        return False
    try:
        of_certificate = read_certificates(found[0])[0].public_key()
        return read_key(found[1]).public_key() == of_certificate
    except WizardError:
        return False


def _look_at_key(it: Served) -> str:
    same = it.key.public_key() == it.leaf.public_key()
    return "" if same else "the server's key does not belong to the certificate"


def _look_at_issuer(it: Served) -> str:
    if not signed_by(it.leaf, it.chain[0]):
        return "it was issued by another CA"
    along = list(it.sent_along) == list(intermediates(it.chain))
    return "" if along else "other intermediate certificates belong to it"


def _look_at_names(it: Served) -> str:
    has, wants = set(alternative_names(it.leaf)), set(it.wanted.subjects)
    changes = [f"+ {each.value}" for each in it.wanted.subjects if each not in has]
    changes += [f"- {each.value}" for each in alternative_names(it.leaf) if each not in wants]
    return f"the names changed: {', '.join(changes)}" if changes else ""


def _look_at_subject(it: Served) -> str:
    if it.leaf.subject == it.wanted.subject:
        return ""
    had, has = name_text(it.leaf.subject), name_text(it.wanted.subject)
    return f"its subject changes from {had} to {has}"


def _look_at_days(it: Served) -> str:
    begins, ends = it.leaf.not_valid_before_utc, it.leaf.not_valid_after_utc
    if ends > min(each.not_valid_after_utc for each in it.chain):
        return f"it would outlive its CA, until {moment(ends)}"
    right = end(begins, it.wanted, it.chain)
    days = f"{it.wanted.days} days are wanted"
    return "" if ends == right else f"{days}, until {moment(right)}; it ends on {moment(ends)}"


def _look_at_age(it: Served) -> str:
    """A certificate that ends with its CA is renewed by nothing but a new CA."""
    begins, ends = it.leaf.not_valid_before_utc, it.leaf.not_valid_after_utc
    left = ends - it.now
    if left <= dt.timedelta():
        return f"it expired on {moment(ends)}"
    with_its_ca = ends == min(each.not_valid_after_utc for each in it.chain)
    return "" if with_its_ca or left * 3 >= ends - begins else f"{left.days} days are left"


def _look_at_verdict(it: Served) -> str:
    why = refusal(it.leaf, it.chain, it.wanted.subjects, it.now)
    return f"strict clients refuse it for {why}" if why else ""


LOOKS = (
    _look_at_key,
    _look_at_issuer,
    _look_at_names,
    _look_at_subject,
    _look_at_days,
    _look_at_age,
    _look_at_verdict,
)
