"""Ten thousand random keys on a real terminal: no crash, no lost answers, nothing left behind."""

from __future__ import annotations

import random
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screens.words import CRASH
from tests.terminal import Pty

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
# Keys that a person may hit anywhere; what quits or opens an editor of its own is not among them.
KEYS = (
    "tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pageup", "pagedown",
    "backspace", "delete", "enter", "enter", "f1", "f2", "f3", "f3", "f4", "f5", "f6",
    "a", "d", "e", "x", "o", "s", "c", "f", "n", "0", ".", "-", "[", "]", "/", "ctrl+r", "ctrl+s",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_random_keys_break_nothing(seed: int, tmp_path: Path) -> None:
    """2,500 keys a seed; where they lead out, by a failure's way to quit, it begins anew."""
    keys = random.Random(seed)
    rounds = iter(range(100))
    while play(keys, rounds, tmp_path):
        pass


def play(keys: random.Random, rounds: Iterator[int], folder: Path) -> bool:
    """Press keys until the rounds are over or the program is; say whether any are left."""
    argv = (sys.executable, "-m", "tests.screens.stage", str(folder))
    with Pty.start(argv, cwd=ROOT, keep=None) as pty:
        pty.wait_for("Begin")
        pty.press("enter")
        pty.wait_for("Questions 1 of 6")
        more = False
        for _ in rounds:
            pty.press(*keys.choices(KEYS, k=24), "esc")
            if pty.ended:
                more = True
                break
        else:
            pty.signal(signal.SIGTERM)
        assert pty.wait(60) in ((1, 130) if more else (1, 130, 143)), pty.screen()
        assert pty.leftovers() == ()
        assert CRASH.encode() not in pty.raw()
        assert b"Traceback" not in pty.raw()
    return more
