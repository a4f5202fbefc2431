"""A line of somebody else's file in other words, and back; names led away from loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST
from tests.wizard.test_script import in_shell, run
from wizard.changes.swapped_line import SwappedLine
from wizard.steps.hosts_line import unlooped

if TYPE_CHECKING:
    from pathlib import Path

IP, NAME = "192.0.2.1", "docker.benet.com"
FORMER = (
    b"127.0.0.1 localhost\r\n127.0.1.1\tdocker.benet.com d # a/b & \\c\r\n# caf\xe9\n127.0.1.1 x"
)


def swapped(path: Path) -> SwappedLine:
    former = "127.0.1.1\tdocker.benet.com d # a/b & \\c"
    return SwappedLine(str(path), former.replace("127.0.1.1", IP), former)


def test_the_line_alone_changes_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(FORMER)
    change = swapped(path)
    found = change.compare(HOST)
    assert found
    assert found.inverse
    assert found.inverse.key == change.key
    change.apply(HOST, print)
    assert change.compare(HOST) is None
    assert path.read_bytes() == FORMER.replace(b"127.0.1.1\t", b"192.0.2.1\t")
    found.inverse.apply(HOST, print)
    assert path.read_bytes() == FORMER


def test_a_line_that_somebody_rewrote_since_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(b"127.0.1.1 docker.benet.com\n")
    assert swapped(path).compare(HOST) is None
    assert swapped(tmp_path / "nowhere").compare(HOST) is None


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("127.0.1.1 docker.benet.com docker", f"{IP} docker.benet.com docker"),
        ("127.0.1.1\tdocker\tdocker.benet.com # x", f"{IP}\tdocker\tdocker.benet.com # x"),
        ("::1 docker.benet.com", f"{IP} docker.benet.com"),
        ("127.0.0.1 localhost docker.benet.com  d # x", "127.0.0.1 localhost  d # x"),
        ("::1 ip6-localhost docker.benet.com", "::1 ip6-localhost"),
        ("127.0.1.1 other # docker.benet.com", "127.0.1.1 other # docker.benet.com"),
        ("127.0.0.1 localhost", "127.0.0.1 localhost"),
    ],
)
def test_names_are_led_away_from_loopback_and_localhost_stays(line: str, wanted: str) -> None:
    assert unlooped(line, IP, (NAME, "other.example")) == wanted


def test_the_script_does_the_same(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(FORMER.replace(b"\r", b""))
    run(tmp_path, in_shell(swapped(path)))
    assert path.read_bytes() == FORMER.replace(b"\r", b"").replace(b"127.0.1.1\t", b"192.0.2.1\t")
