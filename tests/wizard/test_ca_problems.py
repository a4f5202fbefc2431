"""Every reason against a CA that cannot be used, from real defective ones."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.own_ca import CA, DAY, NOW, PEM, USAGE, OwnCa, own_ca
from wizard import pki
from wizard.errors import WizardError
from wizard.pki import Authority, Wanted
from wizard.pki.authority import key_usage

if TYPE_CHECKING:
    Subtrees = list[x509.GeneralName] | None

WANTED = Wanted(("registry.example.org",), ("192.0.2.10", "2001:db8::10"))
ENCRYPTED = serialization.BestAvailableEncryption(b"passphrase")


def problems(authority: Authority) -> tuple[str, ...]:
    return pki.problems(WANTED, authority, NOW)


def limited(permitted: Subtrees, excluded: Subtrees = None) -> Authority:
    return own_ca(CA, USAGE, x509.NameConstraints(permitted, excluded)).authority()


def network(text: str) -> x509.IPAddress:
    return x509.IPAddress(ip_network(text))


LIMITS: dict[str, tuple[Subtrees, Subtrees]] = {
    "registry.example.org; it may sign for example.com, any IPv4 address, any IPv6 address": (
        [x509.DNSName("example.com")],
        None,
    ),
    "registry.example.org; it may sign for any DNS name, any IPv4 address, any IPv6 address,"
    " but not example.org": (None, [x509.DNSName("example.org")]),
    "192.0.2.10; it may sign for 198.51.100.0/24, 2001:db8::10, any DNS name": (
        [network("198.51.100.0/24"), network("2001:db8::10/128")],
        None,
    ),
    "2001:db8::10; it may sign for any DNS name, any IPv4 address": (None, [network("::/0")]),
}


@pytest.mark.parametrize("words", LIMITS)
def test_name_constraints_are_read_out(words: str) -> None:
    assert problems(limited(*LIMITS[words])) == (f"the CA certificate may not sign for {words}",)


def test_wide_enough_constraints_are_no_problem() -> None:
    networks = [network("192.0.2.0/24"), network("2001:db8::/32")]
    assert problems(limited([x509.DNSName("Example.ORG"), *networks])) == ()


def chained(root: OwnCa, **wrong: Any) -> Authority:
    extensions = wrong.pop("extensions", ())
    return own_ca(*extensions, name="Middle", issuer=root, **wrong).authority(root)


GOOD, OTHER = own_ca(name="Good"), own_ca(name="Other")
UNDER_GOOD = own_ca(name="Under", issuer=GOOD)
BODY = GOOD.pem.replace(b"MII", b"MIJ", 1)
FILES = {
    "the CA certificate is not PEM": Authority(b"", GOOD.key_pem),
    "the CA certificate is DER, not PEM; openssl x509 -inform DER": Authority(
        GOOD.certificate.public_bytes(serialization.Encoding.DER), GOOD.key_pem
    ),
    "the CA certificate is damaged": Authority(BODY, GOOD.key_pem),
    "the CA certificate has a private key in its file": Authority(
        GOOD.pem + GOOD.key_pem, GOOD.key_pem
    ),
    "the CA certificate no. 1 in the file is not signed by no. 2": Authority(
        GOOD.pem + OTHER.pem, GOOD.key_pem
    ),
    "the CA's key belongs to no. 2 in the file, but the issuer must come first": Authority(
        GOOD.pem + UNDER_GOOD.pem, UNDER_GOOD.key_pem
    ),
    "the CA's key does not belong to the CA certificate": Authority(GOOD.pem, OTHER.key_pem),
    "the CA's key is not one PEM private key: the file holds none": Authority(GOOD.pem, GOOD.pem),
    "the CA's key is not one PEM private key: the file holds 2": Authority(
        GOOD.pem, GOOD.key_pem + OTHER.key_pem
    ),
    "the CA's key is encrypted": Authority(GOOD.pem, GOOD.locked_key(ENCRYPTED)),
    "openssl pkey -in FILE -out plain.key": Authority(
        GOOD.pem,
        GOOD.key.private_bytes(PEM, serialization.PrivateFormat.TraditionalOpenSSL, ENCRYPTED),
    ),
    "the CA's key is damaged": Authority(GOOD.pem, GOOD.key_pem.replace(b"MIGH", b"MIGI")),
}
FIELDS = {
    "has a key of type Ed25519,": own_ca(key=ed25519.Ed25519PrivateKey.generate()).authority(),
    "has a key of type Ed448,": own_ca(key=ed448.Ed448PrivateKey.generate()).authority(),
    "has a key of type ECDSA secp256k1,": own_ca(
        key=ec.generate_private_key(ec.SECP256K1())
    ).authority(),
    "has a key of type RSA 1024,": own_ca(key=rsa.generate_private_key(65537, 1024)).authority(),
    "is not a CA's: its basic constraints do not say CA:TRUE": own_ca(USAGE).authority(),
    "is not a CA's": own_ca(x509.BasicConstraints(ca=False, path_length=None), USAGE).authority(),
    "must not sign certificates: its key usage lacks keyCertSign": own_ca(CA).authority(),
    "must not sign certificates": own_ca(CA, key_usage(ca=False)).authority(),
    "expired on 2026-08-23 12:00 UTC; it is 2026-08-24 12:00 UTC now": own_ca(
        life=(NOW - 2 * DAY, NOW - DAY)
    ).authority(),
    "is not valid before 2026-08-25 12:00 UTC; it is 2026-08-24": own_ca(
        life=(NOW + DAY, NOW + 2 * DAY)
    ).authority(),
    "no. 2 in the file expired on": chained(own_ca(life=(NOW - 2 * DAY, NOW - DAY))),
    "no. 2 in the file allows 0 CA certificates below it (pathlen), but 1 stand": chained(
        own_ca(x509.BasicConstraints(ca=True, path_length=0), USAGE)
    ),
    "strict clients would refuse what this CA signs, for registry.example.org: ": chained(
        GOOD, extensions=(CA, USAGE, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))
    ),
}


@pytest.mark.parametrize("words", FILES | FIELDS)
def test_each_defect_is_told_in_one_sentence(words: str) -> None:
    authority = (FILES | FIELDS)[words]
    (sentence,) = problems(authority)
    assert words in sentence
    assert not leaks(sentence, authority)


def leaks(text: str, authority: Authority) -> bool:
    """Look for any line of a key, wherever it stood."""
    lines = (authority.key + authority.certificate).decode(errors="replace").splitlines()
    return any(line in text for line in lines if len(line) > 20 and not line.startswith("-----"))


@pytest.mark.parametrize("words", FIELDS)
def test_a_ca_with_a_defect_issues_nothing(words: str) -> None:
    with pytest.raises(WizardError) as refused:
        pki.issue(WANTED, FIELDS[words], NOW)
    assert words in str(refused.value)
    assert refused.value.hint


def test_all_defects_are_told_at_once() -> None:
    narrow = x509.NameConstraints([x509.DNSName("example.com")], None)
    wrong = own_ca(CA, narrow, life=(NOW - 2 * DAY, NOW - DAY))
    found = problems(Authority(wrong.pem, OTHER.key_pem))
    words = ("does not belong", "expired", "keyCertSign", "may not sign for registry.example.org")
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))
