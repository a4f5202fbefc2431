"""TOML as people read and write it: mistakes with their line and a caret, values as literals."""

from __future__ import annotations

import re
import textwrap
import tomllib
from typing import Any

from wizard.errors import Problem

HIDDEN = "(hidden)"

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLACE = re.compile(r"(?s)(.*) \(at (?:line (\d+), column (\d+)|end of document)\)")
_SECRET = re.compile(r"users|pass|hash|\$2", re.IGNORECASE)
_HEADER = re.compile(r"(?m)^\[[^\"'=,\n]*\][ \t]*(?:#.*)?$")
_REASONS = {
    "Invalid value": "this is no value; a text must stand in quotes",
    "Invalid statement": "a line is key = value, a [table], or a # and a comment",
    "Cannot overwrite a value": "this was answered before",
    "Expected '=' after a key in a key/value pair": "there must be a = between key and value",
    "Expected newline or end of document after a statement": "this line must end here",
}


class NotToml(ValueError):
    """A text that is no TOML; ``problem`` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read(text: str) -> dict[str, Any]:
    """The tables and values in ``text``. Raises NotToml, which shows no line with a secret."""
    try:
        text.encode()
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotToml(_problem(str(error), text.replace("\r\n", "\n"))) from None
    except UnicodeEncodeError:
        raise NotToml(Problem("the text", "", "has half a character in it, a surrogate")) from None
    except (ValueError, RecursionError):
        why = "has a number of too many digits, or lists within lists without end"
        raise NotToml(Problem("the text", "", why)) from None


def literal(value: object) -> str:
    """A text, number, truth value or list of them as TOML; what cannot be seen is escaped."""
    if isinstance(value, str):
        return '"' + "".join(map(_escaped, value)) + '"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return str(value)


def shown(value: object) -> str:
    """A value as an error repeats it: short, on one line, and nothing of what has parts."""
    if isinstance(value, list | tuple | dict):
        return ""
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of more than 64 bits"
    return _short(literal(value))


def key(name: str) -> str:
    """A key as it stands in a file: bare where TOML allows it, else in quotes."""
    return _short(name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else literal(name))


def comment(paragraph: str) -> list[str]:
    """``paragraph`` as comment lines of 78 characters at most."""
    return textwrap.wrap(
        paragraph,
        width=78,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


def _problem(message: str, text: str) -> Problem:
    """The parser's ``message`` with its place as the key, and the line with a caret under it."""
    match = _PLACE.fullmatch(message)
    reason, line, column = match.groups() if match else (message, None, None)
    why = _REASONS.get(reason, reason[:1].lower() + reason[1:])
    if line is None or column is None:
        return Problem("at its end", "", why)
    return Problem(f"line {line}, column {column}", "", why + _caret(text, int(line), int(column)))


def _caret(text: str, line: int, column: int) -> str:
    lines = text.split("\n")[:line]
    if _may_hold_a_secret("\n".join(lines)):
        return "\n      (the line is not shown, as it may hold a password)"
    start = max(0, column - 60)
    part = "".join(c if c.isprintable() else " " for c in lines[-1][start : start + 70])
    return f"\n      {part}\n      {' ' * (column - 1 - start)}^"


def _may_hold_a_secret(before: str) -> bool:
    """Whether the table that ``before`` ends in has to do with users.

    Within a text of several lines anything can look like the head of a table; where there may be
    one, all that stands before counts.
    """
    several_lines = '"""' in before or "'''" in before
    heads = [] if several_lines else [match.start() for match in _HEADER.finditer(before)]
    return bool(_SECRET.search(before[heads[-1] if heads else 0 :]))
