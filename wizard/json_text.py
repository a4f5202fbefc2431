"""Single items taken out of a list in a JSON text, with every other byte as it was."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BOM = "\ufeff"
_BLANK = re.compile(r"[ \t\r\n]*")


class Broken(ValueError):
    """A text that is not what it should be; ``str()`` begins with the line and the column."""


@dataclass(frozen=True)
class Item:
    value: Any
    start: int
    end: int


def read(content: bytes) -> str:
    """Give the text such that ``write`` gives the same bytes again, whatever they are."""
    return content.decode("utf-8", "surrogateescape")


def write(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def names(text: str, key: str) -> tuple[str, ...]:
    """Give the texts in every top-level list of this name. Raise Broken where that cannot be."""
    return tuple(item.value for _, items in _lists(text, key) for item in items)


def has(text: str, key: str) -> bool:
    return any(name == key for name, _ in _members(text))


def without(text: str, key: str, gone: Callable[[str], bool]) -> str:
    """Take the items that are ``gone`` out of these lists, each with the one comma that goes."""
    while True:
        cut = next(_cuts(text, key, gone), None)
        if cut is None:
            return text
        text = text[: cut[0]] + text[cut[1] :]


def _cuts(text: str, key: str, gone: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    for whole, items in _lists(text, key):
        for number, item in enumerate(items):
            if gone(item.value):
                yield _cut(whole, items, number)


def _cut(whole: Item, items: list[Item], number: int) -> tuple[int, int]:
    """Give from where to where to cut: up to the next item, else from the end of the last one."""
    if len(items) == 1:
        return whole.start + 1, whole.end - 1
    if number + 1 < len(items):
        return items[number].start, items[number + 1].start
    return items[number - 1].end, items[number].end


def _lists(text: str, key: str) -> Iterator[tuple[Item, list[Item]]]:
    for name, whole in _members(text):
        if name != key:
            continue
        if not isinstance(whole.value, list):
            raise Broken(f"{_at(text, whole.start)}: {key} is no list")
        items = list(_parts(text, whole.start))
        for item in items:
            if not isinstance(item.value, str):
                raise Broken(f"{_at(text, item.start)}: {key} holds what is no text in quotes")
        yield whole, items


def _members(text: str) -> Iterator[tuple[str, Item]]:
    """Give key and value of each member of the one object, which may name a key twice."""
    start = _skip(text, len(BOM) if text.startswith(BOM) else 0)
    if start == len(text):
        return  # Docker takes an empty file for no settings at all
    if not isinstance(_whole(text), dict):
        raise Broken(f"{_at(text, start)}: this is no object, which begins with {{")
    parts = _parts(text, start)
    for key in parts:
        yield key.value, next(parts)


def _whole(text: str) -> Any:
    def refuse(word: str) -> Any:
        raise Broken(f"{_at(text, _first_bare(text, word))}: {word} is no JSON")

    try:
        return json.loads(text.removeprefix(BOM), parse_constant=refuse, parse_int=float)
    except json.JSONDecodeError as error:
        raise Broken(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise Broken("line 1, column 1: this is nested too deeply") from None


def _first_bare(text: str, word: str) -> int:
    """Give where a word first stands outside of quotes."""
    found = re.finditer(rf'"(?:[^"\\]|\\.)*"|{re.escape(word)}', text)
    return next(each.start() for each in found if each[0] == word)


def _parts(text: str, start: int) -> Iterator[Item]:
    """Give the values of a list, or keys and values of an object in turn; it is known to be one."""
    decoder = json.JSONDecoder(parse_int=float)
    at = _skip(text, start + 1)
    while text[at] not in "]}":
        value, end = decoder.raw_decode(text, at)
        yield Item(value, at, end)
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] in ",:" else at


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _at(text: str, position: int) -> str:
    before = text[:position].removeprefix(BOM)
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f"line {before.count(chr(10)) + 1}, column {column}"
