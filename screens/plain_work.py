"""What the engine tells while it works, as a line for each step; nothing moves on the terminal."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from screens import plain_words as words
from wizard.events import (
    Checked,
    Differs,
    Finished,
    Line,
    Progress,
    StepDone,
    StepStarted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.plain_talk import Talk
    from wizard.events import Event

TENTH = 10  # percent, between two lines that say how far it is
LAST = 8  # lines that are shown where a step fails


@dataclass
class Work:
    """Listens to one run of the engine."""

    talk: Talk
    total: int = 0  # steps that there are
    steps: int = 0
    percent: int = 0
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST))
    checks: bool = False

    def tell(self, event: Event) -> None:
        act = _TELLS.get(type(event))
        if act:
            act(self, event)

    def _started(self, event: StepStarted) -> None:
        self.steps, self.percent = self.steps + 1, 0
        self.last.clear()
        self.talk.say(words.STEP.format(self.steps, self.total, event.title))

    def _line(self, event: Line) -> None:
        self.last.append(event.text)

    def _progress(self, event: Progress) -> None:
        percent = int(event.share * 100) // TENTH * TENTH
        if percent > self.percent:
            self.percent = percent
            self.talk.say(words.PERCENT.format(percent))

    def _done(self, event: StepDone) -> None:
        self.talk.say(words.STEP_DONE.format(event.changed) if event.changed else words.STEP_SAME)

    def _checked(self, event: Checked) -> None:
        if not self.checks:
            self.checks = True
            self.talk.say(words.CHECKING)
        verdict = words.VERDICTS[event.verdict]
        self.talk.say(words.CHECK.format(verdict, event.name, event.seen))
        if event.remedy and event.verdict != "passed":
            self.talk.say(words.REMEDY.format(event.remedy), indent="    ")

    def _differs(self, event: Differs) -> None:
        said = event.change.startswith(event.verb)
        self.talk.say(event.change if said else f"{event.verb}: {event.change}", indent="  ")
        if event.drift:
            self.talk.say(words.UNDO_DRIFT.format(event.change), indent="    ")

    def _finished(self, event: Finished) -> None:
        self.talk.say(event.message.partition("\n")[0])


_TELLS: dict[type[Any], Callable[[Work, Any], None]] = {
    StepStarted: Work._started,  # noqa: SLF001
    Line: Work._line,  # noqa: SLF001
    Progress: Work._progress,  # noqa: SLF001
    StepDone: Work._done,  # noqa: SLF001
    Checked: Work._checked,  # noqa: SLF001
    Differs: Work._differs,  # noqa: SLF001
    Finished: Work._finished,  # noqa: SLF001
}
