"""The image that a check pushes, taken out of the storage; not on record, as it never stays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wizard.changes import Difference

if TYPE_CHECKING:
    from wizard.hosts import Host, Log

OWN = "registry-wizard"  # the first part of the name of every repository that a check makes
REPOSITORY = f"{OWN}/check"


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
        there = host.folder(f"{self._root}/repositories/{OWN}")
        return Difference("remove", REPOSITORY, None) if there else None

    def apply(self, host: Host, log: Log) -> None:
        """Remove it from the disk: deleting in the API leaves the bytes there."""
        for each in (*self.digests, *self._left(host)):
            blobs = f"{self._root}/blobs/sha256/{each[:2]}"
            host.run("rm", "-rf", f"{blobs}/{each}")
            host.remove_folder(blobs)
        host.run("rm", "-rf", f"{self._root}/repositories/{OWN}")
        log(self.label)

    @property
    def _root(self) -> str:
        return f"{self.storage}/docker/registry/v2"

    def _left(self, host: Host) -> list[str]:
        """Give the further blobs that are linked in a check's repository, and in no other."""
        repositories = f"{self._root}/repositories"
        ours = f"{repositories}/{OWN}"
        linked = host.run("find", ours, "-path", "*/sha256/*", "-name", "link").out.split()
        left = {PurePosixPath(each).parent.name for each in linked} - set(self.digests)
        if not left:
            return []
        names = [word for each in left for word in ("-o", "-name", each)][1:]
        # An image of somebody's that was pushed below our name may share layers with others.
        others = ("find", repositories, "-path", ours, "-prune", "-o", "(", *names, ")", "-print")
        shared = {PurePosixPath(each).name for each in host.run(*others).out.split()}
        return sorted(left - shared)
