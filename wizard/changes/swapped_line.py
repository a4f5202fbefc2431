"""One line of somebody else's file in other words, known by its whole text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.changes.files import difference
from wizard.hosts import File

if TYPE_CHECKING:
    from wizard.hosts import Host, Log


@dataclass(frozen=True)
class SwappedLine:
    """No line says ``former``; each that did says ``line``, in its place and ended as it was.

    Where somebody has rewritten the line since, there is nothing to do, backwards neither. Where
    ``former`` is of an earlier run's making, ``back`` is what stood there before that one.
    """

    path: str
    line: str
    former: str
    back: str = ""

    @property
    def label(self) -> str:
        return f"rewrite a line of {self.path}"

    @property
    def key(self) -> str:
        return ":".join(("swap", self.path, *sorted((self.line, self._first))))

    @property
    def _first(self) -> str:
        return self.back or self.former

    def compare(self, host: Host) -> Difference | None:
        now = host.read(self.path)
        if now is None or self._wanted(now.content) == now.content:
            return None
        text = difference(now.content, self._wanted(now.content), self.path)
        inverse = SwappedLine(self.path, self._first, self.line)
        return Difference("update", text, None if self.line == self._first else inverse)

    def apply(self, host: Host, log: Log) -> None:
        now = host.read(self.path)
        if now is not None:
            host.write(self.path, File(self._wanted(now.content), now.mode, now.owner, now.group))
        log(self.label)

    def _wanted(self, content: bytes) -> bytes:
        former, line = self.former.encode(), self.line.encode()
        return b"".join(
            line + each[len(former) :] if each.rstrip(b"\r\n") == former else each
            for each in content.splitlines(keepends=True)
        )
