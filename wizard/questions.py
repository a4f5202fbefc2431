"""A question: declared once as the field of a dataclass, and put to a value from a TOML table."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from wizard import toml
from wizard.errors import Problem
from wizard.names import Refused, plain

T = TypeVar("T")
Refuse = Callable[[Problem], None]

_KINDS = {
    str: "must be a text in quotes",
    bool: "must be true or false, without quotes",
    int: "must be a whole number, without quotes",
    tuple: "must be a list in square brackets",
}


@dataclass(frozen=True)
class Limits:
    """The numbers that may be answered, both ends included, and the reason if there is one."""

    least: int
    most: int
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked for one key, and what an answer may be.

    An answer equal to ``default`` is taken as it is, so an empty text can mean "not answered",
    except where it is ``required``, or must be ``filled`` if the key is there at all.
    ``check`` returns a text as it is kept or raises Refused; of a list it is asked for each item.
    """

    default: object
    title: str
    help: str
    example: object
    check: Callable[[str], str] = plain
    choices: tuple[str, ...] = ()
    limits: Limits | None = None
    required: bool = False
    filled: bool = False
    secret: bool = False
    show: Callable[[object], str] = toml.shown

    @property
    def kind(self) -> type:
        """The type of an answer: str, bool, int, or tuple for a list of texts."""
        return str if self.default is None else type(self.default)

    def read(self, value: object, key: str, refuse: Refuse) -> Any:
        """``value`` as it is kept, or the default where it had to be refused."""
        if self.kind is tuple and isinstance(value, list | tuple):
            return tuple(self._items(value, key, refuse))
        try:
            return self._take(value)
        except Refused as refused:
            refuse(self._problem(key, value, refused))
            return self.default

    def _items(self, values: list[Any] | tuple[Any, ...], key: str, refuse: Refuse) -> list[str]:
        kept: list[str] = []
        for number, value in enumerate(values, start=1):
            try:
                kept.append(self._new(self.check(_of_kind(str, value)), kept))
            except Refused as refused:
                refuse(self._problem(f"{key}[{number}]", value, refused))
        return kept

    @staticmethod
    def _new(item: str, kept: list[str]) -> str:
        if item in kept:
            raise Refused("is in this list already")
        return item

    def _take(self, value: object) -> object:
        _of_kind(self.kind, value)
        if value == self.default and not (self.required or self.filled):
            return value
        if self.choices and value not in self.choices:
            raise Refused("must be " + " or ".join(map(toml.literal, self.choices)))
        if isinstance(value, int) and self.limits:
            _within(self.limits, value)
        return self.check(value) if isinstance(value, str) else value

    def _problem(self, key: str, value: object, refused: Refused) -> Problem:
        shown = toml.HIDDEN if self.secret else self.show(value)
        example = self.example
        if isinstance(example, tuple) and key.endswith("]"):
            example = example[0]
        return Problem(key, shown, str(refused), toml.literal(example))


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of questions, or a list of such tables."""

    of: type
    help: str
    many: bool = False
    one_of: tuple[str, ...] = ()
    together: tuple[str, ...] = ()

    def read(self, value: object, key: str, refuse: Refuse) -> Any:
        """The answers in a table, or in all tables of a list."""
        if not self.many:
            return self._read_one(value, key, refuse)
        if not isinstance(value, list | tuple):
            why = f"must be a list of tables, each under [[{key}]] in double brackets"
            refuse(Problem(key, "", why))
            return ()
        numbered = enumerate(value, start=1)
        return tuple(self._read_one(item, f"{key}[{number}]", refuse) for number, item in numbered)

    def _read_one(self, value: object, key: str, refuse: Refuse) -> Any:
        if not isinstance(value, Mapping):
            why = "must be a table" if self.many else f"must be one table, under [{key}]"
            refuse(Problem(key, "", why))
            return read(self.of, {}, f"{key}.", lambda _: None)
        try:
            self._refuse_combination(value)
        except Refused as refused:
            refuse(Problem(key, "", str(refused)))
        return read(self.of, value, f"{key}.", refuse)

    def _refuse_combination(self, table: Mapping[str, Any]) -> None:
        given = [name for name in self.one_of if name in table]
        if self.one_of and len(given) != 1:
            has = " and ".join(given) or "none of them"
            raise Refused(f"needs exactly one of {', '.join(self.one_of)}; it has {has}")
        given = [name for name in self.together if table.get(name)]
        if given and len(given) < len(self.together):
            missing = " and ".join(set(self.together) - set(given))
            raise Refused(f"has {' and '.join(given)} but no {missing}; give both or none")


def ask(default: T, title: str, explanation: str, /, *, example: object, **more: Any) -> T:
    """A dataclass's field that is a question; ``more`` are further fields of Question."""
    question = Question(default=default, title=title, help=explanation, example=example, **more)
    return field(default=default, repr=not question.secret, metadata={"entry": question})


def section(of: type[T], explanation: str, **more: Any) -> T:
    """A dataclass's field that is a table of questions."""
    entry = Table(of=of, help=explanation, **more)
    return field(default_factory=of, metadata={"entry": entry})


def sections(of: type[T], explanation: str, **more: Any) -> tuple[T, ...]:
    """A dataclass's field that is a list of tables of questions, empty by default."""
    entry = Table(of=of, help=explanation, many=True, **more)
    return field(default=(), metadata={"entry": entry})


def entries(kind: type) -> dict[str, Question | Table]:
    """What a dataclass asks, by the names of its fields, in order."""
    return {each.name: each.metadata["entry"] for each in fields(kind)}


def read(kind: type[T], table: Mapping[str, Any], where: str, refuse: Refuse) -> T:
    """A ``kind`` filled in from a table whose keys begin with ``where``."""
    kept = {}
    for name, entry in entries(kind).items():
        if name in table:
            kept[name] = entry.read(table[name], where + name, refuse)
        elif isinstance(entry, Question) and entry.required:
            refuse(Problem(where + name, "", "is missing", toml.literal(entry.example)))
    return kind(**kept)


def unknown(kind: type, document: Mapping[str, Any]) -> Iterator[Problem]:
    """Every key of a document that ``kind`` does not ask for; no value of any is repeated."""
    homes = dict(reversed([(key.rpartition(".")[2], key) for key in _keys(kind)]))
    for where, known, table in _tables(kind, document, ""):
        for name in table:
            if name not in known:
                yield Problem(where + toml.key(name), "", _no_such(name, known, homes))


def _keys(kind: type) -> Iterator[str]:
    for name, entry in entries(kind).items():
        yield name
        if isinstance(entry, Table):
            yield from (f"{name}.{key}" for key in _keys(entry.of))


def _tables(
    kind: type, table: Mapping[str, Any], where: str
) -> Iterator[tuple[str, Mapping[str, object], Mapping[str, Any]]]:
    """Each table of a document: what its keys begin with, what it may have, and what it has."""
    yield where, entries(kind), table
    for name, entry in entries(kind).items():
        if isinstance(entry, Table):
            for key, inner in _parts(entry, table.get(name), where + name):
                yield from _tables(entry.of, inner, f"{key}.")


def _parts(entry: Table, value: object, key: str) -> list[tuple[str, Mapping[str, Any]]]:
    if entry.many and isinstance(value, list | tuple):
        found = [(f"{key}[{number}]", item) for number, item in enumerate(value, start=1)]
    else:
        found = [(key, value)]
    return [(key, item) for key, item in found if isinstance(item, Mapping)]


def _no_such(name: str, known: Mapping[str, object], homes: Mapping[str, str]) -> str:
    """Why a key is refused, with the key that was probably meant."""
    near = difflib.get_close_matches(name, known, n=1)
    meant = near or [homes[each] for each in difflib.get_close_matches(name, homes, n=1)]
    return "is no question here" + (f"; did you mean {meant[0]}?" if meant else "")


def _of_kind(kind: type, value: object) -> Any:
    """``value``, if it is of this kind; true and false are no numbers."""
    if isinstance(value, list | tuple) if kind is tuple else type(value) is kind:
        return value
    raise Refused(_KINDS[kind])


def _within(limits: Limits, number: int) -> None:
    if not limits.least <= number <= limits.most:
        because = f": {limits.because}" if limits.because else ""
        raise Refused(f"must be from {limits.least} to {limits.most}{because}")
