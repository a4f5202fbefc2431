"""The shell's own punctuation: words, comments and whole files as a script can hold them."""

from __future__ import annotations

import base64
import re
import shlex
import textwrap
from typing import TYPE_CHECKING

from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH = 99


def comment(paragraph: str, indent: str = "") -> str:
    """Give a paragraph as comment lines; nothing in it can end the comment."""
    seen = "".join(char if char.isprintable() else " " for char in paragraph)
    lines = textwrap.wrap(seen, WIDTH - 2 - len(indent), break_on_hyphens=False) or [""]
    return "\n".join(f"# {indent}{line}".rstrip() for line in lines)


def heading(title: str) -> str:
    return comment(f"==== {title} ====")


def quote(word: str) -> str:
    """Give a word as the shell takes it whole; in double quotes where that reads better."""
    plain = "'" in word and not re.search(r'[$`"\\\\!]', word)
    return f'"{word}"' if plain else shlex.quote(word)


def join(words: Iterable[str]) -> str:
    return " ".join(map(quote, words))


def fed(call: str, content: bytes, holes: dict[str, str]) -> str:
    """Give a call with exactly these bytes as its input.

    ``holes`` are values that must not stand in the script, each with the words that print it there
    at run time. Raise WizardError where that cannot be.
    """
    text = _text_of(content, holes)
    if text is None:
        if any(value.encode() in content for value in holes):
            raise WizardError("A file with a secret in it has characters that a script cannot hold")
        coded = textwrap.fill(base64.b64encode(content).decode(), WIDTH)
        return _through("base64 -d", f"{coded}\n", call)
    if not text.endswith("\n"):
        return _through("head -c -1", f"{text}\n", call, holes)
    return f"{call} {_document(text, holes)}"


def _through(filter_: str, text: str, call: str, holes: dict[str, str] | None = None) -> str:
    return f'{filter_} > "$work/exact" {_document(text, holes or {})}\n{call} < "$work/exact"'


def _document(text: str, holes: dict[str, str]) -> str:
    """Give a here-document; the shell looks into it only where there is something to fill in."""
    end = _delimiter(text)
    held = {value: words for value, words in holes.items() if value in text}
    return f"<< {end}\n{_filled(text, held)}{end}" if held else f"<< '{end}'\n{text}{end}"


def _text_of(content: bytes, holes: dict[str, str]) -> str | None:
    """Give the text that a here-document can hold unharmed but for the holes; else None."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    held = "".join(re.split(_any(holes), text)) if holes else text
    return text if all(char.isprintable() or char in "\t\n" for char in held) else None


def _delimiter(text: str) -> str:
    lines, delimiter = text.splitlines(), "END"
    while delimiter in lines:
        delimiter += "_"
    return delimiter


def _filled(text: str, holes: dict[str, str]) -> str:
    """Write a text so that the shell leaves it alone, but for the holes, which it fills."""
    parts = re.split(f"({_any(holes)})", text)
    return "".join(f"$({holes[part]})" if part in holes else _escaped(part) for part in parts)


def _any(holes: dict[str, str]) -> str:
    """Give the pattern of the holes' values, the longest that fits first."""
    return "|".join(map(re.escape, sorted(holes, key=len, reverse=True)))


def _escaped(text: str) -> str:
    return re.sub(r"([\\$`])", r"\\\1", text)
