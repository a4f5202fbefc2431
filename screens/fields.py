"""One question on a page: its title, a field to type into, and a line for help or the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Checkbox, Input, Static

from screens import words
from screens.form import QUESTIONS
from screens.frame import say
from wizard.clean import clean

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from screens.form import Form, Typed


class Tick(Checkbox):
    """A checkbox in letters that every console font has."""

    BUTTON_LEFT, BUTTON_INNER, BUTTON_RIGHT = "[", "X", "]"


class Field(Vertical):
    """A question of the form; it writes what is typed into the form and says so."""

    class Put(Message):
        """Something was typed into a field."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, key: str, form: Form) -> None:
        super().__init__(classes="field")
        self.key, self.form = key, form
        self.question = QUESTIONS[key]

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield say(words.translated(self.question.title), classes="title")
            yield self._control()
        yield say("", classes="note")

    def on_mount(self) -> None:
        self.refill()

    def refill(self) -> None:
        """Show what the form has, and what counts where a field is empty."""
        typed, control = self.form.text(self.key), self.control
        if isinstance(control, Checkbox):
            control.value = bool(typed)
        else:
            control.value = clean(str(typed))
            control.placeholder = self.form.stands_in(self.key)[0]
        self.tell("")

    def tell(self, reason: str) -> None:
        """Show why the answer cannot be, or the help in its place."""
        note = self.query_one(".note")
        note.set_class(bool(reason), "wrong")
        self.set_class(bool(reason), "wrong")
        self._note.update(f"! {reason}" if reason else self._help())

    @property
    def control(self) -> Input | Checkbox:
        found = self.query_one("Input, Checkbox")
        return found if isinstance(found, Checkbox) else self.query_one(Input)

    @property
    def _note(self) -> Static:
        return self.query_one(".note", Static)

    def _control(self) -> Input | Checkbox:
        if self.question.kind is bool:
            return Tick(words.YES, compact=True)
        return Input(compact=True, select_on_focus=False)

    def _help(self) -> str:
        """Give where the answer comes from while the field is empty, else what it is about."""
        value, source = self.form.stands_in(self.key)
        if source and not self.form.text(self.key) and self.question.kind is not bool:
            return words.DETECTED_NAME.format(value, source)
        sentence = words.translated(self.question.help).partition(". ")[0].rstrip(".")
        return f"{sentence}."

    @on(Input.Changed)
    def _typed_text(self, event: Input.Changed) -> None:
        event.stop()
        whole = clean(event.value)
        if whole != event.value:
            event.input.value = whole
        self._put(whole)

    @on(Checkbox.Changed)
    def _ticked(self, event: Checkbox.Changed) -> None:
        event.stop()
        self._put(event.value)

    def _put(self, typed: Typed) -> None:
        if self.form.text(self.key) != typed:
            self.form.put(self.key, typed)
            self.post_message(self.Put(self.key))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.add_class("here")

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self.remove_class("here")
