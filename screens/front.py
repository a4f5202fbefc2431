"""The way in: which front this terminal gets, and the session that it leads through."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from screens import terminal, words
from wizard.errors import BadUsage, Blocked

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.place import Place

PATIENCE = 0.2  # seconds


def ask(opened: Callable[[str], Place[Any, Any]], *, plain: bool) -> int:
    """Ask all questions and carry the plan out; give the exit code.

    ``opened`` opens the session for a role; for none, that of what this machine is already.

    Raises BadUsage where there is no terminal, Blocked where this user can change nothing.
    """
    if not terminal.has_terminal():
        raise BadUsage(words.NO_TERMINAL, words.NO_TERMINAL_HINT)
    if os.geteuid() != 0:
        raise Blocked(words.NOT_ROOT, words.NOT_ROOT_HINT)
    found = terminal.probe(os.environ, terminal.size())
    if plain or found.plain:
        from screens.plain import run  # noqa: PLC0415  (one front alone is loaded)

        return run(opened, "" if plain else found.why)
    return _on_screen(opened, basic=found.basic)


def _on_screen(opened: Callable[[str], Place[Any, Any]], *, basic: bool) -> int:
    terminal.forget_wrong_size()
    from screens.app import Wizard  # noqa: PLC0415  (200 ms; plain mode needs none of it)

    app = Wizard(opened, basic=basic)
    app.run()
    engine = app.visit.engine if app.visit else None
    if engine and engine.busy:
        sys.stderr.write(f"{words.QUIT_AT_WORK}\n")
        engine.wait()
    _wait_for_looks()
    return app.return_code or 0


def _wait_for_looks() -> None:
    """Say what is waited for, where a machine that was looked at takes its time to answer."""
    here = threading.current_thread()
    others = [each for each in threading.enumerate() if each is not here and not each.daemon]
    for each in others:
        each.join(PATIENCE)
    if any(each.is_alive() for each in others):
        sys.stderr.write(f"{words.QUIT_LOOKING}\n")
