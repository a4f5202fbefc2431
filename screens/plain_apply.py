"""The plan carried out or taken back, with a way on where it fails, and what to type at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens import plain_words as words
from screens.plain_work import Work
from wizard import draft
from wizard.credentials import ADMIN
from wizard.errors import ChecksFailed, Interrupted, WizardError
from wizard.join import join_of
from wizard.next_commands import NEXT_STEPS, next_commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.plain_stop import Stop
    from screens.plain_talk import Talk
    from wizard.events import Tell
    from wizard.given import Given
    from wizard.session import Session


@dataclass
class Apply:
    session: Session
    talk: Talk
    stop: Stop
    log: Callable[[Tell], Tell]
    begun: bool = False  # something may have been changed
    fresh: str = ""  # admin's password, until it was shown

    def carry_out(self, given: Given) -> int | str:
        """Apply and check; give the exit code, or ``edit`` or ``review`` for going back there.

        Raises Left with the failure's exit code where somebody quits.
        """
        # A failed run has its file with the password already, and has not shown it.
        self.fresh = self.session.fresh_admin(given) or self.fresh
        error = self._apply(given)
        while error:
            choice = self.talk.choose(words.FAILED_WORDS, error.exit_code)
            if choice in ("edit", "review"):
                return choice
            if choice == "undo" and self.undo():
                return error.exit_code
            if choice == "retry":
                error = self._apply(given)
        return self._end(given)

    def _apply(self, given: Given) -> WizardError | None:
        steps = len(self.session.plan(given))
        return self._work(lambda tell: self.session.carry_out(given, tell), steps)

    def undo(self) -> bool:
        """Show what would be taken back, ask, and do it; say whether it is done."""
        packages = self.talk.yes(words.UNDO_PACKAGES, default=False)
        plan = self.session.undo_plan(packages=packages)
        if not plan:
            self.talk.say(words.UNDO_NOTHING)
            return False
        self.talk.say(words.UNDO)
        self.session.preview(plan, Work(self.talk).tell)
        if not self.talk.yes(words.UNDO_SURE, default=False):
            self.talk.say(words.UNDO_NOT)
            return False
        return self._work(lambda tell: self.session.undo(plan, tell), len(plan)) is None

    def _work(self, act: Callable[[Tell], int], steps: int) -> WizardError | None:
        """Let the engine work; give what it failed with, after it was said."""
        work = Work(self.talk, steps)
        self.begun = True
        self.talk.say()
        try:
            with self.stop.between_changes():
                act(self.log(work.tell))
        except WizardError as error:
            self._failed(error, work)
            return error
        return None

    def _failed(self, error: WizardError, work: Work) -> None:
        self.talk.say()
        if isinstance(error, Interrupted):
            self.talk.say(words.STOPPED)
            return
        self.talk.say(words.FAILED.format(error))
        if error.hint:
            self.talk.say(words.REMEDY.format(error.hint))
        if work.last and not isinstance(error, ChecksFailed):
            self.talk.say(words.LAST_LINES)
            self.talk.lines("\n".join(work.last), indent="  | ")

    def _end(self, given: Given) -> int:
        self.talk.say()
        self.talk.say(words.DONE)
        self._next(given)
        if self.fresh and self.fresh == given.credentials.admin_password:
            self.talk.say(words.PASSWORD)
            self.talk.lines(self.fresh, indent="    ")
        draft.drop(self.session.host)
        return 0

    def _next(self, given: Given) -> None:
        self.talk.say(words.NEXT)
        user = given.answers.users[0].name if given.answers.users else ADMIN
        line = join_of(given.answers, given.pki.trust).line
        for each in next_commands(given.answers, user, line):
            self.talk.say(f"# {each.what} ({words.ON_THE[each.where]})")
            self.talk.lines(each.command)
        if self.session.read(NEXT_STEPS):
            self.talk.say(words.NEXT_KEPT.format(NEXT_STEPS))
