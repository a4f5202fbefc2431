"""What a check says: a verdict, what was seen, and what to do where it is not right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LOGS = "look at nginx's error log and the registry's log"
PASSED, FAILED, WARNING, SKIPPED = "passed", "failed", "warning", "skipped"


@dataclass(frozen=True)
class Said:
    verdict: str
    seen: str
    remedy: str = ""


Look = Iterator[Said]


class Unseen(Exception):
    """A check could not even be made; the message says why."""


def good(seen: str) -> Said:
    return Said(PASSED, seen)


def bad(seen: str, remedy: str) -> Said:
    return Said(FAILED, seen, remedy)


def doubt(seen: str, remedy: str) -> Said:
    return Said(WARNING, seen, remedy)


def aside(seen: str) -> Said:
    """Say that this was not looked at, and that nothing else depends on it."""
    return Said(SKIPPED, seen)


def verdict(right: bool, seen: str, remedy: str) -> Said:  # noqa: FBT001
    return good(seen) if right else bad(seen, remedy)


def all_of(seen: str, wrong: list[str], remedy: str) -> Look:
    """Say each thing that is wrong, or once that all is well."""
    if not wrong:
        yield good(seen)
    for each in dict.fromkeys(wrong):
        yield bad(each, remedy)
