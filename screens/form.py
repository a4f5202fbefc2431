"""The answers while they are typed: texts as they stand in the fields, and what is wrong."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from screens import words
from screens.pages import KEYS_OF, PAGES_OF, WHEN
from wizard import sheet
from wizard.answers import Answers, Client, User, judge
from wizard.questions import Question, Table, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from screens.pages import Page
    from wizard.errors import Problem
    from wizard.facts import Detected

Typed = str | bool


def questions() -> dict[str, Question]:
    """Give every question that stands once in an answers file, by its key."""
    found: dict[str, Question] = {}
    for name, entry in entries(Answers).items():
        if isinstance(entry, Question):
            found[name] = entry
        elif not entry.many:
            found |= {f"{name}.{key}": each for key, each in _asked(entry)}
    return found


def _asked(table: Table) -> Iterable[tuple[str, Question]]:
    return ((k, e) for k, e in entries(table.of).items() if isinstance(e, Question))


QUESTIONS = questions()


@dataclass
class Form:
    """What was typed so far. ``detected`` stands in for what is left empty."""

    typed: dict[str, Typed] = field(default_factory=dict)
    users: tuple[User, ...] = ()
    clients: tuple[Client, ...] = ()
    detected: Mapping[str, Detected] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    touched: bool = False  # somebody has been here: there is something to keep

    @classmethod
    def of(cls, answers: Answers, environ: Mapping[str, str]) -> Form:
        """Give a form filled in with these answers."""
        typed = {key: as_text(_value(answers, key)) for key in QUESTIONS}
        return cls(typed, answers.users, answers.clients, environ=environ)

    @property
    def role(self) -> str:
        return str(self.text("role"))

    @property
    def pages(self) -> tuple[Page, ...]:
        return PAGES_OF[self.role]

    @property
    def trusts_on_first_use(self) -> bool:
        """Say whether nothing tells this client which CA is the registry's."""
        said = any(self.text(f"client.ca_{each}") for each in ("certificate", "fingerprint"))
        return self.role == "client" and not said

    def text(self, key: str) -> Typed:
        """Give what stands in a field now."""
        default = QUESTIONS[key].default
        return self.typed.get(key, as_text(default))

    def put(self, key: str, typed: Typed) -> None:
        self.typed[key] = typed
        self.touched = True

    def empty(self, key: str) -> None:
        """Put the default back; what can stay empty is detected then."""
        default = QUESTIONS[key].default
        kept = isinstance(default, bool) or QUESTIONS[key].choices
        self.put(key, as_text(default) if kept else "")

    def asks(self, key: str) -> bool:
        """Say whether a question means anything under the other answers, as they are now."""
        if any(key in keys for keys in KEYS_OF.values()) and key not in KEYS_OF[self.role]:
            return False
        other, values = WHEN.get(key, ("", ()))
        return not other or self.text(other) in values

    def help(self, key: str) -> str:
        """Give what a question is about, on such a machine."""
        other = words.HELP_ON_A_CLIENT if self.role == "client" else {}
        return other.get(key) or words.translated(QUESTIONS[key].help)

    def meaning(self, key: str) -> str:
        """Say what a choice comes to that is left to the wizard; empty where it is not."""
        found, chosen = self.detected.get(key), self.text(key)
        if not found or not QUESTIONS[key].choices or chosen != QUESTIONS[key].default:
            return ""
        return words.CHOSEN_NOW.format(chosen, found.value, found.source)

    def stands_in(self, key: str) -> tuple[str, str]:
        """Give what counts where a field is empty, and where that comes from."""
        if key in self.detected:
            found = self.detected[key]
            return found.value, found.source
        default = QUESTIONS[key].default
        return (str(default), words.DEFAULT) if default not in ("", ()) else ("", "")

    def document(self) -> dict[str, Any]:
        """Give the tables of an answers file, without what is empty and what is not asked.

        What was typed for a question that is not asked now stays in the form and its draft.
        """
        tables: dict[str, Any] = {}
        for key, typed in self.typed.items():
            if typed != "" and self.asks(key):
                table, _, name = key.rpartition(".")
                within = tables.setdefault(table, {}) if table else tables
                within[name] = as_value(QUESTIONS[key], typed)
        for name, many in self._many():
            if many and self.role == "server":
                tables[name] = [_table(each) for each in many]
        return tables

    def _many(self) -> tuple[tuple[str, tuple[User | Client, ...]], ...]:
        return (("users", self.users), ("clients", self.clients))

    @property
    def answers(self) -> Answers:
        """Give the answers as they are; what is wrong stands at its default."""
        return judge(self.document(), self.environ)[0]

    def completed(self) -> Answers:
        """Give the answers with what was detected where nothing was typed."""
        filled: dict[str, Typed] = {
            key: each.value for key, each in self.detected.items() if not self.text(key)
        }
        return replace(self, typed=self.typed | filled).answers

    def problems(self) -> dict[str, str]:
        """Give a sentence for each field, or user, that is wrong."""
        found: dict[str, str] = {}
        for problem in judge(self.document(), self.environ)[1]:
            found.setdefault(_place(problem.key), self._reason(problem))
        if self.trusts_on_first_use:  # it is asked for when it was fetched and compared
            found.pop("client.ca_fingerprint", None)
        return found

    def problems_on(self, page: Page) -> dict[str, str]:
        def is_here(key: str) -> bool:
            return key in page.keys or (page.table != "" and key.startswith(page.table))

        return {key: why for key, why in self.problems().items() if is_here(key)}

    def lines(self, page: Page) -> str:
        """Give the lines of an answers file that say the same as this page."""
        asked = filter(self.asks, page.keys)
        wanted = {*asked, *filter(None, [page.table])}
        return sheet.part(self.answers, wanted)

    def state(self) -> dict[str, Any]:
        """Give all of it as JSON values, for a draft; of passwords it has hashes only."""
        return {
            "typed": dict(self.typed),
            "users": [_table(u) for u in self.users if not u.password],
            "clients": [_table(client) for client in self.clients],
        }

    def restore(self, state: Mapping[str, Any]) -> bool:
        """Take a draft over; say whether it was one."""
        typed, users = state.get("typed"), state.get("users")
        if not isinstance(typed, dict) or not isinstance(users, list):
            return False
        self.typed |= {k: v for k, v in typed.items() if _fits(k, v)}
        self.touched = True
        found = judge({"users": users}, self.environ)
        self.users = self.users if found[1] else found[0].users
        found = judge({"clients": state.get("clients", [])}, self.environ)
        self.clients = self.clients if found[1] else found[0].clients
        return True

    def _reason(self, problem: Problem) -> str:
        return reason(QUESTIONS.get(_place(problem.key)), problem)


def reason(question: Question | None, problem: Problem) -> str:
    """Say what is wrong, for whoever sees the field and what is in it."""
    if question and question.kind is int and "whole number" in problem.why:
        return words.WHOLE_NUMBER
    value = f"{problem.value.strip(chr(34))} " if problem.key.endswith("]") else ""
    example = f" ({words.FOR_EXAMPLE.format(problem.example)})" if problem.example else ""
    return f"{value}{problem.why}{example}"


def with_user(users: tuple[User, ...], former: str, user: User) -> tuple[User, ...]:
    """Put a user in the place of the one of the ``former`` name, or at the end."""
    if not any(each.name == former for each in users):
        return (*users, user)
    return tuple(user if each.name == former else each for each in users)


def user_problem(users: tuple[User, ...], former: str, name: str) -> str:
    """Say why a user cannot be called so; empty where it can."""
    others = [each.name for each in users if each.name != former]
    if name in others:
        return words.USER_TWICE
    entry = entries(User)["name"]
    found: list[Problem] = []
    if isinstance(entry, Question):
        entry.read(name, "name", found.append)
    return found[0].why if found else ""


def password_problem(password: str) -> str:
    """Say why this cannot be a password; empty where it can."""
    entry = entries(User)["password"]
    found: list[Problem] = []
    if isinstance(entry, Question):
        entry.read(password, "password", found.append)
    return found[0].why if found else ""


def _place(key: str) -> str:
    """Give the field at which a problem is shown: a list's for its item, a table's last."""
    bare = re.sub(r"\[\d+\]$", "", key)
    if bare in QUESTIONS or bare.startswith(("users", "clients")):
        return key if bare in ("users", "clients") else bare
    inside = [each for each in QUESTIONS if each.startswith(f"{bare}.")]
    return inside[-1] if inside else key


def _value(answers: Answers, key: str) -> object:
    found: object = answers
    for name in key.split("."):
        found = getattr(found, name)
    return found


def as_text(value: object) -> Typed:
    if isinstance(value, bool):
        return value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def as_value(question: Question, typed: Typed) -> object:
    """Give a typed text as the value it means; one that means none stays a text, and is refused."""
    if not isinstance(typed, str):
        return typed
    if question.kind is tuple:
        return [each for each in re.split(r"[,\s]+", typed) if each]
    if question.kind is int and re.fullmatch(r"-?[0-9]{1,18}", typed.strip()):
        return int(typed)
    return typed.strip() if question.kind is str else typed


def _fits(key: object, typed: object) -> bool:
    if not isinstance(key, str) or key not in QUESTIONS:
        return False
    if QUESTIONS[key].choices:
        return typed in QUESTIONS[key].choices
    return isinstance(typed, bool if QUESTIONS[key].kind is bool else str)


def _table(each: User | Client) -> dict[str, Any]:
    return {name: value for name, value in asdict(each).items() if value}


def hashed(user: User, hash_of: str) -> User:
    """Give the user with a hash in place of whatever stood for the password."""
    empty = replace(user, password="", password_file="", password_env="")
    return replace(empty, password_hash=hash_of)
