"""The catalogue: its order, what depends on what, and how much one fault says."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost, says
from wizard.checks import CATALOGUE, Scene, Target, check, summary, verified
from wizard.checks.scene import Depth
from wizard.events import Checked, Names, Verified

if TYPE_CHECKING:
    from wizard.events import Event

NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
# What monitoring knows them by: an id that changes breaks somebody's alarm.
IDS = """
resolve dns nginx tcp speaks tls-version clock tls-dates tls-chain tls-usage tls-constraints
tls-names tls-trust certificate-days untrusted tls-system served runtime storage disk accounts
plain-http redirect api login wrong-password upload body-limit catalog blobs push pull range delete
http2 join registry-hidden registry-alone boot nginx-files renewal firewall selinux file-modes
drift trust-system trust-docker trust-podman insecure-registries public-roots proxy trust-here
"""


def test_the_ids_stay_what_they_are() -> None:
    assert [each.id for each in CATALOGUE] == IDS.split()


def test_a_check_needs_only_what_stands_before_it() -> None:
    before: set[str] = set()
    for each in CATALOGUE:
        assert set(each.needs) <= before
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.id)
        before.add(each.id)


def scene(host: FakeHost, *names: str) -> Scene:
    return Scene(Target(names, (), 443), host, NOW, {}, None, Depth(push=False))


def test_a_name_that_leads_nowhere_is_one_failure_and_nothing_else() -> None:
    found = list(check(scene(FakeHost(), "registry.example.com")))
    assert [each.name for each in found if each.verdict == "failed"] == ["resolve"]
    assert not [each for each in found if each.verdict == "warning"]


def test_what_one_failure_hides_is_not_looked_at_and_says_so() -> None:
    host = FakeHost({("getent", "ahosts"): says("192.0.2.1 STREAM a\n")})
    made = scene(host, "registry.example.com")
    made.once("reached", dict)
    object.__setattr__(made, "reached", {"192.0.2.1": "refused"})
    found = {each.name: each for each in check(made)}
    assert found["tcp"].verdict == "failed"
    assert "refused the connection" in found["tcp"].seen
    for each in ("speaks", "tls-dates", "api", "login", "catalog"):
        assert (found[each].verdict, found[each].seen) == (
            "skipped",
            "not looked at, because of tcp",
        )


def test_the_summary_counts_checks_not_lines_and_the_worst_line_counts() -> None:
    lines = (("disk", "passed"), ("disk", "warning"), ("dns", "skipped"), ("tcp", "failed"))
    found = summary(Checked(name, verdict, "") for name, verdict in (*lines, ("api", "passed")))
    assert found == Verified(1, ("tcp",), ("disk",), ("dns",))


def test_the_names_and_the_summary_are_told_at_the_end() -> None:
    told: list[Event] = []
    more = (Checked("docker", "passed", "logged in"),)
    assert not verified(scene(FakeHost(), "registry.example.com"), told.append, more)
    *_, last_check, names, end = told
    assert last_check == more[0]
    assert isinstance(names, Names)
    assert isinstance(end, Verified)
    assert end.failed == ("resolve",)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.0.1.1"])
def test_a_name_on_loopback_proves_nothing(address: str) -> None:
    host = FakeHost({("getent", "ahosts"): says(f"{address} STREAM a\n")})
    found = next(check(scene(host, "registry.example.com")))
    assert (found.name, found.verdict) == ("resolve", "failed")
    assert "loopback, where Docker verifies no certificate" in found.seen
