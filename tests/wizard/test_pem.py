"""Certificates are told apart by their DER, however they are written down."""

from __future__ import annotations

import pytest

from tests.wizard.troubles.tree import CORPORATE, OURS
from wizard.pem import certificates, digest_of
from wizard.pki import fingerprint

ONE, TWO = OURS.trust, CORPORATE
JOINED = ONE.rstrip(b"\n") + TWO
VARIANTS = {
    "crlf": ONE.replace(b"\n", b"\r\n"),
    "text before": b"Certificate:\n    Data: -\xff\n" + ONE,
    "no last line break": ONE.rstrip(),
    "twice": ONE + ONE,
    "a damaged one before": b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n" + ONE,
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_certificate_is_the_same(name: str) -> None:
    found = certificates(VARIANTS[name])
    assert list(found) == [fingerprint(ONE).replace(":", "").lower()]
    assert list(found.values()) == [ONE]


def test_two_in_one_file_are_two_in_their_order() -> None:
    assert list(certificates(JOINED).values()) == [ONE, TWO]


@pytest.mark.parametrize("content", [b"", b"0\x82\x01", b"-----BEGIN CERTIFICATE-----\nAA"])
def test_what_is_none_is_passed_over(content: bytes) -> None:
    assert certificates(content) == {}


def test_a_set_has_one_digest_in_any_order() -> None:
    assert digest_of(["b", "a", "b"]) == digest_of(("a", "b")) != digest_of(["a"])
