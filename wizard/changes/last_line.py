"""One line of ours at the end of a file that is shared by nature, taken out without a trace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.changes.files import difference
from wizard.hosts import Argv, File

if TYPE_CHECKING:
    from wizard.hosts import Host, Log


@dataclass(frozen=True)
class LastLine:
    """A line that is known by its whole text, where later lines count on earlier ones.

    It ends as the file did, with a line break or without one, so that taking it out again leaves
    every other byte as it was.
    """

    path: str
    line: str
    present: bool = True
    check: Argv = ()  # must succeed with the line in place, else the former file comes back

    @property
    def label(self) -> str:
        return f"{'put our line into' if self.present else 'take our line out of'} {self.path}"

    @property
    def key(self) -> str:
        return f"line:{self.path}:{self.line}"

    def compare(self, host: Host) -> Difference | None:
        now = host.read(self.path)
        if now is None or self._wanted(now.content) == now.content:
            return None
        text = difference(now.content, self._wanted(now.content), self.path)
        return Difference("update", text, replace(self, present=not self.present))

    def apply(self, host: Host, log: Log) -> None:
        former = host.read(self.path) or File(b"")
        host.write(self.path, replace(former, content=self._wanted(former.content)))
        if self.check and not (result := host.run(*self.check, log=log)).ok:
            host.write(self.path, former)
            result.must(f"the former {self.path} is back in place")
        log(self.label)

    def _wanted(self, content: bytes) -> bytes:
        line, there = self.line.encode(), self.line.encode() in content.splitlines()
        if there == self.present:
            return content
        if self.present:
            ended = content.endswith(b"\n") or not content
            return content + (line + b"\n" if ended else b"\n" + line)
        if f"\n{self.line}\n".encode() in content or content.startswith(line + b"\n"):
            return (b"\n" + content).replace(b"\n" + line + b"\n", b"\n", 1)[1:]
        return content.removesuffix(b"\n" + line)
