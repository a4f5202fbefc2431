"""A CA that the admin brings: used if it can be, else refused with every reason."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.own_ca import CA, DAY, NOW, PEM, USAGE, OwnCa, own_ca
from wizard import pki
from wizard.errors import WizardError
from wizard.pki import Authority, Wanted
from wizard.pki.authority import key_usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Subtrees = list[x509.GeneralName] | None

WANTED = Wanted(("registry.example.org",), ("192.0.2.10", "2001:db8::10"))
ENCRYPTED = serialization.BestAvailableEncryption(b"passphrase")


def problems(authority: Authority) -> tuple[str, ...]:
    return pki.problems(WANTED, authority, NOW)


def run(*argv: object) -> str:
    done = subprocess.run(list(map(str, argv)), check=False, capture_output=True, text=True)
    return done.stdout + done.stderr


def judged(made: pki.Pki, folder: Path, *options: str) -> str:
    """Ask OpenSSL as a client would that got the served file and has installed ``trust``."""
    trust, served = folder / "trust.crt", folder / "server.crt"
    trust.write_bytes(made.trust)
    served.write_bytes(made.certificate)
    when = ("-attime", int(NOW.timestamp()), "-purpose", "sslserver", *options)
    files = ("-CAfile", trust, "-untrusted", served, served)
    return run("openssl", "verify", "-x509_strict", *when, *files).removeprefix(f"{served}: ")


def subjects(pem: bytes) -> list[str]:
    return [each.subject.rfc4514_string() for each in x509.load_pem_x509_certificates(pem)]


KEYS: dict[str, Callable[[], Any]] = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "RSA 2048": lambda: rsa.generate_private_key(65537, 2048),
    "RSA 3072": lambda: rsa.generate_private_key(65537, 3072),
}


@pytest.mark.parametrize("kind", KEYS)
def test_a_ca_of_every_common_key_type_serves(kind: str, tmp_path: Path) -> None:
    brought = own_ca(key=KEYS[kind]())
    made = pki.issue(WANTED, brought.authority(), NOW)
    assert judged(made, tmp_path) == "OK\n"
    assert dict(pki.fields(made.trust))["key"].endswith(kind)
    assert dict(pki.fields(made.certificate))["key"] == "ECDSA P-256"


def test_an_intermediate_is_sent_along_and_its_root_is_what_clients_trust(tmp_path: Path) -> None:
    root = own_ca(name="Root")
    middle = own_ca(name="Middle", issuer=root)
    lowest = own_ca(name="Lowest", issuer=middle)
    made = pki.issue(WANTED, lowest.authority(middle, root), NOW)
    assert subjects(made.certificate) == ["CN=registry.example.org", "CN=Lowest", "CN=Middle"]
    assert made.trust == root.pem
    assert judged(made, tmp_path) == "OK\n"


def test_an_intermediate_without_its_root_is_trusted_itself(tmp_path: Path) -> None:
    middle = own_ca(name="Middle", issuer=own_ca(name="Root"))
    made = pki.issue(WANTED, middle.authority(), NOW)
    assert subjects(made.certificate) == ["CN=registry.example.org", "CN=Middle"]
    assert made.trust == middle.pem
    assert judged(made, tmp_path, "-partial_chain") == "OK\n"


def test_a_ca_without_a_key_identifier_gets_the_one_its_key_has() -> None:
    brought = own_ca(identified=False)
    leaf = x509.load_pem_x509_certificate(pki.issue(WANTED, brought.authority(), NOW).certificate)
    found = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert found == x509.AuthorityKeyIdentifier.from_issuer_public_key(brought.key.public_key())


def test_a_ca_made_with_openssl_serves_once_it_says_that_it_signs(tmp_path: Path) -> None:
    """OpenSSL's stock settings leave the key usage out, and strict clients mind (error 92)."""
    key, certificate = tmp_path / "ca.key", tmp_path / "ca.crt"
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-out", key)
    make = ("openssl", "req", "-x509", "-new", "-key", key, "-subj", "/CN=CA", "-out", certificate)
    outcome = []
    for more in ((), ("-addext", "keyUsage=critical,keyCertSign,cRLSign")):
        run(*make, *more)
        authority = Authority(certificate.read_bytes(), key.read_bytes())
        begins = x509.load_pem_x509_certificate(authority.certificate).not_valid_before_utc
        outcome.append(pki.problems(WANTED, authority, begins))
    assert outcome[1] == ()
    assert "keyCertSign" in outcome[0][0]


def test_a_root_issued_again_with_its_key_keeps_the_server_certificate() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    first, again = own_ca(key=key), own_ca(key=key, life=(NOW - DAY, NOW + 7300 * DAY))
    made = pki.issue(WANTED, first.authority(), NOW)
    found = (made.certificate, made.key)
    assert pki.keep_or_issue(WANTED, again.authority(), found, NOW).certificate == found[0]


def test_new_intermediates_mean_a_new_file_to_serve() -> None:
    root = own_ca(name="Root")
    middle = own_ca(name="Middle", issuer=root)
    again = own_ca(name="Middle", issuer=root, key=middle.key)
    made = pki.issue(WANTED, middle.authority(root), NOW)
    found = (made.certificate, made.key)
    assert not pki.reason_to_issue(WANTED, middle.authority(root), found, NOW)
    reason = pki.reason_to_issue(WANTED, again.authority(root), found, NOW)
    assert reason == "other intermediate certificates belong to it"


def test_the_shortest_life_in_the_chain_counts() -> None:
    root = own_ca(name="Root", life=(NOW - 300 * DAY, NOW + 20 * DAY))
    middle = own_ca(name="Middle", issuer=root)
    made = pki.issue(WANTED, middle.authority(root), NOW)
    assert pki.days_left(made.certificate, NOW) == pki.days_left(root.pem, NOW)


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


def test_a_damaged_certificate_is_told_from_no_certificate() -> None:
    for pem in (b"", b"text", BODY):
        with pytest.raises(WizardError, match="the certificate"):
            pki.fingerprint(pem)


def test_fields_are_those_that_openssl_shows(tmp_path: Path) -> None:
    path = tmp_path / "ca.crt"
    path.write_bytes(GOOD.pem)
    shown = run("openssl", "x509", "-in", path, "-noout", "-serial", "-fingerprint", "-sha256")
    assert shown.splitlines() == [
        f"serial={pki.serial(GOOD.pem)}",
        f"sha256 Fingerprint={pki.fingerprint(GOOD.pem)}",
    ]


def test_what_no_certificate_can_say_is_refused_at_once() -> None:
    for wrong in (
        {"names": (), "addresses": ()},
        {"names": (), "common_name": "192.0.2.10"},
        {"ca_common_name": "x" * 65},
        {"organization": "x" * 65},
    ):
        with pytest.raises(WizardError):
            replace(WANTED, **wrong)


def test_two_spellings_of_a_name_are_one() -> None:
    spelled = Wanted(
        ("registry.example.org", "Registry.Example.org"),
        ("192.0.2.10", "2001:DB8::10", "2001:db8:0:0::10"),
    )
    made = pki.issue(WANTED, GOOD.authority(), NOW)
    found = (made.certificate, made.key)
    assert pki.keep_or_issue(spelled, GOOD.authority(), found, NOW) == made


def test_a_found_certificate_that_clients_would_refuse_is_issued_again() -> None:
    """Right in all that is asked for, but without the extensions of a server certificate."""
    made = pki.issue(WANTED, GOOD.authority(), NOW)
    leaf = x509.load_pem_x509_certificate(made.certificate)
    builder = x509.CertificateBuilder(leaf.issuer, leaf.subject, leaf.public_key(), 1)
    builder = builder.not_valid_before(leaf.not_valid_before_utc)
    builder = builder.not_valid_after(leaf.not_valid_after_utc)
    builder = builder.add_extension(x509.SubjectAlternativeName(WANTED.subjects), critical=False)
    bare = builder.sign(GOOD.key, hashes.SHA256()).public_bytes(PEM)
    reason = pki.reason_to_issue(WANTED, GOOD.authority(), (bare, made.key), NOW)
    assert reason.startswith("strict clients refuse it for registry.example.org: ")


def test_a_pair_is_renewed_after_two_thirds_of_its_life() -> None:
    made = pki.issue(WANTED, GOOD.authority(), NOW)
    found = (made.certificate, made.key)
    for days, reason in ((132, ""), (133, "65 days are left"), (200, "it expired on 2027-03-11")):
        said = pki.reason_to_issue(WANTED, GOOD.authority(), found, NOW + days * DAY)
        assert said.startswith(reason)
        assert bool(said) == bool(reason)


def test_a_pair_that_outlives_its_ca_is_issued_again() -> None:
    made = pki.issue(WANTED, GOOD.authority(), NOW)
    shorter = own_ca(name="Good", key=GOOD.key, life=(NOW - DAY, NOW + 90 * DAY)).authority()
    reason = pki.reason_to_issue(WANTED, shorter, (made.certificate, made.key), NOW)
    assert reason.startswith("it would outlive its CA")
    capped = pki.keep_or_issue(WANTED, shorter, (made.certificate, made.key), NOW)
    late = NOW + 89 * DAY  # a new one would end at the same moment
    assert pki.keep_or_issue(WANTED, shorter, (capped.certificate, capped.key), late) == capped
    with pytest.raises(WizardError, match="expired"):
        pki.keep_or_issue(WANTED, shorter, (capped.certificate, capped.key), NOW + 91 * DAY)


def test_two_cas_of_one_name_are_told_apart() -> None:
    wanted = replace(WANTED, ca_common_name="Our CA", organization="Example")
    pair = [pki.mint_authority(wanted, NOW).certificate for _ in range(2)]
    names = [dict(pki.fields(each))["subject"] for each in pair]
    assert names[0] != names[1]
    assert all(name.endswith(",CN=Our CA,O=Example") for name in names)
