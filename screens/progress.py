"""The plan while it is carried out: each step with its state and time, and the live log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from screens import words
from screens.account import Account, Row
from screens.frame import Confirm, Frame, Reading, button, say
from screens.tail import Tail
from screens.told import MOST_LINES, Work
from wizard.clean import clean
from wizard.errors import ChecksFailed, ClientsFailed, Interrupted, WizardError
from wizard.log import LOG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from wizard.events import Checked, Tell

TICK = 0.05
BAR = 30
REST = 12  # rows of the screen that are for the log, its bar, title and keys
LEAST = 4


@dataclass(frozen=True)
class Outcome:
    """How the work ended."""

    error: WizardError | None
    checked: tuple[Checked, ...]
    changed: int
    way: str = ""  # what to do after a failure: answers | undo | quit


class AtWork(Frame[Outcome]):
    """Runs the engine in its thread; dismisses with how it ended."""

    BINDINGS: ClassVar = [
        Binding("f8,escape", "stop", words.STOP, key_display="Esc"),
        Binding("f", "follow", words.FOLLOW),
        Binding("f5,ctrl+r", "retry", words.RETRY, key_display="F5"),
        Binding("f2", "way('answers')", words.EDIT_ANSWERS, key_display="F2"),
        Binding("f6", "way('undo')", words.TAKE_BACK, key_display="F6"),
    ]

    def __init__(
        self,
        title: str,
        steps: dict[str, str],
        act: Callable[[Tell], object],
        stop: Callable[[], None],
        engaged: Callable[[Work[object]], None],
    ) -> None:
        super().__init__()
        self.heading, self.steps, self.act = title, steps, act
        self.stop, self.engaged = stop, engaged
        self.shown: dict[str, str] = {}
        self.ended = False
        self.stopping = False
        self.error: WizardError | None = None

    def title_text(self) -> str:
        return self.heading

    def body(self) -> Iterable[Widget]:
        yield say("", id="rows")
        yield say("", id="bar")
        yield Tail(max_lines=MOST_LINES)
        with Vertical(id="card"):
            with Reading(classes="reading"):
                yield say("", id="cause")
            yield say("", id="remedy")
            with Horizontal(classes="buttons"):
                yield button(words.RETRY, "retry", first=True)
                yield button(words.EDIT_ANSWERS, "answers")
                yield button(words.TAKE_BACK, "undo")
                yield button(words.QUIT, "leave")

    def on_mount(self) -> None:
        self.query_one(Tail).focus()
        self.set_interval(TICK, self._watch)
        self._begin()

    def on_unmount(self) -> None:
        self.work.told.close()

    def _begin(self) -> None:
        self.account = Account({step: Row(clean(title)) for step, title in self.steps.items()})
        self.ended, self.stopping, self.error = False, False, None
        self.query_one("#card").display = False
        self.work = Work(self.act).start()
        self.engaged(self.work)
        self.refresh_bindings()

    def _watch(self) -> None:
        if self.ended or not self.is_current:  # a question lies above: its answer comes first
            return
        over = self.work.done  # asked before the last events are taken: none comes after
        events, dropped = self.work.told.take()
        over = over and self.work.told.empty
        said = [words.DROPPED.format(dropped)] if dropped else []
        said += [clean(each) for event in events for each in self.account.hear(event).split("\n")]
        if any(said):
            self.query_one(Tail).add([each for each in said if each])
        self._draw()
        if over:
            self._end()

    def _draw(self) -> None:
        self._put("#rows", "\n".join(self._rows()))
        self._put("#bar", self._bar())

    def _rows(self) -> list[str]:
        """Give the steps for which there is room; with a failure on a low screen that alone."""
        if self.error is not None and self.has_class("-low"):
            failed = [row for row in self.account.rows.values() if row.state == "failed"]
            return [row.text() for row in failed[:LEAST]]
        return self.account.fitting(max(self.size.height - REST, LEAST))

    def _bar(self) -> str:
        if not self.query_one(Tail).follows:
            return words.SCROLLED_BACK
        share, text = self.account.bar
        full = round(share * BAR)
        bar = f" [{'#' * full}{'.' * (BAR - full)}] {share:4.0%}  {text}" if text else ""
        return words.STOPPING if self.stopping else bar

    def _put(self, name: str, text: str) -> None:
        """Show a text where it is another than before: most ticks bring nothing new."""
        if self.shown.get(name) != text:
            layout = self.shown.get(name, "").count("\n") != text.count("\n")
            self.shown[name] = text
            self.query_one(name, Static).update(text, layout=layout)

    def _end(self) -> None:
        self.ended = True
        if self.work.bug:
            raise self.work.bug
        self.account.end()
        self._draw()
        error = self.work.error
        if error is None or isinstance(error, ChecksFailed | ClientsFailed):
            self.dismiss(self._outcome(error))
        else:
            self._fail(error)

    def _outcome(self, error: WizardError | None, way: str = "") -> Outcome:
        return Outcome(error, tuple(self.account.checked), self.account.changed, way)

    def _fail(self, error: WizardError) -> None:
        """Show the card: the cause, the lines that failed, what they mean, and the ways on."""
        self.error = error
        stopped = isinstance(error, Interrupted)
        cause, _, rest = str(error).partition("\n")
        parts = [words.STOPPED_TITLE if stopped else words.FAILED]
        parts += [words.MEANS.format(clean(error.cause))] if error.cause else []
        parts += [clean(cause)]
        parts += [f"    {clean(line)}" for line in rest.splitlines()[-6:]]
        self.query_one("#cause", Static).update("\n".join(parts))
        said = "\n".join([*_ways(error), words.LOG_AT.format(LOG)])
        self.query_one("#remedy", Static).update(said)
        self._draw()
        self.query_one("#card").display = True
        self.query_one("#retry", Button).focus()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the ways on after a failure only, and stopping before the end only."""
        if not super().check_action(action, parameters):
            return False
        failed = self.error is not None
        if action in ("retry", "way"):
            return failed
        return not failed if action == "stop" else True

    def action_stop(self) -> None:
        if not self.ended and not self.stopping:
            self.app.push_screen(Confirm(words.STOP_CONFIRM), self._stop)

    def action_quit(self) -> None:
        """At work, quitting is stopping first; after a failure it is leaving."""
        if self.ended:
            self.action_way("quit")
        else:
            self.action_stop()

    def _stop(self, yes: bool | None) -> None:  # noqa: FBT001
        if yes:
            self.stopping = True
            self.stop()

    def action_follow(self) -> None:
        """Follow the newest line again, or stay where one has scrolled to."""
        log = self.query_one(Tail)
        log.follow(on=not log.follows)
        self._draw()

    def action_retry(self) -> None:
        self._begin()

    def action_way(self, way: str) -> None:
        self.dismiss(self._outcome(self.error, way))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "retry":
            self.action_retry()
        else:
            self.action_way({"leave": "quit"}.get(event.button.id or "", event.button.id or ""))


def _ways(error: WizardError) -> list[str]:
    """Give what to do: what is known of these very words, and what the step itself says."""
    ways = (clean(each) for each in (error.remedy, error.hint) if each)
    return [
        shape.format(way) for shape, way in zip((words.WHAT_TO_DO, words.OR), ways, strict=False)
    ]
