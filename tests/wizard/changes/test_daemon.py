"""An entry leaves Docker's settings, every other byte stays, and undo brings it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST, Engine
from wizard.changes.daemon import WithoutEntries, WithoutFlags, flag_values

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.changes import Change

FLAG = "--insecure-registry"
TEXTS = {
    'DOCKER_OPTS="--insecure-registry=docker.benet.com --dns 8.8.8.8"\n': (
        'DOCKER_OPTS="--dns 8.8.8.8"\n'
    ),
    "DOCKER_OPTS='-g /data --insecure-registry docker.benet.com'\n": "DOCKER_OPTS='-g /data'\n",
    "#DOCKER_OPTS=--insecure-registry=docker.benet.com\nA=1": None,
    "INSECURE_REGISTRY=--insecure-registry=docker.benet.com": "INSECURE_REGISTRY=",
    "ExecStart=dockerd -H x \\\r\n  --insecure-registry docker.benet.com \\\r\n  -D\r\n": (
        "ExecStart=dockerd -H x \\\r\n  -D\r\n"
    ),
    "ExecStart=/usr/bin/dockerd '--insecure-registry=docker.benet.com' -D": (
        "ExecStart=/usr/bin/dockerd -D"
    ),
    'OPTIONS="--insecure-registry=docker.benet.com.evil --insecure-registry=my-docker.benet.com"': (
        None
    ),
    'X="--insecure-registry=docker.benet.com --insecure-registry=docker.benet.com:443"': 'X=""',
    'X="--insecure-registry=a --insecure-registry=docker.benet.com --insecure-registry=b"': (
        'X="--insecure-registry=a --insecure-registry=b"'
    ),
}


@pytest.mark.parametrize("before", TEXTS, ids=range(len(TEXTS)))
def test_a_flag_leaves_with_its_blank_alone(before: str) -> None:
    change = WithoutFlags("/f", FLAG, ("docker.benet.com", "docker.benet.com:443"))
    wanted = TEXTS[before]
    after = change.wanted(before.encode()).decode()
    assert after == (before if wanted is None else wanted)
    assert "docker.benet.com" not in flag_values(after, FLAG)


def test_values_of_a_flag_are_read_outside_of_comments() -> None:
    text = "# --insecure-registry=no\nA='--insecure-registry=a --insecure-registry \"b:5000\"'\n"
    assert flag_values(text, FLAG) == ("a", "b:5000")


CHANGES = {
    "daemon.json": b'{"insecure-registries": ["docker.benet.com"], "odd":\r\n1}',
    "default": b'DOCKER_OPTS="--insecure-registry=docker.benet.com \xff"',
}


def change(path: Path) -> Change:
    if path.name == "daemon.json":
        return WithoutEntries(str(path), "insecure-registries", ("docker.benet.com",))
    return WithoutFlags(str(path), FLAG, ("docker.benet.com",))


@pytest.mark.parametrize("name", CHANGES)
def test_it_is_made_once_and_taken_back_to_the_byte(name: str, tmp_path: Path) -> None:
    path, engine = tmp_path / name, Engine(tmp_path)
    path.write_bytes(CHANGES[name])
    path.chmod(0o640)
    found = change(path).compare(HOST)
    assert found
    assert (found.verb, found.drift) == ("update", False)
    assert "\n-" in found.text
    step = engine.step(change(path), then="reload")
    assert (engine.apply(step), engine.apply(step)) == (1, 0)
    assert b"docker.benet.com" not in path.read_bytes()
    assert engine.undo() == 1
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (CHANGES[name], 0o640)
    assert engine.thens() == 2


@pytest.mark.parametrize("content", [b'{"insecure-registries": [', b"[]", b""])
def test_a_broken_file_is_never_touched(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    path.write_bytes(content)
    assert change(path).compare(HOST) is None


def test_no_file_is_right(tmp_path: Path) -> None:
    assert change(tmp_path / "daemon.json").compare(HOST) is None
    assert change(tmp_path / "default").compare(HOST) is None
