"""What this terminal can carry: the screen, plain lines, or neither; loads no Textual."""

from __future__ import annotations

import locale
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens import words

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS, ROWS = 60, 18
# 3270 terminals, editors' shells and teletypes can place no cursor.
DUMB = ("", "dumb", "emacs", "unknown")
# These draw bright colours as dim ones, or none at all; the theme for them uses the basic eight.
BASIC = ("linux", "vt100", "vt102", "vt220", "ansi", "cons25")


@dataclass(frozen=True)
class Terminal:
    """How this terminal is to be used; ``why`` says so where it is not the screen."""

    plain: bool
    why: str = ""
    basic: bool = False  # the eight colours alone


def has_terminal() -> bool:
    """Say whether somebody can read and answer: Textual draws on stderr and reads stdin."""
    return sys.stdin.isatty() and sys.stderr.isatty() and sys.stdout.isatty()


def probe(environ: Mapping[str, str], size: os.terminal_size) -> Terminal:
    """Give what this terminal can carry, by its name, size and encoding."""
    term = environ.get("TERM", "")
    if term in DUMB:
        return Terminal(plain=True, why=words.DUMB_TERMINAL)
    if size.columns < COLUMNS or size.lines < ROWS:
        small = words.SMALL_TERMINAL.format(size.columns, size.lines, COLUMNS, ROWS)
        return Terminal(plain=True, why=small)
    if "utf" not in locale.getpreferredencoding(do_setlocale=False).lower():
        return Terminal(plain=True, why=words.NO_UTF8)
    basic = term in BASIC or bool(environ.get("NO_COLOR"))
    return Terminal(plain=False, basic=basic)


def size() -> os.terminal_size:
    """Give the terminal's real size; a serial line that says 0x0 counts as 80x24."""
    try:
        found = os.get_terminal_size(sys.stderr.fileno())
    except OSError:
        found = os.terminal_size((0, 0))
    return found if found.columns and found.lines else os.terminal_size((80, 24))


def forget_wrong_size() -> None:
    """Drop COLUMNS and LINES, which Textual would believe more than the terminal."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
