"""The full log: every event with its time, in a file that only root can read."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.events import Found, as_record
from wizard.ways_out import way_out

if TYPE_CHECKING:
    from wizard.events import Event, Tell

LOG = Path("/var/log/registry-wizard.log")


def logged(tell: Tell, path: Path = LOG) -> Tell:
    """Give a listener that writes each event down before passing it on.

    Where that cannot be, it says so once and goes on: the log is no part of the work.
    """
    broken = False

    def both(event: Event) -> None:
        nonlocal broken
        if not broken:
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            try:
                _append(path, json.dumps({"at": at, **as_record(event)}) + "\n")
            except OSError as refusal:
                broken = True
                tell(_unwritten(path, refusal))
        tell(event)

    return both


def _append(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        os.write(descriptor, line.encode(errors="replace"))
    finally:
        os.close(descriptor)


def _unwritten(path: Path, refusal: OSError) -> Found:
    said = str(refusal.strerror)
    return Found(
        blocker=False,
        text=f"The log {path} cannot be written: {said}; the work goes on without it",
        remedy=way_out(said, str(path)),
    )
