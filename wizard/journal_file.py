"""The journal's file: lines of JSON, each whole or told as damaged, and contents kept beside it."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from wizard.changes.files import digest
from wizard.changes.kinds import KINDS
from wizard.errors import WizardError
from wizard.ways_out import way_out
from wizard.whole import put, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = 1
Known = tuple[bytes, "tuple[dict[str, Any], ...]"]
"""A content and its lines."""


@dataclass(frozen=True)
class JournalFile:
    """Mode 0600 in a folder of its own; every write is synced, or raises WizardError."""

    folder: Path
    _known: list[Known] = field(default_factory=list, compare=False, repr=False)

    @property
    def path(self) -> Path:
        return self.folder / "journal.jsonl"

    def lines(self) -> list[dict[str, Any]]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as refusal:
            raise WizardError(
                f"The journal {self.path} cannot be read: {refusal.strerror}",
                "run as root; without it nothing is changed, as nothing could be taken back",
            ) from refusal
        # What is behind the last end of a line was torn by a power cut, and never became true.
        return list(self._read(content[: content.rfind(b"\n") + 1]))

    def _read(self, content: bytes) -> tuple[dict[str, Any], ...]:
        """Read lines, but for those that were read before: a journal is asked often, and grows."""
        begins, lines = self._known[-1] if self._known else (b"", ())
        if not content.startswith(begins):
            begins, lines = b"", ()
        texts = content[len(begins) :].decode(errors="replace").split("\n")[:-1]
        new = (self._line(number, text) for number, text in enumerate(texts, len(lines) + 1))
        lines = (*lines, *new)
        self._known[:] = [(content, lines)]
        return lines

    def _line(self, number: int, text: str) -> dict[str, Any]:
        """Read one line; a damaged one is told, since undo by the others could do harm."""
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, dict):
            if _is_newer(found):
                raise self.newer(f"line {number}")
            if _whole(found):
                return found
        raise self.damaged(f"Line {number}")

    def newer(self, what: str) -> WizardError:
        return WizardError(
            f"The journal {self.path} was written by a newer registry-wizard: {what} is of a kind"
            " that this one does not know",
            "install that registry-wizard, or a later one; it takes back what this one did, too",
        )

    def damaged(self, what: str) -> WizardError:
        return WizardError(
            f"{what} of the journal {self.path} is damaged",
            "put the file back from a copy; or take the line out, and with it the way back from"
            " what it tells of",
        )

    def append(self, record: dict[str, Any]) -> None:
        with self._told():
            self.make_folder()
            self._heal()
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as stream:
                try:
                    write_all(stream, json.dumps(record).encode() + b"\n")
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

    def make_folder(self) -> None:
        with self._told():
            (self.folder / "kept").mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)

    def keep(self, content: bytes) -> str:
        """Keep a content beside the file; give the name by which it is fetched."""
        name = digest(content)
        with self._told():
            self.make_folder()
            put(self.folder / "kept" / name, content)
        return name

    def fetch(self, name: str) -> bytes:
        path = self.folder / "kept" / name
        try:
            return path.read_bytes()
        except (OSError, ValueError):
            raise WizardError(
                f"{path}, a former content that is to be brought back, cannot be read",
                "put it back from a copy of the folder; without it that change cannot be undone",
            ) from None


def _is_newer(line: dict[str, Any]) -> bool:
    """Say whether a line is of a later format, or tells of a kind that is not known here."""
    if isinstance(line.get("format"), int) and line["format"] > FORMAT:
        return True
    inverse = line.get("inverse")
    kind = inverse.get("kind") if isinstance(inverse, dict) else None
    return isinstance(kind, str) and kind not in KINDS


def has_more(record: Any) -> bool:
    """Say whether there is more on record about a change than its kind has here."""
    kind = record.get("kind") if isinstance(record, dict) else None
    known = KINDS.get(kind) if isinstance(kind, str) else None
    return known is not None and bool(set(record) - {"kind", *(f.name for f in fields(known))})


def _whole(line: dict[str, Any]) -> bool:
    """Say whether a line has all that such a line must have."""
    numbers, then = line.get("undone", []), line.get("then", [])
    if not (isinstance(numbers, list) and all(isinstance(n, int) for n in numbers)):
        return False
    texts = all(isinstance(line.get(key), str) for key in ("step", "title", "host"))
    if not (isinstance(then, list) and (texts or not then)):
        return False
    if "did" in line:
        named = texts and isinstance(line["did"], str) and isinstance(line.get("n"), int)
        return named and "then" in line and _is_record(line.get("inverse"))
    return "undone" in line or isinstance(line.get("settled"), str)


def _is_record(inverse: Any) -> bool:
    return inverse is None or (isinstance(inverse, dict) and inverse.get("kind") in KINDS)
