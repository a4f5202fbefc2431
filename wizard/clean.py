"""Text that is not ours, made harmless for a terminal."""

from __future__ import annotations

import re

# CSI and OSC sequences, then every C0 and C1 control character but the tab.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
LONGEST = 2000


def clean(line: str) -> str:
    """Give one line without anything that a terminal would obey; a progress bar's last state."""
    line = _ESCAPES.sub("", line[: LONGEST * 2]).rstrip("\r").rpartition("\r")[2]
    return _CONTROLS.sub("", line)[:LONGEST]
