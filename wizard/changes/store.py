"""The system's store of trusted CAs: files in its folder, and the bundle its own tool makes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.changes.folders import missing_folders
from wizard.hosts import Argv, File, Folder
from wizard.pem import certificates, digest_of

if TYPE_CHECKING:
    from wizard.hosts import Host, Log


@dataclass(frozen=True)
class Anchors:
    """CAs in files of their own, and the bundle as the distribution's tool makes it of its sources.

    All in one, since making the bundle anew drops whatever was pasted into it: the files of all
    that was have to be there before.
    """

    bundle: str
    tool: Argv
    paths: tuple[str, ...] = ()  # one for each certificate
    content: bytes = field(default=b"", repr=False)  # PEM certificates, in the order of the paths
    makes: str = ""  # digest of the certificates in the bundle then; empty: not known before
    shown: str = ""

    @property
    def label(self) -> str:
        return f"make {self.bundle} anew with {self.tool[0]}"

    @property
    def key(self) -> str:
        return f"store:{self.bundle}"

    @property
    def files(self) -> dict[str, bytes]:
        return dict(zip(self.paths, certificates(self.content).values(), strict=True))

    def compare(self, host: Host) -> Difference | None:
        now = host.read(self.bundle)
        if not self._missing(host) and self._made(now):
            return None
        there = now or File(b"", 0)
        inverse = FormerBundle(
            self.bundle,
            self.tool,
            tuple(path for path in self.paths if host.read(path) is None),
            there.content,
            links(host, self.bundle),
            self.makes,
            there.mode,
            there.owner,
            there.group,
        )
        held = len(certificates(there.content))
        text = f"{self.bundle} holds {held} certificates; {self.tool[0]} makes it anew"
        return Difference("update", f"{text}\n{self.shown}".rstrip(), inverse)

    def apply(self, host: Host, log: Log) -> None:
        for folder in missing_folders(host, self.bundle):  # which the tool takes for granted
            host.make_folder(folder, Folder())
        for path in self._missing(host):
            host.write(path, File(self.files[path]))
        host.run(*self.tool, log=log).must()

    def _missing(self, host: Host) -> tuple[str, ...]:
        found = {path: host.read(path) for path in self.paths}
        return tuple(p for p, file in found.items() if not file or file.content != self.files[p])

    def _made(self, now: File | None) -> bool:
        held = certificates(now.content if now else b"")
        if self.makes:
            return digest_of(held) == self.makes
        return set(certificates(self.content)) <= set(held)


@dataclass(frozen=True)
class FormerBundle:
    """None of these files, and the bundle and the links beside it as they were.

    Where the store has been updated since, the former bundle would take the new CAs away again:
    then it stays as the tool makes it.
    """

    bundle: str
    tool: Argv
    paths: tuple[str, ...] = ()
    content: bytes = field(default=b"", repr=False)
    links: bytes = field(default=b"", repr=False)
    makes: str = ""
    mode: int = 0o644  # 0: there was no bundle
    owner: str = "root"
    group: str = "root"

    @property
    def label(self) -> str:
        return f"bring the former {self.bundle} back"

    @property
    def key(self) -> str:
        return f"store:{self.bundle}"

    def joined(self, newer: FormerBundle) -> FormerBundle:
        """Give what takes back both: to the bundle that was here, without any file of ours."""
        paths = tuple(dict.fromkeys((*self.paths, *newer.paths)))
        return replace(self, paths=paths, makes=newer.makes)

    @property
    def former(self) -> File | None:
        return File(self.content, self.mode, self.owner, self.group) if self.mode else None

    def compare(self, host: Host) -> Difference | None:
        present = [path for path in self.paths if host.read(path) is not None]
        if not present and (self._restored(host) or not self._as_left(host)):
            return None
        held = len(certificates(self.content))
        lines = [f"{self.bundle} with its former {held} certificates", *present]
        return Difference("update", "\n    without ".join(lines), None)

    def apply(self, host: Host, log: Log) -> None:
        as_left = self._as_left(host)
        for path in self.paths:
            host.remove(path)
        host.run(*self.tool, log=log).must()
        if not as_left:
            log(f"{self.bundle} was updated since, so its former text does not come back")
            return
        if self.former is None:
            host.remove(self.bundle)
        else:
            host.write(self.bundle, self.former)
        self._restore_links(host)

    def _as_left(self, host: Host) -> bool:
        now = host.read(self.bundle)
        held = certificates(now.content if now else b"")
        if self.makes:
            return digest_of(held) == self.makes
        return set(held) <= set(certificates(self.content)) | self._ours(host)

    def _ours(self, host: Host) -> set[str]:
        files = [host.read(path) for path in self.paths]
        return {each for file in files if file for each in certificates(file.content)}

    def _restored(self, host: Host) -> bool:
        return host.read(self.bundle) == self.former and links(host, self.bundle) == self.links

    def _restore_links(self, host: Host) -> None:
        folder = PurePosixPath(self.bundle).parent
        former, now = (set(each.splitlines()) for each in (self.links, links(host, self.bundle)))
        for line in now - former:
            host.remove(str(folder / line.decode().partition("\t")[0]))
        for line in former - now:
            name, _, target = line.decode().partition("\t")
            host.make_link(str(folder / name), target)


def links(host: Host, bundle: str) -> bytes:
    """Give every link beside the bundle with its target, a line each: OpenSSL looks CAs up so."""
    folder = str(PurePosixPath(bundle).parent)
    found = host.run("find", folder, "-maxdepth", "1", "-type", "l", "-printf", r"%f\t%l\n")
    return "\n".join(sorted(found.out.splitlines())).encode()
