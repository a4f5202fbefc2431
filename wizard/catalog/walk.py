"""The names of all images, as the registry's folders have them."""

from __future__ import annotations

import datetime as dt
import os
import re
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the registry takes as a name; whatever else lies there was put there by others.
COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
LAST_SECOND = 253402300799  # of the year 9999, after which there are no dates


@dataclass(frozen=True)
class Tag:
    name: str
    seconds: int  # since 1970, when it was last pushed

    @property
    def pushed(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.seconds, dt.UTC)


@dataclass(frozen=True)
class Walk:
    """A look into each repository below a folder; what cannot be read is noted and passed."""

    root: str
    unread: list[str] = field(default_factory=list)
    followed: set[str] = field(default_factory=set)  # where links to other disks lead

    def tags(self) -> Iterator[tuple[str, Tag]]:
        """Give each repository's name with each of its tags, in no order."""
        waiting = [""]
        while waiting:
            name = waiting.pop()
            for each in self._entries(f"{self.root}/{name}"):
                if each.name == "_manifests":
                    yield from ((name, tag) for tag in self._tags(f"{each.path}/tags"))
                elif COMPONENT.fullmatch(each.name) and self._leads_on(each):
                    waiting.append(f"{name}/{each.name}" if name else each.name)

    def can_enter(self, folder: str) -> bool:
        """Say whether there is such a folder; one that may not be entered is, and is noted."""
        found = self._stat(folder)
        return bool(self.unread) or (found is not None and stat.S_ISDIR(found.st_mode))

    def _leads_on(self, each: os.DirEntry[str]) -> bool:
        """Say whether it is a folder; a link is followed out of here, as the registry does, once.

        One that stays inside is another name for what is told anyway, or leads round and round.
        """
        try:
            if not each.is_symlink():
                return each.is_dir()
            real, here = os.path.realpath(each.path), os.path.realpath(self.root)
            if real in self.followed or os.path.commonpath((real, here)) in (real, here):
                return False
            self.followed.add(real)
            return each.is_dir()
        except OSError as refusal:
            self._note(each.path, refusal)
            return False

    def _tags(self, folder: str) -> Iterator[Tag]:
        for each in self._entries(folder):
            if TAG.fullmatch(each.name):
                found = self._stat(f"{each.path}/current/link")  # missing where half deleted
                if found and stat.S_ISREG(found.st_mode):
                    yield Tag(each.name, min(max(int(found.st_mtime), 0), LAST_SECOND))

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as found:
                return list(found)
        except OSError as refusal:
            self._note(folder, refusal)
            return []

    def _stat(self, path: str) -> os.stat_result | None:
        try:
            return os.stat(path)  # noqa: PTH116  (there may be thousands)
        except OSError as refusal:
            self._note(path, refusal)
            return None

    def _note(self, path: str, refusal: OSError) -> None:
        """Keep why something could not be read, unless it is only not there (any more)."""
        if not isinstance(refusal, FileNotFoundError | NotADirectoryError):
            self.unread.append(f"{path}: {refusal.strerror}")


def path_of(digest: str) -> str:
    """Give where the registry keeps what has this digest; empty where that is none."""
    return digest.replace(":", "/") if DIGEST.fullmatch(digest) else ""
