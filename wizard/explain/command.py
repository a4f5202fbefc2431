"""The command: where the text comes from, what is offered, and the exit code."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.errors import BadUsage, Interrupted
from wizard.explain import explain
from wizard.explain.offer import offer
from wizard.explain.printed import as_json, as_text, show
from wizard.headless import as_lines
from wizard.hosts import LocalHost
from wizard.log import logged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wizard.explain.offer import Offer
    from wizard.place import Place

EXPLAINED, NOT_KNOWN = 0, 1
PATH = re.compile(r"\.{0,2}(?:/[^\s:]+)+")  # one word that can be nothing else
LARGEST = 256 * 1024  # bytes, such that the characters that are looked at are among them


@dataclass(frozen=True)
class Doors:
    """What the command line opens, where the wizard's own plan is shown and applied."""

    place: Callable[[str], Place[Any, Any]]
    stopping: Callable[[], Callable[[], bool]]  # from when it is called, signals stop the work
    renew: Callable[[], int]  # the certificate, as `registry-wizard renew` does


def run(words: Sequence[str], environ: Mapping[str, str], doors: Doors, *, json: bool) -> int:
    """Explain the words, the file that they name, or standard input.

    Raises BadUsage, and WizardError where the plan is applied and a change or a check fails.
    """
    text = given(words)
    if not text.strip():
        raise _no_text()
    found = explain(text, LocalHost(), environ)
    if not json:
        sys.stdout.write(as_text(found))
        sys.stdout.flush()  # to plan may take a while
    offered = offer(found, doors.place) if found else None
    if json:
        sys.stdout.write(as_json(found, offered))
    elif offered:
        show(offered)
        if offered.differences or offered.renews:
            return _ask(offered, doors, free=not _by_stdin(words))
    return EXPLAINED if found else NOT_KNOWN


def _ask(offered: Offer, doors: Doors, *, free: bool) -> int:
    """Do what is offered where somebody sits there and says yes; else say the command.

    Standard input is ``free`` where the text did not come from there.
    """
    do = "renew" if offered.renews else "apply"
    if not (free and sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stdout.write(f"To {do} it: {offered.command}\n")
    elif _yes(f"{do.capitalize()} {'it' if offered.renews else 'this'} now?"):
        return _done(offered, doors)
    else:
        sys.stdout.write(f"Nothing was changed. To {do} it later: {offered.command}\n")
    return EXPLAINED


def _done(offered: Offer, doors: Doors) -> int:
    if offered.renews:
        return doors.renew()
    if offered.session:
        session = replace(offered.session, stopping=doors.stopping())
        session.carry_out(offered.given, logged(as_lines))
    return EXPLAINED


def _yes(question: str) -> bool:
    sys.stdout.write(f"{question} [y/N] ")
    sys.stdout.flush()
    try:
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except KeyboardInterrupt:
        raise Interrupted("Nothing was changed") from None


def given(words: Sequence[str]) -> str:
    """Give the text: of a file where the one word is the path of one, else the words."""
    text = " ".join(words)
    if _by_stdin(words):
        return _from_stdin(asked=text == "-")
    if len(words) == 1 and _is_file(text):
        try:
            with Path(text).open("rb") as stream:
                stream.seek(max(0, stream.seek(0, 2) - LARGEST))
                return stream.read(LARGEST).decode(errors="replace")
        except OSError as refusal:
            raise BadUsage(f"{text} cannot be read: {refusal.strerror}") from None
    if PATH.fullmatch(text):
        raise BadUsage(f"{text}: there is no such file", "a file, or the text itself in quotes")
    return text[-LARGEST:]


def _no_text() -> BadUsage:
    return BadUsage(
        "There is no text to explain",
        "registry-wizard explain 'TEXT', or a file, or: docker pull ... 2>&1 |"
        " registry-wizard explain",
    )


def _by_stdin(words: Sequence[str]) -> bool:
    return " ".join(words) in ("", "-")


def _is_file(text: str) -> bool:
    try:
        return "\n" not in text and Path(text).is_file()
    except (OSError, ValueError):  # too long for a path, or a NUL byte in it
        return False


def _from_stdin(*, asked: bool) -> str:
    if not asked and sys.stdin.isatty():
        raise _no_text()
    kept = b""
    while chunk := sys.stdin.buffer.read(LARGEST):
        kept = (kept + chunk)[-LARGEST:]
    return kept.decode(errors="replace")
