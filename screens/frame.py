"""What every screen has: a title line, a footer with its keys, and a notice where it is small."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Mount
from textual.screen import ModalScreen, Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Button, Footer, Static

from screens import words
from screens.terminal import COLUMNS, ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

T = TypeVar("T")


class WholeBars(ScrollBarRender):
    """Scroll bars in whole cells: the fonts of consoles lack the eighths of a block."""

    VERTICAL_BARS: ClassVar = [" "] * 8
    HORIZONTAL_BARS: ClassVar = [" "] * 8


ScrollBar.renderer = WholeBars


def say(text: str, *, id: str | None = None, classes: str = "") -> Static:  # noqa: A002
    """Give a text as it is: what stands in square brackets is no markup."""
    return Static(text, markup=False, id=id, classes=classes)


def button(label: str, name: str, *, first: bool = False) -> Button:
    return Button(label, id=name, compact=True, variant="primary" if first else "default")


def keys() -> Footer:
    return Footer(show_command_palette=False, compact=True)


class Once(Screen[T]):
    """A screen that takes keys from when it is there until it is dismissed, and that once.

    Keys that are typed ahead come before the first picture, or after the answer was given.
    """

    there = False
    over = False

    @on(Mount)
    def _is_there(self) -> None:
        self.there = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.there and not self.over

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        if self.over or not self.is_current:
            return AwaitComplete()
        self.over = True
        return super().dismiss(result)


class Frame(Once[T]):
    """A screen with its title above and its keys below."""

    TITLE_TEXT = ""
    BINDINGS: ClassVar = [
        Binding("f1", "help", words.HELP, key_display="F1"),
        Binding("f10,ctrl+c,ctrl+q", "quit", words.QUIT, key_display="F10", priority=True),
    ]

    def compose(self) -> ComposeResult:
        yield Horizontal(
            say(words.PROGRAM, classes="program"), say(self.title_text(), id="title"), id="head"
        )
        with Vertical(id="body"):
            yield from self.body()
        yield say("", id="small")
        yield keys()

    def body(self) -> Iterable[Widget]:
        """Give what stands between title and keys."""
        raise NotImplementedError

    def title_text(self) -> str:
        return self.TITLE_TEXT

    def retitle(self) -> None:
        self.query_one("#title", Static).update(self.title_text())

    def on_resize(self, event: events.Resize) -> None:
        text = words.SMALL.format(COLUMNS, ROWS, event.size.width, event.size.height)
        self.query_one("#small", Static).update(text)

    def action_help(self) -> None:
        self.app.push_screen(Notice(words.HELP, self.help_text()))

    def help_text(self) -> str:
        """Give what F1 tells here."""
        return words.SCREEN_HELP[type(self).__name__]

    def action_quit(self) -> None:
        """Ask, unless it is asked already."""
        self.app.push_screen(Confirm(words.QUIT_CONFIRM), self._quit)

    def _quit(self, yes: bool | None) -> None:  # noqa: FBT001
        if yes:
            self.app.exit(return_code=130)


class Dialog(Once[T], ModalScreen[T]):
    """A question over the screen; Esc takes it away without an answer."""

    BINDINGS: ClassVar = [
        Binding("escape", "cancel", words.CANCEL, key_display="Esc"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
        # Asking to quit twice is no: the question is on the screen already.
        Binding("f10,ctrl+c,ctrl+q", "cancel", show=False, priority=True),
    ]

    def compose(self) -> ComposeResult:
        yield from self.inside()
        yield keys()

    def inside(self) -> ComposeResult:
        """Give what stands in the dialog."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        self.dismiss(None)


class Notice(Dialog[None]):
    """A text to read."""

    BINDINGS: ClassVar = [Binding("enter,f1,escape", "cancel", words.CLOSE, key_display="Esc")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.heading, self.text = title, text

    def inside(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield say(self.heading, classes="heading")
            with Reading(classes="reading"):
                yield say(self.text)
            yield Horizontal(button(words.CLOSE, "close", first=True), classes="buttons")

    @on(Button.Pressed)
    def _close(self) -> None:
        self.dismiss(None)


class Confirm(Dialog[bool]):
    """A question with yes and no; no is first under the cursor."""

    BINDINGS: ClassVar = [Binding("y", "yes", words.YES), Binding("n", "cancel", words.NO)]

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def inside(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield say(self.text, classes="question")
            yield Horizontal(
                button(words.NO, "no", first=True), button(words.YES, "yes"), classes="buttons"
            )

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_yes(self) -> None:
        self.dismiss(True)  # noqa: FBT003


class Reading(VerticalScroll):
    """A text that is scrolled with the arrow keys."""
