"""What stty shows of a terminal, and what a program on it finds in its environment."""

from __future__ import annotations

import os
import termios
from typing import NamedTuple

# What would make the program draw for another terminal than its own.
FOREIGN = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "COLORTERM", "TERM_PROGRAM", "TMUX")
OURS = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


class Settings(NamedTuple):
    """The settings of the line discipline."""

    iflag: int
    oflag: int
    cflag: int
    lflag: int
    ispeed: int
    ospeed: int
    cc: tuple[bytes | int, ...]

    @property
    def echo(self) -> bool:
        return bool(self.lflag & termios.ECHO)

    @property
    def icanon(self) -> bool:
        return bool(self.lflag & termios.ICANON)

    @property
    def isig(self) -> bool:
        return bool(self.lflag & termios.ISIG)

    def changed(self, now: Settings) -> tuple[str, ...]:
        """Name the fields that are another now."""
        pairs = zip(self._fields, self, now, strict=True)
        return tuple(f"stty {name}" for name, old, new in pairs if old != new)


def settings_of(terminal: int) -> Settings:
    iflag, oflag, cflag, lflag, ispeed, ospeed, cc = termios.tcgetattr(terminal)
    return Settings(iflag, oflag, cflag, lflag, ispeed, ospeed, tuple(cc))


def environment(more: dict[str, str] | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return kept | OURS | (more or {})
