"""The wizard on the screen: its first picture at once, and the way out of it whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import traceback
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import App

from screens import words
from screens.terminal import COLUMNS, ROWS
from screens.welcome import Welcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from screens.visit import Visit
    from wizard.events import Tell
    from wizard.place import Place

KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
SIGNALS = (*KEYBOARD, signal.SIGTERM, signal.SIGHUP)
TICK = 0.05
CURSORS = {
    "block-cursor-text-style": "bold underline",  # a list cannot turn its lines round
    "input-cursor-text-style": "reverse",
    "button-focus-text-style": "reverse",
}


class Wizard(App[None]):
    """Its return code is the program's exit code.

    ``opened`` opens the session for a role; for none, that of what this machine is already.
    """

    TITLE = "registry-wizard"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (COLUMNS, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (ROWS, "-low"), (32, "-high")]  # noqa: RUF012

    def __init__(
        self,
        opened: Callable[[str], Place[Any, Any]],
        *,
        basic: bool = False,
        log: Callable[[Tell], Tell] | None = None,
    ) -> None:
        super().__init__(ansi_color=True if basic else None)
        self.opened, self.log_with = opened, log
        self.visit: Visit | None = None
        self.leaving = False
        if basic:
            self.theme = "ansi-dark"

    def get_css_variables(self) -> dict[str, str]:
        """Turn round what has the cursor, where no colour can tell it."""
        found = super().get_css_variables()
        return {**found, **(CURSORS if getattr(self, "no_color", False) else {})}

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.end_by, number)
        self.lead()

    @work
    async def lead(self) -> None:
        """Show the first picture, then load the engine and all other screens behind it."""
        first, painted = Welcome(), asyncio.Event()
        way = asyncio.ensure_future(self.push_screen_wait(first))
        first.call_after_refresh(painted.set)
        await painted.wait()
        self.visit = await asyncio.to_thread(self._open)
        self.exit(return_code=await self.visit.lead(first, way))

    def _open(self) -> Visit:
        from screens.visit import Visit  # noqa: PLC0415  (half of the time to the first picture)

        return Visit(self, self.opened, self.log_with)

    def end_by(self, number: int) -> None:
        """Leave at a signal: the answers are kept, and the engine stops between two changes."""
        if self.visit:
            self.visit.stop_asked = True
        self.exit(return_code=128 + number)

    def exit(
        self, result: None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave; what was typed and not applied is kept, whichever way this came about."""
        self.leaving = True
        if self.visit:
            self.visit.keep_draft()
        super().exit(result, return_code, message)

    def edit_outside(self, text: str, path: str) -> str:
        """Lend the terminal to the user's own editor, to which ctrl+c then belongs."""
        from screens.own_editor import edited  # noqa: PLC0415  (few ever come here)

        loop = asyncio.get_running_loop()
        with self.suspend():
            for number in KEYBOARD:
                loop.remove_signal_handler(number)
            try:
                return edited(text, path, os.environ)
            finally:
                # What the editor was sent still waits in the loop: let that pass first.
                for number in KEYBOARD:
                    loop.call_later(TICK, loop.add_signal_handler, number, self.end_by, number)

    def _handle_exception(self, error: Exception) -> None:
        """Pass over what breaks while all is taken down: a screen that never came to be."""
        if not self.leaving:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Show a mistake of ours without local variables, of which one may be a password."""
        self.bell()
        self._exit_renderables.append(f"{words.CRASH}\n{traceback.format_exc()}")
        self._close_messages_no_wait()
