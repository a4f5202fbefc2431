"""How verdicts are printed, and what the command line refuses before it looks at anything."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost, says
from wizard import verdicts
from wizard.checks.scene import Depth
from wizard.errors import BadUsage
from wizard.events import Checked, NameRow, Names, Verified
from wizard.hosts import File
from wizard.verify_command import Asked, elsewhere

if TYPE_CHECKING:
    from pathlib import Path

BAD = Checked("tls-dates", "failed", "it expired", "renew it")
ROW = NameRow("registry.example.com", {"DNS": "192.0.2.1", "certs.d": "no", "x": "-"}, ("DNS",))
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *events: object
) -> list[str]:
    monkeypatch.setenv("COLUMNS", "80")
    for each in events:
        verdicts.as_table(each)  # type: ignore[arg-type]
    return capsys.readouterr().out.splitlines()


def test_a_verdict_is_a_line_and_its_remedy_another() -> None:
    assert verdicts.as_line(BAD) == "  FAIL tls-dates: it expired\n       -> renew it"
    assert verdicts.as_line(Checked("api", "skipped", "not looked at")) == ""
    assert verdicts.as_line(Checked("api", "passed", "fine", "nothing")) == "  ok   api: fine"


def test_a_table_fits_its_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    long = Checked("insecure-registries", "warning", "word " * 60, "remedy " * 40)
    lines = table(capsys, monkeypatch, BAD, long, Names((ROW,)))
    assert lines[:2] == [
        "FAIL  tls-dates            it expired",
        "                           -> renew it",
    ]
    assert max(map(len, lines)) <= 80
    assert lines[-2:] == [
        "name                  DNS            certs.d",
        "registry.example.com  192.0.2.1 (!)  no     ",
    ]


def test_names_that_do_not_fit_stand_below_each_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = NameRow("registry.example.com", {"answers": "x" * 70, "DNS": "-"}, ())
    lines = table(capsys, monkeypatch, Names((row,)))
    assert lines == ["", "registry.example.com", f"  answers       {'x' * 70}"]


def test_colour_is_for_terminals_that_want_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31mFAIL\x1b[0m" in table(capsys, monkeypatch, BAD)[0]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in table(capsys, monkeypatch, BAD)[0]


def test_what_a_registry_says_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    evil = Checked("speaks", "failed", "it says \x1b]0;x\x07\x1b[31m", "\x1b[2J")
    row = NameRow("a\x1b[2J", {"answers": "\x1b[31m"}, ())
    assert "\x1b" not in "".join(table(capsys, monkeypatch, evil, Names((row,))))


def test_the_summary_names_what_did_not_pass() -> None:
    text = verdicts.summed_up(Verified(9, ("tcp",), ("disk", "dns"), ("api",)))
    assert text.strip() == (
        "1 failed (tcp), 2 with a warning (disk, dns), 9 passed, 1 not looked at (api)"
    )
    assert verdicts.summed_up(Verified(3, (), (), ())).strip() == "3 passed"


def asked(**more: str) -> object:
    host = FakeHost(files={"/ca.crt": File(PEM.encode()), "/odd": File(b"x")})
    return elsewhere(Asked(**{"url": "registry.example.com", **more}), host, {}, Depth())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"url": "http://registry.example.com"}, "by HTTPS, not by http"),
        ({"url": "registry.example.com:0"}, "there is no port 0"),
        ({"url": "registry.example.com:70000"}, "there is no port 70000"),
        ({"url": "registry.example.com/v2/x"}, "is no address of a registry"),
        ({"url": "a b"}, "has a space in it"),
        ({"url": "reg_istry.example.com"}, "has an underscore"),
        ({"url": "127.0.0.1:5000"}, "is a loopback address"),
        ({"ca": "/none"}, "--ca /none: there is no such file"),
        ({"ca": "/odd"}, "there is no PEM certificate in it"),
        ({"user": "anna"}, "--user and --password-file go together"),
        ({"password_file": "/odd"}, "--user and --password-file go together"),
        ({"user": "anna", "password_file": "/dev/null"}, "there is no password in its first line"),
        ({"user": "anna", "password_file": "/none"}, "--password-file /none: No such file"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_in_words(more: dict[str, str], text: str) -> None:
    with pytest.raises(BadUsage, match=text.replace("(", r"\(")):
        asked(**more)


@pytest.mark.parametrize(
    ("url", "at"),
    [
        ("registry.example.com", "registry.example.com"),
        ("https://Registry.Example.com/", "registry.example.com"),
        ("registry.example.com:5000", "registry.example.com:5000"),
        ("192.0.2.10:443", "192.0.2.10"),
        ("[2001:db8::10]:5000", "[2001:db8::10]:5000"),
        ("registry:5000", "registry:5000"),
    ],
)
def test_an_address_is_taken_as_people_write_it(url: str, at: str, tmp_path: Path) -> None:
    kept = tmp_path / "password"
    kept.write_text("x\nmore\n")
    made = asked(url=url, ca="/ca.crt", user="anna", password_file=str(kept))
    assert made.target.at == at  # type: ignore[attr-defined]
    assert made.target.password == "x"  # type: ignore[attr-defined]


def test_a_ca_with_comments_around_it_is_taken() -> None:
    text = f"# F\u0151tan\u00fas\u00edtv\u00e1ny\n{PEM}"
    host = FakeHost(files={"/ca.crt": File(text.encode())})
    made = elsewhere(Asked("registry.example.com", ca="/ca.crt"), host, {}, Depth())
    assert made.target.ca.isascii()


def test_without_a_ca_that_of_docker_here_counts() -> None:
    path = "/etc/docker/certs.d/registry.example.com/ca.crt"
    host = FakeHost({("find",): says(f"{path}\n")}, files={path: File(PEM.encode())})
    made = elsewhere(Asked("registry.example.com"), host, {}, Depth())
    assert b"AAAA" in made.target.ca


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["--ca", "x"], "--ca goes with --url"),
        (["--user", "x"], "--user goes with --url"),
        (["--warn-days", "-1"], "days are counted from 0"),
    ],
)
def test_the_command_line_refuses_what_does_not_go_together(
    argv: list[str], text: str, tmp_path: Path
) -> None:
    command = (sys.executable, "-m", "wizard", "verify", *argv)
    env = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    assert done.returncode == 2
    assert text in done.stderr
