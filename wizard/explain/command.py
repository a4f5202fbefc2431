"""The command: where the text comes from, and the exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.errors import BadUsage
from wizard.explain import explain
from wizard.explain.printed import as_json, as_text
from wizard.hosts import LocalHost

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXPLAINED, NOT_KNOWN = 0, 1
LARGEST = 256 * 1024  # bytes, such that the characters that are looked at are among them


def run(words: Sequence[str], environ: Mapping[str, str], *, json: bool) -> int:
    """Explain the words, the file that they name, or standard input. Raises BadUsage."""
    text = given(words)
    found = explain(text, LocalHost(), environ)
    sys.stdout.write(as_json(found) if json else as_text(found))
    return EXPLAINED if found else NOT_KNOWN


def given(words: Sequence[str]) -> str:
    """Give the text: of a file where the one word is the path of one, else the words."""
    text = " ".join(words)
    if text in ("", "-"):
        return _from_stdin(asked=text == "-")
    if len(words) == 1 and _is_file(text):
        try:
            with Path(text).open("rb") as stream:
                stream.seek(max(0, stream.seek(0, 2) - LARGEST))
                return stream.read(LARGEST).decode(errors="replace")
        except OSError as refusal:
            raise BadUsage(f"{text} cannot be read: {refusal.strerror}") from None
    return text[-LARGEST:]


def _is_file(text: str) -> bool:
    try:
        return "\n" not in text and Path(text).is_file()
    except (OSError, ValueError):  # too long for a path, or a NUL byte in it
        return False


def _from_stdin(*, asked: bool) -> str:
    if not asked and sys.stdin.isatty():
        raise BadUsage(
            "There is no text to explain",
            "registry-wizard explain 'TEXT', or a file, or: docker pull ... 2>&1 |"
            " registry-wizard explain",
        )
    kept = b""
    while chunk := sys.stdin.buffer.read(LARGEST):
        kept = (kept + chunk)[-LARGEST:]
    return kept.decode(errors="replace")
