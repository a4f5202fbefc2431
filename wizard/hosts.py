"""Where changes happen: a host runs commands, and reads, writes and removes files."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import pwd
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from wizard.beside import BEAT, beside
from wizard.engine import Engine, LocalEngine
from wizard.errors import WizardError
from wizard.quiet import quiet
from wizard.ways_out import of_disk, way_out
from wizard.whole import PARTIAL, put

Argv = tuple[str, ...]
Log = Callable[[str], None]

# sbin is missing from many a login's PATH, yet half of what an installer runs lives there.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
NOT_FOUND = 127
LABEL = "security.selinux"


@dataclass(frozen=True)
class Result:
    """What a command left behind: its exit code (127: no such command) and both its outputs."""

    argv: Argv
    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.code == 0

    def must(self, hint: str = "") -> Result:
        """Give itself, or raise WizardError with the last lines that the command printed."""
        if self.ok:
            return self
        said = f"{self.out}\n{self.err}"
        last = (self.err.strip() or self.out.strip()).splitlines()[-5:]
        blames = [line for line in said.splitlines() if of_disk(line)][:1]
        tail = "\n".join(dict.fromkeys((*blames, *last)))
        raise WizardError(
            f"`{' '.join(self.argv)}` ended with {self.code}: {tail}", of_disk(said) or hint
        )


@dataclass(frozen=True)
class File:
    content: bytes = field(repr=False)
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"


@dataclass(frozen=True)
class Folder:
    mode: int = 0o755
    owner: str = "root"
    group: str = "root"


class Host(Protocol):
    """A machine, seen through the few verbs that changes and facts need."""

    @property
    def name(self) -> str: ...
    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result: ...
    def read(self, path: str) -> File | None: ...
    def write(self, path: str, file: File) -> None: ...
    def remove(self, path: str) -> None: ...
    def folder(self, path: str) -> Folder | None: ...
    def make_folder(self, path: str, folder: Folder) -> None: ...
    def remove_folder(self, path: str) -> bool: ...
    def link(self, path: str) -> str: ...
    def make_link(self, path: str, target: str) -> None: ...
    def engine(self) -> Engine: ...
    def alone(self) -> AbstractContextManager[None]: ...


@dataclass(frozen=True)
class LocalHost:
    """The machine that the wizard runs on. The home of ``sh``."""

    environment: Mapping[str, str] = field(default_factory=lambda: ENVIRONMENT)

    name: ClassVar[str] = "localhost"

    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
        """Run a command in the foreground in a session of its own; never raise for its exit code.

        A session of its own keeps the terminal's ctrl+c from a half-done package installation.
        What the listener raises comes out once the command has ended.
        """
        program = shutil.which(argv[0], path=PATH)
        if program is None:
            return Result(argv, NOT_FOUND, "", f"{argv[0]}: no such command")
        if log is None:
            code, *said = quiet((program, *argv[1:]), stdin, self.environment)
            return Result(argv, code, *(each.decode(errors="replace") for each in said))
        code, out, err = _heard((program, *argv[1:]), stdin, self.environment, log)
        return Result(argv, code, out, err)

    def read(self, path: str) -> File | None:
        """Give a regular file (links followed), or None where there is none."""
        try:
            found = Path(path).stat()
            if not stat.S_ISREG(found.st_mode):
                return None
            content = Path(path).read_bytes()
        except OSError as refusal:
            _must_be_nothing(path, refusal)
            return None
        owner, group = _names(found)
        return File(content, stat.S_IMODE(found.st_mode), owner, group)

    def write(self, path: str, file: File) -> None:
        """Put a file in place whole: written beside, synced, then renamed over the former one."""
        target = Path(os.path.realpath(path))  # a linked /etc/hosts stays a link
        if Path(path).is_symlink() and not Path(path).exists():
            raise leads_nowhere(path, self.link(path))
        with _told(f"{path} could not be written", path):
            ids = _ids(file.owner, file.group)

            def ready(descriptor: int) -> None:
                os.fchown(descriptor, *ids)
                os.fchmod(descriptor, file.mode)
                _label_like(target, descriptor)

            put(target, file.content, ready)

    def remove(self, path: str) -> None:
        with _told(f"{path} could not be removed", path):
            Path(path).unlink(missing_ok=True)

    def folder(self, path: str) -> Folder | None:
        try:
            found = Path(path).stat()
        except OSError as refusal:
            _must_be_nothing(path, refusal)
            return None
        if not stat.S_ISDIR(found.st_mode):
            return None
        owner, group = _names(found)
        return Folder(stat.S_IMODE(found.st_mode), owner, group)

    def make_folder(self, path: str, folder: Folder) -> None:
        """Make one folder, or give an existing one this mode and owner; parents must be there."""
        with _told(f"The folder {path} could not be made", path):
            Path(path).mkdir(exist_ok=True)
            os.chown(path, *_ids(folder.owner, folder.group))
            Path(path).chmod(folder.mode)

    def remove_folder(self, path: str) -> bool:
        """Remove an empty folder; say whether it is gone."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            try:
                Path(path).rmdir()
            except OSError:
                return False
        return True

    def link(self, path: str) -> str:
        """Give where a symbolic link points to; empty where there is no such link."""
        try:
            return str(Path(path).readlink())
        except OSError:
            return ""

    def make_link(self, path: str, target: str) -> None:
        with _told(f"The link {path} could not be made", path):
            Path(path).symlink_to(target)

    def engine(self) -> Engine:
        return LocalEngine()

    def alone(self) -> AbstractContextManager[None]:
        """Keep no other wizard out: the journal's lock does, as long as a plan is carried out."""
        return contextlib.nullcontext()

    def beside(self, *argv: str, beat: float = BEAT) -> AbstractContextManager[str]:
        """Run a command for as long as this lasts; give its first line."""
        return beside(argv, self.environment, beat)


def _heard(
    words: Argv, stdin: bytes, environment: Mapping[str, str], log: Log
) -> tuple[int, str, str]:
    """Run a command whose lines are listened to as they come; give code and outputs."""
    import sh  # noqa: PLC0415  (86 ms, and what only looks needs none of it)

    out: list[str] = []
    err: list[str] = []
    raised: list[Exception] = []
    done = sh.Command(words[0])(
        *words[1:],
        _in=stdin,
        _out=_keep(out, log, raised),
        _err=_keep(err, log, raised),
        _env=dict(environment),
        _tty_out=False,
        _new_session=True,
        _decode_errors="replace",
        _ok_code=list(range(-64, 256)),
        _return_cmd=True,
    )
    if raised:
        raise raised[0]
    return int(done.exit_code), "".join(out), "".join(err)


def _must_be_nothing(path: str, refusal: OSError) -> None:
    """Raise WizardError unless the refusal says that there is no such thing."""
    if isinstance(refusal, FileNotFoundError | NotADirectoryError) or refusal.errno == errno.ELOOP:
        return
    if isinstance(refusal, PermissionError):
        raise WizardError(
            f"{path} may not be read by this user", "run it as root: sudo registry-wizard"
        ) from refusal
    said = str(refusal.strerror)
    raise WizardError(f"{path} could not be read: {said}", way_out(said, path)) from refusal


def leads_nowhere(path: str, target: str) -> WizardError:
    """Say that nothing is written through a link whose end is not there."""
    return WizardError(
        f"{path} could not be written: it is a link to {target}, which is not there",
        f"put {target} back, or take the link away (rm {path}), then run again",
    )


def tidy(host: Host, folders: tuple[str, ...]) -> None:
    """Remove what writes that were cut off left in these folders, under names of their own."""
    if folders:
        mine = ("-maxdepth", "1", "-type", "f", "-name", f"{PARTIAL}*")
        host.run("find", *folders, *mine, "-delete")


def _keep(kept: list[str], log: Log, raised: list[Exception]) -> Log:
    """Give what takes each line. An error in here would end sh's thread that empties the pipe."""

    def line(text: str) -> None:
        kept.append(text)
        if not raised:
            try:
                log(text.rstrip("\n"))
            except Exception as error:  # noqa: BLE001  (whatever it is, it is raised later)
                raised.append(error)

    return line


def _label_like(former: Path, descriptor: int) -> None:
    """Give a file SELinux' label of the one that it replaces, not that of the folder."""
    with contextlib.suppress(OSError):  # nothing is replaced, or there are no labels here
        os.setxattr(descriptor, LABEL, os.getxattr(former, LABEL))


def _names(found: os.stat_result) -> tuple[str, str]:
    """Give owner and group by name, or by number where the host has no name for it."""
    try:
        owner = pwd.getpwuid(found.st_uid).pw_name
    except KeyError:
        owner = str(found.st_uid)
    try:
        group = grp.getgrgid(found.st_gid).gr_name
    except KeyError:
        group = str(found.st_gid)
    return owner, group


def _ids(owner: str, group: str) -> tuple[int, int]:
    try:
        uid = int(owner) if owner.isdigit() else pwd.getpwnam(owner).pw_uid
        gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    except KeyError as missing:
        raise WizardError(
            f"This machine has no user or group called {owner}:{group} yet",
            "the package that brings it is not installed; run the wizard again",
        ) from missing
    return uid, gid


@contextlib.contextmanager
def _told(what: str, path: str) -> Iterator[None]:
    """Turn an operating system's refusal into a sentence."""
    try:
        yield
    except OSError as refusal:
        said = str(refusal.strerror)
        raise WizardError(f"{what}: {said}", way_out(said, path)) from refusal
