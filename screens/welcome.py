"""What this program does, or what it finds done already, and the ways on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens import words
from screens.frame import Frame, say
from screens.sums import none_failed
from screens.told import Work
from wizard.clean import clean
from wizard.events import Checked, Tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.widget import Widget

    from screens.known_clients import Known

GIB = 1024**3
TICK = 0.1
FRESH = {"server": words.BEGIN, "client": words.BEGIN_CLIENT}  # by role
FOUND = {
    "server": {
        "questions": words.CHANGE_ANSWERS,
        "access": words.CHANGE_USERS,
        "clients": words.CHANGE_CLIENTS,
        "images": words.IMAGES,
        "verify": words.VERIFY,
        "undo": words.UNDO,
    },
    "client": {
        "questions": words.CHANGE_ANSWERS,
        "verify": words.VERIFY,
        "undo": words.UNDO,
    },
}
HERE = {"server": words.WELCOME_FOUND, "client": words.WELCOME_TRUSTS}


@dataclass(frozen=True)
class State:
    """What is on this machine."""

    facts: Mapping[str, object]  # as ``status`` gives them
    role: str = ""  # empty: nothing was ever set up here
    clients: tuple[Known, ...] = ()


class Welcome(Frame[str]):
    """Dismisses with the way on: a role, questions, images, verify, undo, drop, or quit."""

    TITLE_TEXT = words.WELCOME
    BINDINGS: ClassVar = [
        Binding("f3,ctrl+n", "take", words.NEXT, key_display="F3"),
        Binding("pagedown", "page(1)", words.MORE, show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.draft = ""
        self.looking: Work[State] | None = None
        self.checking: Work[bool] | None = None
        self.found: State | None = None
        self.checked: list[Checked] = []
        self.said = ""

    def look(
        self,
        state: Callable[[], State],
        verify: Callable[[Tell], bool],
        *,
        draft: str,
    ) -> None:
        """Look at the machine, behind the first picture, which does not wait for it.

        ``draft`` is the role in answers that were not applied; empty where there are none.
        """
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

    def action_take(self) -> None:
        self.query_one("#ways", OptionList).action_select()

    def action_page(self, way: int) -> None:
        page = self.query_one("#page")
        page.scroll_relative(y=way * max(page.size.height - 1, 1), animate=False)

    def action_quit(self) -> None:
        """Nothing was typed yet, so there is nothing to ask about."""
        self.dismiss("quit")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id or "server")

    def _offer(self, ways: dict[str, str]) -> None:
        more = {"drop": words.DRAFT_DROP} if self.draft else {}
        listed = self.query_one("#ways", OptionList)
        listed.clear_options()
        rows = enumerate({**ways, **more}.items(), start=1)
        listed.add_options(Option(f" {n}  {text}", id=way) for n, (way, text) in rows)
        listed.highlighted = [*ways].index(self.draft) if self.draft in ways else 0
        listed.focus()

    def _watch(self) -> None:
        if self.looking is None or self.checking is None:
            return
        if self.found is None and self.looking.done:
            self._look(self.looking, self.checking)
        told = self.checking.told.take()[0]
        self.checked += [e for e in told if isinstance(e, Checked) and e.looked]
        if self.found and self.found.facts.get("installed"):
            self._say(_state(self.found, self._checks(self.checking)))

    def _look(self, looking: Work[State], checking: Work[bool]) -> None:
        if looking.bug:
            raise looking.bug
        found = self.found = looking.result or State({})
        self.query_one("#draft", Static).update(words.DRAFT_FOUND if self.draft else "")
        if found.facts.get("installed"):
            self._offer(FOUND[found.role])
            checking.start()
        elif found.role:  # what was begun here is not whole, and can be nothing else
            self._offer({found.role: words.GO_ON})
        elif self.draft:
            self._offer(FRESH)

    def _say(self, text: str) -> None:
        """Show a text where it is another than before: each picture costs a slow line time."""
        if self.said != text:
            self.said = text
            self.query_one("#text", Static).update(text)

    def _checks(self, checking: Work[bool]) -> str:
        if not checking.ended():
            return words.CHECKS_RUNNING
        failed = [each.name for each in self.checked if each.verdict == "failed"]
        if checking.error:
            return clean(str(checking.error))
        if failed:
            names = ", ".join(failed)
            return words.CHECKS_FAILED.format(len(failed), len(self.checked), names)
        said = none_failed(self.checked)
        return said[:1].upper() + said[1:]


def _state(found: State, checks: str) -> str:
    facts = {title: found.facts.get(key) for key, title in words.STATE_ROWS.items()}
    rows = {title: _shown(value) for title, value in facts.items() if value is not None}
    if found.clients:
        good = sum(each.good for each in found.clients)
        rows[words.CLIENTS] = words.CLIENTS_STATE.format(good, len(found.clients))
    width = max(map(len, words.STATE_ROWS.values()))
    lines = (f"  {title:{width}}  {text}" for title, text in {**rows, words.CHECKS: checks}.items())
    clients = [f"  {each.host:{width}}  {each.how}" for each in found.clients]
    heads = ["", words.CLIENTS] if clients else []
    return "\n".join([HERE[found.role], "", *lines, *heads, *clients])


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(clean(str(each)) for each in value) or "-"
    if isinstance(value, int) and value > GIB:
        return f"{value / GIB:.1f} GiB"
    return clean(str(value))
