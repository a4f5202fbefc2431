"""A machine reached with the system's own ssh: its settings, agent and jump hosts are used."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import math
import os
import re
import shlex
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import client_lock
from wizard.errors import WizardError
from wizard.hosts import ENVIRONMENT, File, Folder, LocalHost, Result
from wizard.refusals import UnknownHostKey, Unreachable, last_line, lost, of_ssh, of_sudo
from wizard.talk import Talk
from wizard.ways_out import way_out
from wizard.whole import PARTIAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.engine import Engine
    from wizard.hosts import Argv, Log

SOCKETS = Path("/run/registry-wizard")  # of connections that several commands share
CONNECT_SECONDS = 10
IDLE_SECONDS, PERSIST_SECONDS = 60, 300
MASTER = ("-o", "ControlMaster=yes", "-o", f"ControlPersist={PERSIST_SECONDS}")
# Only ever by the connection that was opened, whose host key was looked at: never by one more.
SHARED = ("-o", "ProxyCommand=false", "-o", "ProxyJump=none")
REFUSED, TRIES, PAUSE = "Session open refused", 30, 0.1  # of a session; seconds
LOST = 255  # ssh's own exit code, where there was no answer from the other side
KEY_TYPES = ("", "ecdsa-sha2-nistp256", "rsa-sha2-512,rsa-sha2-256")  # none: as ssh prefers
KNOWN_HOSTS = "~/.ssh/known_hosts ~/.ssh/known_hosts2"
OPTIONS = {
    "BatchMode": "yes",  # nobody is there to type a password
    "StrictHostKeyChecking": "yes",
    "ConnectTimeout": str(CONNECT_SECONDS),
    "ServerAliveInterval": "5",  # a pulled cable is noticed
    "ServerAliveCountMax": "3",
    "ClearAllForwardings": "yes",
    "LogLevel": "ERROR",
}


@dataclass
class SshHost:
    """Another machine, through the same verbs as this one. Its commands run as root there.

    Every verb raises Unreachable where the connection is lost.
    """

    name: str  # as ssh is to be told: a name of its settings, a DNS name or an address
    user: str = ""  # empty: as ssh's settings say
    port: int = 0  # 0: likewise
    host_key: str = ""  # its fingerprint; empty: it must be known to ssh
    local: LocalHost = field(default_factory=lambda: LocalHost(environment()))
    sudo: bool = False
    used: float = -math.inf  # when the connection was last seen at work
    talk: Talk | None = None  # a shell there, for what only looks

    def connect(self) -> None:
        """Open the connection that all commands share, and see whether root can be had.

        Raises Unreachable with a sentence for each of the ways in which that can fail.
        """
        with _kept_here(str(SOCKETS)):
            SOCKETS.mkdir(mode=0o700, exist_ok=True)
        if former := TALKING.pop(self._socket, None):
            former.hang_up()  # the connection is the same, and may allow one session alone
        self._awake()
        self.sudo = False
        if greeting := self.run("true").out.strip():
            raise Unreachable(
                f"{self.name} prints a text before every command: {greeting.splitlines()[0]}",
                "let its shell's startup file print to terminals alone ([ -t 1 ] && ...)",
            )
        if self.run("id", "-u").out.strip() != "0":
            self.sudo = True
            if not self.run("true").ok:
                raise of_sudo(self.run("true").err, self.name, self.user or "this user")

    def _awake(self) -> None:
        """Open the connection again where it has ended for want of use."""
        if time.monotonic() - self.used > IDLE_SECONDS and not self._ssh("-O", "check").ok:
            self._open()
        self.used = time.monotonic()

    def _open(self) -> None:
        with self._known() as known:
            opened = self._ssh("-f", "-N", *MASTER, known=known)
        if not opened.ok:
            raise self._refused(opened.err)

    def converse(self) -> None:
        """Keep a shell there, so that most commands take no process and no session of their own."""
        self.talk = Talk(self._words(*SHARED, "--", "exec sh"), self.local.environment)
        TALKING[self._socket] = self

    def hang_up(self) -> bool:
        """Give the shell's session back, if there is one; say whether there was."""
        talk, self.talk = self.talk, None
        if talk:
            talk.hang_up()
        return talk is not None

    def close(self) -> None:
        self.hang_up()
        self._ssh("-O", "exit")

    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
        """Run a command as root there; the quoting is done here, once for all."""
        self._awake()
        if log is None and not stdin and (told := self._told_by_shell(argv)):
            return told
        words = (*SHARED, "--", f"exec {self._line(*argv)}")
        done = self._ssh(*words, stdin=stdin, log=log)
        for _ in range(TRIES):
            if done.code != LOST or REFUSED not in done.err:
                break
            # Where one is allowed, sshd is not done with the one before yet, or the shell has it.
            time.sleep(0 if self.hang_up() else PAUSE)
            done = self._ssh(*words, stdin=stdin, log=log)
        self.used = time.monotonic()
        if done.code == LOST and not self._ssh("-O", "check").ok:
            raise Unreachable(
                f"The connection to {self.name} was lost: {lost(done.err)}",
                "running again goes on where it stopped",
            )
        return Result(argv, done.code, done.out, done.err)

    def _told_by_shell(self, argv: Argv) -> Result | None:
        """Run a command in the shell there; None where there is none, or not any more."""
        told = self.talk.ask(self._line(*argv)) if self.talk else None
        if told is None:
            self.hang_up()
            return None
        self.used = time.monotonic()
        return Result(argv, told[0], *(each.decode(errors="replace") for each in told[1:]))

    def _line(self, *argv: str) -> str:
        """Give the words for the shell there, as root."""
        become = ("sudo", "-n", "--") if self.sudo else ()
        settings = (f"{key}={value}" for key, value in ENVIRONMENT.items())
        return shlex.join((*become, "env", *settings, *argv))

    def read(self, path: str) -> File | None:
        found = self._script(READ, path)
        if found.code == NONE:
            return None
        head, _, content = self._told(found, path, f"{path} could not be read").out.partition("\n")
        try:
            return File(base64.b64decode(content), *_rights(head))
        except ValueError:
            raise self._odd(f"{path} could not be read", found.out) from None

    def write(self, path: str, file: File) -> None:
        """Put a file in place whole: written beside, compared in size, then renamed."""
        rights = (f"{file.mode:o}", f"{file.owner}:{file.group}", str(len(file.content)))
        done = self._script(WRITE, path, *rights, stdin=file.content)
        self._told(done, path, f"{path} could not be written")

    def remove(self, path: str) -> None:
        self._told(self.run("rm", "-f", "--", path), path, f"{path} could not be removed")

    def folder(self, path: str) -> Folder | None:
        found = self._script(FOLDER, path)
        if found.code == NONE:
            return None
        try:
            return Folder(*_rights(self._told(found, path, f"{path} could not be looked at").out))
        except ValueError:
            raise self._odd(f"{path} could not be looked at", found.out) from None

    def make_folder(self, path: str, folder: Folder) -> None:
        done = self._script(MAKE_FOLDER, path, f"{folder.mode:o}", f"{folder.owner}:{folder.group}")
        self._told(done, path, f"The folder {path} could not be made")

    def remove_folder(self, path: str) -> bool:
        return self._script('[ ! -d "$1" ] || rmdir -- "$1"', path).ok

    def link(self, path: str) -> str:
        return self._script('[ ! -L "$1" ] || readlink -- "$1"', path).out.rstrip("\n")

    def make_link(self, path: str, target: str) -> None:
        done = self.run("ln", "-s", "--", target, path)
        self._told(done, path, f"The link {path} could not be made")

    def engine(self) -> Engine:
        raise WizardError(f"Containers are run on the server alone, not on {self.name}")

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the wizards of other servers out, and one of its own, as long as this lasts.

        A process there holds the lock, which ends with this connection; where the connection is
        lost, it gives way to the next of this server. Raises Blocked where another is at work.
        Where the machine is this one, or allows a connection one session alone, none is held.
        """
        self._awake()
        conversed = self.hang_up()  # the lock comes first, where sessions are few
        words = self._words(*SHARED, "--", f"exec {self._line(*client_lock.argv())}")
        with contextlib.ExitStack() as lock:
            said = lock.enter_context(self.local.beside(*words))
            client_lock.refuse(said, self.name)
            if self._ssh(*SHARED, "--", "exec true").code == LOST:
                lock.close()  # sshd's MaxSessions is 1, and the work itself needs that one
            if conversed:
                self.converse()
            yield

    def shown_key(self) -> str:
        """Give the fingerprint of the host key that it shows now; nothing is believed by that."""
        with _scratch() as scratch:
            return self._scan(scratch, "")

    def _script(self, script: str, *arguments: str, stdin: bytes = b"") -> Result:
        return self.run("sh", "-c", script, "sh", *arguments, stdin=stdin)

    def _told(self, done: Result, path: str, what: str) -> Result:
        if not done.ok:
            said = last_line(done.err)
            raise WizardError(f"{what} on {self.name}: {said}", way_out(said, path))
        return done

    def _odd(self, what: str, said: str) -> WizardError:
        first = (said.splitlines() or ["nothing"])[0]
        return WizardError(
            f"{what} on {self.name}, which answers: {first}", "are stat and base64 the usual ones?"
        )

    def _ssh(
        self, *more: str, known: str = KNOWN_HOSTS, stdin: bytes = b"", log: Log | None = None
    ) -> Result:
        return self.local.run(*self._words(*more, known=known), stdin=stdin, log=log)

    def _words(self, *more: str, known: str = KNOWN_HOSTS) -> Argv:
        where: Argv = (*(("-l", self.user) if self.user else ()), self.name)
        port: Argv = ("-p", str(self.port)) if self.port else ()
        options = OPTIONS | {"ControlPath": str(self._socket), "UserKnownHostsFile": known}
        words = (word for key, value in options.items() for word in ("-o", f"{key}={value}"))
        flags, command = _before(more, "--")
        return ("ssh", *flags, *words, *port, *where, *command)

    @property
    def _socket(self) -> Path:
        """Name it ourselves: ssh's own %C depends on options that differ between our calls."""
        told = "\0".join((self.name, self.user, str(self.port), self.host_key))
        return SOCKETS / hashlib.sha256(told.encode()).hexdigest()[:20]

    @contextlib.contextmanager
    def _known(self) -> Iterator[str]:
        """Give the lists of known host keys: the one key that was answered, or the user's own."""
        if not self.host_key:
            yield KNOWN_HOSTS
            return
        with _scratch() as scratch:
            shown = ""
            for each in KEY_TYPES:
                found = self._scan(scratch, each)
                if found == self.host_key:
                    yield scratch
                    return
                shown = shown or found
        raise Unreachable(
            f"{self.name} shows the SSH host key {shown}, and host_key says {self.host_key}",
            "if it was installed anew, answer the new key; else somebody is in between",
        )

    def _scan(self, scratch: str, key_type: str) -> str:
        """Let ssh write the key that is shown into a scratch file; give its fingerprint.

        By ssh and not by ssh-keyscan, which knows no jump host.
        """
        Path(scratch).write_bytes(b"")
        options = ["StrictHostKeyChecking=accept-new", "GlobalKnownHostsFile=/dev/null"]
        options += ["PreferredAuthentications=none", "ControlPath=none", "HashKnownHosts=no"]
        options += [f"HostKeyAlgorithms={key_type}"] if key_type else []
        said = self._ssh(*(w for o in options for w in ("-o", o)), "--", "true", known=scratch)
        found = self._fingerprints(scratch)
        if not found and not key_type:
            raise of_ssh(said.err, self.name, self.user or "root")
        return found[0] if found else ""

    def _fingerprints(self, scratch: str) -> list[str]:
        listed = self.local.run("ssh-keygen", "-lf", scratch).out
        return re.findall(r"SHA256:\S+", listed)

    def _refused(self, said: str) -> Unreachable:
        unknown = "is known for" in said or "Host key verification failed" in said
        if unknown and "HAS CHANGED" not in said:
            return UnknownHostKey.of(self.name, self.shown_key())
        return of_ssh(said, self.name, self.user or "root")


TALKING: dict[Path, SshHost] = {}
"""Who keeps a shell there, by the connection."""
NONE = 3  # exit code of the scripts below: there is no such thing
READ = f"""[ -f "$1" ] || exit {NONE}
stat -Lc '%a %U %G %u %g' -- "$1" && base64 < "$1" """
FOLDER = f"""[ -d "$1" ] || exit {NONE}
stat -Lc '%a %U %G %u %g' -- "$1" """
# The size is compared since a connection that breaks ends the input just as its end does.
WRITE = """set -e
[ ! -L "$1" ] || [ -e "$1" ] || {
    echo "it is a link to $(readlink -- "$1"), which is not there" >&2; exit 1; }
target=$(readlink -f -- "$1" || printf %s "$1")
umask 077
partial=$(mktemp -- "$(dirname -- "$target")/@XXXXXX")
trap 'rm -f -- "$partial"' EXIT
trap 'exit 1' HUP INT TERM
cat > "$partial"
[ "$(wc -c < "$partial")" -eq "$4" ] || { echo "the connection broke off" >&2; exit 1; }
chown -- "$3" "$partial"
chmod -- "$2" "$partial"
sync -- "$partial" 2> /dev/null || sync
mv -f -- "$partial" "$target"
trap - EXIT""".replace("@", PARTIAL)
MAKE_FOLDER = """set -e
[ -d "$1" ] || mkdir -- "$1"
chown -- "$3" "$1"
chmod -- "$2" "$1" """


def environment() -> dict[str, str]:
    """Give a command's surroundings with the user's own ssh agent."""
    agent = os.environ.get("SSH_AUTH_SOCK", "")
    return ENVIRONMENT | ({"SSH_AUTH_SOCK": agent} if agent else {})


@contextlib.contextmanager
def _scratch() -> Iterator[str]:
    """Give a file for a host key, gone afterwards. In memory: it needs no room on a disk."""
    with _kept_here(str(SOCKETS)):
        SOCKETS.mkdir(mode=0o700, exist_ok=True)
        opened = tempfile.NamedTemporaryFile(dir=SOCKETS)  # noqa: SIM115
    with opened:
        yield opened.name


@contextlib.contextmanager
def _kept_here(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as refusal:
        said = str(refusal.strerror)
        raise Unreachable(
            f"{path}, which connections are kept in, could not be written: {said}",
            way_out(said, f"{path}/any"),
        ) from refusal


def _rights(line: str) -> tuple[int, str, str]:
    """Read mode, owner and group; by number where there is no name."""
    mode, owner, group, uid, gid = line.split()
    unnamed = "UNKNOWN"
    return int(mode, 8), uid if owner == unnamed else owner, gid if group == unnamed else group


def _before(words: Argv, mark: str) -> tuple[Argv, Argv]:
    """Part the words at a mark: before it, and what is behind it."""
    if mark not in words:
        return words, ()
    at = words.index(mark)
    return words[:at], words[at + 1 :]
