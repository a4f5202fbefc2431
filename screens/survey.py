"""What was found on the machine, what stands in the way, and what is worth knowing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from screens import words
from screens.frame import Frame, button, say
from screens.told import Work
from wizard.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from wizard.client_session import ClientSurvey
    from wizard.events import Found, Tell
    from wizard.session import Survey

TICK = 0.05


class Surveyed(Frame["Survey | ClientSurvey | None"]):
    """Looks at the machine; dismisses with what was found, or with None to go back."""

    TITLE_TEXT = words.SURVEY
    BINDINGS: ClassVar = [
        Binding("f2,escape", "back", words.BACK, key_display="Esc"),
        Binding("f3,ctrl+n", "next", words.NEXT, key_display="F3"),
        Binding("f5,ctrl+r", "again", words.LOOK_AGAIN, key_display="F5"),
    ]

    def __init__(self, look: Callable[[Tell], Survey | ClientSurvey]) -> None:
        super().__init__()
        self.look = look
        self.work = Work(look)
        self.found: Survey | ClientSurvey | None = None

    def body(self) -> Iterable[Widget]:
        yield say(words.LOOKING, id="verdict")
        with VerticalScroll(id="findings"):
            yield say("", id="facts")
        with Horizontal(classes="buttons"):
            yield button(words.BACK, "back")
            yield button(words.LOOK_AGAIN, "again")
            yield button(words.NEXT, "next", first=True)

    def on_mount(self) -> None:
        self.action_again()
        self.set_interval(TICK, self._watch)

    def action_again(self) -> None:
        if self.work.busy:
            return
        self.found = None
        self.query_one("#verdict", Static).update(words.LOOKING)
        self.query(".finding").remove()
        self.work = Work(self.look).start()

    def _watch(self) -> None:
        if self.found is not None or not self.work.done:
            return
        if self.work.bug:
            raise self.work.bug
        if self.work.error:
            self._show_error(f"{self.work.error}\n{self.work.error.hint}")
        elif self.work.result:
            self.found = self.work.result
            self._show(self.found)

    def _show(self, found: Survey | ClientSurvey) -> None:
        blocked = bool(found.blockers)
        verdict = words.SURVEY_BLOCKED if blocked else words.SURVEY_GOOD
        self._judge(verdict, blocked=blocked)
        width = max(len(title) for title, _ in found.described)
        rows = (f"{title:{width}}  {clean(text)}" for title, text in found.described)
        self.query_one("#facts", Static).update("\n".join(rows))
        findings = self.query_one("#findings")
        for each in found.found:
            findings.mount(_finding(each), before="#facts")
        self.query_one("#back" if blocked else "#next", Button).focus()

    def _show_error(self, text: str) -> None:
        self._judge("\n".join(map(clean, text.splitlines())), blocked=True)

    def _judge(self, text: str, *, blocked: bool) -> None:
        verdict = self.query_one("#verdict", Static)
        verdict.update(text)
        verdict.set_class(blocked, "wrong")
        verdict.set_class(not blocked, "right")

    def action_next(self) -> None:
        if self.found and not self.found.blockers:
            self.dismiss(self.found)

    def action_back(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        acts = {"back": self.action_back, "again": self.action_again, "next": self.action_next}
        acts[event.button.id or "back"]()


def _finding(found: Found) -> Static:
    mark = words.BLOCKER if found.blocker else words.WARNING
    text = f"{mark}  {clean(found.text)}\n      -> {clean(found.remedy)}"
    return say(text, classes=f"finding {'blocker' if found.blocker else 'warning'}")
