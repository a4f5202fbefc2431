"""CAs such as admins bring along: right ones, and each defect on request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.x509.oid import NameOID

from wizard.pki import Authority
from wizard.pki.authority import key_usage

NOW = dt.datetime(2026, 8, 24, 12, 0, 0, 123456, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PEM = serialization.Encoding.PEM
CA = x509.BasicConstraints(ca=True, path_length=None)
USAGE = key_usage(ca=True)
UNHASHED = (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)


@dataclass(frozen=True)
class OwnCa:
    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    @property
    def key_pem(self) -> bytes:
        return self.locked_key(serialization.NoEncryption())

    def locked_key(self, lock: serialization.KeySerializationEncryption) -> bytes:
        written = self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, lock)
        assert isinstance(written, bytes)
        return written

    def authority(self, *above: OwnCa) -> Authority:
        """Give what the admin names: a file of this CA and those above it, and its key."""
        return Authority(b"".join(each.pem for each in (self, *above)), self.key_pem)


def own_ca(
    *extensions: x509.ExtensionType,
    key: Any = None,
    name: str = "Own CA",
    issuer: OwnCa | None = None,
    life: tuple[dt.datetime, dt.datetime] = (NOW - DAY, NOW + 3650 * DAY),
    identified: bool = True,
) -> OwnCa:
    """Make a CA with these extensions; without any, with those of a right one."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    above, signing = (issuer.certificate.subject, issuer.key) if issuer else (subject, key)
    builder = blank(above, subject, key, life)
    for each in extensions or (CA, USAGE):
        builder = builder.add_extension(each, critical=True)
    if identified:
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    if issuer:
        signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(signed_by, critical=False)
    algorithm = None if isinstance(signing, UNHASHED) else hashes.SHA256()
    return OwnCa(builder.sign(signing, algorithm), key)


def blank(
    issuer: x509.Name, subject: x509.Name, key: Any, life: tuple[dt.datetime, dt.datetime]
) -> x509.CertificateBuilder:
    """Begin a certificate without any extension."""
    builder = x509.CertificateBuilder(issuer, subject, key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(life[0]).not_valid_after(life[1])
