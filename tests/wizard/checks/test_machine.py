"""Proxies, and who is excepted from them; the matrix of names."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from tests.fake_host import FakeHost, says
from wizard.checks import Scene, Target
from wizard.checks.machine import excepted, proxy
from wizard.checks.matrix import rows
from wizard.checks.scene import Depth
from wizard.hosts import File

NAME = "registry.example.com"
NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "said",
    [NAME, "*", "example.com", ".example.com", "*.example.com", f"a.b, {NAME}", f"{NAME}:443"],
)
def test_no_proxy_excepts_it(said: str) -> None:
    assert excepted(NAME, said)


@pytest.mark.parametrize(
    "said",
    ["", "ample.com", "com.", "other.example.com", ",,", "10.0.0.0/8", f".{NAME}", f"{NAME}:5000"],
)
def test_no_proxy_does_not_except_it(said: str) -> None:
    assert not excepted(NAME, said)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("192.0.2.1", "localhost,192.0.2.0/24"),
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1:443"),
        ("fd00::1", "fd00::1"),
        ("fd00::1", "[fd00::1]"),
        ("fd00::1", "[fd00::1]:443"),
        ("fd00::1", "fd00::/8"),
    ],
)
def test_an_address_is_excepted_by_itself_and_by_its_network(address: str, said: str) -> None:
    assert excepted(address, said)
    assert not excepted("198.51.100.1" if "." in address else "2001:db8::1", said)


@pytest.mark.parametrize("said", ["192.0.2.1:5000", "192.0.2.0/40", "[fd00::1", "2.1", "192"])
def test_an_address_is_excepted_by_nothing_else(said: str) -> None:
    assert not excepted("192.0.2.1", said)


def scene(environ: dict[str, str], host: FakeHost | None = None) -> Scene:
    target = Target((NAME,), (), 443, ip="192.0.2.1")
    return Scene(target, host or FakeHost(), NOW, environ, None, Depth())


def test_a_proxy_that_would_get_the_requests_is_told_without_its_password() -> None:
    (said,) = proxy(scene({"HTTPS_PROXY": "http://u:secret@proxy:3128"}))
    assert (said.verdict, said.seen) == (
        "warning",
        f"this shell sends requests for {NAME} to a proxy",
    )


def test_a_proxy_of_dockers_own_service_is_found() -> None:
    shown = "Environment=HTTPS_PROXY=http://proxy:3128 NO_PROXY=localhost\n"
    host = FakeHost({("systemctl", "show", "docker"): says(shown)})
    (said,) = proxy(scene({}, host))
    assert "Docker's service sends requests" in said.seen
    (of_ours,) = proxy(replace(scene({}, host), known=True))
    assert of_ours.verdict == "failed"


def test_a_list_with_blanks_in_dockers_settings_is_read_whole() -> None:
    shown = f'Environment=HTTPS_PROXY=http://proxy:3128 "NO_PROXY=localhost, {NAME}"\n'
    host = FakeHost({("systemctl", "show", "docker"): says(shown)})
    (said,) = proxy(scene({}, host))
    assert said.verdict == "passed"


def test_a_proxy_with_an_exception_is_right() -> None:
    (said,) = proxy(scene({"https_proxy": "http://p", "NO_PROXY": ".example.com"}))
    assert (said.verdict, said.seen) == ("passed", "NO_PROXY excepts it in this shell")


def test_names_that_lead_elsewhere_are_marked_where_they_do() -> None:
    answers = {
        ("getent", "ahosts", NAME): says("192.0.2.9 STREAM a\n"),
        ("env",): says("192.0.2.1 STREAM a\n"),
    }
    files = {"/etc/hosts": File(f"192.0.2.9 {NAME} # here\n# 192.0.2.1 {NAME}\n".encode())}
    made = scene({"HTTPS_PROXY": "http://p"}, FakeHost(answers, files=files))
    object.__setattr__(made, "reached", {"192.0.2.1": "refused"})
    (row,) = rows(made)
    assert row.cells == {
        "hosts file": "192.0.2.9",
        "DNS": "192.0.2.1",
        "certificate": "-",
        "server_name": "-",
        "certs.d": "no",
        "NO_PROXY": "no",
        "answers": "-",
    }
    assert row.wrong == ("hosts file", "NO_PROXY")
