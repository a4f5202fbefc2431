"""A log that follows its newest line until somebody scrolls back."""

from __future__ import annotations

from textual.widgets import Log


class Tail(Log):
    """A log that follows its newest line until somebody scrolls back.

    Textual's own follows only where it is at the end already, and loses that in a burst.
    """

    follows = True

    def add(self, lines: list[str]) -> None:
        self.write_lines(lines, scroll_end=False)
        if self.follows:
            self.scroll_end(animate=False)

    def follow(self, *, on: bool) -> None:
        self.follows = on
        if on:
            self.scroll_end(animate=False)

    def action_scroll_up(self) -> None:
        self.follow(on=False)
        super().action_scroll_up()

    def action_page_up(self) -> None:
        self.follow(on=False)
        super().action_page_up()

    def action_scroll_home(self) -> None:
        self.follow(on=False)
        super().action_scroll_home()

    def action_scroll_end(self) -> None:
        self.follow(on=True)

    def on_mouse_scroll_up(self) -> None:
        self.follow(on=False)
