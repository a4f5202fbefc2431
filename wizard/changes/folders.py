"""Folders that are there with their mode and owner, or gone where they hold nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.hosts import Folder

if TYPE_CHECKING:
    from wizard.hosts import Argv, Host, Log


@dataclass(frozen=True)
class MakeFolder:
    """A folder with its mode and owner; parents that are missing are made."""

    path: str
    mode: int = 0o755
    owner: str = "root"
    group: str = "root"

    @property
    def label(self) -> str:
        return f"folder {self.path}"

    @property
    def key(self) -> str:
        return f"folder:{self.path}"

    def compare(self, host: Host) -> Difference | None:
        now = host.folder(self.path)
        if now == Folder(self.mode, self.owner, self.group):
            return None
        text = f"{self.path} (mode {self.mode:04o}, {self.owner}:{self.group})"
        if now is None:
            parents = missing_folders(host, self.path)
            return Difference("create", text, RemoveFolder(self.path, parents))
        was = f"{text}, was mode {now.mode:04o}, {now.owner}:{now.group}"
        return Difference("update", was, MakeFolder(self.path, now.mode, now.owner, now.group))

    def apply(self, host: Host, log: Log) -> None:
        for parent in missing_folders(host, self.path):
            host.make_folder(parent, Folder())
        host.make_folder(self.path, Folder(self.mode, self.owner, self.group))
        log(self.label)


@dataclass(frozen=True)
class RemoveFolder:
    """No such folder, unless there is a file anywhere in it: what it holds is never removed."""

    path: str
    parents: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"remove the folder {self.path} if it is empty"

    @property
    def key(self) -> str:
        return f"folder:{self.path}"

    def left(self, host: Host) -> RemoveFolder | None:
        """Give what is to be taken back later: it holds something now."""
        if host.folder(self.path) is not None:
            return self
        return still_there(host, self.parents)

    def compare(self, host: Host) -> Difference | None:
        if host.folder(self.path) is None:
            left = left_empty(host, self.parents)
            return Difference("remove", left, None) if left else None
        return None if self._holds(host) else Difference("remove", self.path, None)

    def apply(self, host: Host, log: Log) -> None:
        if host.folder(self.path):
            host.run("find", self.path, "-depth", "-type", "d", "-empty", "-delete", log=log)
        for folder in reversed(self.parents):
            if not host.remove_folder(folder):
                log(f"{folder} stays: it is not empty")

    def _holds(self, host: Host) -> bool:
        """Say whether there is anything in it, or a disk mounted there: that is somebody's."""
        found = host.run("find", self.path, "!", "-type", "d", "-print", "-quit").out
        return bool(found) or mounted(host, self.path)


@dataclass(frozen=True)
class EmptyFolder:
    """A folder that lies empty in somebody's way: gone, or back with its mode and owner.

    It is touched with its owner's rights: what lies in a home may have become a link elsewhere.
    """

    path: str
    mode: int
    owner: str
    group: str
    there: bool = False

    @property
    def label(self) -> str:
        return f"{'make' if self.there else 'remove'} the empty folder {self.path}"

    @property
    def key(self) -> str:
        return f"empty:{self.path}"

    def compare(self, host: Host) -> Difference | None:
        now = host.folder(self.path)
        if self.there == (now is not None) or (now and self._holds(host)):
            return None
        inverse = replace(self, there=not self.there)
        if now:
            inverse = replace(inverse, mode=now.mode, owner=now.owner, group=now.group)
        return Difference("create" if self.there else "remove", self.path, inverse)

    def apply(self, host: Host, log: Log) -> None:
        host.run(*self.argv, log=log).must("see who owns the folders above it")

    @property
    def argv(self) -> Argv:
        who = ("runuser", "-u", self.owner, "-g", self.group, "--")
        make = ("mkdir", "-m", f"{self.mode:o}", self.path)
        words = make if self.there else ("rmdir", self.path)
        return words if self.owner == "root" else (*who, *words)

    def _holds(self, host: Host) -> bool:
        return bool(host.run("find", self.path, "-mindepth", "1", "-print", "-quit").out)


def mounted(host: Host, path: str) -> bool:
    """Say whether a disk is mounted there, or anywhere below."""
    lines = host.run("cat", "/proc/self/mounts").out.splitlines()
    places = (line.split()[1].replace("\\040", " ") for line in lines if " " in line)
    return any(each == path or each.startswith(f"{path}/") for each in places)


def still_there(host: Host, folders: tuple[str, ...]) -> RemoveFolder | None:
    """Give what takes back those of our folders, outermost first, that could not go yet."""
    there = [folder for folder in folders if host.folder(folder) is not None]
    return RemoveFolder(there[-1], tuple(there[:-1])) if there else None


def left_empty(host: Host, folders: tuple[str, ...]) -> str:
    """Give the innermost of these folders that is there, if there is nothing in it at all.

    A run that was ended between making a file's folder and the file leaves one.
    """
    there = next((each for each in reversed(folders) if host.folder(each)), "")
    if there and mounted(host, there):
        return ""  # somebody's disk by now
    look = there and host.run("find", there, "-mindepth", "1", "-print", "-quit")
    return there if look and look.ok and not look.out else ""


def missing_folders(host: Host, path: str) -> tuple[str, ...]:
    """Give the folders above ``path`` that are not there yet, outermost first."""
    parents = reversed(PurePosixPath(path).parents)
    return tuple(str(parent) for parent in parents if host.folder(str(parent)) is None)
