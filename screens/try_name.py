"""A place to type a name and see whether the certificate will match it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from screens import words
from screens.frame import say
from wizard.clean import clean
from wizard.try_name import try_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from screens.form import Form


class TryName(Vertical):
    """A place to type a name and see whether the certificate will match it, and why."""

    def __init__(self, form: Form) -> None:
        super().__init__(classes="field try")
        self.form = form

    def compose(self) -> Iterable[Widget]:
        with Horizontal(classes="row"):
            yield say(words.TRY_NAME, classes="title")
            yield Input(compact=True)
        yield say(words.TRY_NAME_HELP, classes="note")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.judge()

    def judge(self) -> None:
        typed = clean(self.query_one(Input).value)
        note = self.query_one(".note", Static)
        note.remove_class("wrong", "right")
        if not typed.strip():
            note.update(words.TRY_NAME_HELP)
            return
        found = try_name(typed, self.form.completed())
        note.add_class("right" if found.will else "wrong")
        note.update((words.WILL_MATCH if found.will else words.WILL_NOT).format(clean(found.why)))
