"""Text that is not ours, made harmless for a terminal."""

from __future__ import annotations

import re

# CSI and OSC sequences, then every C0 and C1 control character but the tab; half characters; and
# the marks that turn the direction of writing, which make a line look like another.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?")
_CONTROLS = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
LONGEST = 2000


def clean(line: str, longest: int | None = LONGEST) -> str:
    """Give one line without anything that a terminal would obey; a progress bar's last state."""
    if line.isprintable():  # by far the most are, and there may be thousands a second
        return line[:longest]
    line = _ESCAPES.sub("", line[: longest and longest * 2]).rstrip("\r").rpartition("\r")[2]
    return _CONTROLS.sub("", line)[:longest]
