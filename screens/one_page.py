"""One page of questions: those that are asked while the others are answered as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from screens.clients import Clients
from screens.fields import Field
from screens.frame import say
from screens.try_name import TryName
from screens.users import Users

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from screens.form import Form
    from screens.glance import Glance
    from screens.looks import Looks
    from screens.pages import Page


class OnePage(VerticalScroll, can_focus=False):
    """The fields of one page over a form."""

    def __init__(self, page: Page, form: Form, look: Looks) -> None:
        super().__init__(id=page.id, classes="page")
        self.page, self.form, self.look = page, form, look

    def compose(self) -> ComposeResult:
        yield say(self.page.intro, classes="intro")
        if self.page.table == "users":
            yield Users(self.form, "users")
        if self.page.table == "clients":
            yield Clients(self.form, "clients", self.look)
        for key in self.page.keys:
            yield Field(key, self.form)
        if self.page.tries_names:
            yield TryName(self.form)

    @property
    def fields(self) -> list[Field]:
        """Give the fields that are asked now, from top to bottom."""
        return [each for each in self.query(Field) if self.form.asks(each.key)]

    def judge(self, problems: Mapping[str, str]) -> None:
        """Show the fields that are asked, and say at each what is wrong with it."""
        for field in self.query(Field):
            field.display = self.form.asks(field.key)
            field.tell(problems.get(field.key, ""))
        for each in self.query(TryName):
            each.judge()

    def show(self, glances: Mapping[str, Glance | None]) -> None:
        """Show what a look at the machine has brought, each at its field."""
        for field in self.query(Field):
            if field.key in glances:
                field.show(glances[field.key])

    def enter(self, key: str = "") -> None:
        """Put the cursor into a field, or to what stands first."""
        wanted = [field for field in self.fields if field.key == key]
        if self.page.table and not wanted:
            self.query_one("OptionList").focus()
        else:
            (wanted or self.fields)[0].control.focus()
