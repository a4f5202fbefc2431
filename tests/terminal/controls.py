"""The control sequences in what a program writes, each cut out whole from the text around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTROL = re.compile(
    rb"\x1b(?:\[(?P<private>[<=>?]?)(?P<numbers>[\d;:]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    rb"|(?P<plain>[=>c])|(?P<string>[]PX^_][^\x07\x1b]*)(?:\x07|\x1b\\))"
)
UNFINISHED = re.compile(rb"\x1b(?:\[[<=>?]?[\d;:]*[ -/]*|[]PX^_][^\x07\x1b]*\x1b?)?\Z")
# pyte 0.8 draws the rest of any other CSI as text, or takes CSI > 4 ; 2 m for a colour.
KNOWN_TO_PYTE = re.compile(rb"\x1b(\[\??[\d;]*[@-~]|[=>c]|\][012];.*)", re.DOTALL)


@dataclass(frozen=True)
class Control:
    """One sequence. Its kind is all but the numbers: ?h, m, >u, ?$p, or esc c without a [."""

    sent: bytes
    kind: str
    numbers: tuple[int, ...] = ()

    @property
    def drawable(self) -> bytes:
        """What pyte may see of it."""
        return self.sent if KNOWN_TO_PYTE.fullmatch(self.sent) else b""


class Scanner:
    """Cuts a stream that arrives in any portions."""

    def __init__(self) -> None:
        self._rest = b""

    def split(self, data: bytes) -> Iterator[tuple[bytes, Control | None]]:
        """Give each text with the control that ends it; what is cut short waits for more."""
        data = self._rest + data
        unfinished = UNFINISHED.search(data)
        end = unfinished.start() if unfinished else len(data)
        self._rest, start = data[end:], 0
        for found in CONTROL.finditer(data, 0, end):
            yield data[start : found.start()], _control(found)
            start = found.end()
        yield data[start:end], None


def _control(found: re.Match[bytes]) -> Control:
    part = {name: value.decode() for name, value in found.groupdict().items() if value}
    if "plain" in part:
        return Control(found[0], f"esc {part['plain']}")
    if "string" in part:
        return Control(found[0], f"string {part['string'][0]}")
    kind = part.get("private", "") + part.get("between", "") + part["final"]
    words = part.get("numbers", "").split(";")
    return Control(found[0], kind, tuple(int(each.partition(":")[0] or 0) for each in words))
