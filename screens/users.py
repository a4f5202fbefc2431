"""Who may log in: a list to add to, change and remove from; passwords become hashes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from screens import words
from screens.choice import Choice
from screens.form import hashed, password_problem, user_problem, with_user
from screens.frame import Dialog, Notice, button, say
from screens.rows import Rows
from wizard.answers import PUSH, User

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from screens.form import Form


class Users(Rows[User]):
    """The users of the form."""

    NONE = words.USERS_NONE

    @property
    def every(self) -> tuple[User, ...]:
        return self.form.users

    def keep(self, every: tuple[User, ...]) -> None:
        self.form.users = every

    def line(self, each: User) -> str:
        return words.USER_HAS[each.role].format(each.name)

    def ask(self, former: User | None) -> None:
        def take(user: User | None) -> None:
            if user:
                name = former.name if former else ""
                self.put(with_user(self.form.users, name, user), user)

        self.app.push_screen(UserDialog(self.form, former), take)


class UserDialog(Dialog[User]):
    """One user: a name, and a password that is typed twice or generated."""

    def __init__(self, form: Form, former: User | None) -> None:
        super().__init__()
        self.form, self.former = form, former

    def inside(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield say(words.USER_TITLE, classes="heading")
            with Horizontal(classes="row"):
                yield say(words.USER_NAME, classes="title")
                yield Input(self.former.name if self.former else "", compact=True, id="name")
            with Horizontal(classes="row tall"):
                yield say(words.USER_ROLE, classes="title")
                yield Choice(words.ROLES)
            for title, name in ((words.USER_PASSWORD, "password"), (words.USER_AGAIN, "again")):
                with Horizontal(classes="row"):
                    yield say(title, classes="title")
                    yield Input(password=True, compact=True, id=name)
            hint = words.USER_HINT_KEEP if self.former else words.USER_HINT
            yield say(hint, id="why", classes="note")
            yield Horizontal(
                button(words.OK, "ok", first=True),
                button(words.CANCEL, "cancel"),
                classes="buttons",
            )

    def on_mount(self) -> None:
        self.query_one(Choice).choose(self.former.role if self.former else PUSH)

    @on(Choice.Submitted)
    def _role_chosen(self) -> None:
        self.app.action_focus_next()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._tell(self._problem() if self._text("name") else "")

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        last = "again" if self._text("password") else "password"
        if event.input.id == last:
            self._accept()
        else:
            self.app.action_focus_next()

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_cancel()

    @on(Button.Pressed, "#ok")
    def _accept(self) -> None:
        problem = self._problem(final=True)
        self._tell(problem)
        if problem:
            return
        name, password = self._text("name"), self._text("password")
        if self.former and not password:
            self.dismiss(hashed(self._user(name), self.former.password_hash))
        else:
            self._with_password(name, password)

    def _user(self, name: str) -> User:
        return User(name, self.query_one(Choice).chosen)

    def _with_password(self, name: str, password: str) -> None:
        from wizard.credentials import generate_password, hash_password  # noqa: PLC0415

        made = password or generate_password()
        user = hashed(self._user(name), hash_password(made))
        if password:
            self.dismiss(user)
        else:
            shown = Notice(words.USER_TITLE, words.GENERATED.format(name, made))

            def seen(_: None) -> None:
                self.dismiss(user)

            self.app.push_screen(shown, seen)

    def _problem(self, *, final: bool = False) -> str:
        former = self.former.name if self.former else ""
        why = user_problem(self.form.users, former, self._text("name"))
        if why:
            return f"{words.USER_NAME}: {why}"
        password, again = self._text("password"), self._text("again")
        why = password_problem(password) if password else ""
        if why:
            return f"{words.USER_PASSWORD}: {why}"
        differ = again != password if final else not password.startswith(again)
        return words.PASSWORDS_DIFFER if differ else ""

    def _tell(self, problem: str) -> None:
        note: Static = self.query_one("#why", Static)
        note.set_class(bool(problem), "wrong")
        hint = words.USER_HINT_KEEP if self.former else words.USER_HINT
        note.update(problem or hint)

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value
