"""What the engine has told so far, as rows, a share and lines for people."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screens import words
from wizard.clean import clean
from wizard.events import (
    ChangeDone,
    Checked,
    Finished,
    Line,
    Progress,
    StepDone,
    StepFailed,
    StepStarted,
)

if TYPE_CHECKING:
    from wizard.events import Event

CHECK = "check"
STATES = {"waiting": " ", "running": ">", "done": "x", "failed": "!"}


@dataclass
class Row:
    """One step as it stands."""

    title: str
    state: str = "waiting"
    started: float = 0.0
    seconds: float = 0.0

    def text(self) -> str:
        shown = "" if self.state == "waiting" else f"{self.seconds:5.1f} s"
        if self.state == "running":  # whole seconds: each picture of them costs a slow line time
            shown = f"{int(time.monotonic() - self.started):3} s  "
        return f" [{STATES[self.state]}] {self.title:<56.56}{shown:>9}"


@dataclass
class Account:
    """What the engine has told so far, as rows, a share and a line for people."""

    rows: dict[str, Row]
    bar: tuple[float, str] = (0.0, "")
    checked: list[Checked] = field(default_factory=list)
    changed: int = 0

    def hear(self, event: Event) -> str:
        """Take an event in; give the line that it adds to the log, if any."""
        if isinstance(event, Line):
            return f"    | {event.text}"
        if isinstance(event, StepStarted):
            self.bar = (0.0, "")
            self.rows[event.step] = Row(clean(event.title), "running", time.monotonic())
            return f"{event.title} ..."
        if isinstance(event, StepDone | StepFailed):
            return self._end(event)
        if isinstance(event, Progress):
            self.bar = (event.share, clean(event.text))
        if isinstance(event, ChangeDone):
            return f"  done: {event.change}" if event.changed else f"  right: {event.change}"
        if isinstance(event, Checked):
            return self._check(event)
        if isinstance(event, Finished):
            self.changed = event.changed
        return ""

    def end(self) -> None:
        """Close the row of the checks, which no step closes."""
        row = self.rows.get(CHECK)
        if row and row.state == "running":
            bad = any(each.verdict == "failed" for each in self.checked)
            row.state, row.seconds = "failed" if bad else "done", time.monotonic() - row.started

    def _end(self, event: StepDone | StepFailed) -> str:
        row = self.rows[event.step]
        row.seconds = time.monotonic() - row.started
        row.state = "done" if isinstance(event, StepDone) else "failed"
        return "" if isinstance(event, StepDone) else f"failed: {event.message}"

    def _check(self, event: Checked) -> str:
        if not self.checked:
            self.rows[CHECK] = Row(words.CHECKING, "running", time.monotonic())
        self.checked.append(event)
        return f"  {event.verdict}: {event.name}: {event.seen}"
