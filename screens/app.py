"""Which screen follows which; nothing else."""

from __future__ import annotations

import asyncio
import signal
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from textual import work
from textual.app import App

from screens import words
from screens.form import Form
from screens.own_editor import edited
from screens.pages import PAGES
from screens.progress import AtWork, Outcome
from screens.questions import Questions
from screens.report import Report
from screens.review import Review, UndoReview
from screens.survey import Surveyed
from screens.terminal import COLUMNS, ROWS
from screens.welcome import Welcome
from wizard import draft
from wizard.answers import Answers
from wizard.errors import WizardError
from wizard.facts import free_space
from wizard.log import logged
from wizard.next_commands import next_commands
from wizard.status import status

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from screens.told import Work
    from wizard.choices import Choices
    from wizard.events import Checked, Tell
    from wizard.given import Given
    from wizard.session import Session, Survey

KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
SIGNALS = (*KEYBOARD, signal.SIGTERM, signal.SIGHUP)
FIRST, LAST = PAGES[0].id, PAGES[-1].id
TICK = 0.05
T = TypeVar("T")


class Wizard(App[None]):
    """The wizard on the screen. Its return code is the program's exit code."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (COLUMNS, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (ROWS, "-low"), (32, "-high")]  # noqa: RUF012

    def __init__(
        self, session: Session, *, basic: bool = False, log: Callable[[Tell], Tell] = logged
    ) -> None:
        super().__init__()
        self.stop_asked = False
        self.leaving = False
        stopping = session.stopping
        self.session = replace(session, stopping=lambda: self.stop_asked or stopping())
        self.logged = log
        self.form = Form(environ=session.environ)
        self.engine: Work[object] | None = None
        self.surveyed: Survey | None = None
        self.given: Given | None = None
        self.choices: Choices | None = None  # as left in the review, once somebody was there
        self.outcome: Outcome | None = None
        self.password = ""
        self.code = 130
        if basic:
            self.theme = "ansi-dark"

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.end_by, number)
        self.lead()

    def end_by(self, number: int) -> None:
        """Leave at a signal: the answers are kept, and the engine stops between two changes."""
        self.stop_asked = True
        self.exit(return_code=128 + number)

    def exit(
        self, result: None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave; what was typed and not applied is kept, whichever way this came about."""
        self.leaving = True
        self.keep_draft()
        super().exit(result, return_code, message)

    @work
    async def lead(self) -> None:
        """Follow each place to the next, until one leads nowhere."""
        places = {
            "welcome": self.welcome,
            "questions": lambda: self.questions(FIRST),
            "access": lambda: self.questions(LAST),
            "survey": self.survey,
            "review": self.review,
            "apply": self.apply,
            "report": self.report,
            "verify": self.verify,
            "undo": self.undo,
        }
        place = "welcome"
        while place in places:
            place = await places[place]()
        self.exit(return_code=self.code)

    async def welcome(self) -> str:
        kept = draft.kept(self.session.host)
        state: Callable[[], dict[str, object]] = lambda: status(self.session)  # noqa: E731
        screen = Welcome(state, self.session.verify, draft=bool(kept))
        way = await self.push_screen_wait(screen)
        if way == "drop":
            draft.drop(self.session.host)
            return "welcome"
        if way in ("questions", "access"):
            await self._fill(kept)
        return way

    async def questions(self, first: str) -> str:
        def room(storage: str) -> tuple[str, int]:
            return free_space(self.session.host, storage)

        way = await self.push_screen_wait(Questions(self.form, first, room))
        self.keep_draft()
        return "survey" if way == "next" else "welcome"

    async def survey(self) -> str:
        answers = self.form.completed()
        look: Callable[[Tell], Survey] = lambda tell: self.session.survey(answers, tell)  # noqa: E731
        self.surveyed = await self.push_screen_wait(Surveyed(look))
        return "review" if self.surveyed else "access"

    async def review(self) -> str:
        assert self.surveyed  # noqa: S101  (the survey leads here only with one)
        surveyed = self.surveyed
        try:
            given = await self._aside(lambda: self.session.given(surveyed))
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
            return "access"
        if self.choices is not None:
            given = replace(given, choices=self.choices)
        reviewed = await self.push_screen_wait(Review(self.session, given, self.edit_outside))
        self.given, self.choices = reviewed.given, reviewed.given.choices
        return "apply" if reviewed.apply else "access"

    async def apply(self) -> str:
        assert self.given  # noqa: S101  (the review leads here only with it)
        given = self.given
        self.password = self.session.fresh_admin(given)
        plan = self.session.plan(given)
        self.outcome = await self._watched(
            words.PROGRESS,
            {step.id: step.title for step in plan},
            lambda tell: self.session.carry_out(given, tell),
        )
        if self.outcome.way:
            self.code = self.outcome.error.exit_code if self.outcome.error else 1
            return {"answers": "questions", "undo": "undo"}.get(self.outcome.way, "")
        return "report"

    async def report(self) -> str:
        assert self.outcome  # noqa: S101  (whoever leads here has one)
        assert self.given  # noqa: S101
        outcome, answers = self.outcome, self.given.answers
        self.code = outcome.error.exit_code if outcome.error else 0
        if not outcome.error:
            self.form.touched = False
            draft.drop(self.session.host)
        user = answers.users[0].name if answers.users else "admin"
        headline = _headline(outcome.checked, changed=bool(outcome.changed))
        commands = next_commands(answers, user)
        await self.push_screen_wait(Report(headline, outcome.checked, commands, self.password))
        return ""

    async def verify(self) -> str:
        outcome = await self._watched(words.CHECKS, {}, self.session.verify, record=False)
        headline = _headline(outcome.checked, changed=False)
        await self.push_screen_wait(Report(headline, outcome.checked))
        return "welcome"

    async def undo(self) -> str:
        plan = self.session.undo_plan(packages=False)
        found = await self._aside(lambda: self.session.preview(plan, lambda _: None))
        if not await self.push_screen_wait(UndoReview(found)):
            return "welcome"
        outcome = await self._watched(
            words.PROGRESS_UNDO,
            {step.id: step.title for step in plan},
            lambda tell: self.session.undo(plan, tell),
        )
        if outcome.way == "quit":
            self.code = 1
            return ""
        if not outcome.error:
            self.code = 0
            await self.push_screen_wait(Report(words.REPORT_UNDONE.format(outcome.changed), ()))
        return "welcome"

    def keep_draft(self) -> None:
        """Write down what was typed; a machine that takes no file is told of at the survey."""
        if self.form.touched:
            try:
                draft.keep(self.session.host, self.form.state())
            except WizardError as error:
                self.notify(str(error), severity="warning", markup=False)

    def edit_outside(self, text: str, path: str) -> str:
        """Lend the terminal to the user's own editor, to which ctrl+c then belongs."""
        loop = asyncio.get_running_loop()
        with self.suspend():
            for number in KEYBOARD:
                loop.remove_signal_handler(number)
            try:
                return edited(text, path, self.session.environ)
            finally:
                # What the editor was sent still waits in the loop: let that pass first.
                for number in KEYBOARD:
                    loop.call_later(TICK, loop.add_signal_handler, number, self.end_by, number)

    async def _fill(self, kept: dict[str, object]) -> None:
        """Fill the form in with the last run's answers, what was detected, and the draft."""
        if self.form.touched:
            return
        former, detected = await self._aside(
            lambda: (self.session.former(), self.session.detected())
        )
        self.form = Form.of(former or Answers(), self.session.environ)
        self.form.detected = detected
        self.form.restore(kept)

    async def _watched(
        self,
        title: str,
        steps: dict[str, str],
        act: Callable[[Tell], object],
        *,
        record: bool = True,
    ) -> Outcome:
        def run(tell: Tell) -> object:
            self.stop_asked = False
            return act(self.logged(tell) if record else tell)

        def stop() -> None:
            self.stop_asked = True

        screen = AtWork(title, steps, run, stop, self._engaged)
        return await self.push_screen_wait(screen)

    def _engaged(self, engine: Work[object]) -> None:
        self.engine = engine

    async def _aside(self, act: Callable[[], T]) -> T:
        """Do what takes a moment in a thread, so that the screen stays alive."""
        return await asyncio.to_thread(act)

    def _handle_exception(self, error: Exception) -> None:
        """Pass over what breaks while all is taken down: a screen that never came to be."""
        if not self.leaving:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Show a mistake of ours without local variables, of which one may be a password."""
        self.bell()
        self._exit_renderables.append(f"{words.CRASH}\n{traceback.format_exc()}")
        self._close_messages_no_wait()


def _headline(checked: tuple[Checked, ...], *, changed: bool) -> str:
    failed = sum(each.verdict == "failed" for each in checked)
    if failed:
        return words.REPORT_BAD.format(failed, len(checked))
    return (words.REPORT_GOOD if changed else words.REPORT_UNCHANGED).format(len(checked))
