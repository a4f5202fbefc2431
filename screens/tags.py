"""The tags of a repository: what each leads to, and the command that pulls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens import words
from screens.columns import cut, first_column, in_columns
from screens.frame import Frame, say
from screens.image_text import CELLS, cells, described
from screens.told import Work

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.widget import Widget

    from wizard.catalog import Catalog, Repository
    from wizard.catalog.manifests import Image

TICK = 0.05
HEAD = 6  # columns of blanks in the title line
ROOM = 68  # columns for what stands beside a tag, with gaps, margins and the scroll bar


class Tags(Frame[None]):
    """Looks into those tags that are to be seen; dismisses when they were."""

    BINDINGS: ClassVar = [
        Binding("f2,escape", "back", words.BACK, key_display="Esc"),
        Binding("c", "copy", words.COPY),
    ]

    def __init__(self, catalog: Catalog, repository: Repository) -> None:
        super().__init__()
        self.catalog, self.repository = catalog, repository
        self.names = [each.name for each in repository.tags]
        self.images: dict[str, Image] = {}
        self.work: Work[dict[str, Image]] | None = None
        self.width = 0

    def title_text(self) -> str:
        return cut(self.repository.name, self.app.size.width - len(words.PROGRAM) - HEAD)

    def body(self) -> Iterable[Widget]:
        yield say("", id="columns-head")
        yield OptionList(markup=False, compact=True, id="tags")
        yield say("", id="image")
        yield say("", id="message")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self.set_interval(TICK, self._watch)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.retitle()
        self.width = first_column((*self.names, words.IMAGES_TAG_HEAD[0]), event.size.width - ROOM)
        head = in_columns(words.IMAGES_TAG_HEAD, (self.width, *CELLS))
        self.query_one("#columns-head", Static).update(f" {head}")
        listed = self.query_one(OptionList)
        at = listed.highlighted or 0
        listed.clear_options()
        listed.add_options(Option(self._line(name)) for name in self.names)
        listed.highlighted = at

    def action_back(self) -> None:
        self.dismiss(None)

    @property
    def here(self) -> str:
        return self.names[self.query_one(OptionList).highlighted or 0]

    @on(OptionList.OptionSelected)
    def action_copy(self) -> None:
        command = self.catalog.pull(self.repository.name, self.here)
        self.app.copy_to_clipboard(command)
        self.query_one("#message", Static).update(words.COPIED.format(command))

    @on(OptionList.OptionHighlighted)
    def _describe(self) -> None:
        pull = self.catalog.pull(self.repository.name, self.here)
        tag = self.repository.tags[self.names.index(self.here)]
        text = described(self.images.get(self.here), tag, pull)
        self.query_one("#image", Static).update(text)

    def _watch(self) -> None:
        """Show what was looked into, then look into what is to be seen by now."""
        if self.work and self.work.ended():
            work, self.work = self.work, None
            self._show(work.result or {})
        wanted = [name for name in self._visible() if name not in self.images]
        if wanted and self.work is None:
            self.work = Work(lambda _: self._look(wanted)).start()

    def _look(self, names: list[str]) -> dict[str, Image]:
        return {name: self.catalog.image(self.repository.name, name) for name in names}

    def _visible(self) -> list[str]:
        listed = self.query_one(OptionList)
        first = round(listed.scroll_offset.y)
        return self.names[first : first + listed.size.height]

    def _show(self, found: dict[str, Image]) -> None:
        self.images |= found
        listed = self.query_one(OptionList)
        for name in found:
            listed.replace_option_prompt_at_index(self.names.index(name), self._line(name))
        if self.here in found:
            self._describe()

    def _line(self, name: str) -> str:
        return f" {in_columns((name, *cells(self.images.get(name))), (self.width, *CELLS))}"
