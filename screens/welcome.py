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

    def __init__(self) -> None:
        super().__init__()
        self.draft = False
        self.looking: Work[dict[str, object]] | None = None
        self.checking: Work[bool] | None = None
        self.found: dict[str, object] = {}
        self.checked: list[Checked] = []

    def look(
        self,
        state: Callable[[], dict[str, object]],
        verify: Callable[[Tell], bool],
        *,
        draft: bool,
    ) -> None:
        """Look at the machine, behind the first picture, which does not wait for it."""
        self.draft = draft
        self.looking = Work(lambda _: state()).start()
        self.checking = Work(verify)

    def body(self) -> Iterable[Widget]:
        with VerticalScroll(id="page", can_focus=False):
            yield say(words.WELCOME_TEXT, id="text")
            yield say("", id="draft")
        yield OptionList(markup=False, compact=True, id="ways")

    def on_mount(self) -> None:
        self._offer(FRESH)
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
        if self.looking is None or self.checking is None:
            return
        if not self.found and self.looking.done:
            self._look(self.looking, self.checking)
        self.checked += [e for e in self.checking.told.take()[0] if isinstance(e, Checked)]
        if self.found.get("installed"):
            self.query_one("#text", Static).update(self._state(self.checking))

    def _look(self, looking: Work[dict[str, object]], checking: Work[bool]) -> None:
        if looking.bug:
            raise looking.bug
        self.found = looking.result or {"installed": False}
        self.query_one("#draft", Static).update(words.DRAFT_FOUND if self.draft else "")
        if self.found.get("installed"):
            self._offer(FOUND)
            checking.start()
        elif self.draft:
            self._offer(FRESH)

    def _state(self, checking: Work[bool]) -> str:
        width = max(map(len, words.STATE_ROWS.values()))
        rows = [
            f"  {title:{width}}  {_shown(self.found[key])}"
            for key, title in words.STATE_ROWS.items()
            if key in self.found
        ]
        checks = f"  {words.CHECKS:{width}}  {self._checks(checking)}"
        return "\n".join([words.WELCOME_FOUND, "", *rows, checks])

    def _checks(self, checking: Work[bool]) -> str:
        if not checking.done:
            return words.CHECKS_RUNNING
        if checking.bug:
            raise checking.bug
        failed = [each.name for each in self.checked if each.verdict == "failed"]
        if checking.error:
            return clean(str(checking.error))
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
