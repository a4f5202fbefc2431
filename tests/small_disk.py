"""A file system of two MiB that runs full, or breaks, at a chosen write of this process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILLER = "filler"
WRITES = ("os.mkdir", "os.rename", "os.symlink", "os.truncate", "os.chmod", "os.chown")


@dataclass
class SmallDisk:
    """An ext4 of its own; full and broken ones refuse for real."""

    folder: Path  # where it is mounted
    image: Path
    device: str = field(default="", init=False)
    broken: bool = False

    def make(self) -> None:
        """Make it anew, with nothing on it."""
        self.image.unlink(missing_ok=True)
        with self.image.open("wb") as image:
            image.truncate(2 << 20)
        # Without a reserve for root, without a journal: full is full, and broken can be mended.
        _run("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", str(self.image))
        self._mount()

    def fill(self, room: int = 0) -> None:
        """Leave so many bytes of room, in whole blocks, and none for one more folder at 0."""
        with (self.folder / FILLER).open("ab", buffering=0) as filler:
            for size in (1 << 16, 1024):
                _until_full(filler, bytes(size))
            os.fsync(filler.fileno())
            filler.truncate(max(filler.tell() - room, 0))

    def break_down(self) -> None:
        """Let the kernel find an error: it makes the disk read-only, open files or not."""
        self.broken = True  # the mount's own flags do not say so
        Path("/sys/fs/ext4", self.device, "trigger_fs_error").write_text("now")

    def mend(self) -> None:
        """Give it room again, or look after its errors, as an admin would."""
        while self.broken:  # the kernel may find its error once more
            self.close()
            _run("e2fsck", "-fy", str(self.image), good=(0, 1))
            self._mount()
            self.broken = not self._takes()
        (self.folder / FILLER).unlink(missing_ok=True)

    def _takes(self) -> bool:
        try:
            self.folder.chmod(0o755)
        except OSError:
            return False
        return True

    def settle(self) -> None:
        """Have all of it on the disk: what breaks later takes nothing of it along."""
        _run("sync", "-f", str(self.folder))

    def clear(self) -> None:
        for each in self.folder.iterdir():
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()

    def close(self) -> None:
        _run("umount", str(self.folder))

    def _mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.folder))
        shutil.rmtree(self.folder / "lost+found", ignore_errors=True)
        found = _run("findmnt", "-no", "SOURCE", str(self.folder))
        self.device = Path(found.strip()).name


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Give one that lies in memory, so that being synced costs nothing."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        disk = SmallDisk(Path(memory, "disk"), Path(memory, "image"))
        disk.folder.mkdir()
        disk.make()
        try:
            yield disk
        finally:
            _run("umount", "--lazy", str(disk.folder))


@dataclass
class Watch:
    """Counts this process's writes below a folder, and brings the fault about at one of them."""

    folder: str
    at: int = 0  # 0: never
    fault: Callable[[], None] = lambda: None
    writes: list[str] = field(default_factory=list)
    resting: bool = False

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        path = str(arguments[0]) if arguments else ""
        if self.resting or not path.startswith(self.folder) or not _writes(event, arguments):
            return
        self.writes.append(f"{event} {path}")
        if len(self.writes) == self.at:
            self.resting = True
            self.fault()


_watching: list[Watch] = []
_hooked: list[bool] = []


@contextmanager
def watched(folder: Path, at: int = 0, fault: Callable[[], None] = lambda: None) -> Iterator[Watch]:
    """Watch over the writes below a folder. Python tells of each before it is made (PEP 578)."""
    if not _hooked:  # a hook cannot be taken away again
        sys.addaudithook(_see)
        _hooked.append(True)
    watch = Watch(str(folder), at, fault)
    _watching.append(watch)
    try:
        yield watch
    finally:
        _watching.remove(watch)


def _see(event: str, arguments: tuple[Any, ...]) -> None:
    for watch in _watching:
        watch.see(event, arguments)


def _writes(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        return bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    return event in WRITES


def _until_full(filler: Any, block: bytes) -> None:
    try:
        while filler.write(block) == len(block):
            pass
    except OSError:
        return


def _run(*argv: str, good: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert done.returncode in good, done.stdout + done.stderr
    return done.stdout
