"""What the engine tells while it works, as a line for each step; nothing moves on the terminal."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from screens import plain_words as words
from screens.words import ON_HOST
from wizard.events import (
    Checked,
    Differs,
    Finished,
    Found,
    Line,
    Progress,
    StepDone,
    StepFailed,
    StepStarted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.plain_talk import Talk
    from wizard.events import Event

TENTH = 10  # percent, between two lines that say how far it is
LAST = 8  # lines that are shown where a step fails


@dataclass
class Open:
    """A step that is under way."""

    title: str
    percent: int = 0
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST))


@dataclass
class Work:
    """Listens to one run of the engine, which works on many clients at once."""

    talk: Talk
    total: int = 0  # steps that there are
    steps: int = 0
    open: dict[str, Open] = field(default_factory=dict)  # steps that are under way
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST))  # of one that failed
    checks: bool = False

    def tell(self, event: Event) -> None:
        act = _TELLS.get(type(event))
        if act:
            act(self, event)

    def _started(self, event: StepStarted) -> None:
        self.steps += 1
        self.open[event.step] = Open(event.title)
        total = max(self.total, self.steps)
        self.talk.say(words.STEP.format(self.steps, total, event.title))

    def _line(self, event: Line) -> None:
        if event.step in self.open:
            self.open[event.step].lines.append(event.text)
            self.last = self.open[event.step].lines

    def _progress(self, event: Progress) -> None:
        percent, step = int(event.share * 100) // TENTH * TENTH, self.open.get(event.step)
        if step and percent > step.percent:
            step.percent = percent
            self._say(event.step, words.PERCENT.format(percent))

    def _done(self, event: StepDone) -> None:
        text = words.STEP_DONE.format(event.changed) if event.changed else words.STEP_SAME
        self._say(event.step, text)
        self.open.pop(event.step, None)

    def _failed(self, event: StepFailed) -> None:
        """Say it; why is said at the end, or at once where others go on."""
        several = len(self.open) > 1
        text = words.STEP_FAILED_WHY.format(event.message) if several else words.STEP_FAILED
        self._say(event.step, text)
        failed = self.open.pop(event.step, None)
        self.last = failed.lines if failed else self.last

    def _say(self, step: str, text: str) -> None:
        """Say how a step is; of which one it is, where several are under way."""
        if len(self.open) > 1 and step in self.open:
            text = words.OF_SEVERAL.format(self.open[step].title, text.strip())
        self.talk.say(text)

    def _checked(self, event: Checked) -> None:
        if not event.looked:
            return
        if not self.checks:
            self.checks = True
            self.talk.say(words.CHECKING)
        verdict = words.VERDICTS[event.verdict]
        name = words.CHECK_CLIENT.format(event.host, event.name) if event.host else event.name
        self.talk.say(words.CHECK.format(verdict, name, event.seen))
        if event.remedy and event.verdict != "passed":
            self.talk.say(words.REMEDY.format(event.remedy), indent="    ")

    def _differs(self, event: Differs) -> None:
        said = event.change.startswith(event.verb)
        where = f" ({ON_HOST.format(event.host)})" if event.host else ""
        verb = "" if said else f"{event.verb}: "
        self.talk.say(f"{verb}{event.change}{where}", indent="  ")
        if event.drift:
            self.talk.say(words.UNDO_DRIFT.format(event.change), indent="    ")

    def _found(self, event: Found) -> None:
        self.talk.say(words.NOTE.format(event.text))
        self.talk.say(words.REMEDY.format(event.remedy), indent="  ")

    def _finished(self, event: Finished) -> None:
        self.talk.say(event.message.partition("\n")[0])


_TELLS: dict[type[Any], Callable[[Work, Any], None]] = {
    StepStarted: Work._started,  # noqa: SLF001
    Line: Work._line,  # noqa: SLF001
    Progress: Work._progress,  # noqa: SLF001
    StepDone: Work._done,  # noqa: SLF001
    StepFailed: Work._failed,  # noqa: SLF001
    Checked: Work._checked,  # noqa: SLF001
    Differs: Work._differs,  # noqa: SLF001
    Found: Work._found,  # noqa: SLF001
    Finished: Work._finished,  # noqa: SLF001
}
