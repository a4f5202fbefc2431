"""The private CA: what it is asked for, and how it is made."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wizard.errors import WizardError
from wizard.pki.certificates import certificate_pem, key_pem
from wizard.pki.constraints import constrain

CA_LIFE = dt.timedelta(days=3652)  # ten years
BACKDATED = dt.timedelta(hours=1)  # clients' clocks may be slow
MAKER = "registry-wizard"  # the organization of a CA that is given none
NAME_ROOM = 64  # characters of a CN or O (RFC 5280, appendix A.1)


@dataclass(frozen=True)
class Wanted:
    """What the certificates should say. Raise WizardError where no certificate can say it."""

    names: tuple[str, ...]  # DNS names as A-labels, the hostname first if it is a name
    addresses: tuple[str, ...]
    common_name: str = ""  # of the server certificate; empty: its first DNS name, if it fits
    days: int = 199
    ca_common_name: str = ""  # empty: made from the first name
    organization: str = ""  # of the CA; empty: the wizard's
    permitted: tuple[str, ...] = ()  # what the CA may sign for besides these names and addresses

    def __post_init__(self) -> None:
        if not self.names and not self.addresses:
            raise WizardError("a server certificate needs a name or an address")
        if self.common_name and not self.names:
            raise WizardError(
                "a certificate for addresses alone can have no common name: OpenSSL and GnuTLS"
                " take it for a DNS name, and this CA may sign for none",
                "leave certificate.common_name empty, or add a DNS name to certificate.alt_names",
            )
        for text in (self.common_name, self.ca_common_name, self.organization):
            if len(text) > NAME_ROOM:
                raise WizardError(f"{text} has {len(text)} characters; {NAME_ROOM} are the most")

    @property
    def subjects(self) -> tuple[x509.GeneralName, ...]:
        """Every name and address once, in the one form in which two of them compare."""
        names = [x509.DNSName(each.lower()) for each in self.names]
        addresses = [x509.IPAddress(ip_address(each)) for each in self.addresses]
        return tuple(dict.fromkeys((*names, *addresses)))

    @property
    def subject(self) -> x509.Name:
        """The server certificate's subject; empty where a CN would be wrong or too long."""
        first = self.names[0].lower() if self.names else ""
        return distinguished_name(self.common_name or (first if len(first) <= NAME_ROOM else ""))


@dataclass(frozen=True)
class Authority:
    """A CA: PEM certificate (of a brought intermediate its chain, issuer first) and PEM key."""

    certificate: bytes
    key: bytes = field(repr=False)


def mint_authority(wanted: Wanted, now: dt.datetime) -> Authority:
    """Make a CA that may sign for nothing but what is wanted, with a name like no other's.

    Two CAs of one name would be taken for each other, and a client with the older one then says
    that the signature is wrong.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    subject = _ca_subject(wanted, f"{now:%Y-%m-%d}", identifier.digest.hex()[:8])
    allowed = (*wanted.names, *wanted.addresses, *wanted.permitted)
    root = (
        blank(key, now - BACKDATED, now - BACKDATED + CA_LIFE)
        .subject_name(subject)
        .issuer_name(subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(ca=True), critical=True)
        .add_extension(constrain(allowed), critical=True)
        .add_extension(authority_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate_pem([root]), key_pem(key))


def _ca_subject(wanted: Wanted, date: str, key_id: str) -> x509.Name:
    """A given name stays as it is; the key's id beside it keeps two generations apart."""
    organization = wanted.organization or MAKER
    if wanted.ca_common_name:
        return distinguished_name(wanted.ca_common_name, organization, key_id)
    unique = f" CA {date} {key_id}"
    first = str(wanted.subjects[0].value)
    return distinguished_name(first[: NAME_ROOM - len(unique)] + unique, organization)


def distinguished_name(common_name: str, organization: str = "", number: str = "") -> x509.Name:
    parts = (
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.COMMON_NAME, common_name),
        (NameOID.SERIAL_NUMBER, number),
    )
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


def blank(
    key: ec.EllipticCurvePrivateKey, begins: dt.datetime, ends: dt.datetime
) -> x509.CertificateBuilder:
    """Begin a certificate with all that a CA's and a server's have in common."""
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def authority_key_identifier(issuer: x509.SubjectKeyIdentifier) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer)
