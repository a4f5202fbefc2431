"""The one lock of a host: it goes with its process, however that ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import IO, TYPE_CHECKING

from wizard.errors import Blocked, WizardError
from wizard.ways_out import way_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock with our number in it.

    Raises Blocked with the number of who holds it, WizardError where there can be no such file.
    """
    with _opened(path) as stream:
        _take(stream, path)
        _write(stream, str(os.getpid()))
        try:
            yield
        finally:
            _write(stream, "")


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    try:
        stream = path.open("a+", errors="replace")
    except OSError as refusal:
        raise _impossible(path, refusal) from refusal
    with stream:
        yield stream


def _take(stream: IO[str], path: Path) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.seek(0)
        found = stream.read().strip()
        # Between taking it and writing its number down there is a moment.
        who = f" (pid {found})" if found.isdigit() else ""
        raise Blocked(
            f"Another registry-wizard is at work here{who}", "wait until it has finished"
        ) from None
    except OSError as refusal:  # a file system of another machine may know no locks
        raise _impossible(path, refusal) from refusal


def _write(stream: IO[str], text: str) -> None:
    """Write the number for others to read; on a full disk the lock is as good without it."""
    with contextlib.suppress(OSError):
        stream.truncate(0)
        os.write(stream.fileno(), text.encode())  # unbuffered: closing has nothing to write


def _impossible(path: Path, refusal: OSError) -> WizardError:
    said = str(refusal.strerror)
    return WizardError(
        f"{path}, by which one wizard keeps out another, cannot be locked: {said}",
        f"nothing was touched: {way_out(said, str(path))}",
    )
