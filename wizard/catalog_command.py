"""The command `catalog`: what is in the registry, as a table for people and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from wizard.catalog.shown import short
from wizard.clean import clean
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.catalog import Catalog, Listing

DETAILED = 1000  # tags, of which each costs three files to read
COLUMNS = ("REPOSITORY", "TAG", "SIZE", "PLATFORMS", "CREATED", "DIGEST")
FIRST_PUSH = "No image is in the registry yet; docker push {}/IMAGE:TAG brings the first\n"
Row = tuple[str, ...]


def listed(catalog: Catalog, text: str, *, as_json: bool, width: int = 0) -> Iterator[str]:
    """Give what matches, a text for each line; a table fits ``width`` columns, if there is any.

    Raises WizardError at the end where a part of the storage could not be read.
    """
    every = catalog.read()
    found = every.holding(text)
    if as_json:
        yield from _as_json(catalog, found)
    else:
        yield from _as_text(catalog, found, width) if found.tags else _nothing(every, text)
    if found.unread:
        raise WizardError(
            f"A part of the storage could not be read, {found.unread[0]}",
            "what is in there is not told above",
        )


def _nothing(every: Listing, text: str) -> Iterator[str]:
    if every.tags:
        yield f"No image holds {clean(text)!r} in its name or tag\n"
    elif not every.unread:
        yield FIRST_PUSH.format(every.at)


def _as_json(catalog: Catalog, found: Listing) -> Iterator[str]:
    for name, tag in found.named:
        image = asdict(catalog.image(name, tag.name))
        pushed = f"{tag.pushed:%Y-%m-%dT%H:%M:%SZ}"
        yield json.dumps({"repository": name, "tag": tag.name, **image, "pushed": pushed}) + "\n"


def _as_text(catalog: Catalog, found: Listing, width: int) -> Iterator[str]:
    rows = list(_rows(catalog, found))
    yield from _table([COLUMNS, *rows], width)
    yield f"\n{_counted(len(found.repositories), 'repository', 'repositories')}, "
    yield f"{_counted(found.tags, 'tag', 'tags')}\n"
    if found.tags > DETAILED:
        yield f"Only the first {DETAILED} were looked into: a part of repository:tag as TEXT gives"
        yield " fewer, and --json has all of each\n"


def _rows(catalog: Catalog, found: Listing) -> Iterator[Row]:
    for number, (name, tag) in enumerate(found.named):
        image = catalog.image(name, tag.name) if number < DETAILED else None
        yield name, tag.name, *(short(image) if image else ())


def _table(rows: list[Row], width: int) -> Iterator[str]:
    """Give columns where they fit, else each image's name above the rest of it."""
    widths = [max(len(row[n]) for row in rows if n < len(row)) for n in range(len(COLUMNS))]
    if width and sum(widths) + 2 * (len(widths) - 1) > width:
        for name, tag, *rest in rows[1:]:
            yield f"{name}:{tag}\n"
            yield from (f"  {_line(rest, widths[2:])}\n",) if rest else ()
        return
    for row in rows:
        yield f"{_line(row, widths)}\n"


def _line(row: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(map(str.ljust, row, widths)).rstrip()


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
