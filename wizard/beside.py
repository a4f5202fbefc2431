"""A command that runs beside something else, for as long as that lasts."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from typing import TYPE_CHECKING

from wizard.child import Child

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BEAT = 60.0  # seconds


@contextlib.contextmanager
def beside(argv: tuple[str, ...], environment: Mapping[str, str], beat: float) -> Iterator[str]:
    """Run a command for as long as this lasts, then end its input; give its first line.

    It is sent a byte now and then, by which it knows that it is needed still. In a session of its
    own, like every command: the terminal's ctrl+c does not reach it.
    """
    with Child(argv, environment, subprocess.DEVNULL) as running:
        assert running.stdin  # noqa: S101  (both were asked for)
        assert running.stdout  # noqa: S101
        with _beating(running.stdin.fileno(), beat):
            yield running.stdout.readline().decode(errors="replace").strip()


@contextlib.contextmanager
def _beating(descriptor: int, beat: float) -> Iterator[None]:
    """Write a byte to a pipe at every beat, as long as somebody reads there."""
    over = threading.Event()

    def work() -> None:
        with contextlib.suppress(OSError):
            while not over.wait(beat):
                os.write(descriptor, b".")

    beating = threading.Thread(target=work, daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()
