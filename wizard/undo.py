"""The plan that takes back what is on record, newest first, and the ledger that it is kept in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.changes.files import RemoveFile
from wizard.changes.folders import MakeFolder, RemoveFolder
from wizard.changes.packages import RemovePackages
from wizard.changes.services import Service
from wizard.changes.users import RemoveUser
from wizard.journal import HERE
from wizard.plan import Plan, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.changes import Change
    from wizard.changes.images import RemoveImages
    from wizard.hosts import Host
    from wizard.journal import Journal

    Record = tuple[dict[str, Any], Change]

FOLDERS = (MakeFolder, RemoveFolder)


def undo_plan(journal: Journal, *, packages: bool = False, host: str = "") -> Plan:
    """Give the plan that takes back all that is on record, or on one host, newest first.

    Of several records about one thing the oldest says what to go back to and the newest what
    we left there, by which a change made since by somebody else is recognised. All of them
    belong to the step that first did something to it.
    """
    records = [
        (line, inverse)
        for line, inverse in journal.inverses()
        if host in ("", line["host"]) and (packages or not isinstance(inverse, RemovePackages))
    ]
    home = _homes(records, journal.begun())
    steps: dict[int, list[Record]] = {}
    for line, inverse in records:
        steps.setdefault(home[line["host"], inverse.key], []).append((line, inverse))
    # By when a step first did something: what it made then may hold what others made since.
    newest_first = tuple(_undo_step(steps[n], journal) for n in sorted(steps, reverse=True))
    there = {step.id for step in newest_first}
    return (*newest_first, *(each for each in _owed(journal, host) if each.id not in there))


def _homes(records: list[Record], begun: dict[int, int]) -> dict[tuple[str, str], int]:
    """Give for each thing the step that first did something to it, by where that began.

    But a service goes with the file by which its init knows it, if not before: where a later
    answer brought both, the services' step is an older one, in which nothing could stop it.
    """
    home: dict[tuple[str, str], int] = {}
    for line, inverse in records:
        home.setdefault((line["host"], inverse.key), begun[line["n"]])
    for line, inverse in records:
        if isinstance(inverse, Service):
            here, units = line["host"], (RemoveFile(path).key for path in inverse.units)
            first = home[here, inverse.key]
            home[here, inverse.key] = max(first, *(home.get((here, unit), 0) for unit in units))
    return home


def made_storages(journal: Journal) -> tuple[str, ...]:
    """Give every folder that was made, or given another owner, for a registry's images."""
    found = (inverse for line, inverse in journal.inverses() if line["step"] == "registry")
    return tuple(dict.fromkeys(each.path for each in found if isinstance(each, FOLDERS)))


def with_images(plan: Plan, images: RemoveImages) -> Plan:
    """Give the plan with the images deleted before what stays for as long as they are there."""
    waiting = {f"folder:{images.folder}"}
    step = Step("storage", "Delete the images", "It was asked for in words.", (images,))
    for at, each in enumerate(plan):
        keys = {change.key for change in each.changes}
        if keys & waiting or any(_keeps(change, images.folder) for change in each.changes):
            return (*plan[:at], step, *plan[at:])
    return (*plan, step)


def _keeps(change: Change, folder: str) -> bool:
    return isinstance(change, RemoveUser) and change.images == folder


def _owed(journal: Journal, host: str) -> Iterator[Step]:
    """Give what a broken-off undo still owes: commands of steps of which nothing else is left.

    At the end: a reload of what was begun and not ended could stop all the rest.
    """
    for line in journal.owed():
        if host in ("", line["host"]):
            then = tuple(journal.change(line, command) for command in line["then"])
            title, why = line["title"], "An undo that was broken off still owes it."
            yield Step(line["step"], title, why, (), then, line["host"])


def _undo_step(group: list[Record], journal: Journal) -> Step:
    oldest: dict[str, Change] = {}
    for _, inverse in group:
        first = oldest.setdefault(inverse.key, inverse)
        if first is not inverse and hasattr(first, "joined"):
            oldest[inverse.key] = first.joined(inverse)
    last = next(line for line, _ in reversed(group) if line["step"] == group[0][0]["step"])
    return Step(
        id=last["step"],
        title=f"Take back: {last['title']}",
        why="It is on record in the journal.",
        changes=tuple(reversed(oldest.values())),
        then=tuple(journal.change(last, command) for command in last["then"]),
        host=last["host"],
    )


@dataclass(frozen=True)
class UndoJournal:
    """The journal as the executor sees it while it takes things back."""

    journal: Journal
    hosts: Mapping[str, Host]

    def record(self, step: Step, change: Change, inverse: Change | None) -> None:
        """Keep what undo would overwrite, somebody's edits since among it."""
        self.journal.begin_undo(step, change, inverse)

    def done(self, step: Step, change: Change) -> None:
        """Close what is on record about it, but for what others' things still stand in the way of.

        A client is taken off in one go: there nothing is left for later.
        """
        left = getattr(change, "left", None) if step.host == HERE else None
        rest = left(self.hosts[step.host]) if left else None
        if rest and rest.key == change.key:
            return
        if rest:
            self.journal.leave(step, rest)
        self.journal.mark_undone(step.host, change.key)

    def settle(self, step: Step) -> None:
        self.journal.settle(step)

    def unsettled(self, step: Step) -> bool:
        return self.journal.unsettled(step)

    def folders(self, host: str) -> tuple[str, ...]:
        return self.journal.folders(host)
