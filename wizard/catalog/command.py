"""The command `catalog`: what is in the registry, as a table for people and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from wizard.catalog import Catalog
from wizard.clean import clean
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.catalog import Image, Repository
    from wizard.session import Session

DETAILED = 50  # tags of which each is looked into
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
SUMMARY = ("REPOSITORY", "TAGS", "LAST PUSHED", "LATEST")
DETAILS = ("IMAGE", "SIZE", "PLATFORM", "LAST PUSHED", "DIGEST")


def listed(session: Session, text: str, *, as_json: bool) -> str:
    """Give what matches. Raises WizardError where there is no registry on this machine."""
    former = session.former()
    if former is None or former.role != "server":
        raise WizardError(
            "There is no registry of ours on this machine",
            "the catalog is read on the registry's server",
        )
    catalog = Catalog(session.host, former.registry.storage)
    found = catalog.repositories(text)
    few = sum(len(each.tags) for each in found) <= DETAILED
    if as_json:
        return "".join(_as_json(catalog, found, few=few))
    if not found:
        what = f"holds {clean(text)!r} in its name" if text else "is in the registry yet"
        return f"No image {what}\n"
    rows = _details(catalog, found) if few else map(_summary, found)
    return _table(DETAILS if few else SUMMARY, rows) + _ended(found, few=few)


def _ended(found: tuple[Repository, ...], *, few: bool) -> str:
    tags = sum(len(each.tags) for each in found)
    counts = f"\n{len(found)} repositories, {tags} tags"
    return counts + ("\n" if few else "; with a part of a name or name:tag each tag is told\n")


def _summary(each: Repository) -> tuple[str, ...]:
    return each.name, str(len(each.tags)), f"{each.updated:%Y-%m-%d %H:%M}", each.tags[0].name


def _details(catalog: Catalog, found: Iterable[Repository]) -> Iterator[tuple[str, ...]]:
    for each in found:
        for tag in each.tags:
            image = catalog.image(each.name, tag.name)
            yield (
                f"{each.name}:{tag.name}",
                size_text(image.size),
                ", ".join(image.platforms) or "-",
                f"{tag.updated:%Y-%m-%d %H:%M}",
                image.digest[:19] or "-",
            )


def _as_json(catalog: Catalog, found: Iterable[Repository], *, few: bool) -> Iterator[str]:
    for each in found:
        tags = [
            {"tag": tag.name, "updated": f"{tag.updated:%Y-%m-%dT%H:%M:%SZ}"}
            | (_record(catalog.image(each.name, tag.name)) if few else {})
            for tag in each.tags
        ]
        yield json.dumps({"repository": each.name, "tags": tags}) + "\n"


def _record(image: Image) -> dict[str, object]:
    return asdict(image)


def size_text(count: int) -> str:
    """Give a number of bytes in the unit that leaves up to four digits."""
    size, unit = float(count), 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {UNITS[unit]}" if unit else f"{count} B"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    every = [head, *(tuple(map(clean, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    lines = (
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        for row in every
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)
