"""Plain mode: the same questions, review and progress as lines, for serial lines and readers."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from screens import plain_words as words
from screens.form import QUESTIONS, Form
from screens.known_clients import known_clients
from screens.looks import looks_of
from screens.plain_apply import Apply
from screens.plain_images import Images
from screens.plain_questions import Questions
from screens.plain_review import Review
from screens.plain_stop import Stop
from screens.plain_survey import look
from screens.plain_talk import INTERRUPTED, Left, Talk, printed
from screens.plain_work import Work
from screens.words import CLIENTS, STATE_ROWS, translated
from wizard import draft
from wizard.errors import ChecksFailed, WizardError
from wizard.log import logged
from wizard.status import status

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.choices import Choices
    from wizard.events import Tell
    from wizard.place import Place


def run(
    opened: Callable[[str], Place[Any, Any]],
    why: str,
    read: Callable[[str], str] = input,
    secret: Callable[[str], str] = getpass.getpass,
    write: Callable[[str], object] = printed,
    log: Callable[[Tell], Tell] = logged,
) -> int:
    """Lead through it all; give the exit code. ``why`` says why it is plain mode.

    ``opened`` opens the session for a role; for none, that of what this machine is already.
    While it runs it takes the signals over: a signal leaves the questions, with the answers kept,
    and stops the work between two changes.
    """
    talk = Talk(read, secret, write)
    stop = Stop(talk)

    def heeding(role: str) -> Place[Any, Any]:
        session = opened(role)
        stopping = session.stopping
        return replace(session, stopping=lambda: stop.asked() or stopping())

    session = heeding("")
    visit = Visit(heeding, session, talk, Apply(session, talk, stop, log))
    with stop.listening():
        try:
            return visit.begin(why)
        except Left as left:
            visit.leave()
            return left.code
        except KeyboardInterrupt:
            visit.leave()
            return INTERRUPTED


@dataclass
class Visit:
    opened: Callable[[str], Place[Any, Any]]
    session: Place[Any, Any]
    talk: Talk
    apply: Apply
    form: Form = field(default_factory=Form)
    installed: bool = False
    known: dict[str, Any] = field(default_factory=Form().state)  # before anything was typed
    choices: Choices | None = None
    code: int = 0

    def begin(self, why: str) -> int:
        self.talk.say(words.GREETING)
        self.talk.say(why)
        self.talk.say(words.HOW)
        self.talk.say(words.LOOKING)
        former = self.session.former()
        self.installed = former is not None
        self.form = Form.of(former, self.session.environ) if former else Form()
        self.form.detected, self.form.environ = self.session.detected(), self.session.environ
        self.known = self.form.state()
        resumed = self._take_draft()
        if resumed and not self.installed:
            self._become(self.form.role)
        return self._menu() if self.installed and not resumed else self._set_up(asked=resumed)

    def leave(self) -> None:
        """Keep the answers, where there are new ones, and say how things stand."""
        if self.form.state() == self.known:  # a draft that nobody has decided about stays
            self.talk.say("" if self.apply.begun else f"\n{words.LEFT}")
        elif self._keep():
            self.talk.say(f"\n{words.KEPT}")

    def _take_draft(self) -> bool:
        kept = draft.kept(self.session.host)
        if not kept:
            return False
        self.talk.say(words.DRAFT_FOUND)
        return self.talk.yes(words.DRAFT_TAKE, default=True) and self.form.restore(kept)

    def _keep(self) -> bool:
        """Keep what was typed for the next start, unless it is as before; say if that could be."""
        state, host = self.form.state(), self.session.host
        try:
            if state == self.known:
                draft.drop(host)
            else:
                draft.keep(host, state)
        except WizardError as refusal:
            self.talk.say(words.NOT_KEPT.format(refusal))
            return False
        return True

    def _menu(self) -> int:
        """Show what is here, and do what is asked for until somebody quits."""
        ways: dict[str, Callable[[], int | None]] = {
            "change": self._change,
            "users": lambda: self._go("access", "access"),
            "clients": lambda: self._go("clients", "clients"),
            "images": self._images,
            "verify": self._verify,
            "undo": self._undo,
            "quit": self._quit,
        }
        acts = {str(number): ways[way] for number, way in enumerate(self._ways(), start=1)}
        while True:
            self._show_state()
            typed = self.talk.ask(words.MENU_ASK, self.code).strip()
            if not typed:
                continue
            if typed not in acts:
                self.talk.say(words.NOT_UNDERSTOOD.format(typed))
                continue
            code = acts[typed]()
            if code is not None:
                return code

    def _ways(self) -> list[str]:
        client = self.form.role == "client"
        return [way for way in words.MENU if not (client and way in words.OF_SERVERS)]

    def _quit(self) -> int:
        raise Left(self.code)

    def _show_state(self) -> None:
        found = status(self.session)
        whole = words.TRUSTS if self.form.role == "client" else words.INSTALLED
        self.talk.say()
        self.talk.say(whole if found["installed"] else words.BROKEN)
        for key, title in STATE_ROWS.items():
            if key in found:
                self.talk.say(f"{title}: {_value(found[key], key)}", indent="  ")
        clients = known_clients(self.session.host)
        if clients:
            self.talk.say(f"{CLIENTS}:", indent="  ")
        for each in clients:
            self.talk.say(f"{each.host}: {each.how}", indent="    ")
        for number, way in enumerate(self._ways(), start=1):
            self.talk.say(f"{number}. {words.MENU[way]}")

    def _verify(self) -> None:
        try:
            good = self.session.verify_all(Work(self.talk).tell)
        except WizardError as error:
            self.talk.say(words.FAILED.format(error))
            good = False
        self.talk.say(words.CHECKED_NONE_FAILED if good else words.CHECKED_NOT)
        self.code = 0 if good else ChecksFailed.exit_code

    def _images(self) -> None:
        try:
            Images(self.session.images(), self.talk).ask()
        except WizardError as error:
            self.talk.say(f"{error}\n{words.REMEDY.format(error.hint)}")

    def _undo(self) -> int | None:
        return 0 if self.apply.undo() else None

    def _change(self) -> int | None:
        return self._go(self._first, self._first)

    @property
    def _first(self) -> str:
        return self.form.pages[0].id

    def _set_up(self, *, asked: bool) -> int:
        """Ask what this machine is to be, unless that is known, and all else."""
        while True:
            if not (asked or self.installed):
                self._ask_role()
            code, asked = self._change(), False
            if code is not None:
                return code
            if self.installed:
                return self._menu()

    def _ask_role(self) -> None:
        self.talk.say()
        self.talk.say(words.ROLE)
        width = max(map(len, words.ROLES))
        for number, (role, text) in enumerate(words.ROLES.items(), start=1):
            self.talk.say(f"{number}. {role:{width}}  {text}", indent="  ")
        by_word = {str(number): role for number, role in enumerate(words.ROLES, start=1)}
        by_word |= {role: role for role in words.ROLES} | {"": self.form.role}
        while True:
            prompt = f"{translated(QUESTIONS['role'].title)} [{self.form.role}]:"
            typed = self.talk.ask(prompt).strip()
            if typed in by_word:
                self._become(by_word[typed])
                return
            known = words.FIRST if typed in words.BACK else ""
            self.talk.say(known or words.ONE_OF.format(", ".join(words.ROLES)))

    def _become(self, role: str) -> None:
        self.session = self.apply.session = self.opened(role)
        self.form.detected = self.session.detected()
        if self.form.role != role:
            self.form.put("role", role)
            self.choices = None

    def _go(self, page: str, since: str) -> int | None:
        """Ask, look, show and apply; give the exit code, or None for going back before it all."""
        look = looks_of(self.session)
        while Questions(self.form, self.talk, self._keep, look).ask(page, since):
            found = self._look_and_apply()
            if isinstance(found, int):
                return found
            page, since = found, self._first
        return None

    def _look_and_apply(self) -> int | str:
        """Give the exit code, or the page of questions to go back to."""
        given = look(self.session, self.talk, self.form.completed())
        if given is None:
            return self._first
        review = Review(self.session, self.talk, self._as_chosen(given))
        found: int | str = "review"
        while found == "review":
            wanted = review.ask()
            self.choices = review.given.choices
            found = self.apply.carry_out(review.given) if wanted else self.form.pages[-1].id
        return self._first if found == "edit" else found

    def _as_chosen(self, given: Any) -> Any:
        """Give the plan's ground with what was chosen in this visit's last review, if any was."""
        return given if self.choices is None else replace(given, choices=self.choices)


def _value(value: object, key: str) -> str:
    if key.endswith("_bytes") and isinstance(value, int):
        return f"{value / 1024**3:.1f} GiB"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
