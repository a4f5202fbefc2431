"""The pages of questions, asked line by line, forwards and backwards."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from screens import plain_words as words
from screens.form import QUESTIONS, Form
from screens.lessons import LESSONS
from screens.pages import PAGES, Page
from screens.plain_talk import Talk, meant
from screens.plain_users import Users
from screens.words import CHOICES, DEFAULT, translated
from wizard.try_name import try_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.glance import Glance
    from wizard.answers import Answers

BACKWARDS, ONWARDS = -1, 1
TRY, USERS = "a name to try", "users"


@dataclass(frozen=True)
class Stop:
    """One place where something is asked: a question's key, or one of the words above."""

    page: Page
    key: str


STOPS = tuple(
    Stop(page, key)
    for page in PAGES
    for key in (*page.keys, *((TRY,) if page.tries_names else ()), *((USERS,) * page.users))
)


@dataclass
class Questions:
    form: Form
    talk: Talk
    keep: Callable[[], object]  # called whenever a page is done
    look: Callable[[str, Answers], Glance | None]  # at what an answer names
    page: Page | None = None
    first: int = 0
    furthest: int = 0

    def ask(self, page: str, since: str) -> bool:
        """Ask from one page on to the end; say False where somebody goes back before ``since``."""
        at, self.first = _begins(page), _begins(since)
        self.furthest, self.page = at, None
        while self.first <= at < len(STOPS):
            self._head(STOPS[at].page)
            at = self._next(at, self._stop(STOPS[at]))
        return at >= self.first

    def _next(self, at: int, move: int) -> int:
        """Give where to go on, which at the end of a page may be what contradicts something.

        Behind the furthest page nothing is held against anybody who is on the way to mend it.
        """
        there = self._following(at, move)
        if move == BACKWARDS or not _ends_page(at, there):
            return there
        self.keep()
        if there < self.furthest:
            return there
        self.furthest = there
        return self._contradiction(there)

    def _following(self, at: int, move: int) -> int:
        """Give the next stop, over what means nothing under the answers as they are."""
        there = at + move
        while 0 <= there < len(STOPS) and not self.form.asks(STOPS[there].key):
            there += move
        return there

    def _contradiction(self, there: int) -> int:
        problems = self.form.problems()
        for number, stop in enumerate(STOPS[:there]):
            if stop.key in problems:
                said = translated(QUESTIONS[stop.key].title), problems[stop.key]
                self.talk.say(words.CONTRADICTION.format(*said))
                self.first = min(self.first, number)
                return number
        return there

    def _head(self, page: Page) -> None:
        if page != self.page:
            self.page = page
            self.talk.say()
            self.talk.say(words.PAGE.format(PAGES.index(page) + 1, len(PAGES), page.title))
            self.talk.say(page.intro)

    def _stop(self, stop: Stop) -> int:
        if stop.key == TRY:
            return self._try()
        if stop.key == USERS:
            return ONWARDS if Users(self.form, self.talk).ask() else BACKWARDS
        return self._question(stop.key)

    def _question(self, key: str) -> int:
        self.talk.say()
        self.talk.say(translated(QUESTIONS[key].help))
        self._explain(key)
        while True:
            typed = self.talk.ask(self._prompt(key))
            if typed in words.BACK:
                return BACKWARDS
            if typed in words.HELP:
                self.talk.say(LESSONS[key])
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
        seen = self.look(key, self.form.completed())
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


def _begins(page: str) -> int:
    return next(number for number, stop in enumerate(STOPS) if stop.page.id == page)


def _ends_page(at: int, there: int) -> bool:
    return there == len(STOPS) or STOPS[there].page != STOPS[at].page


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
