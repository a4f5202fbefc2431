"""What this program does, or what it finds done already, and the ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens import words
from screens.frame import Frame, say
from screens.told import Work
from wizard.clean import clean
from wizard.events import Checked, Tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

GIB = 1024**3
TICK = 0.1
FRESH = {"questions": words.BEGIN}
FOUND = {
    "questions": words.CHANGE_ANSWERS,
    "access": words.CHANGE_USERS,
    "verify": words.VERIFY,
    "undo": words.UNDO,
}


class Welcome(Frame[str]):
    """Dismisses with the way on: questions, access, verify, undo, drop, or quit."""

    TITLE_TEXT = words.WELCOME
    BINDINGS: ClassVar = [Binding("f3,ctrl+n", "first", words.NEXT, key_display="F3")]

    def __init__(
        self,
        state: Callable[[], dict[str, object]],
        verify: Callable[[Tell], bool],
        *,
        draft: bool,
    ) -> None:
        super().__init__()
        self.draft = draft
        # A look at the machine takes a moment; the first picture does not wait for it.
        self.looking = Work(lambda _: state())
        self.checking = Work(verify)
        self.found: dict[str, object] = {}
        self.checked: list[Checked] = []

    def body(self) -> Iterable[Widget]:
        with VerticalScroll(id="page", can_focus=False):
            yield say(words.WELCOME_TEXT, id="text")
            yield say(words.DRAFT_FOUND if self.draft else "", id="draft")
        yield OptionList(markup=False, compact=True, id="ways")

    def on_mount(self) -> None:
        self._offer(FRESH)
        self.looking.start()
        self.set_interval(TICK, self._watch)

    def action_first(self) -> None:
        self.dismiss(next(iter(FRESH)))

    def action_quit(self) -> None:
        """Nothing was typed yet, so there is nothing to ask about."""
        self.dismiss("quit")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id or "questions")

    def _offer(self, ways: dict[str, str]) -> None:
        more = {"drop": words.DRAFT_DROP} if self.draft else {}
        listed = self.query_one("#ways", OptionList)
        listed.clear_options()
        rows = enumerate({**ways, **more}.items(), start=1)
        listed.add_options(Option(f" {n}  {text}", id=way) for n, (way, text) in rows)
        listed.highlighted = 0
        listed.focus()

    def _watch(self) -> None:
        if not self.found and self.looking.done:
            self._look()
        self.checked += [e for e in self.checking.told.take()[0] if isinstance(e, Checked)]
        if self.found.get("installed"):
            self.query_one("#text", Static).update(self._state())

    def _look(self) -> None:
        if self.looking.bug:
            raise self.looking.bug
        self.found = self.looking.result or {"installed": False}
        if self.found.get("installed"):
            self._offer(FOUND)
            self.checking.start()

    def _state(self) -> str:
        width = max(map(len, words.STATE_ROWS.values()))
        rows = [
            f"  {title:{width}}  {_shown(self.found[key])}"
            for key, title in words.STATE_ROWS.items()
            if key in self.found
        ]
        checks = f"  {words.CHECKS:{width}}  {self._checks()}"
        return "\n".join([words.WELCOME_FOUND, "", *rows, checks])

    def _checks(self) -> str:
        if not self.checking.done:
            return words.CHECKS_RUNNING
        if self.checking.bug:
            raise self.checking.bug
        failed = [each.name for each in self.checked if each.verdict == "failed"]
        if self.checking.error:
            return clean(str(self.checking.error))
        if failed:
            names = ", ".join(failed)
            return words.CHECKS_FAILED.format(len(failed), len(self.checked), names)
        return words.CHECKS_PASSED.format(len(self.checked))


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(clean(str(each)) for each in value) or "-"
    if isinstance(value, int) and value > GIB:
        return f"{value / GIB:.1f} GiB"
    return clean(str(value))
