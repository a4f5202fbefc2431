"""The plan carried out or taken back, with a way on where it fails, and what to type at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screens import plain_words as words
from screens.ending import ending
from screens.plain_work import Work
from wizard import draft
from wizard.errors import ChecksFailed, ClientsFailed, Interrupted, WizardError

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.plain_stop import Stop
    from screens.plain_talk import Talk
    from wizard.events import Tell
    from wizard.place import Place


@dataclass
class Apply:
    session: Place[Any, Any]
    talk: Talk
    stop: Stop
    log: Callable[[Tell], Tell]
    begun: bool = False  # something may have been changed
    fresh: str = ""  # admin's password, until it was shown

    def carry_out(self, given: Any) -> int | str:
        """Apply and check; give the exit code, or ``edit`` or ``review`` for going back there.

        Raises Left with the failure's exit code where somebody quits.
        """
        # A failed run has its file with the password already, and has not shown it.
        self.fresh = self.session.fresh_admin(given) or self.fresh
        error = self._apply(given)
        while error:
            if isinstance(error, ClientsFailed):  # the registry stands: it can be used
                self._show_password(given)
            choice = self.talk.choose(words.FAILED_WORDS, error.exit_code)
            if choice in ("edit", "review"):
                return choice
            if choice == "undo" and self.undo():
                return error.exit_code
            if choice == "retry":
                error = self._apply(given)
        return self._end(given)

    def _apply(self, given: Any) -> WizardError | None:
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
        try:
            self.session.preview(plan, Work(self.talk).tell)
            for each in self.session.staying(self.session.storages()):
                self.talk.say(each)
        except WizardError as error:  # a client that nobody reaches
            self.talk.say(f"{error}\n{words.REMEDY.format(error.hint)}")
            self.talk.say(words.UNDO_NOT)
            return False
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
        if error.cause:
            self.talk.say(words.MEANS.format(error.cause))
        for each in filter(None, (error.remedy, error.hint)):
            self.talk.say(words.REMEDY.format(each))
        if work.last and not isinstance(error, ChecksFailed | ClientsFailed):
            self.talk.say(words.LAST_LINES)
            self.talk.lines("\n".join(work.last), indent="  | ")

    def _end(self, given: Any) -> int:
        self.talk.say()
        self.talk.say(words.DONE)
        self._next(given)
        self._show_password(given)
        draft.drop(self.session.host)
        return 0

    def _show_password(self, given: Any) -> None:
        """Show the password that was made, once."""
        if self.fresh and self.fresh == given.credentials.admin_password:
            self.talk.say(words.PASSWORD)
            self.talk.lines(self.fresh, indent="    ")
            self.fresh = ""

    def _next(self, given: Any) -> None:
        self.talk.say(words.NEXT)
        end = ending(given)
        for each in end.commands:
            where = words.ON_THIS if end.here == "client" else words.ON_THE[each.where]
            self.talk.say(f"# {each.what} ({where})")
            self.talk.lines(each.command)
        if end.kept_at and self.session.read(end.kept_at):
            self.talk.say(words.NEXT_KEPT.format(end.kept_at))
