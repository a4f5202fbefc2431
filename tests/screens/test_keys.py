"""The screens on a real terminal: random keys, mistakes of our own, and colours of old consoles."""

from __future__ import annotations

import random
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screens.words import CRASH
from tests.screens.stage import ORDER, heading
from tests.terminal import Pty

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
# Keys that a person may hit anywhere; what quits or opens an editor of its own is not among them.
KEYS = (
    "tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pageup", "pagedown",
    "backspace", "delete", "space", "enter", "enter", "f1", "f2", "f3", "f3", "f4", "f5", "f6",
    "a", "d", "e", "x", "o", "s", "c", "f", "n", "0", ".", "-", "[", "]", "/", "ctrl+r", "ctrl+s",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_random_keys_break_nothing(seed: int, tmp_path: Path) -> None:
    """2,500 keys a seed; where they lead out, by a failure's way to quit, it begins anew."""
    keys = random.Random(seed)
    rounds = iter(range(100))
    while play(keys, rounds, tmp_path):
        pass


def test_a_mistake_of_ours_shows_no_local_variables_and_restores_the_terminal(
    tmp_path: Path,
) -> None:
    argv = (sys.executable, "-m", "tests.screens.stage", str(tmp_path), "broken")
    with Pty.start(argv, cwd=ROOT, keep=None) as pty:
        assert pty.wait(20) == 1
        said = pty.raw().decode()
        assert pty.leftovers() == ()
    assert CRASH in said
    assert "ValueError: a mistake of 20 letters" in said
    assert "nobody-sees-sentinel" not in said


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "linux"}, {"TERM": "vt100"}], ids=str)
def test_old_consoles_get_the_basic_colours_alone(env: dict[str, str], tmp_path: Path) -> None:
    argv = (sys.executable, "-m", "tests.screens.stage", str(tmp_path))
    with Pty.start(argv, cwd=ROOT, env=env, keep=None) as pty:
        pty.wait_for("Begin")
        pty.press("enter")
        pty.wait_for(heading("name"))
        raw = pty.raw().decode()
    codes = {code for found in re.findall(r"\x1b\[([0-9;]*)m", raw) for code in found.split(";")}
    bright = {str(code) for code in (*range(90, 98), *range(100, 108), 38, 48)}
    assert not codes & bright
    if "NO_COLOR" in env:
        assert not codes & {str(code) for code in (*range(30, 38), *range(40, 48))}


def play(keys: random.Random, rounds: Iterator[int], folder: Path) -> bool:
    """Press keys until the rounds are over or the program is; say whether any are left."""
    argv = (sys.executable, "-m", "tests.screens.stage", str(folder))
    with Pty.start(argv, cwd=ROOT, keep=None) as pty:
        pty.wait_for("Begin")
        pty.press("enter")
        pty.wait_for(heading("name"))
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


def test_without_colours_one_still_sees_where_one_is(tmp_path: Path) -> None:
    argv = (sys.executable, "-m", "tests.screens.stage", str(tmp_path))
    with Pty.start(argv, cwd=ROOT, env={"NO_COLOR": "1"}, keep=None) as pty:
        pty.wait_for("Begin")
        assert under_the_cursor("[^\x1b]*Begin", pty)
        pty.press("enter")
        for page in ORDER[: ORDER.index("runtime")]:
            pty.wait_for(heading(page))
            pty.press("f3")
        pty.wait_for(lambda _: under_the_cursor(r"\(\*\) auto", pty))
        pty.press("down")
        pty.wait_for(lambda _: under_the_cursor(r"\( \) container", pty))


def under_the_cursor(text: str, pty: Pty) -> bool:
    """Say whether this was ever drawn in the bold and underlined letters of a cursor."""
    return bool(re.search(rf"\x1b\[1;4;[0-9;]*m{text}", pty.raw().decode()))
