"""Which machines are to trust the registry: a list, each with the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from screens import words
from screens.client_form import (
    CLIENT_FIELDS,
    as_typed,
    client_line,
    client_of,
    client_problems,
    with_client,
)
from screens.frame import Dialog, Notice, button, say
from screens.meeting import Meeting, Met
from screens.rows import Rows
from wizard.answers import Client
from wizard.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.widget import Widget

    from screens.form import Form
    from screens.looks import Looks


class Clients(Rows[Client]):
    """The clients of the form; each that is put on the list is looked at once."""

    NONE = words.CLIENTS_NONE
    BINDINGS: ClassVar = [Binding("l", "look", words.CLIENT_LOOK)]

    def __init__(self, form: Form, name: str, looks: Looks) -> None:
        super().__init__(form, name)
        self.looks = looks
        self.seen = dict(looks.known)  # by host: a word of words.SEEN

    @property
    def every(self) -> tuple[Client, ...]:
        return self.form.clients

    def keep(self, every: tuple[Client, ...]) -> None:
        self.form.clients = every

    def line(self, each: Client) -> str:
        return client_line(each, words.SEEN.get(self.seen.get(each.host, ""), ""))

    def more_buttons(self) -> Iterable[Widget]:
        yield button(words.CLIENT_LOOK, "look")

    def ask(self, former: Client | None) -> None:
        def take(client: Client | None) -> None:
            if client:
                name = former.host if former else ""
                self.put(with_client(self.every, name, client), client)
                self.look(client)

        self.app.push_screen(ClientDialog(self.form, former), take)

    def removed(self, gone: Client) -> None:
        """Say what taking it off the list does not do."""
        if gone.host in self.looks.known:
            host = clean(gone.host)
            self.app.push_screen(Notice(host, words.CLIENT_STAYS.format(host, host)))

    @on(Button.Pressed, "#look")
    def action_look(self) -> None:
        if self.here:
            self.look(self.here)

    def look(self, client: Client) -> None:
        """Connect to it, which shows whether its host key is known."""
        self.seen.pop(client.host, None)

        def take(met: Met | None) -> None:
            if met:
                self.seen[client.host] = met.seen
                self.put(with_client(self.every, client.host, met.client), met.client)

        self.app.push_screen(Meeting(client, self.looks.reach), take)


class ClientDialog(Dialog[Client]):
    """One client: where it is, who to be there, and what is to trust."""

    def __init__(self, form: Form, former: Client | None) -> None:
        super().__init__()
        self.form, self.former = form, former

    def inside(self) -> ComposeResult:
        typed = as_typed(self.former)
        with Vertical(classes="dialog"):
            yield say(words.CLIENT_TITLE, classes="heading")
            for name, title in words.CLIENT_FIELDS.items():
                with Horizontal(classes="row"):
                    yield say(title, classes="title")
                    hint = words.CLIENT_STANDS_IN[name]
                    yield Input(typed[name], placeholder=hint, compact=True, id=name)
            yield say(words.CLIENT_HINT, id="why", classes="note")
            yield Horizontal(
                button(words.OK, "ok", first=True),
                button(words.CANCEL, "cancel"),
                classes="buttons",
            )

    @property
    def typed(self) -> dict[str, str]:
        return {name: clean(self.query_one(f"#{name}", Input).value) for name in CLIENT_FIELDS}

    @on(Input.Changed)
    def _typed(self) -> None:
        self._tell(self._problem() if self.typed["host"] else "")

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        if event.input.id == list(words.CLIENT_FIELDS)[-1]:
            self._accept()
        else:
            self.app.action_focus_next()

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_cancel()

    @on(Button.Pressed, "#ok")
    def _accept(self) -> None:
        problem = self._problem()
        self._tell(problem)
        if not problem:
            self.dismiss(client_of(self.typed)[0])

    def _problem(self) -> str:
        former = self.former.host if self.former else ""
        wrong = client_problems(self.form.clients, former, self.typed)
        return next((f"{words.CLIENT_FIELDS[n]}: {wrong[n]}" for n in wrong), "")

    def _tell(self, problem: str) -> None:
        note: Static = self.query_one("#why", Static)
        note.set_class(bool(problem), "wrong")
        note.update(problem or words.CLIENT_HINT)
