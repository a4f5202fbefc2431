"""The argv of a program that runs in a test machine, on the terminal of the one who starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hosts.machine import ENVIRONMENT
from tests.terminal.settings import OURS

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

# The keyboard's signals reach nsenter too, which would die of them and leave the program behind.
KEYBOARD = "signal=INT,QUIT,HUP"


def inside(machine: Machine, *argv: str, env: dict[str, str] | None = None) -> tuple[str, ...]:
    """Give the words for Pty.start or Tmux.start.

    The program finds the machine's environment and a terminal's, and nothing of the tests'.
    A signal that kills it is the exit code, but for the three of the keyboard: those give 1.
    """
    variables = ENVIRONMENT | OURS | (env or {})
    words = [f"{name}={value}" for name, value in variables.items()]
    enter = machine.enter("env", "-i", f"--default-{KEYBOARD}", *words, *argv)
    return ("env", f"--ignore-{KEYBOARD}", *enter)
