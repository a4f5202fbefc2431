"""A few options of which one is chosen, each with an explanation beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult


class Option(Static):
    """One line: whether it is chosen, its word, and what that means."""

    def __init__(self, word: str, line: str) -> None:
        super().__init__(markup=False)
        self.word, self.line = word, line

    def mark(self, *, chosen: bool, here: bool) -> None:
        self.update(f"({'*' if chosen else ' '}) {self.line}")
        self.set_class(here, "-here")


class Choice(Vertical, can_focus=True):
    """The arrow keys go through the options and out at both ends, and choose nothing by that.

    Somebody who only passes by must not change the answer: Space chooses, and Enter chooses and
    goes on, as it does in every field.
    """

    BINDINGS: ClassVar = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("space", "choose", show=False),
        Binding("enter", "submit", show=False),
    ]
    chosen: reactive[str] = reactive("", init=False)
    at: reactive[int] = reactive(0, init=False)

    class Changed(Message):
        """Another option is chosen."""

        def __init__(self, chosen: str) -> None:
            super().__init__()
            self.chosen = chosen

    class Submitted(Message):
        """An option was chosen by Enter, which also goes on."""

    def __init__(self, options: Mapping[str, str]) -> None:
        """Take the words to choose from, each with its explanation."""
        super().__init__()
        self.options = options

    def compose(self) -> ComposeResult:
        width = max(map(len, self.options))
        for word, text in self.options.items():
            yield Option(word, f"{word:{width}}  {text}")

    def choose(self, word: str) -> None:
        """Choose an option, and put the cursor on it."""
        self.chosen = word
        self._to_chosen()

    def watch_chosen(self) -> None:
        self._draw()
        self.post_message(self.Changed(self.chosen))

    def watch_at(self) -> None:
        self._draw()

    def action_move(self, by: int) -> None:
        if 0 <= self.at + by < len(self.options):
            self.at += by
        elif by > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    def action_choose(self) -> None:
        self.chosen = tuple(self.options)[self.at]

    def action_submit(self) -> None:
        self.action_choose()
        self.post_message(self.Submitted())

    def on_focus(self) -> None:
        self._to_chosen()

    def on_click(self, event: events.Click) -> None:
        if isinstance(event.widget, Option):
            self.choose(event.widget.word)

    def _to_chosen(self) -> None:
        words = tuple(self.options)
        self.at = words.index(self.chosen) if self.chosen in words else 0
        self._draw()

    def _draw(self) -> None:
        for number, each in enumerate(self.query(Option)):
            each.mark(chosen=each.word == self.chosen, here=number == self.at)
