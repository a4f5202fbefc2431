"""The pages of questions, asked line by line, forwards and backwards."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from screens import plain_words as words
from screens.form import QUESTIONS, Form
from screens.lessons import lesson
from screens.pages import PAGES_OF, Page
from screens.plain_clients import Clients
from screens.plain_talk import Talk, meant
from screens.plain_users import Users
from screens.words import (
    CHOICES,
    DEFAULT,
    FIRST_USE_COMPARE,
    FIRST_USE_TEXT,
    FIRST_USE_TITLE,
    translated,
)
from wizard.errors import WizardError
from wizard.names import in_url
from wizard.try_name import try_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.looks import Looks

BACKWARDS, ONWARDS = -1, 1
TRY, FIRST_USE = "a name to try", "the CA on first use"
USERS, CLIENTS = "users", "clients"


@dataclass(frozen=True)
class Stop:
    """One place where something is asked: a question's key, or one of the words above."""

    page: Page
    key: str


def _stops(page: Page) -> tuple[Stop, ...]:
    first = (page.table,) if page.table else ()
    last = {TRY: page.tries_names, FIRST_USE: page.fetches_ca}
    every = (*first, *page.keys, *(key for key, is_so in last.items() if is_so))
    return tuple(Stop(page, key) for key in every)


STOPS_OF = {
    role: tuple(stop for page in pages for stop in _stops(page)) for role, pages in PAGES_OF.items()
}
STOPS = STOPS_OF["server"]


@dataclass
class Questions:
    form: Form
    talk: Talk
    keep: Callable[[], object]  # called whenever a page is done
    look: Looks
    page: Page | None = None
    first: int = 0
    furthest: int = 0

    def ask(self, page: str, since: str) -> bool:
        """Ask from one page on to the end; say False where somebody goes back before ``since``."""
        at, self.first = self._begins(page), self._begins(since)
        self.furthest, self.page = at, None
        while self.first <= at < len(self.stops):
            self._head(self.stops[at].page)
            at = self._next(at, self._stop(self.stops[at]))
        return at >= self.first

    @property
    def stops(self) -> tuple[Stop, ...]:
        return STOPS_OF[self.form.role]

    def _begins(self, page: str) -> int:
        return next(number for number, stop in enumerate(self.stops) if stop.page.id == page)

    def _ends_page(self, at: int, there: int) -> bool:
        return there == len(self.stops) or self.stops[there].page != self.stops[at].page

    def _next(self, at: int, move: int) -> int:
        """Give where to go on, which at the end of a page may be what contradicts something.

        Behind the furthest page nothing is held against anybody who is on the way to mend it.
        """
        there = self._following(at, move)
        if move == BACKWARDS or not self._ends_page(at, there):
            return there
        self.keep()
        if there < self.furthest:
            return there
        self.furthest = there
        return self._contradiction(there)

    def _following(self, at: int, move: int) -> int:
        """Give the next stop, over what means nothing under the answers as they are."""
        there = at + move
        while 0 <= there < len(self.stops) and not self._asks(self.stops[there].key):
            there += move
        return there

    def _asks(self, key: str) -> bool:
        return self.form.trusts_on_first_use if key == FIRST_USE else self.form.asks(key)

    def _contradiction(self, there: int) -> int:
        problems = self.form.problems()
        for number, stop in enumerate(self.stops[:there]):
            if stop.key in problems:
                said = translated(QUESTIONS[stop.key].title), problems[stop.key]
                self.talk.say(words.CONTRADICTION.format(*said))
                self.first = min(self.first, number)
                return number
        return there

    def _head(self, page: Page) -> None:
        if page != self.page:
            self.page, pages = page, self.form.pages
            self.talk.say()
            self.talk.say(words.PAGE.format(pages.index(page) + 1, len(pages), page.title))
            self.talk.say(page.intro)

    def _stop(self, stop: Stop) -> int:
        if stop.key == TRY:
            return self._try()
        if stop.key == FIRST_USE:
            return self._first_use()
        if stop.key == USERS:
            return ONWARDS if Users(self.form, self.talk).ask() else BACKWARDS
        if stop.key == CLIENTS:
            asked = Clients(self.form, self.talk, self.look).ask()
            return ONWARDS if asked else BACKWARDS
        return self._question(stop.key)

    def _question(self, key: str) -> int:
        self.talk.say()
        self.talk.say(self.form.help(key))
        self._explain(key)
        while True:
            typed = self.talk.ask(self._prompt(key))
            if typed in words.BACK:
                return BACKWARDS
            if typed in words.HELP:
                self.talk.say(lesson(key, self.form.role))
                continue
            why = self._take(key, typed)
            if not why:
                self._glance(key)
                return ONWARDS
            self.talk.say(why)

    def _explain(self, key: str) -> None:
        """Say what there is to choose from, and what the wizard would take."""
        choices = QUESTIONS[key].choices
        width = max(map(len, choices), default=0)
        for number, choice in enumerate(choices, start=1):
            self.talk.say(f"{number}. {choice:{width}}  {CHOICES[key][choice]}", indent="  ")
        if self.form.meaning(key):
            self.talk.say(self.form.meaning(key))

    def _glance(self, key: str) -> None:
        seen = self.look.glance(key, self.form.completed())
        if seen:
            self.talk.say(seen.text, indent="  ")

    def _take(self, key: str, typed: str) -> str:
        """Put what was typed into the form; say why it cannot be so, or nothing."""
        if typed == words.EMPTY:
            self.form.empty(key)
        elif typed and QUESTIONS[key].choices:
            return self._take_choice(key, typed)
        elif typed and QUESTIONS[key].kind is bool:
            return self._take_bool(key, typed)
        elif typed:
            self.form.put(key, typed)
        return wrong(self.form, key)

    def _take_choice(self, key: str, typed: str) -> str:
        choices = QUESTIONS[key].choices
        meant_by = {str(number): choice for number, choice in enumerate(choices, start=1)}
        found = meant_by.get(typed.strip(), typed.strip())
        if found not in choices:
            return words.ONE_OF.format(", ".join(choices))
        self.form.put(key, found)
        return ""

    def _take_bool(self, key: str, typed: str) -> str:
        found = meant(typed, default=False)
        if found is None:
            return words.YES_OR_NO
        self.form.put(key, found)
        return ""

    def _prompt(self, key: str) -> str:
        return f"{translated(QUESTIONS[key].title)} [{shown(self.form, key)}]:"

    def _first_use(self) -> int:
        """Fetch the CA and show it; it is trusted only where somebody types yes."""
        answers = self.form.completed()
        at = in_url(answers.registry.hostname, answers.registry.https_port)
        self.talk.say()
        self.talk.say(words.FETCHING.format(at))
        try:
            found = self.look.ca(answers)
        except WizardError as error:
            self.talk.say(f"{error}\n{words.REMEDY.format(error.hint)}")
            return BACKWARDS
        self.talk.say(FIRST_USE_TITLE)
        self.talk.say(FIRST_USE_TEXT.format(at))
        self.talk.lines(found.described, indent="  ")
        self.talk.say(FIRST_USE_COMPARE)
        self.talk.lines(found.fingerprint, indent="  ")
        if self.talk.ask(words.FIRST_USE).strip().lower() != words.YES[-1]:
            return BACKWARDS
        self.form.put("client.ca_fingerprint", found.fingerprint)
        return ONWARDS

    def _try(self) -> int:
        while True:
            typed = self.talk.ask(words.TRY)
            if typed in words.BACK:
                return BACKWARDS
            if not typed:
                return ONWARDS
            self.talk.say(words.TRY_HELP if typed in words.HELP else self._tried(typed))

    def _tried(self, typed: str) -> str:
        match = try_name(typed, self.form.completed())
        return (words.WILL if match.will else words.WILL_NOT).format(typed, match.why)


def shown(form: Form, key: str) -> str:
    """Give what an empty line keeps, and where that comes from if nobody typed it."""
    typed = form.typed.get(key, "")
    if isinstance(typed, bool):
        return _yes_or_no(typed)
    if typed:
        return QUESTIONS[key].show(typed).strip('"')
    value, source = form.stands_in(key)
    if QUESTIONS[key].choices:  # beside which it was said what the wizard would take
        return f"{QUESTIONS[key].default}: {DEFAULT}"
    if QUESTIONS[key].kind is bool:
        value = _yes_or_no(bool(QUESTIONS[key].default))
    return f"{value}: {source}" if value else words.NOTHING


def wrong(form: Form, key: str) -> str:
    """Say why an answer cannot be by itself; what contradicts another one may still be mended."""
    why = form.problems().get(key, "")
    stands = attrgetter(key)(form.answers) not in ("", (), QUESTIONS[key].default)
    if not form.typed.get(key) or (stands and QUESTIONS[key].kind is not tuple):
        return ""
    return why and words.WRONG.format(why)


def _yes_or_no(value: bool) -> str:  # noqa: FBT001
    return words.YES[-1] if value else words.NO[-1]
