"""A list of the form that is added to, changed and removed from, a line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from screens import words
from screens.frame import button
from wizard.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.widget import Widget

    from screens.form import Form

T = TypeVar("T")


class Rows(Vertical, Generic[T]):
    """A list of the form, which says what may be said about one of its rows."""

    NONE = ""
    BINDINGS: ClassVar = [
        Binding("a", "add", words.USER_ADD),
        Binding("delete", "remove", words.USER_REMOVE, key_display="Del"),
    ]

    class Changed(Message):
        """Something was added, changed or removed."""

    def __init__(self, form: Form, name: str) -> None:
        super().__init__(id=name, classes="rows")
        self.form = form

    @property
    def every(self) -> tuple[T, ...]:
        raise NotImplementedError

    def keep(self, every: tuple[T, ...]) -> None:
        """Put the list into the form."""
        raise NotImplementedError

    def line(self, each: T) -> str:
        raise NotImplementedError

    def ask(self, former: T | None) -> None:
        """Ask for a new one, or what is to be another of a former one."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield OptionList(markup=False, compact=True)
        with Horizontal(classes="buttons"):
            yield button(words.USER_ADD, "add")
            yield button(words.USER_CHANGE, "change")
            yield button(words.USER_REMOVE, "remove")
            yield from self.more_buttons()

    def removed(self, gone: T) -> None:
        """Say what is to be said about one that was removed."""

    def more_buttons(self) -> Iterable[Widget]:
        return ()

    def on_mount(self) -> None:
        self.refill()

    def refill(self) -> None:
        listed = self.query_one(OptionList)
        at = listed.highlighted or 0
        listed.clear_options()
        listed.add_options(Option(clean(self.line(each))) for each in self.every)
        if not self.every:
            listed.add_option(Option(self.NONE, disabled=True))
        listed.highlighted = min(at, len(self.every) - 1) if self.every else None
        for each in self.query(Button).exclude("#add"):
            each.disabled = not self.every

    @property
    def here(self) -> T | None:
        at = self.query_one(OptionList).highlighted or 0
        return self.every[at] if at < len(self.every) else None

    @on(Button.Pressed, "#add")
    def action_add(self) -> None:
        self.ask(None)

    @on(Button.Pressed, "#change")
    @on(OptionList.OptionSelected)
    def _change(self) -> None:
        if self.here is not None:
            self.ask(self.here)

    @on(Button.Pressed, "#remove")
    def action_remove(self) -> None:
        gone = self.here
        if gone is not None:
            self.put(tuple(each for each in self.every if each != gone))
            self.removed(gone)

    def put(self, every: tuple[T, ...], here: T | None = None) -> None:
        """Put the list into the form, and say so; the cursor goes to what was changed."""
        self.keep(every)
        self.form.touched = True
        self.refill()
        if here in every:
            self.query_one(OptionList).highlighted = every.index(here)
        self.post_message(self.Changed())
