"""The folders of certs.d: read as they are on a host, and told apart by the registry's names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wizard.names import in_url

if TYPE_CHECKING:
    from wizard.hosts import Host
    from wizard.troubles.trouble import Ours

DOCKER = "/etc/docker/certs.d"
CONTAINERS = "/etc/containers/certs.d"
IN_A_HOME = ".config/containers/certs.d"
# The names end with a NUL byte: in a home they are whatever its owner likes.
LISTING = f"""for folder in {DOCKER} {CONTAINERS} /root/{IN_A_HOME} /home/*/{IN_A_HOME}; do
[ ! -d "$folder" ] || find "$folder" -maxdepth 2 -printf '%y %m %u %g %p\\0'
done"""


@dataclass(frozen=True)
class Entry:
    kind: str  # f, d, l as find(1) says
    mode: int
    owner: str
    group: str
    path: str

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.path).parent)

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def ending(self) -> str:
        return PurePosixPath(self.path).suffix


@dataclass(frozen=True)
class Seen:
    entries: tuple[Entry, ...]
    contents: dict[str, bytes]  # of the files in folders of the registry's names

    @property
    def bases(self) -> tuple[str, ...]:
        """Give the folders where podman looks before it looks at Docker's, a user's own first."""
        found = {each.path for each in self.entries if each.path.endswith("/containers/certs.d")}
        return tuple(sorted(found, key=lambda path: (path == CONTAINERS, path)))

    def folder(self, path: str) -> Entry | None:
        return next((e for e in self.entries if e.path == path and e.kind == "d"), None)

    def inside(self, folder: str) -> tuple[Entry, ...]:
        return tuple(each for each in self.entries if each.folder == folder)

    def files(self, folder: str) -> tuple[Entry, ...]:
        return tuple(each for each in self.inside(folder) if each.path in self.contents)


def look(host: Host, ours: Ours) -> Seen:
    lines = host.run("sh", "-c", LISTING).out.split("\0")
    entries = tuple(_entry(line) for line in lines if line.count(" ") >= 4)
    wanted = {*ours.at, *misnamed(ours)}
    files = [e for e in entries if e.kind == "f" and PurePosixPath(e.folder).name in wanted]
    read = {each.path: host.read(each.path) for each in files}
    return Seen(entries, {path: file.content for path, file in read.items() if file})


def misnamed(ours: Ours) -> dict[str, str]:
    """Give the folders that people make instead of the right one, with the right one's name."""
    if ours.port == 443:
        return {f"{in_url(name)}:443": in_url(name) for name in ours.names}
    return {in_url(name): in_url(name, ours.port) for name in ours.names}


def _entry(line: str) -> Entry:
    kind, mode, owner, group, path = line.split(" ", 4)
    return Entry(kind, int(mode, 8), owner, group, path)
