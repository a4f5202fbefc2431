"""The answers as a file that explains itself: every question, its help and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard import toml
from wizard.answers import SOURCES, Answers, Client, User
from wizard.changes.files import masked
from wizard.questions import Question, Table, entries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def dump(answers: Answers) -> str:
    """Write the answers as a commented TOML file; a question that is not answered is commented."""
    return "\n".join(_table(answers, "")) + "\n"


def template() -> str:
    """Give the commented file with every question; it says the same as ``role = "server"``."""
    return (
        dump(Answers())
        + "\n"
        + "\n\n".join(
            "\n".join(_example(kind, key)) for kind, key in ((User, "users"), (Client, "clients"))
        )
    )


def part(answers: Answers, keys: Collection[str]) -> str:
    """Write the questions of these keys alone, under their tables; no secret is shown."""
    lines = []
    for name, entry in entries(Answers).items():
        value = getattr(answers, name)
        if isinstance(entry, Question):
            lines += list(_answer(name, entry, value)) if name in keys else []
        elif name in keys:
            lines += list(_tables(entry, value, name))
        else:
            lines += _chosen(entry, value, name, keys)
    return masked("\n".join(lines).strip().encode() + b"\n", SOURCES)


def _chosen(entry: Table, value: Any, table: str, keys: Collection[str]) -> list[str]:
    asked = entries(entry.of).items()
    chosen = [(n, e) for n, e in asked if isinstance(e, Question) and f"{table}.{n}" in keys]
    lines = [line for n, e in chosen for line in (*_answer(n, e, getattr(value, n)), "")]
    return [f"[{table}]", *lines] if lines else []


def _table(answers: object, prefix: str) -> Iterator[str]:
    for number, (name, entry) in enumerate(entries(type(answers)).items()):
        value = getattr(answers, name)
        if isinstance(entry, Question):
            yield from [""] * (number > 0)
            yield from _answer(name, entry, value)
        else:
            yield from _tables(entry, value, prefix + name)


def _tables(entry: Table, value: Any, key: str) -> Iterator[str]:
    yield ""
    yield from toml.comment(entry.help)
    for each in value if entry.many else (value,):
        yield f"[[{key}]]" if entry.many else f"[{key}]"
        yield from _table(each, f"{key}.")


def _answer(name: str, question: Question, value: object) -> Iterator[str]:
    yield from toml.comment(f"{question.title}. {question.help}")
    if question.choices:
        yield from toml.comment("One of: " + ", ".join(question.choices))
    if value in ("", (), None):
        yield f"#{name} = {toml.literal(question.example)}"
    else:
        yield f"{name} = {toml.literal(value)}"


def _example(kind: type, key: str) -> Iterator[str]:
    yield f"#[[{key}]]"
    for name, entry in entries(kind).items():
        if isinstance(entry, Question):
            yield f"#{name} = {toml.literal(entry.example)}"
