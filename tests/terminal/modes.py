"""The modes of a terminal that a program has left in another state than it found them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.terminal.controls import Control

# https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, the rest from kitty's and contour's pages
NAMES = {
    1: "application cursor keys",
    7: "no line wrap",
    25: "cursor hidden",
    66: "application keypad",
    1004: "focus reports",
    1047: "alternate screen",
    1049: "alternate screen",
    2004: "bracketed paste",
    2026: "synchronized output",
    2048: "in-band resize",
} | {number: f"mouse {number}" for number in (9, 1000, 1002, 1003, 1005, 1006, 1015, 1016)}
ON_AT_FIRST = (7, 25)
ALTERNATE = (1047, 1049)
# A blinking cursor and the meta key: terminals differ in the default, programs may have a wish.
FREE = (12, 1034)
XTERM = frozenset(NAMES) - {2026, 2048}
STYLE_ENDS = {
    22: {1, 2},
    23: {3},
    24: {4, 21},
    25: {5, 6},
    27: {7},
    28: {8},
    29: {9},
    39: {38},
    49: {48},
    55: {53},
    59: {58},
}
COLOUR_WORDS = {5: 1, 2: 3}


class Modes:
    """What is on; `supports` are the modes that this terminal says it knows when asked."""

    def __init__(self, supports: frozenset[int] = XTERM) -> None:
        self.supports = supports
        self._reset()

    def _reset(self) -> None:
        self._on = dict.fromkeys(ON_AT_FIRST, True)
        self._style: set[int] = set()
        # The main and the alternate screen have a stack each.
        self._pushed = {False: 0, True: 0}

    def on(self, number: int) -> bool:
        return self._on.get(number, False)

    @property
    def alternate(self) -> bool:
        return any(map(self.on, ALTERNATE))

    def follow(self, control: Control) -> None:
        """Take note of a control that switches something."""
        numbers = control.numbers
        match control.kind:
            case "?h" | "?l":
                self._on |= dict.fromkeys(numbers, control.kind == "?h")
            case "esc =" | "esc >":
                self._on[66] = control.kind == "esc ="
            case ">u":
                self._pushed[self.alternate] += 1
            case "<u":
                left = self._pushed[self.alternate] - (numbers[0] or 1)
                self._pushed[self.alternate] = max(0, left)
            case "m":
                self._style = styled(self._style, numbers)
            case "!p":
                self._on |= {1: False, 25: True, 66: False}
                self._style = set()
            case "esc c":
                self._reset()

    def left_on(self) -> tuple[str, ...]:
        """Name what differs from a terminal that nobody has touched."""
        numbers = sorted({*self._on, *ON_AT_FIRST} - {*FREE})
        changed = [each for each in numbers if self.on(each) != (each in ON_AT_FIRST)]
        found = [NAMES.get(each, f"private mode {each}") for each in changed]
        found += ["kitty keyboard"] * any(self._pushed.values())
        found += ["text style"] * bool(self._style)
        return tuple(dict.fromkeys(found))


def styled(on: set[int], numbers: tuple[int, ...]) -> set[int]:
    """Give the text attributes that are on after CSI numbers m."""
    codes, on = iter(numbers), set(on)
    for code in codes:
        if code == 0:
            on.clear()
        elif code in STYLE_ENDS:
            on -= STYLE_ENDS[code]
        else:
            on.add(_attribute(code))
        if code in (38, 48, 58):
            for _ in range(COLOUR_WORDS.get(next(codes, 0), 0)):
                next(codes, 0)
    return on


def _attribute(code: int) -> int:
    """Give the one number that stands for all colours of the text, or of the ground."""
    return (
        {3: 38, 9: 38, 4: 48, 10: 48}.get(code // 10, code) if code >= 30 and code < 108 else code
    )
