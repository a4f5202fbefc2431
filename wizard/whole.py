"""A file put in place whole: written under a name of its own, synced, then renamed."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import FileIO
    from pathlib import Path

PARTIAL = ".registry-wizard."  # how the name of a file begins that is not yet in place


def put(target: Path, content: bytes, ready: Callable[[int], None] = lambda _: None) -> None:
    """Put it in place, mode 0600 unless ``ready`` gives the open file others before its first byte.

    Raises OSError; the former file is as it was then.
    """
    partial = target.with_name(f"{PARTIAL}{secrets.token_hex(6)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as stream:
            ready(descriptor)
            write_all(stream, content)
            os.fsync(descriptor)
        partial.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):  # read-only by now: the next run drops it
            partial.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def write_all(stream: FileIO, content: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part, and refuses the rest."""
    while content:
        content = content[stream.write(content) :]


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
