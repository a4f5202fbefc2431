"""A password that is typed on a terminal: twice, unseen, and again where it cannot be."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.terminal import Pty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROGRAM = """
import sys
from wizard.__main__ import _refused
from wizard.ask_password import Source
from wizard.errors import WizardError

try:
    got = Source().password("anna\\x1b[2J")
except WizardError as error:
    sys.exit(_refused(error))
print("got", len(got), sum(got.encode()))
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
PROMPT, AGAIN = "Password for anna (not shown):", "The same again:"


@pytest.fixture
def pty(tmp_path: Path) -> Iterator[Pty]:
    root = Path(__file__).parents[2]
    with Pty.start((sys.executable, "-c", PROGRAM), 80, 24, {"TERM": "dumb"}, root) as made:
        made.wait_for(PROMPT)
        yield made


def asks(question: str) -> Callable[[str], bool]:
    return lambda screen: screen.rstrip().endswith(question)


def answer(pty: Pty, *typed: str) -> None:
    """Type a password and the same again, each after its question."""
    for number, each in enumerate(typed):
        pty.wait_for(asks(AGAIN if number % 2 else PROMPT))
        pty.type(f"{each}\n")


def test_it_is_asked_twice_and_never_shown(pty: Pty) -> None:
    answer(pty, " s3cret ", " s3cret ")
    assert pty.wait() == 0
    assert f"got 8 {sum(b' s3cret ')}" in pty.screen()
    assert "s3cret" not in pty.screen()
    assert pty.clean()


def test_where_the_two_differ_it_is_asked_again(pty: Pty) -> None:
    answer(pty, "s3cret", "s3cret2", "s3cret", "s3cret")
    assert pty.wait() == 0
    assert "The two differ" in pty.screen()
    assert "s3cret" not in pty.screen()


def test_three_tries_are_all(pty: Pty) -> None:
    answer(pty, "s3cret", "x", "s3cret", "y", "s3cret", "z")
    assert pty.wait() == 2
    assert "No password was given in 3 tries; nothing was touched" in pty.screen()
    assert "--generate" in pty.screen()
    assert "s3cret" not in pty.screen()


def test_what_cannot_be_a_password_is_said_at_once_and_not_repeated(pty: Pty) -> None:
    pty.type("s3cret" * 13 + "\n")
    pty.wait_for("It is longer than 72 bytes")
    pty.type("\n")
    pty.wait_for("It is empty")
    answer(pty, "right", "right")
    assert pty.wait() == 0
    assert "s3cret" not in pty.screen()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_it_and_gives_the_echo_back(pty: Pty, number: signal.Signals) -> None:
    pty.type("s3cret")
    pty.signal(number)
    assert pty.wait() == 130
    assert "Stopped before anything was changed" in pty.screen()
    assert "s3cret" not in pty.screen()
    assert pty.clean()


def test_the_end_of_the_input_ends_it(pty: Pty) -> None:
    pty.press("ctrl+d")
    assert pty.wait() == 130
    assert pty.clean()
