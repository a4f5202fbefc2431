"""What a change is: a thing that should be true, with two verbs, ``compare`` and ``apply``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from wizard.hosts import Host, Log


@dataclass(frozen=True)
class Difference:
    """How a host departs from a change, and the change that would bring the former state back."""

    verb: str  # create | update | remove | run | start | stop
    text: str  # a unified diff, or a sentence; never a secret
    inverse: Change | None  # None: stays after undo, and ``text`` says so
    drift: bool = False  # neither what we left here nor what is wanted: somebody else changed it


class Change(Protocol):
    @property
    def label(self) -> str: ...

    @property
    def key(self) -> str:
        """What it is about: two changes of one key are about the same thing."""
        ...

    def compare(self, host: Host) -> Difference | None:
        """Look only; None where the host is so already."""
        ...

    def apply(self, host: Host, log: Log) -> None: ...
