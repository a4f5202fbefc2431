"""One row of what is known about failures: how it is told, why it comes, what to look at and do."""

from __future__ import annotations

from dataclasses import dataclass

# What follows a push in the same text, up to the next one; so no text is gone through twice.
AFTERWARDS = r"(?:(?!push refers to repository \[)[^\0])*?"

ROOT, DEFINITE, SYMPTOM = range(3)
"""How much a cause explains: a root explains what is definite, and that explains a symptom."""


@dataclass(frozen=True)
class Cause:
    """A row; ``{at}`` and its like in its sentences stand for what the text says itself.

    ``{trust}``, ``{log}`` and their like in a remedy stand for what is done about it on a machine.
    """

    id: str  # stable: scripts may ask for it
    said: tuple[str, ...]  # regular expressions for the end of what each program prints
    cause: str
    remedies: tuple[str, ...]
    looks: tuple[str, ...] = ()  # what is worth looking at, by name; in the order to tell
    rank: int = DEFINITE
    # Words that other programs say, too: they count only in a text that is about a registry.
    bare: tuple[str, ...] = ()
    loses_port: bool = False  # the port in the text is the wrong one
