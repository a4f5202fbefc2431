"""Every error that a user may meet: a sentence, a way out and an exit code.

WizardError                 1  a step failed
├── BadUsage                2  the command line asks for something that cannot be
├── BadAnswers              2  the answers file, with every problem in it
├── Blocked                 3  the survey found something in the way; nothing was touched
├── ChecksFailed            4  all was applied, but a check failed
├── ClientsFailed           1  all was applied, but not on every client
└── Interrupted           130  stopped by the user between two changes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class WizardError(Exception):
    """An expected failure. ``str()`` is the sentence, ``hint`` the way out.

    Where a program's words are part of it, and known, ``cause`` and ``remedy`` say what they mean.
    """

    exit_code = 1
    cause = ""
    remedy = ""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadUsage(WizardError):
    exit_code = 2


class Problem(NamedTuple):  # dataclasses would be much of what --help imports
    """One thing that is wrong with the answers: where, what, why, and what would be right."""

    key: str
    value: str
    why: str
    example: str = ""

    def __str__(self) -> str:
        value = f" = {self.value}" if self.value else ""
        example = f" (for example: {self.example})" if self.example else ""
        return f"{self.key}{value}: {self.why}{example}"


class BadAnswers(WizardError):
    exit_code = 2

    def __init__(self, problems: Iterable[Problem], source: str = "the answers") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        things = "one thing is" if count == 1 else f"{count} things are"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(
            f"{things} wrong in {source}:\n{lines}",
            hint="registry-wizard answers prints a commented file with every question",
        )


class Blocked(WizardError):
    exit_code = 3


class ChecksFailed(WizardError):
    exit_code = 4


class ClientsFailed(WizardError):
    exit_code = 1


class Interrupted(WizardError):
    exit_code = 130
