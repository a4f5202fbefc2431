"""Changes to files, links and single lines of a host."""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.changes.folders import RemoveFolder, left_empty, missing_folders, still_there
from wizard.hosts import Argv, File, Folder

if TYPE_CHECKING:
    from wizard.hosts import Host, Log

MASK = "(hidden)"


@dataclass(frozen=True)
class WriteFile:
    """A whole file of ours: its bytes, mode and owner."""

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    secret: bool = False
    hidden: tuple[str, ...] = ()  # keys whose values are masked in the preview
    shown: str = ""  # in place of the bytes of a secret or a certificate
    check: Argv = ()  # must succeed with the file in place, else the former file comes back
    expect: str = ""  # digests of what we left here; empty: whatever is there may go
    needed: bool = False  # the rest builds on it: it cannot be left out

    @property
    def label(self) -> str:
        return f"write {self.path}"

    @property
    def editable(self) -> bool:
        """Say whether a person may write it otherwise: it is text, and nobody's secret."""
        return not (self.secret or self.shown or self.needed)

    @property
    def key(self) -> str:
        return f"file:{self.path}"

    @property
    def file(self) -> File:
        return File(self.content, self.mode, self.owner, self.group)

    def joined(self, newer: WriteFile | RemoveFile) -> WriteFile:
        """Give what takes back both: to what was here, from what we left last."""
        return replace(self, expect=_either(self.expect, newer.expect))

    def compare(self, host: Host) -> Difference | None:
        now = host.read(self.path)
        if now == self.file:
            return None
        expect = digest(self.content)
        if now is None:
            folders = missing_folders(host, self.path)
            return Difference("create", self._text(b""), RemoveFile(self.path, expect, folders))
        inverse = replace(
            self,
            content=now.content,
            mode=now.mode,
            owner=now.owner,
            group=now.group,
            shown="",
            check=(),
            expect=expect,
        )
        return Difference("update", self._text(now.content, now), inverse, drifted(self, now))

    def apply(self, host: Host, log: Log) -> None:
        former = host.read(self.path)
        for folder in missing_folders(host, self.path):
            host.make_folder(folder, Folder())
        host.write(self.path, self.file)
        if self.check:
            self._check(host, former, log)

    def _check(self, host: Host, former: File | None, log: Log) -> None:
        result = host.run(*self.check, log=log)
        if result.ok:
            return
        if former is None:
            host.remove(self.path)
        else:
            host.write(self.path, former)
        result.must(f"the former {self.path} is back in place")

    def _text(self, former: bytes, now: File | None = None) -> str:
        rights = f"{self.path} (mode {self.mode:04o}, {self.owner}:{self.group})"
        if self.secret or self.shown:
            return f"{rights}\n{self.shown or 'secret: its text is not shown'}"
        return f"{rights}\n{difference(former, self.content, self.path, self.hidden)}".rstrip() + (
            f"\nwas mode {now.mode:04o}, {now.owner}:{now.group}"
            if now and (now.mode, now.owner, now.group) != (self.mode, self.owner, self.group)
            else ""
        )


@dataclass(frozen=True)
class RemoveFile:
    """No such file; folders that were made for it go with it where they are empty."""

    path: str
    expect: str = ""
    folders: tuple[str, ...] = ()  # outermost first

    @property
    def label(self) -> str:
        return f"remove {self.path}"

    @property
    def key(self) -> str:
        return f"file:{self.path}"

    def joined(self, newer: WriteFile | RemoveFile) -> RemoveFile:
        """Give what takes back both: to nothing, from what we left last."""
        return replace(self, expect=_either(self.expect, newer.expect))

    def left(self, host: Host) -> RemoveFolder | None:
        """Give what is to be taken back later: folders that hold something else now."""
        return still_there(host, self.folders)

    def compare(self, host: Host) -> Difference | None:
        now = host.read(self.path)
        if now is None:
            left = left_empty(host, self.folders)
            return Difference("remove", left, None) if left else None
        back = WriteFile(self.path, now.content, now.mode, now.owner, now.group, secret=True)
        ours = digest(now.content) in self.expect.split()
        return Difference("remove", self.path, None if ours else back, drifted(self, now))

    def apply(self, host: Host, log: Log) -> None:
        host.remove(self.path)
        for folder in reversed(self.folders):
            if not host.remove_folder(folder):
                log(f"{folder} stays: it holds something else")


@dataclass(frozen=True)
class MarkedLine:
    """One line of ours, known by its marker, on top of a file that is shared by nature.

    On top, since the first match in a hosts file wins, and since taking the line out again then
    leaves every other byte as it was, a missing last newline included.
    """

    path: str
    marker: str
    line: str  # without the marker; empty: no such line
    names: tuple[str, ...] = ()  # a marked line of one of these is ours; none: every marked line
    expect: str = field(
        default="", repr=False
    )  # what we left here; empty: whatever is there may go

    @property
    def label(self) -> str:
        verb = "put our line into" if self.line else "take our line out of"
        return f"{verb} {self.path}"

    @property
    def key(self) -> str:
        return ":".join(("line", self.path, self.marker, *self.names[:1]))

    def joined(self, newer: MarkedLine) -> MarkedLine:
        """Give what takes back both: to the line that was here, from the one we left last."""
        return replace(self, expect=newer.expect)

    def compare(self, host: Host) -> Difference | None:
        file = host.read(self.path) or File(b"")
        wanted = self._content(file.content)
        if wanted == file.content:
            return None
        former = self._former(file)
        drift = bool(self.expect) and former not in ("", self.line, self.expect)
        text = difference(file.content, wanted, self.path)
        return Difference("update", text, replace(self, line=former, expect=self.line), drift)

    def apply(self, host: Host, log: Log) -> None:
        file = host.read(self.path) or File(b"")
        host.write(self.path, File(self._content(file.content), file.mode, file.owner, file.group))
        log(self.label)

    def _ours(self, line: bytes) -> bool:
        marked = line.rstrip().endswith(self.marker.encode())
        words = line.decode(errors="replace").split("#")[0].split()
        return marked and (not self.names or bool(set(words) & set(self.names)))

    def _content(self, content: bytes) -> bytes:
        others = b"".join(x for x in content.splitlines(keepends=True) if not self._ours(x))
        return (f"{self.line}\t{self.marker}\n".encode() if self.line else b"") + others

    def _former(self, file: File) -> str:
        ours = [x for x in file.content.splitlines() if self._ours(x)]
        former = ours[0].decode(errors="replace").rstrip() if ours else ""
        return former.removesuffix(self.marker).rstrip()


@dataclass(frozen=True)
class Link:
    """A symbolic link; an empty target means that there is none."""

    path: str
    target: str = ""
    expect: str | None = field(default=None, repr=False)  # where we left it leading to

    @property
    def label(self) -> str:
        return f"link {self.path}" if self.target else f"switch off {self.path}"

    @property
    def key(self) -> str:
        return f"link:{self.path}"

    def joined(self, newer: Link) -> Link:
        """Give what takes back both: to where it led, from what we left last."""
        return replace(self, expect=newer.expect)

    def compare(self, host: Host) -> Difference | None:
        now = host.link(self.path)
        if now == self.target or not (now or self._possible(host)):
            return None
        file = None if now else host.read(self.path)
        drift = self.expect is not None and (now != self.expect or file is not None)
        verb = "create" if self.target else "remove"
        text = f"{self.path} -> {self.target or now}"
        if file:  # where there was a link, there is somebody's file now
            back = WriteFile(self.path, file.content, file.mode, file.owner, file.group)
            return Difference("update", f"{text}, in place of a file", back, drift)
        return Difference(verb, text, Link(self.path, now, expect=self.target), drift)

    def _possible(self, host: Host) -> bool:
        """Say whether there is a folder for it: what it belonged to may have gone as a whole."""
        return host.folder(str(PurePosixPath(self.path).parent)) is not None

    def apply(self, host: Host, log: Log) -> None:
        if host.link(self.path) or (self.target and host.read(self.path)):
            host.remove(self.path)
        if self.target:
            host.make_link(self.path, self.target)
        log(self.label)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def drifted(change: WriteFile | RemoveFile, now: File) -> bool:
    """Say whether somebody else changed the file since we left it (content only)."""
    wanted = digest(change.content) if isinstance(change, WriteFile) else ""
    return bool(change.expect) and digest(now.content) not in (*change.expect.split(), wanted)


def _either(older: str, newer: str) -> str:
    """Give what may be found of ours: where the newer write failed, the older one's is there."""
    return " ".join(dict.fromkeys((*older.split(), *newer.split())))


def difference(old: bytes, new: bytes, path: str, hidden: tuple[str, ...] = ()) -> str:
    """Give a unified diff with the value of every hidden key masked."""
    before, after = (text.decode(errors="replace").splitlines() for text in (old, new))
    text = "\n".join(difflib.unified_diff(before, after, path, path, lineterm="", n=3))
    return _hidden(text, tuple(f".\\s*{key}" for key in hidden))


def masked(content: bytes, hidden: tuple[str, ...]) -> str:
    """Give a text with the value of every hidden key masked."""
    return _hidden(content.decode(errors="replace"), tuple(f"\\s*{key}" for key in hidden))


def unmasked(text: str, content: bytes, hidden: tuple[str, ...]) -> bytes:
    """Give ``text`` with each masked value as it is in ``content``, which had it masked."""
    for key in hidden:
        values = re.findall(_assignment(rf"\s*{key}"), content.decode())
        after = iter([value for _, value in values])
        text = re.sub(
            _assignment(rf"\s*{key}"),
            lambda found: found[1] + (next(after, "") if found[2] == MASK else found[2]),  # noqa: B023
            text,
        )
    return text.encode()


def _hidden(text: str, keys: tuple[str, ...]) -> str:
    for key in keys:
        text = re.sub(_assignment(key), rf"\g<1>{MASK}", text)
    return text


def _assignment(key: str) -> str:
    return rf"(?m)^({key}[^\S\n]*[:=][^\S\n]*)(.*)$"
