"""The questions, a few on a page; what is wrong on a page holds back the way on, never back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Button, ContentSwitcher, Input, Static

from screens import words
from screens.choice import Choice
from screens.fields import Field
from screens.first_use import FirstUse
from screens.form import QUESTIONS
from screens.frame import Frame, Notice, button, say
from screens.glance import GLANCES, Glance
from screens.lessons import lesson
from screens.one_page import OnePage
from screens.rows import Rows
from wizard.clean import clean
from wizard.names import in_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual import events
    from textual.widget import Widget

    from screens.form import Form
    from screens.looks import Looks
    from screens.pages import Page
    from wizard.answers import Answers


class Glanced(Message):
    """The machine was looked at for these answers."""

    def __init__(self, answers: Answers, found: dict[str, Glance | None]) -> None:
        super().__init__()
        self.answers, self.found = answers, found


class Questions(Frame[str]):
    """All pages of questions over one form; dismisses with ``next`` or ``back``."""

    BINDINGS: ClassVar = [
        Binding("f2,escape", "back", words.BACK, key_display="Esc"),
        Binding("f3,ctrl+n", "next", words.NEXT, key_display="F3"),
        Binding("f4,ctrl+l", "lines", words.LINES, key_display="F4"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self,
        form: Form,
        first: str,
        look: Looks,
        note: str = "",
    ) -> None:
        super().__init__()
        self.form, self.look, self.note = form, look, note
        self.pages = form.pages
        self.at = next(n for n, page in enumerate(self.pages) if page.id == first)

    @property
    def page(self) -> Page:
        return self.pages[self.at]

    def title_text(self) -> str:
        return words.QUESTIONS.format(self.at + 1, len(self.pages), self.page.title)

    def body(self) -> Iterable[Widget]:
        with Horizontal(id="pages"):
            for page in self.pages:
                yield say(page.title, id=f"at-{page.id}", classes="page-name")
        with Horizontal(id="columns"):
            with ContentSwitcher(initial=self.page.id):
                for page in self.pages:
                    yield OnePage(page, self.form, self.look)
            with VerticalScroll(id="lesson", can_focus=False):
                yield say("", id="lesson-text")
        yield say(self.note, id="wrong-here")
        with Horizontal(classes="buttons"):
            yield button(words.BACK, "back")
            yield button(words.NEXT, "next", first=True)

    @property
    def here(self) -> OnePage:
        return self.query_one(f"#{self.page.id}", OnePage)

    def on_mount(self) -> None:
        self._show_page()

    def refill(self) -> None:
        """Show what was detected meanwhile, in the fields that are empty."""
        for field in self.query(Field):
            field.refill()
        self._judge()

    def action_next(self) -> None:
        wrong = self.form.problems_on(self.page)
        if wrong:
            self._tell(next(iter(wrong.values())) if self.page.table else words.WRONG_HERE)
            self.here.enter(next(iter(wrong)))
        elif self.page.fetches_ca and self.form.trusts_on_first_use:
            self.app.push_screen(FirstUse(self.form.completed(), self.look.ca), self._trust)
        elif self.at + 1 < len(self.pages):
            self._turn(self.at + 1)
        else:
            self._leave("next")

    def _trust(self, fingerprint: str | None) -> None:
        """Take the CA that was compared as the one to fetch, and go on."""
        if fingerprint:
            self.form.put("client.ca_fingerprint", fingerprint)
            self.refill()
            self.action_next()

    def action_back(self) -> None:
        if self.at:
            self._turn(self.at - 1)
        else:
            self._leave("back")

    def action_lines(self) -> None:
        self.app.push_screen(Notice(words.LINES_TITLE, self.form.lines(self.page)))

    def help_text(self) -> str:
        field = self._field()
        if field is None:
            return TABLES.get(self.page.table) or super().help_text()
        return _about(field.key, self.form)

    def _leave(self, way: str) -> None:
        wrong = self.form.problems() if way == "next" else {}
        page = next((n for n, p in enumerate(self.pages) if self.form.problems_on(p)), None)
        if wrong and page is not None:
            self._turn(page)
            self._tell(words.WRONG_HERE)
        else:
            self.dismiss(way)

    def _turn(self, number: int) -> None:
        self.at = number
        self.query_one(ContentSwitcher).current = self.page.id
        self._show_page()

    def _show_page(self) -> None:
        self.retitle()
        self._tell(self.note)
        for page in self.pages:
            self.query_one(f"#at-{page.id}").set_class(page is self.page, "here")
        self._judge()
        self.call_after_refresh(self._arrive)

    def _arrive(self) -> None:
        self.query_one(f"#at-{self.page.id}").scroll_visible(animate=False, force=True)
        self.here.enter()

    def _field(self) -> Field | None:
        node = self.focused
        parents = node.ancestors_with_self if node else ()
        return next((each for each in parents if isinstance(each, Field)), None)

    def _tell(self, text: str) -> None:
        self.query_one("#wrong-here", Static).update(text)

    def _judge(self) -> None:
        """Say at each field of this page what is wrong with it."""
        problems = self.form.problems()
        self.here.judge(problems)
        answers = self.form.completed()
        self.here.show({"registry.hostname": _images(answers, problems)})
        keys = [key for key in self.page.keys if key in GLANCES]
        self.here.show({key: None for key in keys if key in problems})
        self._glance(answers, [key for key in keys if key not in problems])

    def _glance(self, answers: Answers, keys: list[str]) -> None:
        """Look in a thread: a disk that sleeps or hangs must not hold the keys."""

        def look() -> None:
            found = {key: self.look.glance(key, answers) for key in keys}
            self.post_message(Glanced(answers, found))

        if keys:
            threading.Thread(target=look, daemon=True).start()

    @on(Glanced)
    def _show_glances(self, event: Glanced) -> None:
        if event.answers == self.form.completed():  # else a later look is on its way
            for page in self.query(OnePage):
                page.show(event.found)

    @on(Field.Put)
    @on(Rows.Changed)
    def _typed(self) -> None:
        self._tell("")
        self._judge()

    @on(Input.Submitted)
    @on(Choice.Submitted)
    def _field_done(self) -> None:
        """Enter goes to the next field, and from the last one on."""
        fields, here = self.here.fields, self._field()
        if here is None or here is fields[-1]:
            self.action_next()
        elif here in fields:  # else it was typed ahead, on the page before
            fields[fields.index(here) + 1].control.focus()

    @on(Button.Pressed, "#next")
    def _next_pressed(self) -> None:
        self.action_next()

    @on(Button.Pressed, "#back")
    def _back_pressed(self) -> None:
        self.action_back()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        text = self.help_text()
        self.query_one("#lesson-text", Static).update(text)


def _images(answers: Answers, problems: Mapping[str, str]) -> Glance | None:
    """Say how images will be called, once the name is a good one."""
    registry = answers.registry
    if not registry.hostname or "registry.hostname" in problems:
        return None
    at = in_url(registry.hostname, registry.https_port)
    return Glance(words.IMAGES_WILL_BE.format(clean(at)))


def _about(key: str, form: Form) -> str:
    title, in_file = words.translated(QUESTIONS[key].title), words.IN_FILE.format(key)
    return f"{title}\n\n{lesson(key, form.role)}\n\n{in_file}"


TABLES = {name: lesson(f"{name}.{key}") for name, key in (("users", "name"), ("clients", "host"))}
