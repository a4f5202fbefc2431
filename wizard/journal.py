"""The append-only record of what was done and how to take it back, synced before each act."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from wizard.changes.built import RemoveBuild
from wizard.changes.files import digest
from wizard.changes.kinds import from_json, to_json
from wizard.changes.packages import RemovePackages
from wizard.errors import Blocked
from wizard.journal_file import FORMAT, JournalFile, has_more
from wizard.lock import held

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.changes import Change
    from wizard.plan import Step

FOLDER = Path("/var/lib/registry-wizard")
HERE = "localhost"


class Journal:
    """One file of JSON lines, mode 0600, with the former contents of files kept beside it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._file = JournalFile(folder)
        self._turn = threading.Lock()  # clients are set up side by side
        self._written = 0  # lines of our own
        self._looked: int | None = None

    @property
    def folder(self) -> Path:
        return self._file.folder

    @property
    def path(self) -> Path:
        return self._file.path

    def kept(self, content: bytes) -> Path:
        """Give where a former content is kept once it is on record."""
        return self.folder / "kept" / digest(content)

    def record(self, step: Step, change: Change, inverse: Change | None) -> None:
        """Write down, durably, what is about to be done. Raise WizardError if that fails."""
        record = self._record(step, change, inverse, "inverse")
        with self._turn:
            self._write({"format": FORMAT, "n": self._next(), **record})

    def _record(
        self, step: Step, change: Change, other: Change | None, called: str
    ) -> dict[str, Any]:
        return {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "step": step.id,
            "title": step.title,
            "host": step.host,
            "did" if called == "inverse" else "takes": change.label,
            called: other and to_json(other, self._file.keep),
            "then": [to_json(command, self._file.keep) for command in step.then],
        }

    def _next(self) -> int:
        """Give a number that no line has: one may have been taken out by hand."""
        lines = self._file.lines()
        used: list[int] = [n for line in lines for n in (line.get("n", 0), *line.get("undone", ()))]
        return max(len(lines), *used, 0) + 1

    def done(self, step: Step, change: Change) -> None:
        """Nothing to add: a record is true from the moment before its act."""

    def settle(self, step: Step) -> None:
        self._append_in_turn({"settled": step.id})

    def unsettled(self, step: Step) -> bool:
        """Say whether the step changed something whose ``then`` has not run since."""
        return step.id in self.unsettled_steps()

    def unsettled_steps(self) -> frozenset[str]:
        """Give every step whose ``then`` has not run since it changed something."""
        due: set[str] = set()
        for line in self._file.lines():
            if line.get("then"):
                due.add(line["step"])
            due.discard(line.get("settled", ""))
        return frozenset(due)

    def brought(self) -> frozenset[str]:
        """Give the packages that an earlier run installed and nobody took back."""
        every = (inverse for _, inverse in self.inverses())
        packages = (each for each in every if isinstance(each, RemovePackages))
        return frozenset(name for each in packages for name in each.names)

    def latest(self) -> tuple[Change, ...]:
        """Give what takes back the newest change to each thing here that an earlier run changed."""
        return tuple({inverse.key: inverse for _, inverse in self.inverses(HERE)}.values())

    def builds(self) -> tuple[RemoveBuild, ...]:
        """Give what takes back each nginx that an earlier run built and nobody took back."""
        inverses = (inverse for _, inverse in self.inverses())
        oldest: dict[str, RemoveBuild] = {}
        for each in inverses:
            if isinstance(each, RemoveBuild):
                oldest.setdefault(each.key, each)
        return tuple(oldest.values())

    def begun(self) -> dict[int, int]:
        """Give for each record the one with which its step began on that host.

        A step that was taken back by itself and made again still stands at its place; only once
        all was taken back the order begins anew.
        """
        first: dict[tuple[str, str], int] = {}
        found: dict[int, int] = {}
        there: set[int] = set()
        for line in self._file.lines():
            if "did" in line:
                found[line["n"]] = first.setdefault((line["host"], line["step"]), line["n"])
                there.add(line["n"])
            there.difference_update(line.get("undone", ()))
            if "undone" in line and (line.get("whole") or not there):
                first.clear()
        return found

    def begin_undo(self, step: Step, change: Change, inverse: Change | None) -> None:
        """Write down, durably, what is about to be taken back, and what it was until then.

        With no number in it an older wizard reads the line, too: its commands are due.
        """
        self._append_in_turn({"undone": [], **self._record(step, change, inverse, "was")})

    def owed(self) -> tuple[dict[str, Any], ...]:
        """Give the last line of each step whose commands a broken-off undo has not run."""
        due = self.unsettled_steps()
        begun = [line for line in self._file.lines() if "undone" in line and line.get("then")]
        return tuple({each["step"]: each for each in begun if each["step"] in due}.values())

    def leave(self, step: Step, rest: Change) -> None:
        """Keep on record what could not be taken back yet, at the place of its step."""
        self.record(replace(step, then=()), rest, rest)

    def end_undo(self) -> None:
        """Say that all was taken back: what comes now begins anew."""
        self._append_in_turn({"undone": [], "whole": True})

    def mark_undone(self, host: str, key: str) -> None:
        """Close every record about ``key`` on a host: taking back again must find nothing."""
        self._close([line["n"] for line, inverse in self.inverses(host) if inverse.key == key])

    def forget(self, host: str) -> None:
        """Close every record about a host that is gone for good; nothing is taken back there."""
        self._close([line["n"] for line in self._open() if line["host"] == host])

    def hosts(self) -> tuple[str, ...]:
        """Give every host on which something is on record that nobody took back."""
        return tuple(dict.fromkeys(line["host"] for line in self._open()))

    def folders(self, host: str) -> tuple[str, ...]:
        """Give every folder in which a run that was cut off may have been writing a file."""
        on_record = (inverse for _, inverse in self.inverses(host))
        paths = (PurePosixPath(path) for each in on_record for path in _files(each))
        found = sorted({str(path.parent) for path in paths} - {"/", "."})
        ours = (str(self.folder), str(self.folder / "kept")) if host == HERE else ()
        return (*ours, *found)

    def _close(self, numbers: list[int]) -> None:
        if numbers:
            self._append_in_turn({"undone": numbers})

    def _append_in_turn(self, record: dict[str, Any]) -> None:
        with self._turn:
            self._write(record)

    def _write(self, record: dict[str, Any]) -> None:
        self._file.append(record)
        self._written += 1

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the one lock of this host.

        Raises Blocked where another wizard holds it, or had it since ``look``: what was planned
        then may be wrong now.
        """
        self._file.make_folder()
        with held(self.folder / "lock"):
            if self._looked not in (None, self._others()):
                raise Blocked(
                    "Another registry-wizard has changed this machine since this plan was made",
                    "nothing was touched; begin again: it looks at the machine anew",
                )
            yield

    def look(self) -> None:
        """Remember how far the record is: a plan that is made now counts on that."""
        self._looked = self._others()

    def _others(self) -> int:
        """Give how many lines others have written."""
        return len(self._file.lines()) - self._written

    def inverses(self, host: str = "") -> Iterator[tuple[dict[str, Any], Change]]:
        """Give every record that nobody took back, with what takes it back, oldest first.

        Of one host alone where one is named.
        """
        for line in self._open():
            if line["inverse"] and host in ("", line["host"]):
                yield line, self.change(line, line["inverse"])

    def change(self, line: dict[str, Any], record: dict[str, Any]) -> Any:
        """Read what is on record; whatever makes no change of its kind is damage."""
        what = f"the record of `{line.get('did') or line.get('takes')}`"
        if has_more(record):
            raise self._file.newer(what)
        try:
            found = from_json(record, self._file.fetch)
            hash(getattr(found, "key", ""))
        except (TypeError, ValueError, LookupError, AttributeError):
            raise self._file.damaged(what.capitalize()) from None
        return found

    def _open(self) -> list[dict[str, Any]]:
        """Give the records that nobody has taken back yet, oldest first."""
        lines = self._file.lines()
        undone = {number for line in lines for number in line.get("undone", ())}
        return [line for line in lines if "did" in line and line["n"] not in undone]


def _files(change: Change) -> tuple[str, ...]:
    """Give every file that a change writes or takes away."""
    named = (getattr(change, name, "") for name in ("path", "bundle"))
    return (*filter(None, named), *getattr(change, "paths", ()))
