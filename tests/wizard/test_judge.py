"""What is wrong with a certificate: each defect alone gives its own answer, and no other."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.own_ca import CA, DAY, NOW, USAGE, OwnCa, own_ca
from wizard.errors import WizardError
from wizard.pki import Shown
from wizard.pki.constraints import constrain

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

NAME = "registry.example.com"
NO_CA = x509.BasicConstraints(ca=False, path_length=None)
ROOT = own_ca(name="Root")
MIDDLE = own_ca(name="Middle", issuer=ROOT)
SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def named(*names: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(each) for each in names])


def leaf(*extensions: x509.ExtensionType, issuer: OwnCa = ROOT, **more: Any) -> OwnCa:
    life = more.pop("life", (NOW - DAY, NOW + 90 * DAY))
    held = extensions or (NO_CA, SERVER, named(NAME))
    return own_ca(*held, name=more.pop("name", NAME), issuer=issuer, life=life, **more)


def shown(*sent: OwnCa, trust: OwnCa = ROOT) -> Shown:
    return Shown.of(tuple(each.certificate.public_bytes(Encoding.DER) for each in sent), trust.pem)


def answers(found: Shown, name: str = NAME, now: dt.datetime = NOW) -> Iterator[tuple[str, str]]:
    """Give everything that any of the questions finds wrong."""
    questions = {
        "dates": found.wrong_dates(now),
        "chain": iter(filter(None, (found.why_no_chain(), *found.wrong_issuers()))),
        "usage": found.wrong_uses(),
        "oddity": found.odd_uses(),
        "constraints": found.forbidden(),
        "names": iter(filter(None, (found.why_not(name),))),
    }
    for question, said in questions.items():
        yield from ((question, each) for each in said)


NARROW = own_ca(CA, USAGE, constrain([NAME]), name="Narrow")
NAMESAKE = own_ca(name="Root")
PAST, FUTURE = (NOW - 9 * DAY, NOW - DAY), (NOW + DAY, NOW + 9 * DAY)
OLD = own_ca(name="Old", life=(NOW - 99 * DAY, NOW - DAY))
NOT_A_CA = own_ca(NO_CA, name="Nobody")
ADDRESS = "192.0.2.10"
DEFECTS: dict[str, tuple[Shown, str, str, str]] = {
    "expired": (shown(leaf(life=PAST)), NAME, "dates", "it expired on"),
    "not yet valid": (shown(leaf(life=FUTURE)), NAME, "dates", "it is not valid before"),
    "CA expired": (shown(leaf(issuer=OLD), trust=OLD), NAME, "dates", "the CA Old expired"),
    "wrong name": (
        *(shown(leaf(NO_CA, SERVER, named("a.example.com"))), NAME),
        *("names", f"it holds a.example.com, not {NAME}"),
    ),
    "CN only": (shown(leaf(NO_CA, SERVER)), NAME, "names", f"but the common name {NAME}"),
    "no IP": (shown(leaf()), ADDRESS, "names", f"not {ADDRESS}"),
    "IP as name": (
        *(shown(leaf(NO_CA, SERVER, named(ADDRESS))), ADDRESS),
        *("names", f"it holds {ADDRESS} as a DNS name"),
    ),
    "namesake": (shown(leaf(issuer=NAMESAKE)), NAME, "chain", "another CA of the same name"),
    "another CA": (
        *(shown(leaf(issuer=own_ca(name="Other"))), NAME),
        *("chain", "an intermediate certificate is missing"),
    ),
    "no intermediate": (
        *(shown(leaf(issuer=MIDDLE)), NAME),
        *("chain", "signed by Middle, which the server does not send along"),
    ),
    "another root": (
        *(shown(leaf(issuer=NAMESAKE), NAMESAKE, trust=OLD), NAME),
        *("chain", "it leads up to Root, which is not trusted here"),
    ),
    "itself": (shown(own_ca(NO_CA, named(NAME), name=NAME)), NAME, "chain", "by itself alone"),
    "no CA": (
        *(shown(leaf(issuer=NOT_A_CA), trust=NOT_A_CA), NAME),
        *("chain", "Nobody, which signed it, is no CA"),
    ),
    "for clients": (
        shown(leaf(NO_CA, named(NAME), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))),
        *(NAME, "usage", "lacks serverAuth"),
    ),
    "a CA itself": (shown(leaf(CA, named(NAME))), NAME, "oddity", "CA:TRUE"),
    "forbidden": (
        *(shown(leaf(NO_CA, named(NAME, "evil.org"), issuer=NARROW), trust=NARROW), NAME),
        *("constraints", f"may not sign for evil.org; it may sign for {NAME}"),
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_is_told_by_its_own_question_alone(defect: str) -> None:
    found, name, question, text = DEFECTS[defect]
    every = list(answers(found, name))
    assert {asked for asked, _ in every} == {question}
    assert text in every[0][1]


def wild(*names: str) -> Shown:
    return shown(leaf(NO_CA, SERVER, named(*names)))


RIGHT = {
    "signed by the root": (shown(leaf()), NAME),
    "by one that is sent along": (shown(leaf(issuer=MIDDLE), MIDDLE), NAME),
    "by one that is trusted itself": (shown(leaf(issuer=MIDDLE), trust=MIDDLE), NAME),
    "with the root sent, too": (shown(leaf(), ROOT), NAME),
    "in capitals": (wild(NAME.upper()), NAME),
    "a wildcard": (wild("*.example.com"), NAME),
    "without any usage": (shown(leaf(NO_CA, named(NAME))), NAME),
    "an address": (
        shown(leaf(NO_CA, x509.SubjectAlternativeName([x509.IPAddress(ip_address(ADDRESS))]))),
        ADDRESS,
    ),
    "within what its CA may": (shown(leaf(NO_CA, named(NAME), issuer=NARROW), trust=NARROW), NAME),
}


@pytest.mark.parametrize("case", RIGHT)
def test_nothing_is_wrong_with_what_clients_take(case: str) -> None:
    found, name = RIGHT[case]
    assert not list(answers(found, name))


def test_a_certificate_that_is_trusted_itself_needs_nobody_above() -> None:
    itself = own_ca(NO_CA, named(NAME), name=NAME)
    assert not list(answers(shown(itself, trust=itself)))


@pytest.mark.parametrize("pattern", ["*.com", "*.registry.example.com", "r*.example.com", "*"])
def test_a_wildcard_stands_for_one_whole_label(pattern: str) -> None:
    assert wild(pattern).why_not(NAME)


def test_an_old_root_that_is_sent_along_is_judged_only_where_it_is_trusted() -> None:
    sent = (leaf(issuer=OLD), OLD)
    assert list(shown(*sent, trust=OLD).wrong_dates(NOW))
    nobody = Shown.of(tuple(each.certificate.public_bytes(Encoding.DER) for each in sent), b"")
    assert not list(nobody.wrong_dates(NOW))


def test_a_chain_that_leads_in_circles_ends() -> None:
    assert shown(leaf(issuer=MIDDLE), *(MIDDLE,) * 20, trust=OLD).why_no_chain()


def test_what_is_no_certificate_is_an_error_in_words() -> None:
    with pytest.raises(WizardError, match="cannot be understood"):
        Shown.of((b"nonsense",), ROOT.pem)
