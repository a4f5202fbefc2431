"""The repositories of the registry: searched, and opened to see their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens import words
from screens.columns import first_column, in_columns
from screens.frame import Frame, say
from screens.tags import Tags
from screens.told import Work
from wizard.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.widget import Widget

    from wizard.catalog import Catalog, Listing, Repository

TICK = 0.05
WIDTHS = (-5, 16)  # of what stands beside a name
ROOM = 28  # columns for that, with gaps, margins and the scroll bar


class Images(Frame[None]):
    """Reads the storage; dismisses when it was seen."""

    TITLE_TEXT = words.IMAGES
    BINDINGS: ClassVar = [
        Binding("f2,escape", "back", words.BACK, key_display="Esc"),
        Binding("f3,ctrl+n", "open", words.OPEN, key_display="F3"),
        Binding("f5", "read", words.READ_AGAIN, key_display="F5"),
        # The cursor stays in the search; these keys go to the list nevertheless.
        Binding("down", "move('cursor_down')", show=False),
        Binding("up", "move('cursor_up')", show=False),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
    ]

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self.catalog = catalog
        self.work: Work[Listing] | None = None
        self.every: Listing | None = None  # once it is read
        self.shown: tuple[Repository, ...] = ()

    def body(self) -> Iterable[Widget]:
        with Horizontal(id="search"):
            yield say(words.IMAGES_SEARCH, classes="title")
            yield Input(placeholder=words.IMAGES_HINT, compact=True)
        yield say("", id="columns-head")
        yield OptionList(markup=False, compact=True, id="images")
        yield say("", id="none")
        yield say("", id="counted")

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.action_read()
        self.set_interval(TICK, self._watch)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.fill()

    def action_read(self) -> None:
        if self.work is None:
            self._note(words.IMAGES_READING)
            self.work = Work(lambda _: self.catalog.read()).start()

    def action_back(self) -> None:
        self.dismiss(None)

    def action_move(self, way: str) -> None:
        getattr(self.query_one(OptionList), f"action_{way}")()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def action_open(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.app.push_screen(Tags(self.catalog, self.shown[at]))

    def _watch(self) -> None:
        if self.work is None or not self.work.ended():
            return
        work, self.work = self.work, None
        self._note("")
        if work.error:
            self._tell(f"{clean(str(work.error))}\n{clean(work.error.hint)}", wrong=True)
        else:
            self.every = work.result
            self.fill()

    @on(Input.Changed)
    def fill(self) -> None:
        """Show what holds the text that was typed, as wide as there is room."""
        if self.every is None:
            return
        found = self.every.holding(self.query_one(Input).value)
        self.shown = found.repositories
        names = (words.IMAGES_HEAD[0], *(each.name for each in self.shown))
        width = first_column(names, self.size.width - ROOM)
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options(Option(_line(each, width)) for each in self.shown)
        listed.highlighted = 0 if self.shown else None
        head = in_columns(words.IMAGES_HEAD, (width, *WIDTHS)) if self.shown else ""
        self.query_one("#columns-head", Static).update(f" {head}")
        self._say(found)

    def _say(self, found: Listing) -> None:
        """Say how many there are, or why there are none."""
        none = "" if found.tags else words.IMAGES_NOT
        if self.every and not self.every.tags and not found.unread:
            none = words.IMAGES_NONE.format(found.at)
        self._tell(none)
        counted = words.IMAGES_COUNT.format(len(found.repositories), found.tags)
        self._note(counted if found.tags else "")
        if found.unread:
            self._note(clean(words.IMAGES_UNREAD.format(found.unread[0])))

    def _tell(self, text: str, *, wrong: bool = False) -> None:
        """Show a text in place of the list, or the list where there is none."""
        note = self.query_one("#none", Static)
        note.update(text)
        note.set_class(wrong, "wrong")
        note.display, self.query_one(OptionList).display = bool(text), not text

    def _note(self, text: str) -> None:
        self.query_one("#counted", Static).update(text)


def _line(each: Repository, width: int) -> str:
    cells = (each.name, str(len(each.tags)), f"{each.tags[0].pushed:%Y-%m-%d %H:%M}")
    return f" {in_columns(cells, (width, *WIDTHS))}"
