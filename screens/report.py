"""How it ended: the checks with their evidence, what to type now, and where things are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from screens import words
from screens.ending import Ending
from screens.frame import Frame, button, say
from wizard.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from wizard.events import Checked
    from wizard.next_commands import NextCommand

MARKS = {"passed": "ok  ", "failed": "FAIL", "warning": "warn"}
TICK = 0.05
COLOURS = {"passed": "$success", "failed": "$error", "warning": "$warning"}


class Report(Frame[None]):
    """Dismisses when it was read."""

    TITLE_TEXT = words.REPORT
    BINDINGS: ClassVar = [
        Binding("f3,escape", "done", words.DONE, key_display="Esc"),
        Binding("c", "copy", words.COPY),
        Binding("pagedown", "page(1)", words.MORE, show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(
        self,
        headline: str,
        checked: tuple[Checked, ...],
        end: Ending = Ending(),  # noqa: B008  (it never changes)
        password: str = "",
        trouble: str = "",
    ) -> None:
        super().__init__()
        self.headline, self.checked = headline, checked
        self.end, self.password, self.trouble = end, password, trouble
        self.commands = end.commands

    def body(self) -> Iterable[Widget]:
        yield say(self.headline, id="verdict", classes="wrong" if self._bad() else "right")
        if self.password:
            yield say(words.REPORT_PASSWORD.format(self.password), id="password")
        with VerticalScroll(id="page", can_focus=False):
            if self.trouble:
                yield say("\n".join(map(clean, self.trouble.split("\n"))), classes="wrong")
            parts = [self._commands(), self._checks()] if self.commands else [self._checks()]
            for part in reversed(parts) if self._bad() else parts:
                yield from part
            yield from self._places() if self.commands else ()
        yield say("", id="message")
        with Horizontal(classes="buttons"):
            yield button(words.DONE, "done", first=True)

    def on_mount(self) -> None:
        first = "#commands" if self.commands and not self._bad() else "#done"
        self.query_one(first).focus(scroll_visible=False)
        self.set_timer(TICK, self._to_the_top)

    def _to_the_top(self) -> None:
        """A list scrolls to its first line once it is there, past what stands above it."""
        self.query_one("#page").scroll_home(animate=False)

    def action_done(self) -> None:
        self.dismiss(None)

    def action_page(self, way: int) -> None:
        page = self.query_one("#page")
        page.scroll_relative(y=way * max(page.size.height - 1, 1), animate=False)

    @on(Button.Pressed, "#done")
    def _done(self) -> None:
        self.action_done()

    @on(OptionList.OptionSelected)
    def action_copy(self) -> None:
        at = self.query_one("#commands", OptionList).highlighted if self.commands else None
        if at is not None:
            command = self.commands[at].command
            self.app.copy_to_clipboard(command)
            self.query_one("#message", Static).update(words.COPIED.format(command))

    def _bad(self) -> bool:
        return bool(self.trouble) or any(each.verdict == "failed" for each in self.checked)

    def _commands(self) -> Iterable[Widget]:
        kept = self.end.kept_at
        yield say(words.TYPE_NOW.format(kept) if kept else words.TYPE_NOW_CLIENT, classes="heading")
        options = (Option(_command(each, self.end.here)) for each in self.commands)
        yield OptionList(*options, markup=False, compact=True, id="commands")

    def _checks(self) -> Iterable[Widget]:
        if self.checked:
            yield say(words.CHECKS, classes="heading")
            first = sorted(self.checked, key=lambda each: (each.verdict != "failed", each.host))
            yield Static(Content("\n").join(map(_verdict, first)), id="checks")

    def _places(self) -> Iterable[Widget]:
        yield say(words.PLACES, classes="heading")
        places = self.end.places
        width = max(map(len, places))
        rows = (f" {title:{width}}  {path}" for title, path in places.items())
        yield say("\n".join(rows))


def _command(each: NextCommand, here: str) -> Content:
    where = words.ON_SERVER if each.where == here else words.ON_CLIENT
    head = Content(f" {each.what}, {where}\n").stylize("dim")
    return head + Content(f"   {clean(each.command)}")


def _verdict(each: Checked) -> Content:
    mark = Content(f" {MARKS[each.verdict]} ").stylize(COLOURS[each.verdict])
    whose = f"{clean(each.host)}, " if each.host else ""
    told = Content(f"{whose}{clean(each.name)}: {clean(each.seen)}")
    if each.remedy and each.verdict != "passed":
        told += Content(f"\n        -> {clean(each.remedy)}")
    return mark + told
