"""What a PEM certificate or private key says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from wizard.errors import WizardError
from wizard.pki.constraints import scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

    SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

Extension = TypeVar("Extension", bound=x509.ExtensionType)

# What reading a part of a certificate ends with that is odd, or damaged.
UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    x509.InvalidVersion,
)
CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
RSA_BITS = range(2048, 8193)  # Go refuses more in TLS (crypto/tls, defaultMaxRSAKeySize)


def read_certificates(pem: bytes, what: str = "the certificate") -> tuple[x509.Certificate, ...]:
    """Give every certificate in ``pem``, at least one. Raise WizardError where that cannot be."""
    if pem[:2] == b"0\x82":  # an ASN.1 SEQUENCE
        raise WizardError(
            f"{what} is DER, not PEM; openssl x509 -inform DER -in FILE -out ca.crt turns it over"
        )
    try:
        found = tuple(x509.load_pem_x509_certificates(pem))
    except (ValueError, x509.InvalidVersion):
        begun = b"-----BEGIN CERTIFICATE-----" in pem
        why = "is damaged" if begun else "is not PEM: there is no BEGIN CERTIFICATE in it"
        raise WizardError(f"{what} {why}") from None
    try:
        # These are read on first use only.
        _ = [(each.extensions, each.public_key(), each.subject, each.issuer) for each in found]
    except UNREADABLE as error:
        raise WizardError(f"{what} cannot be understood: {error}") from None
    return found


def read_key(pem: bytes, what: str = "the key") -> PrivateKeyTypes:
    """Give the one private key in ``pem``. Raise WizardError, which never quotes from it."""
    count = pem.count(b"PRIVATE KEY-----") // 2  # BEGIN and END
    if count != 1:
        raise WizardError(f"{what} is not one PEM private key: the file holds {count or 'none'}")
    try:
        return serialization.load_pem_private_key(pem, None)
    except TypeError:
        raise WizardError(
            f"{what} is encrypted, but renewals run without anybody there to type a passphrase;"
            " (umask 077; openssl pkey -in FILE -out plain.key) writes a copy without it"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise WizardError(f"{what} is damaged, or of a kind that nobody uses for TLS") from None


def key_type(key: PublicKeyTypes) -> str:
    """Name a key's kind and size, such as ``ECDSA P-256`` or ``RSA 3072``."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA {CURVES.get(key.curve.name, key.curve.name)}"
    return type(key).__name__.removesuffix("PublicKey")


def describe_key(pem: bytes) -> str:
    """Say how long a private key is, and of which kind; nothing more of it."""
    key = read_key(pem)
    bits = key.key_size if isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) else ""
    return f"{bits}-bit key ({key_type(key.public_key())})".lstrip("-")


def key_is_common(key: PublicKeyTypes) -> bool:
    """Say whether every TLS client takes this key; NSS, for one, knows no Ed25519."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size in RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES


def extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def alternative_names(certificate: x509.Certificate) -> tuple[x509.GeneralName, ...]:
    return tuple(extension(certificate, x509.SubjectAlternativeName) or ())


def certificate_pem(certificates: Iterable[x509.Certificate]) -> bytes:
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)


def key_pem(key: SigningKey) -> bytes:
    """Write a key as unencrypted PKCS #8."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def fingerprint(pem: bytes) -> str:
    """Give SHA-256 of the DER certificate, as ``openssl x509 -fingerprint -sha256`` shows it."""
    return read_certificates(pem)[0].fingerprint(hashes.SHA256()).hex(":").upper()


def serial(pem: bytes) -> str:
    """Give the serial number as ``openssl x509 -serial`` shows it: whole bytes in upper case."""
    number = read_certificates(pem)[0].serial_number
    return number.to_bytes(number.bit_length() // 8 + 1).hex().upper().removeprefix("00")


def days_left(pem: bytes, now: dt.datetime) -> int:
    """Give the whole days until the certificate ends; below zero once it has."""
    return (ends(pem) - now).days


def life(pem: bytes) -> dt.timedelta:
    """Give how long the certificate is valid in all."""
    found = read_certificates(pem)[0]
    return found.not_valid_after_utc - found.not_valid_before_utc


def ends(pem: bytes) -> dt.datetime:
    """Give the last moment at which the certificate is valid, in UTC."""
    return read_certificates(pem)[0].not_valid_after_utc


def due(pem: bytes) -> dt.datetime:
    """Give the moment from which on less than a third of the certificate's life is left."""
    found = read_certificates(pem)[0]
    return ends(pem) - (ends(pem) - found.not_valid_before_utc) / 3


def name_text(name: x509.Name) -> str:
    return name.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"}) or "(none)"


def moment(when: dt.datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def subject(pem: bytes) -> str:
    """Give the subject as ``openssl x509 -subject -nameopt RFC2253`` shows it."""
    return name_text(read_certificates(pem)[0].subject)


def until(pem: bytes) -> str:
    """Give the last moment at which the certificate is valid, to the minute, for people."""
    return moment(ends(pem))


def fields(pem: bytes) -> tuple[tuple[str, str], ...]:
    """Give title and text of every decoded field of the first certificate."""
    found = read_certificates(pem)[0]
    names = alternative_names(found)
    basic = extension(found, x509.BasicConstraints)
    is_ca = basic is not None and basic.ca
    life = found.not_valid_after_utc - found.not_valid_before_utc + dt.timedelta(seconds=1)
    rows = (
        ("subject", name_text(found.subject)),
        ("issuer", name_text(found.issuer)),
        ("names", ", ".join(str(n.value) for n in names if isinstance(n, x509.DNSName))),
        ("addresses", ", ".join(str(n.value) for n in names if isinstance(n, x509.IPAddress))),
        ("CA", "yes" if is_ca else "no"),
        ("may sign for", scope(extension(found, x509.NameConstraints)) if is_ca else ""),
        ("valid from", moment(found.not_valid_before_utc)),
        ("valid until", moment(found.not_valid_after_utc)),
        ("days", str(life.days)),
        ("key", key_type(found.public_key())),
        ("serial", serial(pem)),
        ("SHA-256", fingerprint(pem)),
    )
    return tuple((title, text) for title, text in rows if text)


def describe(pem: bytes) -> str:
    """Give the decoded fields of the first certificate, a line each, for people."""
    return "\n".join(f"{title + ':':14}{text}" for title, text in fields(pem))
