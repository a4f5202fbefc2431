"""The zoo's certificates: a right one, and one for each defect that clients refuse."""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.own_ca import CA, DAY, USAGE, OwnCa, blank, own_ca
from wizard.pki.authority import key_usage

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
NAME = "registry.zoo.example"
EXPOSED = "exposed.zoo.example"  # on an address of its own, where port 5000 is open
DIFFERENT = "different.zoo.example"  # DNS has another address than the hosts file
LOOPBACK = "loopback.zoo.example"
NOWHERE = "nowhere.zoo.example"
NAMES = (NAME, EXPOSED, DIFFERENT, LOOPBACK, NOWHERE)
LIFE = (NOW - DAY, NOW + 199 * DAY)
CA_LIFE = (NOW - 300 * DAY, NOW + 3650 * DAY)
END_ENTITY = x509.BasicConstraints(ca=False, path_length=None)
ELSEWHERE = x509.NameConstraints([x509.DNSName("elsewhere.example")], None)
SERVERS, CLIENTS = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH

TRUSTED = own_ca(name="Zoo CA", life=CA_LIFE)
NAMESAKE = own_ca(name="Zoo CA", life=CA_LIFE)
STRANGER = own_ca(name="Stranger CA", life=CA_LIFE)
BETWEEN = own_ca(name="Zoo intermediate", issuer=TRUSTED, life=CA_LIFE)
EXPIRED = own_ca(name="Old CA", life=(NOW - 900 * DAY, NOW - 2 * DAY))
LIMITED = own_ca(CA, USAGE, ELSEWHERE, name="Limited CA", life=CA_LIFE)
# What verify may be given as --ca.
CAS = {"trusted": TRUSTED, "expired": EXPIRED, "limited": LIMITED}


def certificates(ip: str) -> dict[str, bytes]:
    """Give what each server shows, with its key, as nginx reads it from one file."""
    own, address = dns(*NAMES), x509.IPAddress(ip_address(ip))
    return {
        "good": leaf(TRUSTED, *own, address),
        "expired": leaf(TRUSTED, *own, life=(NOW - 200 * DAY, NOW - DAY)),
        "early": leaf(TRUSTED, *own, life=(NOW + 2 * DAY, NOW + 200 * DAY)),
        "other-name": leaf(TRUSTED, *dns("hub.zoo.example", "mirror.zoo.example")),
        "common-name": leaf(TRUSTED, common_name=NAME),
        "no-address": leaf(TRUSTED, *own),
        "address-as-name": leaf(TRUSTED, *own, x509.DNSName(ip)),
        "namesake": leaf(NAMESAKE, *own),
        "stranger": leaf(STRANGER, *own),
        "under-intermediate": leaf(BETWEEN, *own),
        "whole-chain": leaf(BETWEEN, *own) + BETWEEN.pem,
        "self-signed": leaf(None, *own),
        "under-expired": leaf(EXPIRED, *own),
        "for-clients": leaf(TRUSTED, *own, purpose=CLIENTS),
        "says-ca": leaf(TRUSTED, *own, constraints=CA),
        "outside": leaf(LIMITED, *own),
        "ends-soon": leaf(TRUSTED, *own, life=(NOW - 190 * DAY, NOW + 9 * DAY)),
        "unnamed-issuer": leaf(TRUSTED, *own, issuer_named=False),
        "wildcard": leaf(TRUSTED, *dns("*.zoo.example")),
        "rsa": leaf(TRUSTED, *own, key=rsa.generate_private_key(65537, 2048)),
    }


def dns(*names: str) -> list[x509.GeneralName]:
    return [x509.DNSName(each) for each in names]


def leaf(
    issuer: OwnCa | None,
    *subjects: x509.GeneralName,
    common_name: str = "A registry",
    life: tuple[dt.datetime, dt.datetime] = LIFE,
    key: Any = None,
    **odd: Any,
) -> bytes:
    """Make a server's certificate, by itself where nobody issues it; give it and its key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    above, signing = (issuer.certificate.subject, issuer.key) if issuer else (subject, key)
    builder = blank(above, subject, key, life)
    if subjects:
        builder = builder.add_extension(x509.SubjectAlternativeName(subjects), critical=False)
    for extension in extensions(key.public_key(), signing.public_key(), **odd):
        critical = isinstance(extension, (x509.BasicConstraints, x509.KeyUsage))
        builder = builder.add_extension(extension, critical=critical)
    made = OwnCa(builder.sign(signing, hashes.SHA256()), key)
    return made.pem + made.key_pem


def extensions(
    own: Any,
    issuers: Any,
    purpose: x509.ObjectIdentifier = SERVERS,
    constraints: x509.BasicConstraints = END_ENTITY,
    *,
    issuer_named: bool = True,
) -> Iterator[x509.ExtensionType]:
    """Give what a right one says of itself, of its own public key and its issuer's."""
    yield constraints
    yield key_usage(ca=constraints.ca)
    yield x509.ExtendedKeyUsage([purpose])
    yield x509.SubjectKeyIdentifier.from_public_key(own)
    if issuer_named:
        yield x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers)
