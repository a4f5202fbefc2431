"""A little plan on this machine's own files, for the tests of the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.changes.commands import Command
from wizard.executor import Executor
from wizard.hosts import LocalHost
from wizard.journal import Journal
from wizard.plan import Plan, Step
from wizard.undo import UndoJournal, undo_plan

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.changes import Change
    from wizard.events import Event
    from wizard.hosts import Host, Log

HOST = LocalHost()
HOSTS: dict[str, Host] = {"localhost": HOST}


@dataclass
class Engine:
    """An executor with its journal in a folder, and all that it told."""

    folder: Path
    told: list[Event] = field(default_factory=list)
    stop: bool = False

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "journal")

    def apply(self, *steps: Step) -> int:
        told = self.told.append
        return Executor(HOSTS, self.journal, told, lambda: self.stop).apply(steps)

    def undo(self) -> int:
        ledger = UndoJournal(self.journal, HOSTS)
        return Executor(HOSTS, ledger, self.told.append).apply(self.plan())

    def plan(self) -> Plan:
        return undo_plan(self.journal)

    def step(self, *changes: Change, then: str = "") -> Step:
        """Give a step whose ``then`` leaves a line in the file ``then`` of the folder."""
        line = f"echo {then} >> {self.folder / 'then'}"
        commands = (Command(("sh", "-c", line)),) if then else ()
        return Step("step", "A step", "for a test", changes, commands)

    def thens(self) -> int:
        file = HOST.read(str(self.folder / "then"))
        return file.content.count(b"\n") if file else 0


@dataclass(frozen=True)
class Fails:
    """A change that is due and cannot be made; or that says it was and was not."""

    label: str = "fail"
    key: str = "fails"
    lies: bool = False
    says: str = ""

    def compare(self, host: Host) -> Difference | None:
        return Difference("run", "never so", None)

    def apply(self, host: Host, log: Log) -> None:
        if self.says:
            log(self.says)
        if not self.lies:
            host.run("false").must("there is no way out")
