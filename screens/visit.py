"""A visit to the wizard: which screen follows which, and what goes from one to the next."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from screens import words
from screens.ending import ending
from screens.form import Form
from screens.images import Images
from screens.known_clients import known_clients
from screens.looks import looks_of
from screens.pages import PAGES_OF
from screens.progress import AtWork, Outcome
from screens.questions import Questions
from screens.report import Report
from screens.review import Review
from screens.sums import none_failed
from screens.survey import Surveyed
from screens.undo import UndoReview
from screens.welcome import State, Welcome
from wizard import draft
from wizard.answers import Answers
from wizard.errors import ClientsFailed, WizardError
from wizard.log import logged
from wizard.status import status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from screens.app import Wizard
    from screens.told import Work
    from wizard.choices import Choices
    from wizard.events import Tell
    from wizard.place import Place


class Visit:
    """One visit; ``code`` is the program's exit code once it is over."""

    def __init__(
        self,
        app: Wizard,
        opened: Callable[[str], Place[Any, Any]],
        log: Callable[[Tell], Tell] | None = None,
    ) -> None:
        self.app, self.opened = app, opened
        self.stop_asked = False
        self.session = self._heeding(opened(""))
        former = self.session.former()
        self.role = former.role if former else "server"
        self.logged = log or logged
        self.form = Form(environ=self.session.environ)
        self.engine: Work[object] | None = None
        self.surveyed: Any = None
        self.given: Any = None
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
            "questions": lambda: self.questions(self.form.pages[0].id),
            "access": lambda: self.questions("access"),
            "clients": lambda: self.questions("clients"),
            "last": lambda: self.questions(self.form.pages[-1].id),
            "survey": self.survey,
            "review": self.review,
            "apply": self.apply,
            "report": self.report,
            "images": self.images,
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
        shown.look(self._state, self.session.verify, draft=_role_of(kept))
        found = await answer
        if found == "drop":
            draft.drop(self.session.host)
            return "welcome"
        if found in PAGES_OF:
            await asyncio.to_thread(lambda: self._become(found))
        if found in (*PAGES_OF, "questions", "access", "clients"):
            await self._fill(kept)
        return "questions" if found in PAGES_OF else found

    async def questions(self, first: str) -> str:
        screen = Questions(self.form, first, looks_of(self.session))
        way = await self.app.push_screen_wait(screen)
        self.keep_draft()
        return "survey" if way == "next" else "welcome"

    async def survey(self) -> str:
        answers = self.form.completed()
        screen = Surveyed(lambda tell: self.session.survey(answers, tell))
        self.surveyed = await self.app.push_screen_wait(screen)
        return "review" if self.surveyed else "last"

    async def review(self) -> str:
        try:
            given = await asyncio.to_thread(lambda: self.session.given(self.surveyed))
        except WizardError as error:
            self.app.notify(str(error), severity="error", markup=False)
            return "last"
        if self.choices is not None:
            given = replace(given, choices=self.choices)
        reviewed = await self.app.push_screen_wait(
            Review(self.session, given, self.app.edit_outside)
        )
        self.given, self.choices = reviewed.given, reviewed.given.choices
        return "apply" if reviewed.apply else "last"

    async def apply(self) -> str:
        given = self.given
        # A failed run has its file with the password already, and has not shown it.
        self.password = self.session.fresh_admin(given) or self.password
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
        outcome = self.outcome
        self.code = outcome.error.exit_code if outcome.error else 0
        if not outcome.error or isinstance(outcome.error, ClientsFailed):
            self.form.touched = False
            draft.drop(self.session.host)
        trouble = f"{outcome.error}" if isinstance(outcome.error, ClientsFailed) else ""
        headline = _headline(outcome, self.role, changed=bool(outcome.changed))
        end = ending(self.given)
        screen = Report(headline, outcome.checked, end, self.password, trouble)
        await self.app.push_screen_wait(screen)
        return ""

    async def images(self) -> str:
        try:
            await self.app.push_screen_wait(Images(self.session.images()))
        except WizardError as error:  # it was taken back since
            self.app.notify(str(error), severity="error", markup=False)
        return "welcome"

    async def verify(self) -> str:
        outcome = await self._watched(words.CHECKS, {}, self.session.verify_all, record=False)
        headline = _headline(outcome, self.role, changed=False)
        await self.app.push_screen_wait(Report(headline, outcome.checked))
        return "welcome"

    async def undo(self) -> str:
        plan = self.session.undo_plan(packages=False)
        session = self.session
        look = UndoReview(
            lambda: session.preview(plan, lambda _: None),
            lambda: session.staying(session.storages()),
        )
        if not await self.app.push_screen_wait(look):
            return "welcome"
        outcome = await self._watched(
            words.PROGRESS_UNDO,
            {step.id: step.title for step in plan},
            lambda tell: session.undo(plan, tell),
        )
        if outcome.way == "quit":
            self.code = 1
            return ""
        if not outcome.error:
            self.code = 0
            said = {"client": words.REPORT_UNDONE_CLIENT}.get(self.role, words.REPORT_UNDONE)
            await self.app.push_screen_wait(Report(said.format(outcome.changed), ()))
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
        former, detected = await asyncio.to_thread(
            lambda: (self.session.former(), self.session.detected())
        )
        if not self.form.touched:
            self.form = Form.of(former or Answers(), self.session.environ)
            self.form.restore(kept)
        self.form.detected = detected
        if self.form.role != self.role:
            self.form.typed["role"] = self.role

    def _heeding(self, session: Place[Any, Any]) -> Place[Any, Any]:
        """Give a session that also stops where this visit is to."""
        stopping = session.stopping
        return replace(session, stopping=lambda: self.stop_asked or stopping())

    def _become(self, role: str) -> None:
        """Be what was chosen at the first start, or what this machine is already."""
        former = self.session.former()
        role = former.role if former else role
        if role != self.role:
            self.role, self.session = role, self._heeding(self.opened(role))
            self.choices = None

    def _state(self) -> State:
        former = self.session.former()
        role = former.role if former else ""
        return State(status(self.session), role, known_clients(self.session.host))

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


def _headline(outcome: Outcome, role: str, *, changed: bool) -> str:
    checked = outcome.checked
    failed = sum(each.verdict == "failed" for each in checked)
    if isinstance(outcome.error, ClientsFailed):
        return words.REPORT_PARTLY
    if failed:
        return words.REPORT_BAD.format(failed, len(checked))
    good = words.REPORT_TRUSTS if role == "client" else words.REPORT_GOOD
    return (good if changed else words.REPORT_UNCHANGED).format(none_failed(checked))


def _role_of(kept: dict[str, Any]) -> str:
    """Give the role in a draft; empty where there is none."""
    typed = kept.get("typed")
    return str(typed.get("role", "server")) if isinstance(typed, dict) else ""
