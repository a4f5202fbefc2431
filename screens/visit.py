"""A visit to the wizard: which screen follows which, and what goes from one to the next."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from screens import words
from screens.form import Form
from screens.glance import glance
from screens.pages import PAGES
from screens.progress import AtWork, Outcome
from screens.questions import Questions
from screens.report import Report
from screens.review import Review
from screens.survey import Surveyed
from screens.undo import UndoReview
from screens.welcome import Welcome
from wizard import draft
from wizard.answers import Answers
from wizard.errors import WizardError
from wizard.join import join_of
from wizard.log import logged
from wizard.next_commands import next_commands
from wizard.status import status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from screens.app import Wizard
    from screens.told import Work
    from wizard.choices import Choices
    from wizard.events import Checked, Tell
    from wizard.given import Given
    from wizard.session import Session, Survey

FIRST, LAST = PAGES[0].id, PAGES[-1].id


class Visit:
    """One visit; ``code`` is the program's exit code once it is over."""

    def __init__(
        self, app: Wizard, session: Session, log: Callable[[Tell], Tell] | None = None
    ) -> None:
        self.app = app
        self.stop_asked = False
        stopping = session.stopping
        self.session = replace(session, stopping=lambda: self.stop_asked or stopping())
        self.logged = log or logged
        self.form = Form(environ=session.environ)
        self.engine: Work[object] | None = None
        self.surveyed: Survey | None = None
        self.given: Given | None = None
        self.choices: Choices | None = None  # as left in the review, once somebody was there
        self.outcome: Outcome | None = None
        self.password = ""
        self.code = 130

    async def lead(self, first: Welcome, way: Awaitable[str]) -> int:
        """Follow each place to the next until one leads nowhere; give the exit code.

        The first picture is on the screen already, and ``way`` what it will be answered with.
        """
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
        place = await self.welcome(first, way)
        while place in places:
            place = await places[place]()
        return self.code

    async def welcome(
        self, screen: Welcome | None = None, way: Awaitable[str] | None = None
    ) -> str:
        kept = draft.kept(self.session.host)
        shown = screen or Welcome()
        answer = asyncio.ensure_future(way or self.app.push_screen_wait(shown))
        shown.look(lambda: status(self.session), self.session.verify, draft=bool(kept))
        found = await answer
        if found == "drop":
            draft.drop(self.session.host)
            return "welcome"
        if found in ("questions", "access"):
            await self._fill(kept)
        return found

    async def questions(self, first: str) -> str:
        look = partial(glance, self.session.host)
        way = await self.app.push_screen_wait(Questions(self.form, first, look))
        self.keep_draft()
        return "survey" if way == "next" else "welcome"

    async def survey(self) -> str:
        answers = self.form.completed()
        look: Callable[[Tell], Survey] = lambda tell: self.session.survey(answers, tell)  # noqa: E731
        self.surveyed = await self.app.push_screen_wait(Surveyed(look))
        return "review" if self.surveyed else "access"

    async def review(self) -> str:
        assert self.surveyed  # noqa: S101  (the survey leads here only with one)
        surveyed = self.surveyed
        try:
            given = await asyncio.to_thread(lambda: self.session.given(surveyed))
        except WizardError as error:
            self.app.notify(str(error), severity="error", markup=False)
            return "access"
        if self.choices is not None:
            given = replace(given, choices=self.choices)
        reviewed = await self.app.push_screen_wait(
            Review(self.session, given, self.app.edit_outside)
        )
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
        commands = next_commands(answers, user, join_of(answers, self.given.pki.trust).line)
        site = self.given.nginx.site
        await self.app.push_screen_wait(
            Report(headline, outcome.checked, commands, self.password, site)
        )
        return ""

    async def verify(self) -> str:
        outcome = await self._watched(words.CHECKS, {}, self.session.verify, record=False)
        headline = _headline(outcome.checked, changed=False)
        await self.app.push_screen_wait(Report(headline, outcome.checked))
        return "welcome"

    async def undo(self) -> str:
        plan = self.session.undo_plan(packages=False)
        found = await asyncio.to_thread(lambda: self.session.preview(plan, lambda _: None))
        if not await self.app.push_screen_wait(UndoReview(found)):
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
            await self.app.push_screen_wait(Report(words.REPORT_UNDONE.format(outcome.changed), ()))
        return "welcome"

    def keep_draft(self) -> None:
        """Write down what was typed; a machine that takes no file is told of at the survey."""
        if self.form.touched:
            try:
                draft.keep(self.session.host, self.form.state())
            except WizardError as error:
                self.app.notify(str(error), severity="warning", markup=False)

    async def _fill(self, kept: dict[str, object]) -> None:
        """Fill the form in with the last run's answers, what was detected, and the draft."""
        if self.form.touched:
            return
        former, detected = await asyncio.to_thread(
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
        return await self.app.push_screen_wait(screen)

    def _engaged(self, engine: Work[object]) -> None:
        self.engine = engine


def _headline(checked: tuple[Checked, ...], *, changed: bool) -> str:
    failed = sum(each.verdict == "failed" for each in checked)
    if failed:
        return words.REPORT_BAD.format(failed, len(checked))
    return (words.REPORT_GOOD if changed else words.REPORT_UNCHANGED).format(len(checked))
