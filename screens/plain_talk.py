"""Lines said and lines read, on a terminal that can do no more than that."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens import plain_words as words
from wizard.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

INTERRUPTED = 130
WIDEST = 100  # columns; longer lines are hard to read


class Left(Exception):
    """Somebody leaves: by a word, the end of input, or a signal. Carries the exit code."""

    def __init__(self, code: int = INTERRUPTED) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Talk:
    """``read`` and ``secret`` take a prompt and give the line that was typed after it."""

    read: Callable[[str], str]
    secret: Callable[[str], str]
    write: Callable[[str], object]

    def say(self, text: str = "", indent: str = "") -> None:
        """Say sentences, wrapped at the terminal's width."""
        for line in wrapped(text, indent):
            self.write(line + "\n")

    def lines(self, text: str, indent: str = "") -> None:
        """Say lines as they are: commands to copy, and what other programs printed."""
        for line in text.split("\n"):
            self.write(indent + clean(line) + "\n")

    def page(self, lines: Iterable[str]) -> None:
        """Say lines that may be too many for the terminal: it may have no scrolling back."""
        room = max(rows() - 2, 5)
        for number, line in enumerate(lines):
            if number and number % room == 0 and self.ask(words.MORE, INTERRUPTED).strip():
                return
            self.write(line + "\n")

    def ask(self, prompt: str, leaving: int = INTERRUPTED) -> str:
        """Ask for one line. Raise Left, with the exit code ``leaving``, where there is no more."""
        *before, last = wrapped(prompt) or [""]
        for line in before:
            self.write(line + "\n")
        typed = self._read(self.read, f"{last} ", leaving).rstrip()
        if typed == words.QUIT:
            raise Left(leaving)
        return typed

    def ask_secret(self, prompt: str) -> str:
        """Ask for what nobody may see; every blank of it counts."""
        self.say(prompt)
        return self._read(self.secret, "", INTERRUPTED)

    def yes(self, question: str, *, default: bool) -> bool:
        shown = words.YES[-1] if default else words.NO[-1]
        while True:
            found = meant(self.ask(f"{question} [{shown}]:"), default=default)
            if found is not None:
                return found
            self.say(words.YES_OR_NO)

    def choose(self, choices: Mapping[str, str], leaving: int = INTERRUPTED) -> str:
        """Ask for one of these words; give its key.

        An empty line means ``on``, and going back means ``edit``, where they are among them.
        """
        prompt = words.CHOOSE_ONE_OF.format(", ".join(choices.values()))
        by_word = {word: key for key, word in choices.items()}
        by_word |= {"": "on"} if "on" in choices else {}
        by_word |= dict.fromkeys(words.BACK, "edit") if "edit" in choices else {}
        while True:
            typed = self.ask(prompt, leaving).strip()
            if typed in by_word:
                return by_word[typed]
            if typed:
                self.say(words.NOT_UNDERSTOOD.format(typed))

    def _read(self, read: Callable[[str], str], prompt: str, leaving: int) -> str:
        while True:
            try:
                return read(_in_encoding(prompt))
            except UnicodeDecodeError:
                self.say(words.NOT_TEXT)
            except (EOFError, OSError):  # the input has ended, or the line is gone
                self.write("\n")
                raise Left(leaving or INTERRUPTED) from None


def meant(typed: str, *, default: bool) -> bool | None:
    """Give what a yes or no means; None where it is neither."""
    word = typed.strip().lower()
    return {"": default, **dict.fromkeys(words.YES, True), **dict.fromkeys(words.NO, False)}.get(
        word
    )


def wrapped(text: str, indent: str = "", then: str = "") -> list[str]:
    """Give a text as lines that fit, broken words where they must; ``then`` begins the rest."""
    width = max(min(shutil.get_terminal_size().columns, WIDEST) - 1, 20)
    return [
        line
        for paragraph in text.split("\n")
        for line in textwrap.wrap(
            clean(paragraph),
            width,
            initial_indent=indent,
            subsequent_indent=indent + then,
            break_on_hyphens=False,
        )
        or [""]
    ]


def folded(text: str, indent: str = "") -> list[str]:
    """Give the lines of a file, each whole; one that is too long goes on below itself."""
    width = max(shutil.get_terminal_size().columns - 1 - len(indent), 20)
    lines = (clean(line).expandtabs() for line in text.split("\n"))
    return [
        indent + line[at : at + width]
        for line in lines
        for at in range(0, max(len(line), 1), width)
    ]


def rows() -> int:
    return shutil.get_terminal_size().lines


def printed(text: str) -> None:
    """Write to standard output, with what its encoding does not have as question marks.

    Where the terminal is gone nothing is said any more: work that is begun must not end by that.
    """
    try:
        sys.stdout.write(_in_encoding(text))
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def said_from_signal(talk: Talk, text: str) -> None:
    """Say something although the signal may have come in the middle of another write."""
    with contextlib.suppress(RuntimeError):
        talk.say(text)


def _in_encoding(text: str) -> str:
    encoding = sys.stdout.encoding or "ascii"
    return text.encode(encoding, "replace").decode(encoding)
