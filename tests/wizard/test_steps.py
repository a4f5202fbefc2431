"""The plan for a machine, as a reviewer reads it: golden texts beside this, one for each case."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.given import ANSWERS, FACTS, FROM_SOURCE, HASH, SOURCE, given
from wizard.answers import Access, Authority, Certificate, User
from wizard.changes.files import WriteFile
from wizard.facts import Listener, Site
from wizard.runtime import ImageSource
from wizard.steps import make_plan

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.given import Given

GOLDEN = Path(__file__).parents[1] / "golden"
OTHER = Site("/etc/nginx/conf.d/other.conf", ("other.benet.com",), (443,))
CASES = {
    "defaults": given(),
    "names-and-port": given(
        replace(
            ANSWERS,
            registry=replace(ANSWERS.registry, https_port=8443, delete=False),
            certificate=Certificate(alt_names=("registry.benet.com", "2001:db8::107")),
            authority=Authority(permitted=("benet.com",)),
        ),
        replace(FACTS, resolved={"docker.benet.com": ("192.168.1.107",)}),
    ),
    "address-alone": given(
        replace(ANSWERS, registry=replace(ANSWERS.registry, hostname="192.168.1.107")),
        replace(FACTS, ipv6=False),
    ),
    "container": given(
        replace(ANSWERS, registry=replace(ANSWERS.registry, runtime="container")),
        replace(FACTS, image=ImageSource("registry:3.1.1", "pull")),
    ),
    "beside-another-site": given(
        facts=replace(
            FACTS,
            nginx=True,
            sites=(OTHER,),
            listeners=(Listener("*", 80, "apache2", 7),),
        )
    ),
    "roles-and-places": given(
        replace(
            ANSWERS,
            access=Access(anonymous_pull=True, push_from=("192.168.0.0/16", "fd00:1::/64")),
            users=(
                User("anna", password_hash=HASH),
                User("bob", role="pull", password_hash=HASH),
                User('c.d"e\\$', password_hash=HASH),
            ),
        )
    ),
    "nginx-from-source": given(FROM_SOURCE, replace(FACTS, source=SOURCE)),
}


def told(case: Given) -> str:
    lines = []
    for step in make_plan(case):
        lines.append(f"{step.id}: {step.title}")
        for change in step.changes:
            lines += [f"  {change.label}", *(f"    {line}" for line in shown(change))]
        lines += [f"  then {' '.join(command.argv)}" for command in step.then]
    text = "\n".join(lines) + "\n"
    return steady(text)


def steady(text: str) -> str:
    """Give a text without what the CA and the certificate have to themselves each time."""
    text = re.sub(r"issued/[0-9A-F]+\.crt", "issued/SERIAL.crt", text)
    text = re.sub(r"in [0-9a-f]{64}\*\)", "in SHA-256*)", text)
    return re.sub(r"It must be [0-9A-F:]+", "It must be FINGERPRINT", text)


def shown(change: Change) -> list[str]:
    if not isinstance(change, WriteFile):
        return [repr(change)]
    rights = f"mode {change.mode:04o}, {change.owner}:{change.group}"
    secret = change.secret or change.shown or "answers" in change.path
    return [rights] if secret else [rights, *change.content.decode().splitlines()]


@pytest.mark.parametrize("case", CASES)
def test_the_plan_is_as_reviewed(case: str) -> None:
    path = GOLDEN / f"{case}.txt"
    text = told(CASES[case])
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text


def test_the_same_is_planned_from_the_same() -> None:
    case = given()
    assert make_plan(case) == make_plan(case)


def test_the_default_site_of_an_nginx_that_we_brought_stays_off() -> None:
    there = replace(FACTS, nginx=True)
    off = "switch off /etc/nginx/sites-enabled/default"
    assert off in told(given(facts=there, brought="nginx nginx-common"))
    assert off not in told(given(facts=there))
