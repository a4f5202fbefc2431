"""Verdicts for people: lines that can be searched, or a table where somebody sits."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from wizard.clean import clean
from wizard.events import Checked, Event, Names, Verified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.events import NameRow

MARKS = {"passed": "ok  ", "failed": "FAIL", "warning": "warn", "skipped": "--  "}
COLOURS = {"passed": "32", "failed": "1;31", "warning": "33", "skipped": "2"}
INDENT, IDS = 6, 21  # columns before the id, and of it
NARROWEST, WIDEST = 60, 120


def as_line(event: Checked) -> str:
    """Give a verdict as a line, and its remedy as another; what was not looked at is summed up."""
    if not event.looked:
        return ""
    remedy = f"\n       -> {event.remedy}" if event.remedy and event.verdict != "passed" else ""
    where = f"{event.host} " if event.host else ""
    return f"  {MARKS[event.verdict]} {where}{event.name}: {event.seen}{remedy}"


def summed_up(event: Verified) -> str:
    parts = (
        (f"{len(event.failed)} failed ({', '.join(event.failed)})", event.failed),
        (f"{len(event.warnings)} with a warning ({', '.join(event.warnings)})", event.warnings),
        (f"{event.passed} passed", (event.passed,)),
        (f"{len(event.skipped)} not looked at ({', '.join(event.skipped)})", event.skipped),
    )
    return "\n" + ", ".join(text for text, there in parts if there)


def names_as_lines(event: Names) -> str:
    return "\n".join(map(_name_line, event.rows))


def _name_line(row: NameRow) -> str:
    cells = ", ".join(f"{title} {_marked(row, title)}" for title in row.cells)
    return f"  name {row.name}: {cells}"


def _marked(row: NameRow, title: str) -> str:
    return f"{row.cells[title]} (!)" if title in row.wrong else row.cells[title]


def as_table(event: Event) -> None:
    """Print one event to a terminal: columns, as wide as it is, in colour where that is wanted."""
    width = max(NARROWEST, min(shutil.get_terminal_size().columns, WIDEST))
    lines: Iterator[str] = iter(())
    if isinstance(event, Checked):
        lines = _row(event, width)
    elif isinstance(event, Names):
        lines = _names(event, width)
    elif isinstance(event, Verified):
        lines = iter(("", *textwrap.wrap(summed_up(event).strip(), width)))
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _row(event: Checked, width: int) -> Iterator[str]:
    if not event.looked:
        return
    mark, name = MARKS[event.verdict], clean(event.name)
    where = f"{event.host}: " if event.host else ""
    told = textwrap.wrap(clean(where + event.seen), width - INDENT - IDS) or [""]
    yield f"{_coloured(mark, COLOURS[event.verdict])}  {name:{IDS}}{told[0]}"
    yield from (" " * (INDENT + IDS) + line for line in told[1:])
    if event.remedy and event.verdict != "passed":
        margin = " " * (INDENT + IDS)
        yield from textwrap.wrap(
            clean(event.remedy), width, initial_indent=f"{margin}-> ",
            subsequent_indent=f"{margin}   ", break_on_hyphens=False,
        )  # fmt: skip


def _coloured(text: str, colour: str) -> str:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def _names(event: Names, width: int) -> Iterator[str]:
    """Give the names side by side: one column each where they fit, below each other elsewhere."""
    if not event.rows:
        return
    titles = [t for t in event.rows[0].cells if any(row.cells[t] != "-" for row in event.rows)]
    cells = [("name", *titles)]
    cells += [(row.name, *(_marked(row, title) for title in titles)) for row in event.rows]
    widths = [max(len(row[n]) for row in cells) for n in range(len(titles) + 1)]
    yield ""
    if sum(widths) + 2 * len(titles) > width:
        yield from (line for row in event.rows for line in _stacked(row, titles))
        return
    for row in cells:
        yield "  ".join(f"{clean(text):{size}}" for text, size in zip(row, widths, strict=True))


def _stacked(row: NameRow, titles: list[str]) -> Iterator[str]:
    yield clean(row.name)
    for title in titles:
        yield f"  {title:14}{clean(_marked(row, title))}"
