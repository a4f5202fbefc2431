"""A dialog that looks somewhere first, which takes as long as it takes, and can be left before."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Static

from screens import words
from screens.frame import Dialog, Reading, button, say
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

T = TypeVar("T")


class Came(Message):
    """What the looking has come to."""

    def __init__(
        self,
        found: object = None,
        error: WizardError | None = None,
        bug: BaseException | None = None,
    ) -> None:
        super().__init__()
        self.found, self.error, self.bug = found, error, bug


class Looking(Dialog[T]):
    """Looks in a thread of its own; what is found is shown by ``show``, and answered."""

    BINDINGS: ClassVar = [
        Binding("y", "button('yes')", words.YES, show=False),
        Binding("n", "button('no')", words.NO, show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, title: str, waiting: str, look: Callable[[], object]) -> None:
        super().__init__()
        self.heading, self.waiting, self.look = title, waiting, look

    def show(self, came: Came) -> None:
        """Show what was found, or why nothing was."""
        raise NotImplementedError

    def answer(self, button: str) -> None:
        """Take the answer: the name of a button."""
        raise NotImplementedError

    def inside(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield say(self.heading, classes="heading", id="heading")
            with Reading(classes="reading"):
                yield say(self.waiting, id="shown")
            yield Horizontal(button(words.CANCEL, "no"), classes="buttons", id="answers")

    def on_mount(self) -> None:
        # A daemon: whoever leaves must not wait for a machine that does not answer.
        threading.Thread(target=self._look, daemon=True).start()
        self.query_one("#no").focus()

    def _look(self) -> None:
        try:
            came = Came(self.look())
        except WizardError as error:
            came = Came(error=error)
        except Exception as bug:  # noqa: BLE001  (raised again where it can be shown)
            came = Came(bug=bug)
        self.post_message(came)

    @on(Came)
    def _came(self, came: Came) -> None:
        if came.bug:
            raise came.bug
        if not self.over:
            self.show(came)

    def put(self, text: str, answers: Iterable[tuple[str, str]], title: str = "") -> None:
        """Put a text and buttons in place of the waiting; the first has the cursor."""
        self.query_one("#heading", Static).update(title or self.heading)
        self.query_one("#shown", Static).update(text)
        self.run_worker(self._offer([button(label, name) for name, label in answers]))

    async def _offer(self, buttons: list[Button]) -> None:
        row = self.query_one("#answers")
        await row.remove_children()
        await row.mount(*buttons)
        buttons[0].focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.answer(event.button.id or "no")

    def action_page(self, way: int) -> None:
        text = self.query_one(Reading)
        text.scroll_relative(y=way * max(text.size.height - 1, 1), animate=False)

    def action_button(self, name: str) -> None:
        """Answer by the letter of a button, where there is such a button."""
        if self.query(f"#answers #{name}"):
            self.answer(name)
