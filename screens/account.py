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
    Found,
    Line,
    Progress,
    StepDone,
    StepFailed,
    StepStarted,
)

if TYPE_CHECKING:
    from wizard.events import Event

CHECK, CHECK_CLIENTS = "check", "check clients"
TITLES = {CHECK: words.CHECKING, CHECK_CLIENTS: words.CHECKING_CLIENTS}
STATES = {"waiting": " ", "running": ">", "done": "x", "failed": "!"}
CLIENT = "client "  # begins the names of the steps on clients
FIRST = ("failed", "running", "waiting", "done")  # where there is no room for all


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
    """What the engine has told so far, as rows, shares and a line for people.

    Clients are worked on many at once: several steps may be under way.
    """

    rows: dict[str, Row]
    bars: dict[str, tuple[float, str]] = field(default_factory=dict)  # by step
    checked: list[Checked] = field(default_factory=list)
    changed: int = 0

    def hear(self, event: Event) -> str:
        """Take an event in; give the line that it adds to the log, if any."""
        if isinstance(event, StepStarted):
            self.end()
            self.rows[event.step] = Row(clean(event.title), "running", time.monotonic())
            return f"{event.title} ..."
        if isinstance(event, StepDone | StepFailed):
            return self._end(event)
        if isinstance(event, Progress):
            self.bars[event.step] = (event.share, clean(event.text))
        if isinstance(event, Line | ChangeDone | Found):
            return self._told(event)
        if isinstance(event, Checked) and event.looked:
            return self._check(event)
        if isinstance(event, Finished):
            self.changed = event.changed
        return ""

    def _told(self, event: Line | ChangeDone | Found) -> str:
        """Give what changes no row as a line of the log."""
        if isinstance(event, Found):
            return f"{words.WARNING}: {event.text}\n  -> {event.remedy}"
        if isinstance(event, Line):
            return f"    {self._whose(event.step)}| {event.text}"
        how = "done" if event.changed else "right"
        return f"  {self._whose(event.step)}{how}: {event.change}"

    @property
    def bar(self) -> tuple[float, str]:
        """Give how far the command is that said so last, of those that are under way."""
        return list(self.bars.values())[-1] if self.bars else (0.0, "")

    def end(self) -> None:
        """Close the rows of the checks, which no step closes."""
        for key in TITLES:
            row = self.rows.get(key)
            if row and row.state == "running":
                bad = any(e.verdict == "failed" for e in self.checked if _row_of(e) == key)
                row.state, row.seconds = "failed" if bad else "done", time.monotonic() - row.started

    def fitting(self, room: int) -> list[str]:
        """Give the rows as lines; where they are too many, those that matter and a count."""
        rows = list(self.rows.values())
        if len(rows) <= room:
            return [row.text() for row in rows]
        ranked = sorted(rows, key=lambda row: FIRST.index(row.state))[: max(room - 1, 1)]
        kept = {id(row) for row in ranked}
        left = [row.state for row in rows if id(row) not in kept]
        counts = left.count("done"), left.count("waiting")
        lines = [row.text() for row in rows if id(row) in kept]
        return [*lines, words.MORE_ROWS.format(len(left), *counts)]

    def _whose(self, step: str) -> str:
        """Say of which client a line is, while several are under way."""
        several = sum(row.state == "running" for row in self.rows.values()) > 1
        return f"{clean(step.removeprefix(CLIENT))} " if several else ""

    def _end(self, event: StepDone | StepFailed) -> str:
        share = self.bars.pop(event.step, None)
        if share and isinstance(event, StepFailed):  # it shows how far it came, below the others
            self.bars = {event.step: share, **self.bars}
        row = self.rows[event.step]
        row.seconds = time.monotonic() - row.started
        row.state = "done" if isinstance(event, StepDone) else "failed"
        if isinstance(event, StepDone):
            return ""
        return f"{self._whose(event.step)}failed: {event.message}"

    def _check(self, event: Checked) -> str:
        key = _row_of(event)
        if key not in self.rows:
            self.end()
            self.rows[key] = Row(TITLES[key], "running", time.monotonic())
        self.checked.append(event)
        whose = f"{event.host} " if event.host else ""
        return f"  {event.verdict}: {whose}{event.name}: {event.seen}"


def _row_of(event: Checked) -> str:
    return CHECK_CLIENTS if event.host else CHECK
