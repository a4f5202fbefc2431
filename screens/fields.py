"""One question on a page: its title, what it is answered in, and a line for help or the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox, Input, Static

from screens import words
from screens.choice import Choice
from screens.form import QUESTIONS
from screens.frame import say
from wizard.clean import clean

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from screens.form import Form, Typed
    from screens.glance import Glance


class Tick(Checkbox):
    """A checkbox in letters that every console font has, and that differ without colours."""

    BUTTON_LEFT, BUTTON_RIGHT = "[", "]"

    @property
    def _button(self) -> Content:
        style = self.get_visual_style("toggle--button")
        return Content.assemble(("[", style), ("X" if self.value else " ", style), ("]", style))


Control: TypeAlias = Input | Tick | Choice


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
        self.control = self._control()

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row tall" if self.question.choices else "row"):
            yield say(words.translated(self.question.title), classes="title")
            yield self.control
        yield say("", classes="note")
        yield say("", classes="live")

    def on_mount(self) -> None:
        self.refill()

    def refill(self) -> None:
        """Show what the form has, and what counts where a field is empty."""
        typed, control = self.form.text(self.key), self.control
        if isinstance(control, Tick):
            control.value = bool(typed)
        elif isinstance(control, Choice):
            control.choose(str(typed))
        else:
            control.value = clean(str(typed))
            control.placeholder = self.form.stands_in(self.key)[0]
        self.tell("")
        self.show(None)

    def tell(self, reason: str) -> None:
        """Show why the answer cannot be, or the help in its place."""
        self.set_class(bool(reason), "wrong")
        self._say("note", f"! {reason}" if reason else self._help(), wrong=bool(reason))

    def show(self, glance: Glance | None) -> None:
        """Show what a look at the machine has brought, below the help."""
        self._say("live", glance.text if glance else "", wrong=bool(glance and not glance.good))

    def _say(self, place: str, text: str, *, wrong: bool) -> None:
        line = self.query_one(f".{place}", Static)
        line.update(text)
        line.set_class(wrong, "wrong")
        line.display = bool(text)

    def _control(self) -> Control:
        if self.question.kind is bool:
            return Tick(words.YES, compact=True)
        if self.question.choices:
            texts = words.CHOICES[self.key]
            return Choice({each: texts[each] for each in self.question.choices})
        return Input(compact=True, select_on_focus=False)

    def _help(self) -> str:
        """Give where the answer comes from while the field is empty, else what it is about."""
        if self.question.choices:  # which explain themselves
            return clean(self.form.meaning(self.key))
        value, source = self.form.stands_in(self.key)
        if source and not self.form.text(self.key) and self.question.kind is not bool:
            return words.DETECTED_NAME.format(value, source)
        sentence = self.form.help(self.key).partition(". ")[0].rstrip(".")
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

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        event.stop()
        self._put(event.chosen)

    def _put(self, typed: Typed) -> None:
        if self.form.text(self.key) != typed:
            self.form.put(self.key, typed)
            self.post_message(self.Put(self.key))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.add_class("here")

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self.remove_class("here")
