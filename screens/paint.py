"""A text with colours by what its words are; the text itself is cleaned, never obeyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pygments.lexer import RegexLexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, String, Text
from textual.content import Content, Span

from wizard.clean import clean

if TYPE_CHECKING:
    from pygments.lexer import Lexer

# By the end of a path; what is not here is plain text.
LANGUAGES = {
    ".conf": "nginx",
    ".yml": "yaml",
    ".toml": "toml",
    ".json": "json",
    "/hosts": "hosts",
}
COLOURS = {
    Comment: "$text-muted",
    Keyword: "$accent",
    Name.Tag: "$accent",
    Name.Attribute: "$accent",
    Name.Namespace: "$accent",
    Number: "$warning",
    String: "$success",
}
SIGNS = {"+": "$success", "-": "$error", "@": "$accent"}


class HostsLexer(RegexLexer):
    """hosts(5): an address, then names, then a comment."""

    name = "hosts"
    tokens: ClassVar = {
        "root": [(r"#.*", Comment), (r"^[0-9A-Fa-f.:]+", Number), (r"\s+", Text), (r"\S", Text)]
    }


def paint(text: str, path: str) -> Content:
    """Give a whole file, coloured by its language."""
    cleaned = "\n".join(map(clean, text.split("\n")))
    language = next((name for end, name in LANGUAGES.items() if path.endswith(end)), "")
    if not language:
        return Content(cleaned)
    spans: list[Span] = []
    for start, token, value in _lexer(language).get_tokens_unprocessed(cleaned):
        colour = next((COLOURS[kind] for kind in COLOURS if token in kind), "")  # type: ignore[comparison-overlap]
        if colour:
            spans.append(Span(start, start + len(value), colour))
    return Content(cleaned, spans=spans)


def paint_difference(text: str) -> Content:
    """Give a unified diff, each line coloured by its sign."""
    lines = [clean(line) for line in text.split("\n")]
    spans, start = [], 0
    for line in lines:
        if line[:1] in SIGNS:
            spans.append(Span(start, start + len(line), SIGNS[line[:1]]))
        start += len(line) + 1
    return Content("\n".join(lines), spans=spans)


def _lexer(language: str) -> Lexer:
    return HostsLexer() if language == "hosts" else get_lexer_by_name(language)
