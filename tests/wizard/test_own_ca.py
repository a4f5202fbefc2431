"""A CA that the admin brings: what it issues, sends along and keeps."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.own_ca import DAY, NOW, PEM, OwnCa, own_ca
from wizard import pki
from wizard.errors import WizardError
from wizard.pki import Authority, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Subtrees = list[x509.GeneralName] | None

WANTED = Wanted(("registry.example.org",), ("192.0.2.10", "2001:db8::10"))
ENCRYPTED = serialization.BestAvailableEncryption(b"passphrase")


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


def test_a_ca_without_a_key_identifier_is_refused_as_strict_clients_would() -> None:
    """OpenSSL's error 86."""
    (why,) = pki.problems(WANTED, own_ca(identified=False).authority(), NOW)
    assert "has no subject key identifier" in why


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


GOOD = own_ca(name="Good")


def test_a_damaged_certificate_is_told_from_no_certificate() -> None:
    for pem in (b"", b"text", GOOD.pem.replace(b"MII", b"MIJ", 1)):
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


def test_a_certificate_does_not_begin_before_its_ca() -> None:
    brought = own_ca(life=(NOW, NOW + 90 * DAY))
    leaf = x509.load_pem_x509_certificate(pki.issue(WANTED, brought.authority(), NOW).certificate)
    assert leaf.not_valid_before_utc == brought.certificate.not_valid_before_utc


def test_a_ca_signs_with_a_hash_as_strong_as_its_key() -> None:
    for kind, expected in (("P-256", 256), ("P-384", 384), ("P-521", 512), ("RSA 2048", 256)):
        made = pki.issue(WANTED, own_ca(key=KEYS[kind]()).authority(), NOW)
        used = x509.load_pem_x509_certificate(made.certificate).signature_hash_algorithm
        assert used is not None
        assert used.name == f"sha{expected}"


def test_no_further_ca_can_stand_below_ours() -> None:
    minted = pki.mint_authority(WANTED, NOW)
    root = x509.load_pem_x509_certificate(minted.certificate)
    key = serialization.load_pem_private_key(minted.key, None)
    below = own_ca(name="Below", issuer=OwnCa(root, key))
    found = pki.problems(WANTED, below.authority(OwnCa(root, key)), NOW)
    assert "allows 0 CA certificates below it" in found[0]
