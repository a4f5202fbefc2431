"""The way in: which front this terminal gets, and the session that it leads through."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from screens import terminal, words
from wizard.errors import BadUsage, Blocked

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.session import Session


def ask(session: Callable[[], Session], *, plain: bool) -> int:
    """Ask all questions and carry the plan out; give the exit code.

    Raises BadUsage where there is no terminal, Blocked where this user can change nothing.
    """
    if not terminal.has_terminal():
        raise BadUsage(words.NO_TERMINAL, words.NO_TERMINAL_HINT)
    if os.geteuid() != 0:
        raise Blocked(words.NOT_ROOT, words.NOT_ROOT_HINT)
    found = terminal.probe(os.environ, terminal.size())
    if plain or found.plain:
        from screens.plain import run  # noqa: PLC0415  (one front alone is loaded)

        return run(session(), "" if plain else found.why)
    return _on_screen(session, basic=found.basic)


def _on_screen(session: Callable[[], Session], *, basic: bool) -> int:
    terminal.forget_wrong_size()
    from screens.app import Wizard  # noqa: PLC0415  (200 ms; plain mode needs none of it)

    app = Wizard(session, basic=basic)
    app.run()
    engine = app.visit.engine if app.visit else None
    if engine and engine.busy:
        sys.stderr.write(f"{words.QUIT_AT_WORK}\n")
        engine.wait()
    return app.return_code or 0
