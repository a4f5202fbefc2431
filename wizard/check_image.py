"""The image that a check pushes, taken out of the storage; not on record, as it never stays."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wizard.changes import Difference

if TYPE_CHECKING:
    from wizard.hosts import Host, Log

DIGEST = re.compile(r"[0-9a-f]{64}")
CHECKS = "registry-wizard/check"
REPOSITORY = f"{CHECKS}/{os.getpid()}"  # two checks at once keep out of each other's way


@dataclass(frozen=True)
class NoCheckImage:
    """No image of a check in this storage; a check that was cut off leaves one."""

    storage: str
    digests: tuple[str, ...] = ()  # of blobs that the registry may not have linked yet

    @property
    def label(self) -> str:
        return f"remove a check's image from {self.storage}"

    @property
    def key(self) -> str:
        return f"check:{self.storage}"

    def compare(self, host: Host) -> Difference | None:
        there = self._repositories(host)
        return Difference("remove", CHECKS, None) if there else None

    def apply(self, host: Host, log: Log) -> None:
        """Remove it from the disk: deleting in the API leaves the bytes there."""
        repositories = self._repositories(host)
        digests = (*self.digests, *self._left(host, repositories))
        folders = tuple(f"{self._root}/blobs/sha256/{each[:2]}" for each in digests)
        blobs = (f"{folder}/{each}" for folder, each in zip(folders, digests, strict=True))
        host.run("rm", "-rf", *blobs, *repositories)
        for each in folders:
            host.remove_folder(each)
        for name in (CHECKS, CHECKS.partition("/")[0]):
            host.remove_folder(f"{self._root}/repositories/{name}")
        log(self.label)

    @property
    def _root(self) -> str:
        return f"{self.storage}/docker/registry/v2"

    def _repositories(self, host: Host) -> tuple[str, ...]:
        """Give the repositories of checks but for those of others that are at work now."""
        where = f"{self._root}/repositories/{CHECKS}"
        found = host.run("find", where, "-mindepth", "1", "-maxdepth", "1").out.splitlines()
        return tuple(each for each in found if not _at_work(host, PurePosixPath(each).name))

    def _left(self, host: Host, repositories: tuple[str, ...]) -> list[str]:
        """Give the further blobs that are linked in these repositories, and in no other."""
        if not repositories:
            return []
        # A manifest that was deleted leaves the folder of its link, and the bytes elsewhere.
        folders = host.run("find", *repositories, "-path", "*/sha256/*", "-type", "d").out
        names = {PurePosixPath(each).name for each in folders.splitlines()}
        left = {each for each in names if DIGEST.fullmatch(each)} - set(self.digests)
        if not left:
            return []
        named = [word for each in left for word in ("-o", "-name", each)][1:]
        every, ours = f"{self._root}/repositories", f"{self._root}/repositories/{CHECKS}"
        # Nobody's image is to lose a layer that by chance is in one of ours, too.
        others = ("find", every, "-path", ours, "-prune", "-o", "(", *named, ")", "-print")
        shared = {PurePosixPath(each).name for each in host.run(*others).out.splitlines()}
        return sorted(left - shared)


def _at_work(host: Host, name: str) -> bool:
    """Say whether a repository is that of a check by another process, which runs."""
    if not name.isdigit() or name == str(os.getpid()):
        return False
    running = host.read(f"/proc/{name}/cmdline")
    return running is not None and b"registry-wizard" in running.content
