"""Everything in the way is said at once, each with its remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.given import ANSWERS, FACTS
from wizard.answers import Certificate
from wizard.distros import DEBIAN
from wizard.facts import Listener, Site, Space
from wizard.survey import redirects, survey

FULL = Space("/opt", writable=True, free=1, owners=())
BLOCKERS: dict[str, dict[str, Any]] = {
    "needs root": {"root": False},
    "not known here yet": {"distro": None},
    "The clock says 1970-01-01": {"now": datetime(1970, 1, 1, tzinfo=UTC)},
    "192.168.1.107 is not an address of this machine (it has 10.0.0.1)": {
        "addresses": ("10.0.0.1",)
    },
    "Port 443 is held by apache2 (pid 7)": {"listeners": (Listener("*", 443, "apache2", 7),)},
    "Port 5000 is held by python3 (pid 8)": {"listeners": (Listener("*", 5000, "python3", 8),)},
    "is on a read-only file system (at /opt)": {"space": replace(FULL, writable=False)},
    "is full: 0 MiB are free": {"space": FULL},
    "holds files of root": {"space": replace(FACTS.space, owners=("root",))},
    "nginx's own settings are broken already: nginx: [emerg]": {"nginx_problem": "nginx: [emerg]"},
    "nginx serves docker.benet.com on port 443 already, from /etc/nginx/x": {
        "sites": (Site("/etc/nginx/x", ("docker.benet.com",), (443,)),)
    },
}
WARNINGS: dict[str, dict[str, Any]] = {
    "Port 80 is held by apache2 (pid 7)": {"listeners": (Listener("*", 80, "apache2", 7),)},
    "has only 1.0 GiB free": {"space": replace(FULL, free=1024**3)},
    "docker.benet.com leads to 203.0.113.9 from here": {
        "resolved": {"docker.benet.com": ("203.0.113.9",)}
    },
}


def test_a_fresh_machine_has_nothing_in_the_way() -> None:
    assert survey(ANSWERS, FACTS) == ()


@pytest.mark.parametrize("text", BLOCKERS)
def test_a_blocker_says_what_and_what_to_do(text: str) -> None:
    first = survey(ANSWERS, replace(FACTS, **BLOCKERS[text]))[0]
    assert first.blocker
    assert text in first.text
    assert first.remedy


@pytest.mark.parametrize("text", WARNINGS)
def test_a_warning_does_not_stop(text: str) -> None:
    (found,) = survey(ANSWERS, replace(FACTS, **WARNINGS[text]))
    assert not found.blocker
    assert text in found.text


def test_all_findings_come_at_once_blockers_first() -> None:
    worst = {name: value for each in (*BLOCKERS.values(),) for name, value in each.items()}
    found = survey(ANSWERS, replace(FACTS, **worst))
    assert len([each for each in found if each.blocker]) >= 8
    assert [each.blocker for each in found] == sorted((x.blocker for x in found), reverse=True)


def test_our_own_services_and_file_are_no_hindrance() -> None:
    ours = (Listener("*", 443, "nginx", 1), Listener("*", 5000, "docker-registry", 2))
    site = Site(DEBIAN.site, ("docker.benet.com",), (443,))
    facts = replace(FACTS, listeners=(*ours, Listener("*", 80, "nginx", 1)), sites=(site,))
    assert survey(ANSWERS, facts) == ()
    assert redirects(ANSWERS, facts)


def test_what_nginx_misses_of_our_own_files_is_made_again() -> None:
    said = '[emerg] cannot load certificate "/etc/registry-wizard/pki/server.crt": no such file'
    assert survey(ANSWERS, replace(FACTS, nginx_problem=said)) == ()


def test_an_address_in_the_certificate_that_is_elsewhere_is_pointed_out() -> None:
    answers = replace(ANSWERS, certificate=Certificate(alt_names=("203.0.113.7",)))
    (found,) = survey(answers, FACTS)
    assert "203.0.113.7 is not an address of this machine" in found.text
    assert not found.blocker


def test_the_registrys_own_port_is_refused_for_https() -> None:
    answers = replace(ANSWERS, registry=replace(ANSWERS.registry, https_port=5000))
    assert "Port 5000 is where the registry itself listens" in survey(answers, FACTS)[0].text
