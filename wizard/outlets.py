"""Standard input, output and error, which may be closed, full, or read by nobody any more."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTHING_LOST = (0, 10)  # exit codes that say that all is told


class Outlet:
    """A stream that loses what cannot be written: the work goes on, and its end tells of it."""

    def __init__(self, stream: Any, lost: list[OSError] | None = None) -> None:
        self.stream = stream
        self.lost = [] if lost is None else lost

    @property
    def buffer(self) -> Outlet:
        return Outlet(self.stream.buffer, self.lost)

    def write(self, text: str | bytes) -> int:
        if not self.lost:
            with self._noted():
                self.stream.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write lines, which are made no more once nobody reads them."""
        for line in lines:
            self.write(line)
            if self.lost:
                return

    def flush(self) -> None:
        if not self.lost:
            with self._noted():
                self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    @contextlib.contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except OSError as refusal:
            self.lost.append(refusal)
            # What waits in the stream would be tried again when the program ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())


def open_closed() -> None:
    """Put something in the place of what is closed, else the next opened file would be there.

    Reading from standard input fails then as it did, and whatever is printed is gone.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY)  # the lowest number that is free
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: PTH123, SIM115
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


@contextlib.contextmanager
def guarded() -> Iterator[Outlet]:
    """Let the work go on where nobody can be told of it; give where it was to be told.

    A terminal is guarded, too: one that is gone sends a signal, and takes nothing from then on.
    """
    kept = sys.stdout, sys.stderr
    out, err = map(Outlet, kept)
    for stream in kept:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # in whatever encoding: no traceback
    try:
        sys.stdout, sys.stderr = out, err
        yield out
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = kept


@contextlib.contextmanager
def bare() -> Iterator[None]:
    """Give a terminal without its guard to what draws and asks on it, and knows when it is gone."""
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_terminal, kept)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = kept


def _terminal(stream: Any) -> Any:
    return stream.stream if isinstance(stream, Outlet) and stream.isatty() else stream


def ended(code: int, out: Outlet) -> int:
    """Give the exit code, which is 1 where all went well and could not be told."""
    if not out.lost:
        return code
    refusal = out.lost[0]
    if not isinstance(refusal, BrokenPipeError):  # whoever left wants to hear no more
        err = Outlet(sys.stderr)
        err.write(
            f"registry-wizard: Standard output could not be written: {refusal.strerror}\n"
            "  -> what was done was done to its end; registry-wizard status says how it is\n"
        )
        err.flush()
    return 1 if code in NOTHING_LOST else code
