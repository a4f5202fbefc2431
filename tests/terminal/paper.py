"""What a person sees: pyte's screen, with the alternate one that pyte lacks."""

from __future__ import annotations

import contextlib
from typing import Any

import pyte

from tests.terminal.modes import ALTERNATE


class Paper(pyte.Screen):
    """Shows on leaving the alternate screen what stood there before."""

    def __init__(self, columns: int, rows: int) -> None:
        self._main: Any = None
        super().__init__(columns, rows)
        self._stream = pyte.ByteStream(self)

    def draw_bytes(self, data: bytes) -> None:
        # What pyte raises for a control with a number too many or a ? it does not expect.
        with contextlib.suppress(TypeError):
            self._stream.feed(data)

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.display)

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        if kwargs.get("private") and {*modes} & {*ALTERNATE} and self._main is None:
            self.save_cursor()
            self._main, self.buffer = self.buffer, pyte.Screen(self.columns, self.lines).buffer
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        if kwargs.get("private") and {*modes} & {*ALTERNATE} and self._main is not None:
            self.buffer, self._main = self._main, None
            self.restore_cursor()
        super().reset_mode(*modes, **kwargs)
