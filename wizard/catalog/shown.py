"""An image in a few short words, for a line among others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.clean import clean

if TYPE_CHECKING:
    from wizard.catalog.manifests import Image

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
DIGITS = 12  # of a digest, which tell it from any other
WIDEST = 24  # columns of what a builder calls a platform
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def short(image: Image) -> tuple[str, ...]:
    """Give size, platforms, day of creation and digest."""
    more = f" +{len(image.platforms) - 1}" if len(image.platforms) > 1 else ""
    platforms = f"{clean(image.platforms[0], WIDEST)}{more}" if image.platforms else ""
    return (
        size_text(image.size) if image.media_type else "-",
        platforms or f"({image.what})",
        image.created[:10] if DAY.match(image.created) else "-",
        clean(image.digest.rpartition(":")[2], DIGITS) or "-",
    )


def size_text(count: int) -> str:
    """Give a number of bytes in the unit that leaves up to four digits."""
    size, unit = float(count), 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {UNITS[unit]}" if unit else f"{count} B"
