"""What a test may wait for, and the sentence when it does not come."""

from __future__ import annotations

from collections.abc import Callable

Wanted = str | Callable[[str], bool]


def check(wanted: Wanted) -> Callable[[str], bool]:
    """Turn a text into the question whether a screen shows it."""
    return (lambda screen: wanted in screen) if isinstance(wanted, str) else wanted


def not_shown(wanted: Wanted, why: str, screen: str) -> AssertionError:
    name = (
        repr(wanted) if isinstance(wanted, str) else getattr(wanted, "__name__", "what it should")
    )
    width = max(map(len, screen.splitlines()), default=0)
    frame = "-" * max(width, 20)
    return AssertionError(f"The screen does not show {name} {why}:\n{frame}\n{screen}\n{frame}")
