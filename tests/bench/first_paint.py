"""The first picture against that of a bare Textual app, and `--help` against a bare Python."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.measure import Measured, Target, taking_turns
from tests.terminal import Pty

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
BARE = (
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class Bare(App):\n    def compose(self): yield Static('Begin')\nBare().run()"
)


def bench(rounds: int) -> Iterator[Measured]:
    with tempfile.TemporaryDirectory() as folder:
        arms = {
            "bare Textual app": partial(painted, (sys.executable, "-c", BARE)),
            "wizard": partial(painted, (sys.executable, "-m", "tests.bench.start", folder)),
        }
        took = taking_turns(arms, rounds)
    yield Measured("First picture", "s", took, (Target("wizard", "bare Textual app", 1.5),))
    arms = {
        "bare Python": partial(ran, (sys.executable, "-c", "pass")),
        "--help": partial(ran, (sys.executable, "-m", "wizard", "--help")),
    }
    took = taking_turns(arms, rounds)
    yield Measured("Help", "s", took, (Target("--help", "bare Python", 6),))


def painted(argv: tuple[str, ...]) -> float:
    start = time.monotonic()
    with Pty.start(argv, cwd=ROOT) as pty:
        pty.wait_for("Begin")
        return time.monotonic() - start


def ran(argv: tuple[str, ...]) -> float:
    start = time.monotonic()
    subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start
