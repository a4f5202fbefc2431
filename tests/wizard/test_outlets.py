"""Streams that take nothing: the work goes on, and its end tells of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# The real program, whose command `answers` makes two changes instead that print all the time.
AT_WORK = """
import os
from dataclasses import dataclass
from pathlib import Path
from wizard import __main__ as program, headless
from wizard.changes import Difference
from wizard.executor import Executor
from wizard.hosts import LocalHost
from wizard.journal import Journal
from wizard.plan import Step

PRINT = 'touch "$1.begun"; yes abcdefghi | head -n 20000; touch "$1"'

@dataclass(frozen=True)
class Print:
    key: str
    label = "print"

    def compare(self, host):
        return None if Path(self.key).exists() else Difference("create", "", None)

    def apply(self, host, log):
        host.run("sh", "-c", PRINT, "sh", self.key, log=log).must()

def work(arguments):
    journal, stopping = Journal(Path("state")), program._stopping()
    step = Step("one", "Print", "", tuple(map(Print, ("first", "second"))))
    with journal.lock():
        Executor({"localhost": LocalHost()}, journal, headless.as_lines, stopping).apply((step,))
    return 0

program._answers = work
program.run()
"""


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


MANY_LINES = """
import sys
from wizard import outlets
made = []
with outlets.guarded():
    sys.stdout.writelines(made.append(n) or f"{n:99}\\n" for n in range(100_000))
    sys.stderr.write(str(len(made)))
"""


def test_lines_are_made_no_more_once_nobody_reads_them() -> None:
    argv = [sys.executable, "-c", MANY_LINES]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as done:
        assert done.stdout
        assert done.stderr
        assert done.stdout.readline() == f"{0:99}\n"
        done.stdout.close()
        assert int(done.stderr.read()) < 10_000


def test_another_encoding_changes_letters_alone() -> None:
    script = (
        f'PYTHONIOENCODING=ascii {sys.executable} -m wizard --answers "$(printf "/\\303\\251")"'
    )
    done = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_terminal_that_is_lost_stops_the_work_after_this_change(tmp_path: Path) -> None:
    ours, terminal = os.openpty()
    with (tmp_path / "err").open("wb") as err:
        running = subprocess.Popen(
            ["setsid", "--ctty", sys.executable, "-c", AT_WORK, "answers"],
            stdin=terminal,
            stdout=terminal,
            stderr=err,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )
    os.close(terminal)
    try:
        seen = b""
        while b"abcdefghi" not in seen:
            seen += os.read(ours, 4096)
        os.close(ours)
        code = running.wait(30)
    finally:
        running.kill()
        running.wait()
    assert (code, (tmp_path / "err").read_bytes().count(b"Traceback")) == (130, 0)
    made = {each.name for each in tmp_path.iterdir()}
    assert made == {"err", "state", "first.begun", "first"}
    subprocess.run(["flock", "-n", tmp_path / "state/lock", "true"], check=True)
