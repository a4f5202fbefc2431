"""One row of what is known about failures: how it is told, why it comes, what to look at and do."""

from __future__ import annotations

from dataclasses import dataclass

ROOT, DEFINITE, SYMPTOM = range(3)
"""How much a cause explains: a root explains what is definite, and that explains a symptom."""


@dataclass(frozen=True)
class Cause:
    """A row; ``{at}`` and its like in its sentences stand for what the text says itself.

    ``{trust}``, ``{lead}`` and ``{again}`` in a remedy stand for what this program does about it.
    """

    id: str  # stable: scripts may ask for it
    said: tuple[str, ...]  # regular expressions for the end of what each program prints
    cause: str
    remedies: tuple[str, ...]
    looks: tuple[str, ...] = ()  # what is worth looking at, by name; in the order to tell
    rank: int = DEFINITE
