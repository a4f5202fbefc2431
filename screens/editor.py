"""A file changed in place before it is written, and tried aside before it is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static, TextArea

from screens import words
from screens.frame import Dialog, button, say
from screens.told import Work
from wizard.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

Attempt = tuple[str, str]
"""Why it was refused, if it was; and by whom it was tried, if by anybody."""


@dataclass(frozen=True)
class Edited:
    text: str
    tried_by: str  # empty: nobody could try it here


class Editor(Dialog[Edited]):
    """Dismisses with the changed text once it was tried and taken, or with None."""

    BINDINGS: ClassVar = [
        Binding("f3,ctrl+s", "accept", words.EDIT_ACCEPT, key_display="F3"),
        Binding("escape", "cancel", words.CANCEL, key_display="Esc"),
    ]

    def __init__(self, path: str, text: str, attempt: Callable[[str], Attempt]) -> None:
        super().__init__()
        self.path, self.text, self.attempt = path, text, attempt
        self.work: Work[Attempt] | None = None

    def inside(self) -> ComposeResult:
        with Vertical(classes="dialog large"):
            yield say(words.EDIT_TITLE.format(self.path), classes="heading")
            cleaned = "\n".join(clean(line, None) for line in self.text.split("\n"))
            yield TextArea(cleaned, compact=True, soft_wrap=False, show_line_numbers=True)
            yield say("", id="why", classes="note")
            yield Horizontal(
                button(words.EDIT_ACCEPT, "accept", first=True),
                button(words.CANCEL, "cancel"),
                classes="buttons",
            )

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()
        self.set_interval(0.05, self._watch)

    @on(Button.Pressed, "#accept")
    def action_accept(self) -> None:
        if self.work is None:
            text = self.query_one(TextArea).text
            self._tell(words.EDIT_TRYING)
            self.work = Work(lambda _: self.attempt(text)).start()

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_cancel()

    def _watch(self) -> None:
        if self.work is None or not self.work.ended():
            return
        work, self.work = self.work, None
        refusal, by = (str(work.error), "") if work.error else (work.result or ("", ""))
        if refusal:
            self._tell(words.EDIT_REFUSED.format(by, clean(refusal)))
        else:
            self.dismiss(Edited(self.query_one(TextArea).text, by))

    def _tell(self, text: str) -> None:
        self.query_one("#why", Static).update(text)
