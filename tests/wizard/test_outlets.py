"""Streams that take nothing: the work goes on, and its end tells of it."""

from __future__ import annotations

import subprocess
import sys

import pytest


def ran(redirect: str, *argv: str) -> subprocess.CompletedProcess[str]:
    script = f'{sys.executable} -m wizard "$@" {redirect}'
    return subprocess.run(
        ["bash", "-c", script, "bash", *argv], check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize("argv", [("--help",), ("answers",), ("answers", "--schema")], ids=" ".join)
def test_a_full_disk_is_told_once(argv: tuple[str, ...]) -> None:
    done = ran("> /dev/full", *argv)
    assert done.returncode == 1
    assert done.stderr.startswith("registry-wizard: Standard output could not be written: No space")
    assert len(done.stderr.splitlines()) == 2


def test_nothing_is_told_to_whoever_left() -> None:
    done = ran("| head -n 1 > /dev/null; exit ${PIPESTATUS[0]}", "answers", "--schema")
    assert done.returncode in (0, 1)  # all of it may have been in the pipe before it was closed
    assert done.stderr == ""


@pytest.mark.parametrize("redirect", [">&-", "<&- >&-", "<&- >&- 2>&-", "2>&-"])
def test_what_is_closed_is_closed(redirect: str) -> None:
    done = ran(redirect, "answers")
    assert (done.returncode, done.stderr) == (0, "")
    assert ran(redirect, "--nonsense").returncode == 2
    assert ran(redirect).returncode == 2


def test_another_encoding_changes_letters_alone() -> None:
    script = (
        f'PYTHONIOENCODING=ascii {sys.executable} -m wizard --answers "$(printf "/\\303\\251")"'
    )
    done = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
