"""How far a command is, read from the lines it prints; the table of what is understood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.events import Line, Progress

if TYPE_CHECKING:
    from collections.abc import Callable

# apt's own lines on its status file descriptor (README.progress-reporting in apt's documentation):
# first all downloads go from 0 to 100 percent, then unpacking and setting up do.
_APT = re.compile(r"(dl|pm)status:[^:]*:([0-9.]+):(.*)")
# How dnf 4 counts, and how dnf 5, zypper, pacman and apk do.
_COUNTED_LAST = re.compile(r"^ +(?P<act>Installing +: \S+) +(?P<now>\d+)/(?P<of>\d+)")
_COUNTED_FIRST = re.compile(r"^ *[(\[](?P<now>\d+)/(?P<of>\d+)[)\]] (?P<act>[Ii]nstalling:? \S+)")
_DOWNLOADS = 0.5
APT_STATUS = ("-o", "APT::Status-Fd=1")
"""The words that make apt-get print such lines among the others."""


def heard(step: str, text: str) -> Line | Progress:
    """Give what a printed line says: how far the command is, or a line like any other."""
    for shape, read in _SHAPES:
        if match := shape.search(text):
            return Progress(step, *read(match))
    return Line(step, text)


def _apt(match: re.Match[str]) -> tuple[float, str]:
    share = min(float(match[2]) / 100, 1.0)
    if match[1] == "dl":
        return share * _DOWNLOADS, match[3]
    return _DOWNLOADS + share * (1 - _DOWNLOADS), match[3]


# Our own words for whatever tells its progress in another way than by lines.
_SHARE = re.compile(r"^share:([0-9.]+):(.*)")


def _share(match: re.Match[str]) -> tuple[float, str]:
    return min(float(match[1]), 1.0), match[2]


def _counted(match: re.Match[str]) -> tuple[float, str]:
    return int(match["now"]) / max(int(match["of"]), 1), re.sub(r" +:|:", "", match["act"])


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[float, str]]], ...] = (
    (_APT, _apt),
    (_COUNTED_LAST, _counted),
    (_COUNTED_FIRST, _counted),
    (_SHARE, _share),
)
