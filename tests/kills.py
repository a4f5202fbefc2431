"""A run of the program on a machine that dies at the first place where none died before."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.hosts.machine import Machine

DYING = Path(__file__).with_name("hosts") / "dying.py"
PYTHON = "/opt/registry-wizard/bin/python"
DEPTH = os.environ.get("DEPTH", "1")  # 2: within each act, too
KILLED = -signal.SIGKILL
MOST = (
    500  # more places than any run has; a run that meets new ones for ever is a fault of the test
)


def dying(
    machine: Machine, seen: str, *argv: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    machine.put("/run/dying.py", DYING.read_bytes())
    words = (PYTHON, "/run/dying.py", f"/run/{seen}", *argv)
    return machine.run(*words, stdin=stdin, check=False, env={"DEPTH": DEPTH})


def places(machine: Machine, seen: str) -> list[str]:
    return machine.run("cat", f"/run/{seen}", check=False).stdout.splitlines()


def deaths(
    machine: Machine, seen: str, *argv: str, stdin: str = "", over: str = ""
) -> Iterator[str]:
    """Run again and again, and give each place where it died; the last run ends by itself, well.

    ``over``: what a last run may refuse with, to which the one before left nothing to do.
    """
    for _ in range(MOST):
        done = dying(machine, seen, *argv, stdin=stdin)
        if done.returncode != KILLED:
            ended = done.returncode == 0 or (over and over in done.stderr)
            assert ended, done.stdout[-3000:] + done.stderr
            return
        yield places(machine, seen)[-1]
    raise AssertionError(f"{MOST} places, and no end")
