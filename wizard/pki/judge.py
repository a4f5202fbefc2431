"""What is wrong with the certificates that a server shows, one question at a time.

A client stops at the first reason it meets, and which one that is depends on the client. Here each
question is asked for itself, so that one fault gives one answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wizard.errors import WizardError
from wizard.names import is_address
from wizard.pki.certificates import (
    UNREADABLE,
    alternative_names,
    extension,
    moment,
    name_text,
    read_certificates,
)
from wizard.pki.constraints import permits, scope
from wizard.pki.leaf import self_issued, signed_by

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

LONGEST = 8  # certificates in a chain; whoever sends more leads in circles
USES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)


@dataclass(frozen=True)
class Shown:
    """What a server sent, the server's own certificate first, and whom the client trusts."""

    sent: tuple[x509.Certificate, ...]
    trusted: tuple[x509.Certificate, ...]

    @classmethod
    def of(cls, sent: tuple[bytes, ...], trust: bytes) -> Shown:
        """Read both: DER as it was sent, PEM as it is trusted. Raises WizardError."""
        trusted = read_certificates(trust, "the CA") if trust else ()
        return cls(tuple(map(_read, sent)), trusted)

    @property
    def leaf(self) -> x509.Certificate:
        return self.sent[0]

    @cached_property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Give the server's certificate, then each one's issuer, as far as they are known."""
        found = [self.leaf]
        while found[-1] not in self.trusted and len(found) < LONGEST:
            above = next((each for each in self._above(found[-1]) if each not in found), None)
            if above is None:
                break
            found.append(above)
        return tuple(found)

    def _above(self, certificate: x509.Certificate) -> Iterator[x509.Certificate]:
        every = (*self.trusted, *self.sent[1:])
        return (each for each in every if signed_by(certificate, each))

    @property
    def issuers(self) -> tuple[bytes, ...]:
        """Give those above the server's certificate, as DER."""
        return tuple(each.public_bytes(Encoding.DER) for each in self.chain[1:])

    def why_no_chain(self) -> str:
        """Say why this does not lead up to whom the client trusts; empty where it does."""
        last = self.chain[-1]
        if last in self.trusted:
            return ""
        issuer = _short(last.issuer)
        if any(each.subject == last.issuer for each in self.trusted):
            return f"it is signed by another CA of the same name as the one trusted, {issuer}"
        if self_issued(last):
            itself = last == self.leaf
            what = "it is signed by itself alone" if itself else f"it leads up to {issuer}"
            return f"{what}, which is not trusted here"
        known = ", ".join(_short(each.subject) for each in self.trusted)
        return (
            f"it is signed by {issuer}, which the server does not send along and nobody trusts"
            f" here (trusted: {known}): either an intermediate certificate is missing in what the"
            " server sends, or another CA signed it"
        )

    def wrong_dates(self, now: dt.datetime) -> Iterator[str]:
        """Say which certificate is not valid now, the server's own first.

        Where nobody says whom to trust, what is sent along may lead to an old root that no client
        uses any more.
        """
        for each in self.chain if self.trusted else (self.leaf,):
            what = "it" if each == self.leaf else f"the CA {_short(each.subject)}"
            if each.not_valid_after_utc < now:
                yield f"{what} expired on {moment(each.not_valid_after_utc)}; now: {moment(now)}"
            if each.not_valid_before_utc > now:
                begins = moment(each.not_valid_before_utc)
                yield f"{what} is not valid before {begins}; it is {moment(now)} now"

    def wrong_uses(self) -> Iterator[str]:
        """Say what in it makes it no server's certificate."""
        usage = extension(self.leaf, x509.ExtendedKeyUsage)
        if usage is not None and not any(each in usage for each in USES):
            yield "it is not made for servers: its extended key usage lacks serverAuth"

    def odd_uses(self) -> Iterator[str]:
        """Say what some clients refuse in it, though Go does not."""
        basic = extension(self.leaf, x509.BasicConstraints)
        if basic is not None and basic.ca and self.leaf not in self.trusted:
            yield "it says of itself that it is a CA's (CA:TRUE), which strict clients refuse"

    def wrong_issuers(self) -> Iterator[str]:
        """Say which certificate above it is no CA's."""
        for each in self.chain[1:]:
            basic = extension(each, x509.BasicConstraints)
            if each.version is x509.Version.v1 and each in self.trusted:
                continue  # of an age without extensions; as a root everybody takes it
            if basic is None or not basic.ca:
                yield f"{_short(each.subject)}, which signed it, is no CA (no CA:TRUE in it)"

    def forbidden(self) -> Iterator[str]:
        """Say for which of its names a CA above may not sign; Go looks at all of them."""
        for each in self.chain[1:]:
            limits = extension(each, x509.NameConstraints)
            for name in alternative_names(self.leaf):
                if not permits(limits, name):
                    may = scope(limits)
                    yield f"the CA may not sign for {name.value}; it may sign for {may}"

    def why_not(self, name: str) -> str:
        """Say why it does not hold for this name or address; empty where it does."""
        held = alternative_names(self.leaf)
        if any(_holds(each, name) for each in held):
            return ""
        common = self.leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        if not held:
            only = f" but the common name {_short(self.leaf.subject)}" if common else ""
            return f"it holds no name at all{only}, and container runtimes read no common name"
        if is_address(name) and any(_is_text(each, name) for each in held):
            return f"it holds {name} as a DNS name, and clients want an address as an address"
        names = ", ".join(str(each.value) for each in held)
        return f"it holds {names}, not {name}"


def _read(der: bytes) -> x509.Certificate:
    """Read one that was sent; its extensions are read on first use only, so that is done here."""
    try:
        found = x509.load_der_x509_certificate(der)
        _ = found.extensions, found.public_key(), found.subject, found.issuer
    except UNREADABLE as error:
        raise WizardError(f"A certificate that was sent cannot be understood: {error}") from None
    return found


def _short(name: x509.Name) -> str:
    """Name a CA by its common name, or in whole where it has none."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return name_text(x509.Name([common[0]])).partition("=")[2] if common else name_text(name)


def _holds(held: x509.GeneralName, name: str) -> bool:
    if is_address(name):
        return isinstance(held, x509.IPAddress) and held.value == ip_address(name)
    return isinstance(held, x509.DNSName) and _matches(held.value.lower(), name.lower())


def _matches(pattern: str, name: str) -> bool:
    """Match as Go does: a wildcard stands for the whole first label and for that alone."""
    if pattern.startswith("*."):
        return name.partition(".")[2] == pattern[2:]
    return pattern == name


def _is_text(held: x509.GeneralName, name: str) -> bool:
    return isinstance(held, x509.DNSName) and held.value == name
