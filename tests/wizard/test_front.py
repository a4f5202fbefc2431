"""What nginx is told of names and places, as nginx will read it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.given import ANSWERS
from wizard.answers import Access, Answers, User
from wizard.steps.front import pattern, places, pushing

NAMES = ("anna", "a.b", 'q"uote', "back\\slash", "$host", "{x}", "é", "a+b*(c)|[d]^?", "#'~;")


def answers(*push_from: str) -> Answers:
    return replace(ANSWERS, access=Access(push_from=push_from))


def unquoted(text: str) -> str:
    """Read it as nginx reads what stands in double quotes (ngx_conf_file.c)."""
    return re.sub(r'\\(["\\])', r"\1", text)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_matches_itself_and_no_other(name: str) -> None:
    text = pattern(name)
    assert not re.search(r'(?<!\\)(\\\\)*"', text)  # nothing ends the quotes
    its = re.compile(f"^{unquoted(text)}$")
    assert [each for each in (*NAMES, name.upper(), f"{name}x", "") if its.match(each)] == [
        each for each in NAMES if each == name
    ] + [name.upper()] * (name == name.upper())


def test_without_users_admin_pushes_and_whoever_pulls_does_not() -> None:
    assert pushing(replace(ANSWERS, users=())) == ("admin",)
    users = (User("a", role="pull"), User("b"), User("c", role="pull"))
    assert pushing(replace(ANSWERS, users=users)) == ("b",)
    assert pushing(replace(ANSWERS, users=users[:1])) == ()


def test_without_places_every_place_is_near() -> None:
    assert dict(places(answers())) == {
        "192.168.1.107": "here near",
        "127.0.0.0/8": "here near",
        "::1": "here near",
    }


@pytest.mark.parametrize(
    ("push_from", "here"),
    [("10.0.0.0/8", "here far"), ("192.168.1.107", "here near"), ("192.168.0.0/16", "here near")],
)
def test_this_machine_is_near_where_pushes_are_taken_from_its_address(
    push_from: str, here: str
) -> None:
    found = dict(places(answers(push_from)))
    assert {found[each] for each in ("192.168.1.107", "127.0.0.0/8", "::1")} == {here}
    assert found.get(push_from, "near") in ("near", here)


def test_loopback_is_near_where_it_is_named() -> None:
    found = dict(places(answers("127.0.0.1", "fd00::/64")))
    assert found["127.0.0.1"] == "near"
    assert found["fd00::/64"] == "near"
    assert found["192.168.1.107"] == "here far"
