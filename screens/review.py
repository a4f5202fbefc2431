"""Every change before it is made: at the left what it is, at the right its text."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import SuspendNotSupported
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from screens import words
from screens.editor import Edited, Editor
from screens.frame import Frame, Notice, button, say
from screens.paint import paint, paint_difference
from screens.save import Save
from wizard.clean import clean
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from wizard.place import Place
    from wizard.review import Item


@dataclass(frozen=True)
class Reviewed:
    """What was chosen, and whether it is to be done now."""

    given: Any
    apply: bool


class Review(Frame[Reviewed]):
    """What the plan would do; dismisses with what was chosen of it, also on the way back."""

    TITLE_TEXT = words.REVIEW
    BINDINGS: ClassVar = [
        Binding("f2,escape", "back", words.BACK, key_display="Esc"),
        Binding("f3,ctrl+n", "apply", words.APPLY, key_display="F3"),
        Binding("d", "turn", words.DIFFERENCE),
        Binding("e", "edit", words.EDIT),
        Binding("v", "editor", words.EDITOR),
        Binding("x", "leave_out", words.LEAVE_OUT),
        Binding("s", "save", words.SAVE),
        Binding("o", "ours", words.OURS),
        Binding("y", "yours", words.YOURS),
    ]

    def __init__(
        self, session: Place[Any, Any], given: Any, edit_outside: Callable[[str, str], str]
    ) -> None:
        super().__init__()
        self.session, self.given, self.edit_outside = session, given, edit_outside
        self.items: tuple[Item, ...] = ()
        self.listed = False
        self.whole = False

    def body(self) -> Iterable[Widget]:
        yield say("", id="verdict")
        with Horizontal(id="columns"):
            yield OptionList(markup=False, compact=True, id="changes")
            with Vertical(id="detail"):
                yield say("", id="rights")
                with VerticalScroll(id="text", can_focus=True):
                    yield Static("", markup=False, id="shown")
        yield say("", id="message")
        with Horizontal(classes="buttons"):
            yield button(words.BACK, "back")
            yield button(words.APPLY, "apply", first=True)

    def on_mount(self) -> None:
        self.query_one("#verdict", Static).update(words.LOOKING)
        self.query_one("#changes").focus()
        self._list(0)

    @property
    def item(self) -> Item | None:
        listed = self.query_one("#changes", OptionList)
        at = listed.highlighted
        key = listed.get_option_at_index(at).id if at is not None else None
        return next((item for item in self.items if item.key == key), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the keys that mean something for the change under the cursor."""
        if not super().check_action(action, parameters):
            return False
        item = self.item
        if action in ("ours", "yours"):
            return bool(item and item.stale)
        if action in ("edit", "editor"):
            return bool(item and item.editable)
        if action == "leave_out":
            return bool(item and item.optional)
        return True

    def action_back(self) -> None:
        self.dismiss(Reviewed(self.given, apply=False))

    def action_apply(self) -> None:
        """Go on, once everything was seen and every old edit decided about."""
        if not self.listed:
            return
        stale = next((item for item in self.items if item.stale), None)
        if stale:
            self._say(words.STALE_FIRST.format(stale.path))
        else:
            self.dismiss(Reviewed(self.given, apply=True))

    def action_turn(self) -> None:
        self.whole = not self.whole
        self._show()

    def action_leave_out(self) -> None:
        item = self.item
        if item and item.optional:
            act = self.session.take_in if item.left_out else self.session.leave_out
            self._choose(act(self.given, item))

    def action_edit(self) -> None:
        item = self.item
        if item and item.editable:
            self._edit(item, item.stale or item.whole)

    def action_editor(self) -> None:
        """Edit in the user's own editor, with the screen set aside."""
        item = self.item
        if not item or not item.editable:
            return
        try:
            text = self.edit_outside(item.stale or item.whole, item.path)
        except (OSError, ValueError, SuspendNotSupported) as refusal:
            self._say(words.EDITOR_FAILED.format(refusal))
            return
        self._edit(item, text)

    def action_ours(self) -> None:
        item = self.item
        if item and item.stale:
            self._choose(self.session.edit(self.given, item, item.ours))

    def action_yours(self) -> None:
        item = self.item
        if item and item.stale:
            self._choose(self.session.edit(self.given, item, item.stale))

    def action_save(self) -> None:
        self.app.push_screen(Save(self.session, self.given), self._say)

    def _edit(self, item: Item, text: str) -> None:
        def attempt(changed: str) -> tuple[str, str]:
            found = self.session.attempt(self.given, item, changed)
            return found.refusal, found.tried_by

        def take(changed: Edited | None) -> None:
            if changed is not None:
                self._choose(self.session.edit(self.given, item, changed.text))
                by = changed.tried_by
                self._say(words.EDIT_ACCEPTED.format(by) if by else words.EDIT_UNTRIED)

        self.app.push_screen(Editor(item.path, text, attempt), take)

    def _choose(self, given: Any) -> None:
        self.given = given
        self._list(self.query_one("#changes", OptionList).highlighted or 0)

    @work(exclusive=True)
    async def _list(self, at: int) -> None:
        """Compare all of it anew, aside: apt alone takes a second for its part."""
        try:
            self.items = await asyncio.to_thread(self.session.review, self.given)
        except WizardError as lost:  # a client may be gone by now
            self._say(f"{lost}\n{lost.hint}")
            return
        listed = self.query_one("#changes", OptionList)
        width = max(listed.size.width - 7, 20)
        listed.clear_options()
        title = ""
        for item in self.items:
            if item.title != title:
                title = item.title
                listed.add_option(Option(_heading(title), disabled=True))
            listed.add_option(Option(_row(item, width), id=item.key))
        count = sum(not item.left_out for item in self.items)
        verdict = words.REVIEW_COUNT.format(count) if self.items else words.REVIEW_NOTHING
        self.query_one("#verdict", Static).update(verdict)
        listed.highlighted = max(at, 1) if self.items else None
        self.listed = True
        self._show()

    @on(OptionList.OptionHighlighted)
    def _show(self) -> None:
        item = self.item
        shown = self.query_one("#shown", Static)
        self.refresh_bindings()
        if item is None:
            shown.update("")
            return
        self.query_one("#rights", Static).update(_about(item))
        shown.update(self._text(item))
        self.query_one("#text").scroll_home(animate=False)

    def _text(self, item: Item) -> Content:
        if item.stale:
            parts = ((words.OURS, item.ours), (words.YOURS, item.stale))
            heads = (Content(words.STALE_TEXT), *(_part(*part, item.path) for part in parts))
            return Content("\n\n").join(heads)
        if item.whole and (self.whole or item.verb == "create"):
            return paint(item.whole, item.path)
        return paint_difference(item.difference)

    @on(OptionList.OptionSelected)
    def _large(self) -> None:
        """Show the text on the whole screen."""
        item = self.item
        if item:
            self.app.push_screen(Notice(item.path or item.label, self._text(item).plain))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        {"back": self.action_back, "apply": self.action_apply}[event.button.id or "back"]()

    def _say(self, text: str | None) -> None:
        shown = "\n".join(map(clean, (text or "").split("\n")))
        self.query_one("#message", Static).update(shown)


def _heading(title: str) -> Content:
    return Content(title).stylize("bold")


def _row(item: Item, width: int) -> Content:
    name = item.path or item.label
    marks = {
        words.IS_LEFT_OUT: item.left_out,
        words.IS_EDITED: item.edited,
        words.IS_STALE: bool(item.stale),
    }
    said = ", ".join(mark for mark, true in marks.items() if true)
    said = f" ({said})" if said else ""
    text = f" {words.VERBS[item.verb]} {_short(clean(name), width - len(said))}{said}"
    return Content(text).stylize("dim" if item.left_out else "")


def _short(name: str, width: int) -> str:
    """Shorten a name; of a path its end tells it from its neighbours, of a sentence its start."""
    if len(name) <= width:
        return name
    return f"..{name[2 - width :]}" if name.startswith("/") else f"{name[: width - 2]}.."


def _about(item: Item) -> str:
    drift = f"\n{words.IS_DRIFT}" if item.drift else ""
    head = f"{item.path}\n{item.rights}" if item.path else item.label
    return f"{clean(head.partition(chr(10))[0])}\n{item.rights or item.verb}{drift}\n{item.why}"


def _part(title: str, text: str, path: str) -> Content:
    return Content(f"--- {title} ---\n") + paint(text, path)
