"""What would be taken back, newest first, before it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from screens import words
from screens.frame import Confirm, Frame, button, say
from screens.paint import paint_difference
from screens.told import Work
from wizard.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from wizard.errors import WizardError
    from wizard.events import Differs


TICK = 0.05


class UndoReview(Frame[bool]):
    """Looks what would be taken back, on clients too; dismisses with yes or no."""

    TITLE_TEXT = words.REVIEW_UNDO
    BINDINGS: ClassVar = [
        Binding("f2,escape", "back", words.BACK, key_display="Esc"),
        Binding("f3,ctrl+n", "apply", words.UNDO, key_display="F3"),
    ]

    def __init__(
        self,
        look: Callable[[], list[Differs]],
        staying: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        super().__init__()
        self.work: Work[tuple[list[Differs], tuple[str, ...]]] = Work(
            lambda _: (look(), tuple(staying()))
        )
        self.found: list[Differs] | None = None
        self.seen = False

    def body(self) -> Iterable[Widget]:
        yield say("", id="verdict")
        with VerticalScroll(id="text", can_focus=True):
            yield Static("", markup=False, id="shown")
        with Horizontal(classes="buttons"):
            yield button(words.BACK, "back", first=True)
            yield button(words.UNDO, "apply")

    def on_mount(self) -> None:
        self.query_one("#verdict", Static).update(words.LOOKING)
        self.query_one("#text").focus()
        self.work.start()
        self.set_interval(TICK, self._watch)

    def _watch(self) -> None:
        if self.seen or not self.work.ended():
            return
        self.seen = True
        if self.work.error:
            self._refused(self.work.error)
        else:
            self._show(*(self.work.result or ([], ())))

    def _show(self, found: list[Differs], staying: tuple[str, ...]) -> None:
        self.found = found
        self.query_one("#verdict", Static).update(words.REVIEW_COUNT.format(len(found)))
        parts = [*(Content(clean(each)) for each in staying), *map(_taken_back, found)]
        self.query_one("#shown", Static).update(Content("\n\n").join(parts))

    def _refused(self, error: WizardError) -> None:
        verdict = self.query_one("#verdict", Static)
        verdict.update(clean(str(error)))
        verdict.set_class(True, "wrong")  # noqa: FBT003
        self.query_one("#shown", Static).update(clean(error.hint))

    def action_back(self) -> None:
        self.dismiss(False)  # noqa: FBT003

    def action_apply(self) -> None:
        """Take it back; what somebody changed since is asked about first."""
        if self.found is None:
            return
        drifted = "\n".join(f"  {clean(each.change)}" for each in self.found if each.drift)
        if drifted:
            self.app.push_screen(Confirm(words.DRIFT_CONFIRM.format(drifted)), self._sure)
        else:
            self.dismiss(True)  # noqa: FBT003

    def _sure(self, yes: bool | None) -> None:  # noqa: FBT001
        if yes:
            self.dismiss(True)  # noqa: FBT003

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        {"back": self.action_back, "apply": self.action_apply}[event.button.id or "back"]()


def _taken_back(each: Differs) -> Content:
    drift = f" ({words.IS_DRIFT})" if each.drift else ""
    where = f" ({words.ON_HOST.format(each.host)})" if each.host else ""
    head = Content(clean(f"{each.verb}: {each.change}{where}{drift}")).stylize("bold")
    return head + "\n" + paint_difference(each.text)
