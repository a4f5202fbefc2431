"""Every change before it is made, as a numbered list that can be looked into and chosen from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screens import plain_words as words
from screens.own_editor import edited
from screens.plain_talk import Talk, folded, wrapped
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wizard.place import Place
    from wizard.review import Item

_TYPED = re.compile(r"([a-z]*)\s*(\d*)")
APPLY = ("apply", *words.YES)


@dataclass
class Review:
    """What is chosen of the plan, in ``given``."""

    session: Place[Any, Any]
    talk: Talk
    given: Any
    items: tuple[Item, ...] = ()  # as last listed: comparing them all takes a second or more

    def ask(self) -> bool:
        """Let the plan be looked at until it is to be applied; say False for going back."""
        self._list()
        while True:
            typed = self.talk.ask(words.REVIEW_ASK.format(", ".join(self._saves()))).strip()
            if typed in words.BACK:
                return False
            if typed not in APPLY:
                self._act(typed)
            elif self._decided():
                return True

    def _saves(self) -> list[str]:
        """Give the words that save something: on a client there is no script."""
        texts = self.session.texts(self.given)
        return [typed for typed, kind in SAVES.items() if kind in texts]

    def _decided(self) -> bool:
        stale = [item.path for item in self.items if item.stale]
        if stale:
            self.talk.say(words.DECIDE.format(", ".join(stale)))
            self.talk.say(words.REVIEW_STALE_HELP)
        return not stale

    def _list(self) -> None:
        self.items = self.session.review(self.given)
        self.talk.page(listed(self.items))

    def _act(self, typed: str) -> None:
        if typed in words.HELP:
            self.talk.say(words.REVIEW_HELP)
        elif typed in self._saves():
            self._save(SAVES[typed])
        elif typed in ("", words.SURVEY_WORDS["again"]):
            self._list()
        else:
            self._act_on(typed)

    def _act_on(self, typed: str) -> None:
        found = _TYPED.fullmatch(typed)
        if not found or not found[2] or found[1] not in ACTS:
            self.talk.say(words.NOT_UNDERSTOOD.format(typed))
            return
        number = int(found[2][:9])
        if 0 < number <= len(self.items):
            ACTS[found[1]](self, self.items[number - 1])
        else:
            self.talk.say(words.NO_NUMBER)

    def _show(self, item: Item) -> None:
        whole = item.whole and item.verb == "create"
        self.talk.page(described(item, item.whole if whole else item.difference))

    def _show_whole(self, item: Item) -> None:
        self.talk.page(described(item, item.whole or words.NO_WHOLE))

    def _leave_out(self, item: Item) -> None:
        if not item.optional:
            self.talk.say(words.NEEDED)
            return
        act = self.session.take_in if item.left_out else self.session.leave_out
        self._choose(act(self.given, item))

    def _choose(self, given: Any) -> None:
        self.given = given
        self._list()

    def _ours(self, item: Item) -> None:
        if not item.stale:
            self.talk.say(words.NOT_STALE)
        else:
            self._choose(self.session.edit(self.given, item, item.ours))

    def _yours(self, item: Item) -> None:
        if not item.stale:
            self.talk.say(words.NOT_STALE)
        elif self._taken(item, item.stale):
            self._choose(self.session.edit(self.given, item, item.stale))

    def _edit(self, item: Item) -> None:
        """Edit until what comes out is taken, or the edit is dropped."""
        if not item.editable:
            self.talk.say(words.NOT_EDITABLE)
            return
        before = text = item.stale or item.whole
        while True:
            text = self._edited(item, text)
            if text == before and not item.stale:
                self.talk.say(words.UNCHANGED)
                return
            if self._taken(item, text):
                self._choose(self.session.edit(self.given, item, text))
                return
            if not self.talk.yes(words.EDIT_AGAIN, default=True):
                self.talk.say(words.EDIT_DROPPED)
                return

    def _edited(self, item: Item, text: str) -> str:
        """Give the text as the editor left it, or as it was where that could not be."""
        try:
            return edited(text, item.path, self.session.environ)
        except OSError as refusal:
            editor = refusal.filename or ""
            self.talk.say(words.NO_EDITOR.format(editor, refusal.strerror or refusal))
        except ValueError:
            self.talk.say(words.NO_UTF8)
        return text

    def _taken(self, item: Item, text: str) -> bool:
        """Try a text aside; say what came of it."""
        found = self.session.attempt(self.given, item, text)
        if found.refusal:
            self.talk.say(words.REFUSED.format(found.tried_by, found.refusal))
            return False
        self.talk.say(words.TAKEN.format(found.tried_by) if found.tried_by else words.UNTRIED)
        return True

    def _save(self, kind: str) -> None:
        default = words.SAVE_PATHS[kind]
        path = self.talk.ask(words.SAVE_TO[kind].format(default)).strip() or default
        if path in words.BACK or not self._may_write(path):
            self.talk.say(words.NOT_SAVED)
            return
        try:
            self.session.save(self.given, kind, path)
        except WizardError as refusal:
            self.talk.say(f"{refusal}\n{refusal.hint}".strip())
        else:
            self.talk.say(words.SAVED.format(path))

    def _may_write(self, path: str) -> bool:
        there = self.session.host.read(path) is not None
        return not there or self.talk.yes(words.SAVE_OVER.format(path), default=False)


SAVES = {"s": "answers", "script": "script"}
ACTS: Mapping[str, Callable[[Review, Item], None]] = {
    "": Review._show,  # noqa: SLF001
    "w": Review._show_whole,  # noqa: SLF001
    "x": Review._leave_out,  # noqa: SLF001
    "e": Review._edit,  # noqa: SLF001
    "ours": Review._ours,  # noqa: SLF001
    "yours": Review._yours,  # noqa: SLF001
}


def listed(items: tuple[Item, ...]) -> Iterator[str]:
    """Give the list of all changes as lines, under the titles of their steps."""
    yield ""
    due = sum(not item.left_out for item in items)
    yield from wrapped(words.REVIEW.format(due) if items else words.NOTHING_DUE)
    title = ""
    for number, item in enumerate(items, start=1):
        if item.title != title:
            title = item.title
            yield from wrapped(title)
        yield from wrapped(f"{number:>4}. {entry(item)}", then="      ")


def entry(item: Item) -> str:
    said = ", ".join(mark for mark, true in marks(item).items() if true)
    name = f"{item.verb} {item.path}" if item.path else item.label
    return name + (f" ({said})" if said else "")


def marks(item: Item) -> dict[str, bool]:
    return {
        words.LEFT_OUT: item.left_out,
        words.EDITED: item.edited,
        words.STALE: bool(item.stale),
        words.DRIFT: item.drift,
    }


def described(item: Item, text: str) -> Iterator[str]:
    """Give one change as lines: what, its rights, its reason, its text."""
    yield ""
    yield from wrapped(entry(item))
    if item.rights:
        yield from wrapped(item.rights)
    yield from wrapped(words.REASON.format(item.why))
    if not item.stale:
        yield from folded(text, indent="  ")
        return
    yield from wrapped(words.REVIEW_STALE_HELP)
    for head, version in ((words.OURS_HEAD, item.ours), (words.YOURS_HEAD, item.stale)):
        yield from wrapped(head)
        yield from folded(version, indent="  ")
