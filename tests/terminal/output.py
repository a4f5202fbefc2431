"""What a program writes to its terminal: read at once, answered, kept, and drawn when looked at."""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from tests.terminal.answers import answer
from tests.terminal.controls import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.terminal.controls import Control
    from tests.terminal.modes import Modes
    from tests.terminal.paper import Paper

# So many bytes are read ahead of the drawing, which is slow: about 0.4 MB a second. A program that
# writes more is held up, as by any terminal.
AHEAD = 256 << 10


class Output:
    """The reader of a pty's master end; `end` marks the last that the program wrote."""

    def __init__(self, master: int, paper: Paper, modes: Modes, end: bytes) -> None:
        self._master, self._paper, self._modes, self._end = master, paper, modes, end
        self._scanner = Scanner()
        self._keep: int | None = None
        self._raw = bytearray()
        self._undrawn: deque[tuple[float, list[bytes]]] = deque()
        self._arrivals = self._ahead = 0
        self._over = False
        self._news = threading.Condition()  # about all of the above
        self._drawing = threading.RLock()  # about the paper and these two
        self._awaited: Callable[[str], bool] | None = None
        self._came: float | None = None
        self._enough = os.eventfd(0)
        self._reading = threading.Thread(target=self._read)

    def start(self, keep: int | None) -> None:
        """Begin to read; remember so many of the bytes, all of them for None."""
        self._keep = keep
        self._reading.start()

    def stop(self) -> None:
        """Let go of the master end."""
        if self._enough >= 0:
            os.eventfd_write(self._enough, 1)
            self._reading.join()
            os.close(self._enough)
            self._enough = -1

    def screen(self) -> str:
        with self._drawing:
            self._draw()
            return self._paper.text()

    def raw(self) -> bytes:
        with self._news:
            return bytes(self._raw).replace(self._end, b"")

    def modes(self) -> tuple[str, ...]:
        with self._news:
            return self._modes.left_on()

    def resize(self, columns: int, rows: int) -> None:
        with self._drawing:
            self._draw()
            self._paper.resize(rows, columns)

    def set_over(self) -> None:
        with self._news:
            self._over = True
            self._news.notify_all()

    def wait_over(self, seconds: float) -> bool:
        with self._news:
            return self._news.wait_for(lambda: self._over, seconds)

    def looks(self, until: float) -> Iterator[str]:
        """Give the screen, and again when more has arrived, until that time or the last output."""
        while True:
            seen = self._arrivals
            yield self.screen()
            if time.monotonic() > until or not self._more(seen, until):
                return

    def watch(self, awaited: Callable[[str], bool]) -> str:
        """Give the screen, and from now on note when that arrives which makes it so."""
        with self._drawing:
            self._awaited, self._came = None, None
            screen = self.screen()
            self._awaited = awaited
            return screen

    def came(self) -> float | None:
        """Give the time at which what is watched for had arrived."""
        with self._drawing:
            self._draw()
            return self._came

    def _more(self, seen: int, until: float) -> bool:
        with self._news:
            left = max(0, until - time.monotonic())
            self._news.wait_for(lambda: self._over or self._arrivals > seen, left)
            return self._arrivals > seen

    def _read(self) -> None:
        ends = (self._master, self._enough)
        while self._enough not in select.select(ends, (), ())[0]:
            self._hear(os.read(self._master, 1 << 16))

    def _hear(self, data: bytes) -> None:
        now, pieces, over = time.monotonic(), list[bytes](), False
        self._remember(data)
        for text, control in self._scanner.split(data):
            pieces.append(text)
            if control:
                pieces.append(control.drawable)
                if control.kind == "n":  # asks for the cursor, so all before it must be drawn
                    self._queue(now, pieces)
                self._obey(control)
                over = over or control.sent == self._end
        self._queue(now, pieces)
        if over:
            self.set_over()
        if self._ahead > AHEAD:
            self._draw()

    def _remember(self, data: bytes) -> None:
        with self._news:
            self._raw += data
            if self._keep is not None:
                del self._raw[: -self._keep]

    def _queue(self, now: float, pieces: list[bytes]) -> None:
        with self._news:
            self._undrawn.append((now, pieces.copy()))
            self._ahead += sum(map(len, pieces))
            self._arrivals += 1
            self._news.notify_all()
        pieces.clear()

    def _obey(self, control: Control) -> None:
        with self._news:
            self._modes.follow(control)
        if reply := answer(control, self._modes, self._cursor):
            os.write(self._master, reply)

    def _cursor(self) -> tuple[int, int]:
        with self._drawing:
            self._draw()
            return self._paper.cursor.y + 1, self._paper.cursor.x + 1

    def _draw(self) -> None:
        """Draw what has arrived by now."""
        with self._drawing:
            for _ in range(len(self._undrawn)):
                arrived, pieces = self._undrawn.popleft()
                for each in pieces:
                    self._paper.draw_bytes(each)
                with self._news:
                    self._ahead -= sum(map(len, pieces))
                self._look(arrived)

    def _look(self, arrived: float) -> None:
        if self._awaited and self._awaited(self._paper.text()):
            self._awaited, self._came = None, arrived
