"""The certificates: clean for every linter and strict client, and kept while right."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard import pki
from wizard.names import is_address
from wizard.pki import Authority, Wanted
from wizard.pki.authority import authority_key_identifier, key_usage
from wizard.pki.certificates import key_pem

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)
BOTH = Wanted(("registry.example.internal",), ("192.0.2.10", "2001:db8::10"))
SHAPES = {
    "name and addresses": BOTH,
    "names alone": Wanted(("registry.example.internal", "docker.example.internal"), ()),
    "IPv4 alone": Wanted((), ("192.0.2.10",)),
    "IPv6 alone": Wanted((), ("2001:db8::10",)),
    "a long name": Wanted((f"{'a' * 60}.example.internal",), ("192.0.2.10",)),
    "a domain": Wanted(("a.example.internal",), (), permitted=("example.internal", "10.0.0.0/8")),
}
# What a private CA cannot have, or has on purpose; anything else that the linter says counts.
LEAF_ALLOWED = {
    "cabf.internal_domain_name",
    "cabf.internal_ip_address",
    "cabf.serverauth.subscriber.revocation_information_absent",
    "msft.end_entity.revocation_information_absent",
    "cabf.serverauth.subscriber.authority_info_access_extension_absent",
    "cabf.serverauth.subscriber.certificate_policies_extension_absent",
    "cabf.serverauth.subscriber.subject_key_identifier_extension_present",
    "cabf.serverauth.dv.common_name_attribute_present",
}
CA_ALLOWED = {
    "cabf.internal_domain_name",
    "cabf.internal_ip_address",
    "cabf.serverauth.root.unknown_extension_present",
    "cabf.serverauth.ca.country_attribute_absent",
    "cabf.serverauth.root_basic_constraints_pathlenconstraint_present",
    "cabf.serverauth.root.authority_key_identifier_extension_absent",
}


def run(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, argv)), check=False, capture_output=True, text=True)


def lint(name: str, *argv: str | Path) -> subprocess.CompletedProcess[str]:
    return run(Path(sys.executable).with_name(name), "lint", *argv)


def codes(kind: str, path: Path) -> set[str]:
    done = lint("lint_cabf_serverauth_cert", "-t", kind, "-s", "WARNING", "-f", "JSON", path)
    results = json.loads(done.stdout)["results"]
    return {found["code"] for each in results for found in each["finding_descriptions"]}


def made(wanted: Wanted) -> pki.Pki:
    wanted = replace(wanted, organization="Private registry")
    return pki.issue(wanted, pki.mint_authority(wanted, NOW), NOW)


def written(folder: Path, both: pki.Pki) -> tuple[Path, Path]:
    ca, leaf = folder / "ca.crt", folder / "server.crt"
    ca.write_bytes(both.trust)
    leaf.write_bytes(both.certificate)
    return ca, leaf


def strict(ca: Path, leaf: Path, name: str) -> str:
    flag = "-verify_ip" if is_address(name) else "-verify_hostname"
    checks = ("-x509_strict", "-check_ss_sig", "-purpose", "sslserver", flag, name)
    done = run("openssl", "verify", *checks, "-CAfile", ca, leaf)
    return done.stdout + done.stderr


@pytest.mark.parametrize("shape", SHAPES)
def test_every_linter_and_openssl_are_content(shape: str, tmp_path: Path) -> None:
    wanted = SHAPES[shape]
    ca, leaf = written(tmp_path, made(wanted))
    for path in (ca, leaf):
        clean = lint("lint_pkix_cert", "-s", "NOTICE", path)
        assert (clean.stdout.strip(), clean.returncode) == ("", 0)
    chain = lint("lint_pkix_signer_signee_cert_chain", "-s", "NOTICE", ca, leaf)
    assert (chain.stdout.strip(), chain.returncode) == ("", 0)
    assert codes("ROOT-CA", ca) <= CA_ALLOWED
    assert codes("DV-FINAL-CERTIFICATE", leaf) <= LEAF_ALLOWED
    for name in (*wanted.names, *wanted.addresses):
        assert strict(ca, leaf, name) == f"{leaf}: OK\n"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("foreign", ["www.example.com", "198.51.100.7", "2001:db8:ffff::1"])
def test_a_stolen_ca_can_sign_for_nothing_else(shape: str, foreign: str, tmp_path: Path) -> None:
    authority = pki.mint_authority(SHAPES[shape], NOW)
    evil = Wanted((), (foreign,)) if is_address(foreign) else Wanted((foreign,), ())
    ca, leaf = tmp_path / "ca.crt", tmp_path / "leaf.crt"
    ca.write_bytes(authority.certificate)
    leaf.write_bytes(signed(authority, evil))
    assert "subtree violation" in strict(ca, leaf, foreign)


def test_the_same_thief_could_sign_for_what_the_ca_is_for(tmp_path: Path) -> None:
    """What shows that the refusals above are the constraints' and nothing else's."""
    authority = pki.mint_authority(BOTH, NOW)
    ca, leaf = tmp_path / "ca.crt", tmp_path / "leaf.crt"
    ca.write_bytes(authority.certificate)
    leaf.write_bytes(signed(authority, BOTH))
    for name in (*BOTH.names, *BOTH.addresses):
        assert strict(ca, leaf, name) == f"{leaf}: OK\n"


def test_a_certificate_for_addresses_alone_names_them_critically_and_nobody() -> None:
    for shape in ("IPv4 alone", "IPv6 alone"):
        leaf = x509.load_pem_x509_certificate(made(SHAPES[shape]).certificate)
        assert not list(leaf.subject)
        assert leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical


def signed(authority: Authority, wanted: Wanted) -> bytes:
    """Sign without asking whether anybody would take it, as a thief would."""
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    known = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    key = serialization.load_pem_private_key(authority.key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder(issuer.subject, x509.Name([]), leaf_key.public_key(), 4711)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.SubjectAlternativeName(wanted.subjects), critical=True)
        .add_extension(authority_key_identifier(known), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_the_found_pair_is_kept_byte_for_byte_while_it_is_right() -> None:
    first = made(BOTH)
    found = (first.certificate, first.key)
    assert pki.keep_or_issue(BOTH, first.authority, found, NOW + 100 * DAY) == first


RENEWALS = {
    "days are left": (BOTH, 140),
    "the names changed: + b.example.internal": (Wanted((*BOTH.names, "b.example.internal"), ()), 0),
    "90 days are wanted": (
        Wanted(BOTH.names, BOTH.addresses, days=90),
        0,
    ),
    "its subject": (Wanted(BOTH.names, BOTH.addresses, "Registry"), 0),
}


@pytest.mark.parametrize("reason", RENEWALS)
def test_a_new_one_is_issued_with_a_reason(reason: str) -> None:
    wanted, later = RENEWALS[reason]
    first = made(BOTH)
    found = (first.certificate, first.key)
    assert reason in pki.reason_to_issue(wanted, first.authority, found, NOW + later * DAY)


def test_another_key_another_ca_and_garbage_are_seen() -> None:
    first, second = made(BOTH), made(BOTH)
    for found, reason in (
        ((first.certificate, second.key), "the server's key does not belong to the certificate"),
        ((second.certificate, second.key), "it was issued by another CA"),
        ((b"garbage", b""), "the server certificate"),
    ):
        assert reason in pki.reason_to_issue(BOTH, first.authority, found, NOW)
    assert pki.reason_to_issue(BOTH, first.authority, None, NOW) == "there is none yet"


def test_a_certificate_never_outlives_its_ca_and_is_kept_all_the_same() -> None:
    authority = pki.mint_authority(BOTH, NOW - 3600 * DAY)
    capped = pki.issue(BOTH, authority, NOW)
    ends = x509.load_pem_x509_certificate(authority.certificate).not_valid_after_utc
    leaf = x509.load_pem_x509_certificate(capped.certificate)
    assert leaf.not_valid_after_utc == ends < NOW + 60 * DAY
    found = (capped.certificate, capped.key)
    assert pki.keep_or_issue(BOTH, authority, found, NOW) == capped


def ca(key: object, *, until: dt.datetime = NOW + DAY, more: object = None) -> Authority:
    """Make somebody's own CA, not as we would."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Own CA")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7)  # type: ignore[attr-defined]
    builder = builder.not_valid_before(until - 400 * DAY).not_valid_after(until)
    if more is None:
        more = x509.BasicConstraints(ca=True, path_length=None)
    builder = builder.add_extension(more, critical=True)  # type: ignore[arg-type]
    builder = builder.add_extension(key_usage(ca=True), critical=True)
    known = x509.SubjectKeyIdentifier.from_public_key(key.public_key())  # type: ignore[attr-defined]
    builder = builder.add_extension(known, critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.sign(key, algorithm)  # type: ignore[arg-type]
    return Authority(certificate.public_bytes(serialization.Encoding.PEM), key_pem(key))  # type: ignore[arg-type]


def test_every_reason_against_a_brought_ca_is_a_sentence() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    good, other = ca(key), ca(ec.generate_private_key(ec.SECP256R1()))
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    leaf = ca(key, more=x509.BasicConstraints(ca=False, path_length=None))
    small = ca(rsa.generate_private_key(65537, 1024))
    late = ca(key, until=NOW + 900 * DAY)
    narrow = pki.mint_authority(Wanted(("other.example",), ()), NOW)
    table = {
        "is not PEM": Authority(b"text", key=good.key),
        "does not belong": Authority(good.certificate, other.key),
        "openssl pkey": Authority(good.certificate, locked),
        "of type Ed25519": ca(ed25519.Ed25519PrivateKey.generate()),
        "is not a CA's": leaf,
        "not every client takes": small,
        "expired on": ca(key, until=NOW - DAY),
        "is not valid before": late,
        "may not sign for registry.example.internal; it may sign for other.example": narrow,
    }
    for words, authority in table.items():
        assert words in " ".join(pki.problems(BOTH, authority, NOW)), words
    assert pki.problems(BOTH, good, NOW) == ()
    addresses = " ".join(pki.problems(BOTH, narrow, NOW))
    assert "192.0.2.10" in addresses
    assert "2001:db8::10" in addresses


def test_no_key_is_in_any_repr() -> None:
    both = made(BOTH)
    for key in (both.key, both.authority.key):
        assert key.decode().splitlines()[1] not in repr(both)


labels = st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?\Z")
domains = st.lists(labels, min_size=1, max_size=4).map(lambda found: ".".join((*found, "test")))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(domains, min_size=1, max_size=4, unique=True),
    st.lists(st.ip_addresses().map(str), max_size=4, unique=True),
)
def test_any_names_and_addresses_pass_a_strict_client(
    names: list[str], addresses: list[str]
) -> None:
    wanted = Wanted(tuple(names), tuple(addresses))
    both = made(wanted)  # issue() judges by itself and raises
    assert pki.problems(wanted, both.authority, NOW) == ()
    assert pki.reason_to_issue(wanted, both.authority, (both.certificate, both.key), NOW) == ""
