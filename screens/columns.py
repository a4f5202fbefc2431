"""Rows in columns, of which the first takes what room the others leave; loads no Textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP, CUT = "  ", "..."
NARROWEST = 12


def first_column(names: Iterable[str], room: int) -> int:
    """Give how wide the first column is: as wide as its longest name, where there is room."""
    return min(max(map(len, names), default=0), max(room, NARROWEST))


def in_columns(row: Sequence[str], widths: Sequence[int]) -> str:
    """Give one line; the first cell is cut where it is too long, as it tells least at its end."""
    first, *others = row
    cells = (cut(first, widths[0]).ljust(widths[0]), *map(_fitted, others, widths[1:]))
    return GAP.join(cells).rstrip()


def cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - len(CUT)] + CUT


def _fitted(text: str, width: int) -> str:
    """Put a text at the left, or at the right where its width is negative."""
    return text.rjust(-width) if width < 0 else text.ljust(width)
