"""The append-only record of what was done and how to take it back, synced before each act."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from wizard.changes.built import RemoveBuild
from wizard.changes.files import digest
from wizard.changes.kinds import KINDS, from_json, to_json
from wizard.changes.packages import RemovePackages
from wizard.errors import WizardError
from wizard.hosts import PARTIAL, sync_folder
from wizard.plan import Plan, Step
from wizard.ways_out import way_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

    from wizard.changes import Change

FOLDER = Path("/var/lib/registry-wizard")
FORMAT = 1
HERE = "localhost"


class Journal:
    """One file of JSON lines, mode 0600, with the former contents of files kept beside it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.path = folder / "journal.jsonl"
        self._turn = threading.Lock()  # clients are set up side by side

    def record(self, step: Step, change: Change, inverse: Change | None) -> None:
        """Write down, durably, what is about to be done. Raise WizardError if that fails."""
        record = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "step": step.id,
            "title": step.title,
            "host": step.host,
            "did": change.label,
            "inverse": inverse and to_json(inverse, self._keep),
            "then": [to_json(command, self._keep) for command in step.then],
        }
        with self._turn:
            self._append({"format": FORMAT, "n": len(self._lines()) + 1, **record})

    def done(self, step: Step, change: Change) -> None:
        """Nothing to add: a record is true from the moment before its act."""

    def settle(self, step: Step) -> None:
        with self._turn:
            self._append({"settled": step.id})

    def unsettled(self, step: Step) -> bool:
        """Say whether the step changed something whose ``then`` has not run since."""
        return step.id in self.unsettled_steps()

    def unsettled_steps(self) -> frozenset[str]:
        """Give every step whose ``then`` has not run since it changed something."""
        due: set[str] = set()
        for line in self._lines():
            if line.get("then"):
                due.add(line["step"])
            due.discard(line.get("settled", ""))
        return frozenset(due)

    def brought(self) -> frozenset[str]:
        """Give the packages that an earlier run installed and nobody took back."""
        every = (inverse for _, inverse in self._inverses())
        packages = (each for each in every if isinstance(each, RemovePackages))
        return frozenset(name for each in packages for name in each.names)

    def latest(self) -> tuple[Change, ...]:
        """Give what takes back the newest change to each thing here that an earlier run changed."""
        here = ((line, inverse) for line, inverse in self._inverses() if line["host"] == HERE)
        return tuple({inverse.key: inverse for _, inverse in here}.values())

    def builds(self) -> tuple[RemoveBuild, ...]:
        """Give what takes back each nginx that an earlier run built and nobody took back."""
        inverses = (inverse for _, inverse in self._inverses())
        oldest: dict[str, RemoveBuild] = {}
        for each in inverses:
            if isinstance(each, RemoveBuild):
                oldest.setdefault(each.key, each)
        return tuple(oldest.values())

    def undo_plan(self, *, packages: bool = False, host: str = "") -> Plan:
        """Give the plan that takes back all that is on record, or on one host, newest first.

        Of several records about one thing the oldest says what to go back to and the newest what
        we left there, by which a change made since by somebody else is recognised. All of them
        belong to the step that first did something to it.
        """
        steps: dict[str, list[tuple[dict[str, Any], Change]]] = {}
        home: dict[tuple[str, str], str] = {}
        for line, inverse in self._inverses():
            if host and line["host"] != host:
                continue
            if packages or line["inverse"]["kind"] != "RemovePackages":
                step = home.setdefault((line["host"], inverse.key), line["step"])
                steps.setdefault(step, []).append((line, inverse))
        # By when a step first did something: what it made then may hold what others made since.
        newest_first = sorted(steps.values(), key=lambda group: -group[0][0]["n"])
        return tuple(_undo_step(group, self._change) for group in newest_first)

    def mark_undone(self, host: str, key: str) -> None:
        """Close every record about ``key`` on a host: taking back again must find nothing."""
        here = ((line, inverse) for line, inverse in self._inverses() if line["host"] == host)
        self._close([line["n"] for line, inverse in here if inverse.key == key])

    def forget(self, host: str) -> None:
        """Close every record about a host that is gone for good; nothing is taken back there."""
        self._close([line["n"] for line in self._open() if line["host"] == host])

    def hosts(self) -> tuple[str, ...]:
        """Give every host on which something is on record that nobody took back."""
        return tuple(dict.fromkeys(line["host"] for line in self._open()))

    def folders(self, host: str) -> tuple[str, ...]:
        """Give every folder in which a run that was cut off may have been writing a file."""
        on_record = (inverse for line, inverse in self._inverses() if line["host"] == host)
        paths = (PurePosixPath(path) for each in on_record for path in _files(each))
        found = sorted({str(path.parent) for path in paths} - {"/", "."})
        ours = (str(self.folder), str(self.folder / "kept")) if host == HERE else ()
        return (*ours, *found)

    def _close(self, numbers: list[int]) -> None:
        with self._turn:
            if numbers:
                self._append({"undone": numbers})

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the one lock of this host; raise WizardError naming who holds it."""
        with self._told():
            self._make_folder()
            opened = (self.folder / "lock").open("a+")
        with opened as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as held:
                stream.seek(0)
                raise WizardError(
                    f"Another registry-wizard is at work here (pid {stream.read().strip()})",
                    "wait until it has finished",
                ) from held
            with self._told():
                stream.truncate(0)
                os.write(stream.fileno(), str(os.getpid()).encode())
            try:
                yield
            finally:
                with contextlib.suppress(OSError):  # read-only since: the number of nobody is left
                    stream.truncate(0)

    def _inverses(self) -> Iterator[tuple[dict[str, Any], Change]]:
        for line in self._open():
            if line["inverse"]:
                yield line, self._change(line, line["inverse"])

    def _change(self, line: dict[str, Any], record: dict[str, Any]) -> Any:
        """Read what is on record; whatever makes no change of its kind is damage."""
        try:
            found = from_json(record, self._fetch)
            hash(getattr(found, "key", ""))
        except (TypeError, ValueError, LookupError, AttributeError):
            raise self._damaged(f"The record of `{line['did']}`") from None
        return found

    def _open(self) -> list[dict[str, Any]]:
        """Give the records that nobody has taken back yet, oldest first."""
        lines = self._lines()
        undone = {number for line in lines for number in line.get("undone", ())}
        return [line for line in lines if "did" in line and line["n"] not in undone]

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = self.path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return []
        except OSError as refusal:
            raise WizardError(
                f"The journal {self.path} cannot be read: {refusal.strerror}",
                "run as root; without it nothing is changed, as nothing could be taken back",
            ) from refusal
        lines = text.split("\n")
        lines.pop()  # empty, or torn by a power cut: what it would have said never became true
        return [self._line(number, line) for number, line in enumerate(lines, start=1)]

    def _line(self, number: int, text: str) -> dict[str, Any]:
        """Read one line; a damaged one is told, since undo by the others could do harm."""
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, dict) and _whole(found):
            return found
        raise self._damaged(f"Line {number}")

    def _damaged(self, what: str) -> WizardError:
        return WizardError(
            f"{what} of the journal {self.path} is damaged",
            "put the file back from a copy; or take the line out, and with it the way back from"
            " what it tells of",
        )

    def _append(self, record: dict[str, Any]) -> None:
        with self._told():
            self._make_folder()
            self._heal()
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as stream:
                try:
                    _write_whole(stream, json.dumps(record).encode() + b"\n")
                    os.fsync(descriptor)
                except OSError:
                    self._heal()
                    raise

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the disk refuses into a sentence."""
        try:
            yield
        except OSError as refusal:
            said = str(refusal.strerror)
            raise WizardError(
                f"The journal {self.path} cannot be written: {said}",
                f"nothing is changed that could not be taken back: {way_out(said, str(self.path))}",
            ) from refusal

    def _heal(self) -> None:
        """Cut off a torn last line, so that the next record does not grow onto it."""
        with contextlib.suppress(FileNotFoundError):
            content = self.path.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):
                os.truncate(self.path, len(whole))

    def _make_folder(self) -> None:
        (self.folder / "kept").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)

    def _keep(self, content: bytes) -> str:
        name = digest(content)
        path = self.folder / "kept" / name
        with self._told():
            self._make_folder()
            partial = path.with_name(f"{PARTIAL}{threading.get_ident()}")
            partial.unlink(missing_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb", buffering=0) as stream:
                    _write_whole(stream, content)
                    os.fsync(descriptor)
                partial.replace(path)
            except BaseException:
                with contextlib.suppress(OSError):  # read-only by now: the next run drops it
                    partial.unlink(missing_ok=True)
                raise
            sync_folder(path.parent)
        return name

    def _fetch(self, name: str) -> bytes:
        path = self.folder / "kept" / name
        try:
            return path.read_bytes()
        except (OSError, ValueError):
            raise WizardError(
                f"{path}, a former content that is to be brought back, cannot be read",
                "put it back from a copy of the folder; without it that change cannot be undone",
            ) from None


def _write_whole(stream: FileIO, content: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part, and refuses the rest."""
    while content:
        content = content[stream.write(content) :]


def _whole(line: dict[str, Any]) -> bool:
    """Say whether a line has all that such a line must have."""
    if "did" in line:
        texts = all(isinstance(line.get(key), str) for key in ("step", "title", "host", "did"))
        kinds = isinstance(line.get("n"), int) and isinstance(line.get("then"), list)
        return texts and kinds and _is_record(line.get("inverse"))
    if "undone" in line:
        return isinstance(line["undone"], list) and all(isinstance(n, int) for n in line["undone"])
    return isinstance(line.get("settled"), str)


def _is_record(inverse: Any) -> bool:
    return inverse is None or (isinstance(inverse, dict) and inverse.get("kind") in KINDS)


class UndoJournal:
    """The journal as the executor sees it while it takes things back."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def record(self, step: Step, change: Change, inverse: Change | None) -> None:
        """Keep what undo would overwrite and is not ours: somebody's edits since."""
        if inverse is not None and hasattr(inverse, "content"):
            self.journal._keep(inverse.content)  # noqa: SLF001

    def done(self, step: Step, change: Change) -> None:
        self.journal.mark_undone(step.host, change.key)

    def settle(self, step: Step) -> None:
        self.journal.settle(step)

    def unsettled(self, step: Step) -> bool:
        return self.journal.unsettled(step)

    def folders(self, host: str) -> tuple[str, ...]:
        return self.journal.folders(host)


def _files(change: Change) -> tuple[str, ...]:
    """Give every file that a change writes or takes away."""
    named = (getattr(change, name, "") for name in ("path", "bundle"))
    return (*filter(None, named), *getattr(change, "paths", ()))


def _undo_step(group: list[tuple[dict[str, Any], Change]], read: Any) -> Step:
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
        then=tuple(read(last, command) for command in last["then"]),
        host=last["host"],
    )
