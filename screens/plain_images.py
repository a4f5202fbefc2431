"""The images of the registry, searched and listed by number; each can be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens import plain_words as words
from screens.image_text import described
from screens.words import IMAGES_NONE, IMAGES_NOT, IMAGES_READING, IMAGES_UNREAD

if TYPE_CHECKING:
    from screens.plain_talk import Talk
    from wizard.catalog import Catalog
    from wizard.catalog.walk import Tag

Named = tuple[str, "Tag"]  # a repository, and one of its tags


@dataclass(frozen=True)
class Images:
    catalog: Catalog
    talk: Talk

    def ask(self) -> None:
        """Search and look until somebody goes back. Raises WizardError without a storage."""
        self.talk.say(IMAGES_READING)
        every = self.catalog.read()
        for each in every.unread[:1]:
            self.talk.say(IMAGES_UNREAD.format(each))
        if not every.tags:
            self.talk.lines("" if every.unread else IMAGES_NONE.format(every.at))
            return
        typed = ""
        while typed not in words.BACK:
            typed = self.talk.ask(words.IMAGES_SEARCH).strip()
            if typed not in words.BACK:
                typed = self._look_at(every.holding(typed).named)

    def _look_at(self, found: tuple[Named, ...]) -> str:
        """Show these and whichever is asked for; give the line that led away from here."""
        if not found:
            self.talk.say(IMAGES_NOT)
            return ""
        lines = (f"{n}. {name}:{tag.name}" for n, (name, tag) in enumerate(found, start=1))
        self.talk.page(lines)
        while typed := self.talk.ask(words.IMAGES_ASK).strip():
            if typed in words.BACK:
                return typed
            if typed.isdecimal() and 0 < int(typed[:9]) <= len(found):
                self._show(*found[int(typed[:9]) - 1])
            else:
                self.talk.say(words.IMAGES_NO_NUMBER)
        return ""

    def _show(self, name: str, tag: Tag) -> None:
        image = self.catalog.image(name, tag.name)
        self.talk.lines(described(image, tag, self.catalog.pull(name, tag.name)), indent="  ")
