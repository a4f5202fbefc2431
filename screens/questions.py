"""The questions, a few on a page; what is wrong on a page holds back the way on, never back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Button, Checkbox, ContentSwitcher, Input, Static

from screens import words
from screens.fields import Field
from screens.form import QUESTIONS
from screens.frame import Frame, Notice, button, say
from screens.lessons import LESSONS
from screens.pages import PAGES, Page
from screens.try_name import TryName
from screens.users import Users
from wizard.clean import clean
from wizard.names import in_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual import events
    from textual.widget import Widget

    from screens.form import Form

GIB = 1024**3


class SpaceFound(Message):
    """The disk under the storage folder was asked for its room."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


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
        self, form: Form, first: str, free_space: Callable[[str], tuple[str, int]], note: str = ""
    ) -> None:
        super().__init__()
        self.form, self.free_space, self.note = form, free_space, note
        self.at = next(n for n, page in enumerate(PAGES) if page.id == first)

    @property
    def page(self) -> Page:
        return PAGES[self.at]

    def title_text(self) -> str:
        return words.QUESTIONS.format(self.at + 1, len(PAGES), self.page.title)

    def body(self) -> Iterable[Widget]:
        with Horizontal(id="pages"):
            for number, page in enumerate(PAGES, start=1):
                yield say(f"{number} {page.title}", id=f"at-{page.id}", classes="page-name")
        with Horizontal(id="columns"):
            with ContentSwitcher(initial=self.page.id):
                for page in PAGES:
                    with VerticalScroll(id=page.id, classes="page", can_focus=False):
                        yield from self._page(page)
            with VerticalScroll(id="lesson", can_focus=False):
                yield say("", id="lesson-text")
        yield say(self.note, id="wrong-here")
        with Horizontal(classes="buttons"):
            yield button(words.BACK, "back")
            yield button(words.NEXT, "next", first=True)

    def _page(self, page: Page) -> Iterable[Widget]:
        yield say(page.intro, classes="intro")
        for key in page.keys:
            yield Field(key, self.form)
            if key in ("registry.hostname", "registry.storage"):
                yield say("", id=f"live-{key.partition('.')[2]}", classes="live")
        if page.users:
            yield Users(self.form)
        if page.tries_names:
            yield TryName(self.form)

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
            self._tell(words.WRONG_HERE)
            self._focus(next(iter(wrong)))
        elif self.at + 1 < len(PAGES):
            self._turn(self.at + 1)
        else:
            self._leave("next")

    def action_back(self) -> None:
        if self.at:
            self._turn(self.at - 1)
        else:
            self._leave("back")

    def action_lines(self) -> None:
        self.app.push_screen(Notice(words.LINES_TITLE, self.form.lines(self.page)))

    def help_text(self) -> str:
        field = self._here()
        if field is None:
            return LESSONS["users.name"] if self.page.users else super().help_text()
        return _lesson(field.key)

    def _leave(self, way: str) -> None:
        wrong = self.form.problems() if way == "next" else {}
        page = next((n for n, p in enumerate(PAGES) if self.form.problems_on(p)), None)
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
        for page in PAGES:
            self.query_one(f"#at-{page.id}").set_class(page is self.page, "here")
        self._judge()
        self.call_after_refresh(self._focus, "")

    def _focus(self, key: str) -> None:
        """Put the cursor into a field of this page, or into its first."""
        here = self.query_one(f"#{self.page.id}")
        fields = [field for field in here.query(Field) if field.key == key] or [*here.query(Field)]
        first = fields[0].control if fields else here.query_one("OptionList")
        first.focus()

    def _here(self) -> Field | None:
        node = self.focused
        parents = node.ancestors_with_self if node else ()
        return next((each for each in parents if isinstance(each, Field)), None)

    def _tell(self, text: str) -> None:
        self.query_one("#wrong-here", Static).update(text)

    def _judge(self) -> None:
        """Say at each field of this page what is wrong with it."""
        problems = self.form.problems()
        for field in self.query_one(f"#{self.page.id}").query(Field):
            field.tell(problems.get(field.key, ""))
        for each in self.query(TryName):
            each.judge()
        self._live(problems)

    def _live(self, problems: dict[str, str]) -> None:
        """Say what follows from a good answer: how images are called, what room there is."""
        registry = self.form.completed().registry
        at = in_url(registry.hostname, registry.https_port) if registry.hostname else ""
        image = words.IMAGES_WILL_BE.format(clean(at)) if at else ""
        hidden = "registry.hostname" in problems
        self.query_one("#live-hostname", Static).update("" if hidden else image)
        if self.page.id == "registry" and "registry.storage" not in problems:
            self._look_for_space(registry.storage)

    def _look_for_space(self, storage: str) -> None:
        """Ask in a thread: a disk that sleeps or hangs must not hold the keys."""

        def look() -> None:
            folder, free = self.free_space(storage)
            self.post_message(SpaceFound(words.FREE_SPACE.format(free / GIB, clean(folder))))

        threading.Thread(target=look, daemon=True).start()

    @on(SpaceFound)
    def _show_space(self, event: SpaceFound) -> None:
        self.query_one("#live-storage", Static).update(event.text)

    @on(Field.Put)
    @on(Users.Changed)
    def _typed(self) -> None:
        self._tell("")
        self._judge()

    @on(Input.Submitted)
    @on(Checkbox.Changed)
    def _field_done(self, event: Input.Submitted | Checkbox.Changed) -> None:
        """Enter goes to the next field, and from the last one on."""
        if isinstance(event, Checkbox.Changed):
            return
        fields = [*self.query_one(f"#{self.page.id}").query(Field)]
        here = self._here()
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


def _lesson(key: str) -> str:
    question = QUESTIONS[key]
    lesson = LESSONS.get(key) or words.translated(question.help)
    in_file = words.IN_FILE.format(key)
    return f"{words.translated(question.title)}\n\n{lesson}\n\n{in_file}"
