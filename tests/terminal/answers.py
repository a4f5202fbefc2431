"""What a terminal says when a program asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terminal.controls import Control
    from tests.terminal.modes import Modes


def answer(control: Control, modes: Modes, cursor: Callable[[], tuple[int, int]]) -> bytes:
    """Give the bytes for the program; none where it has not asked. Cursor is row and column."""
    match control.kind, control.numbers[:1]:
        case "c", (0,):
            return b"\x1b[?64;1;6;22c"  # a VT420 with 132 columns, selective erase, colours
        case ">c", (0,):
            return b"\x1b[>41;390;0c"  # xterm 390
        case "n", (5,):
            return b"\x1b[0n"
        case "n", (6,):
            return b"\x1b[%d;%dR" % cursor()
        case "?$p", (number,):
            known = number in modes.supports
            return b"\x1b[?%d;%d$y" % (number, known and (1 if modes.on(number) else 2))
    return b""


def in_band(columns: int, rows: int) -> bytes:
    """Give the report of a size to a program that has turned mode 2048 on."""
    return b"\x1b[48;%d;%d;%d;%dt" % (rows, columns, rows * 16, columns * 8)
