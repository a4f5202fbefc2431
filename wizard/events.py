"""What the engine says while it works, as plain values for whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Found:
    """The survey found something: a warning, or a blocker that ends the run before it begins."""

    blocker: bool
    text: str
    remedy: str


@dataclass(frozen=True)
class Differs:
    """One change that will be made; ``text`` is a unified diff or a sentence, never a secret."""

    step: str
    change: str
    verb: str
    text: str
    drift: bool = False
    host: str = ""  # a client; empty: this machine


@dataclass(frozen=True)
class StepAhead:
    """What follows would be taken back as one step; ``notes`` say what else that means."""

    step: str
    title: str
    host: str = ""  # a client; empty: this machine
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepStarted:
    step: str
    title: str


@dataclass(frozen=True)
class Line:
    """One line that a command printed while it ran."""

    step: str
    text: str


@dataclass(frozen=True)
class Progress:
    """How far a command is that says so while it runs."""

    step: str
    share: float  # from 0 to 1
    text: str


@dataclass(frozen=True)
class ChangeDone:
    step: str
    change: str
    changed: bool


@dataclass(frozen=True)
class StepDone:
    step: str
    changed: int


@dataclass(frozen=True)
class StepFailed:
    """A step failed; ``cause`` and ``remedy`` say what that means, where it is known."""

    step: str
    message: str
    hint: str
    cause: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Stopped:
    """The user asked to stop; it fell before this step's next change."""

    step: str


@dataclass(frozen=True)
class Checked:
    """One look after the fact: what was seen, and what to do where it is not right."""

    name: str  # the check's id, which stays the same from one version to the next
    verdict: str  # passed | failed | warning | skipped
    seen: str
    remedy: str = ""
    host: str = ""  # a client; empty: seen from this machine

    @property
    def looked(self) -> bool:
        """Say whether it was looked at: not where something failed that it needs."""
        return self.verdict != "skipped"


@dataclass(frozen=True)
class NameRow:
    """One name of the registry, what each who must know it says, and which of that is wrong."""

    name: str
    cells: dict[str, str]  # by title
    wrong: tuple[str, ...]  # titles


@dataclass(frozen=True)
class Names:
    """All names side by side."""

    rows: tuple[NameRow, ...]


@dataclass(frozen=True)
class Verified:
    """All checks are over: how many passed, and the ids of those that did not."""

    passed: int
    failed: tuple[str, ...]
    warnings: tuple[str, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class Finished:
    changed: int
    message: str


Event = (
    Found
    | Differs
    | StepAhead
    | StepStarted
    | Line
    | Progress
    | ChangeDone
    | StepDone
    | StepFailed
    | Stopped
    | Checked
    | Names
    | Verified
    | Finished
)
Tell = Callable[[Event], None]


def as_record(event: Event) -> dict[str, object]:
    """Give the event as a JSON object with its kind under ``event``."""
    return {"event": type(event).__name__, **asdict(event)}
