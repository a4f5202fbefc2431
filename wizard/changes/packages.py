"""The distribution's packages: installed with live lines, removed only where we brought them."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.changes.aside import ASIDE, SPARED, bring_back, set_aside
from wizard.changes.packagers import APT, LOCK_SECONDS, PACKAGERS, PURGE, Packager
from wizard.errors import WizardError
from wizard.hosts import File
from wizard.ways_out import of_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.hosts import Host, Log, Result

# Debian starts a service as soon as it is installed, with its package's own settings: the registry
# on every address. invoke-rc.d(8) asks this file first; 101 means "not now". The others start none.
POLICY = "/usr/sbin/policy-rc.d"
HALF_THERE = ("half-installed", "unpacked", "half-configured")
MEND = ("--fix-broken", "install", "--no-install-recommends")
UNFINISHED = "finish what was interrupted of an installation of packages"
NOT_NOW = b"#!/bin/sh\n# registry-wizard: services start after they are set up\nexit 101\n"


@dataclass(frozen=True)
class InstallPackages:
    """These packages are installed; their services stay off until they are set up."""

    names: tuple[str, ...]
    manager: str = "apt"

    @property
    def label(self) -> str:
        """Name it; without packages it only ends what was interrupted."""
        return f"install {', '.join(self.names)}" if self.names else UNFINISHED

    @property
    def key(self) -> str:
        return f"packages:{','.join(self.names)}"

    def compare(self, host: Host) -> Difference | None:
        missing = self._missing(host)
        if not missing and not interrupted(host, self.manager):
            return None
        if not self.names:
            return Difference("run", "dpkg --configure -a", None)
        brought = _brought(host, missing, self.manager)
        text = f"{', '.join(brought or self.names)} (stay after undo, unless --packages)"
        inverse = RemovePackages(brought, self.manager) if brought else None
        return Difference("create", text, inverse)

    def apply(self, host: Host, log: Log) -> None:
        wait_for_locks(host, log, self.manager)
        with _quiet(host, log, self.manager):
            self._mend(host, log)
            if self.names:
                self._install(host, log)

    def _mend(self, host: Host, log: Log) -> None:
        """Bring what a package needs that a full disk let apt unpack alone: it refuses all else.

        Where that fails, what is installed next fails as well and says why; without packages
        nothing does: what is to be taken back meanwhile has no need of it.
        """
        begun = self.manager == "apt" and self._begun(host)
        # What is missing and nothing else: where anything would go, what apt says then is told.
        if begun and "\nRemv " not in host.run("apt-get", "-s", *MEND).out:
            host.run(*APT, *MEND, log=log)

    def _begun(self, host: Host) -> bool:
        if not self.names:
            return bool(host.run("dpkg", "--audit").out.strip())
        return any(unfinished(host, name) for name in self.names)

    def _install(self, host: Host, log: Log) -> None:
        """Install; where that fails, once more with new lists of packages."""
        words = PACKAGERS[self.manager]
        first = host.run(*words.install, *self.names, log=log)
        if first.code in words.good:
            return
        if not words.refresh or of_disk(f"{first.out}\n{first.err}"):
            _refuse(first, words)
        wait_for_locks(host, log, self.manager)
        lists = host.run(*words.refresh, log=log)
        second = host.run(*words.install, *self.names, log=log)
        if second.code not in words.good:
            said = replace(second, err=f"{lists.err}\n{second.err}")
            _refuse(said, words)

    def _missing(self, host: Host) -> tuple[str, ...]:
        return tuple(name for name in self.names if not installed(host, name, self.manager))


@dataclass(frozen=True)
class RemovePackages:
    """These packages are gone, their settings too where the package manager can."""

    names: tuple[str, ...]
    manager: str = "apt"

    @property
    def label(self) -> str:
        return f"remove {', '.join(self.names)}"

    @property
    def key(self) -> str:
        return f"packages:{','.join(self.names)}"

    def compare(self, host: Host) -> Difference | None:
        going, staying = self._sorted(host)
        if not going and host.folder(ASIDE) is None:
            return None
        spared = (SPARED[name][1] for name in going if name in SPARED)
        text = "; ".join((*filter(None, [", ".join(going)]), *spared, *staying))
        return Difference("remove", text, InstallPackages(going, self.manager))

    def apply(self, host: Host, log: Log) -> None:
        wait_for_locks(host, log, self.manager)
        with _quiet(host, log, self.manager):
            pass  # only what was interrupted: to be removed, a service must be stopped
        (going, _), remove = self._sorted(host), PACKAGERS[self.manager].remove
        if self.manager != "apt":
            host.run(*remove, *going, log=log).must()
            return
        if going:
            set_aside(host, going, log)
            host.run(*remove, *going, log=log).must()
        bring_back(host, log)

    def left(self, host: Host) -> RemovePackages | None:
        """Give what is to be removed later: packages of others need it now."""
        present = self._present(host)
        return replace(self, names=present) if present else None

    def staying(self, host: Host) -> tuple[str, ...]:
        """Give a sentence about what stays since packages of others need it, if anything does."""
        return self._sorted(host)[1]

    def _sorted(self, host: Host) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give which go, and a sentence about the others: apt would take along what needs them."""
        present = self._present(host)
        needing = self._needing(host, present) if self.manager == "apt" and present else ()
        if not needing:
            return present, ()
        going: tuple[str, ...] = ()
        for name in present:
            if self._needing(host, (*going, name)) == ():
                going = (*going, name)
        kept = ", ".join(name for name in present if name not in going)
        return going, (f"{kept}: not removed, as needed by {', '.join(needing)}",)

    def _needing(self, host: Host, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """Give the packages of others that would go with these; None: apt refuses to say."""
        said = host.run("apt-get", "-s", *PURGE, *names)
        gone = re.findall(r"^(?:Purg|Remv) (\S+)", said.out, re.MULTILINE)
        return tuple(sorted({*gone} - {*self.names})) if said.ok else None

    def _present(self, host: Host) -> tuple[str, ...]:
        return tuple(name for name in self.names if known(host, name, self.manager))


def interrupted(host: Host, manager: str = "apt") -> bool:
    """Say whether an installation of ours was cut off: its policy for services is there."""
    left = host.read(POLICY) if manager == "apt" else None
    return left is not None and left.content == NOT_NOW


def installed(host: Host, name: str, manager: str = "apt") -> bool:
    words = PACKAGERS[manager]
    found = host.run(*words.query, name)
    return found.out.strip() == words.present if words.present else found.ok


def known(host: Host, name: str, manager: str = "apt") -> bool:
    """Say whether the package is there in any state; dpkg keeps settings of removed ones."""
    if manager != "apt":
        return installed(host, name, manager)
    found = host.run(*PACKAGERS["apt"].query, name)
    return found.out.strip() not in ("", "not-installed")


def unfinished(host: Host, name: str) -> bool:
    """Say whether the package was begun to be installed, and is not usable yet (dpkg(1))."""
    return host.run(*PACKAGERS["apt"].query, name).out.strip() in HALF_THERE


def lock_holder(host: Host, manager: str = "apt") -> str:
    """Give who holds a lock of the package database, as ``name (pid N)``; empty: it is free.

    The kernel lists file locks with the inode of the file (proc_locks(5)).
    """
    words = PACKAGERS[manager]
    held = host.run("cat", "/proc/locks").out if words.locks else ""
    for path in words.locks:
        inode = host.run("stat", "-c", "%i", path).out.strip()
        for line in held.splitlines():
            fields = line.split()
            if inode and len(fields) > 5 and fields[5].endswith(f":{inode}"):
                return _named(host, fields[4])
    return _marked(host, words)


def wait_for_locks(host: Host, log: Log, manager: str = "apt") -> None:
    """Wait until nobody else installs packages; raise WizardError after ten minutes."""
    told, minutes = "", LOCK_SECONDS // 60
    for second in range(LOCK_SECONDS):
        holder = lock_holder(host, manager)
        if not holder:
            return
        if holder != told:
            what = "which holds the lock of the package database"
            log(f"Waiting for {holder}, {what}, for {minutes} minutes at most")
            told = holder
        elif second % 60 == 0:
            log(f"Still waiting for {holder}, {second // 60} of {minutes} minutes")
        time.sleep(1)
    raise WizardError(
        f"The package database is still held by {told} after {minutes} minutes",
        "let it finish or end it, then run the wizard again",
    )


@contextmanager
def _quiet(host: Host, log: Log, manager: str) -> Iterator[None]:
    """Let no service start meanwhile; before, end what was interrupted, as apt else refuses all."""
    if manager != "apt":
        yield
        return
    ours = host.read(POLICY) is None or interrupted(host)
    if ours:
        host.write(POLICY, File(NOT_NOW, 0o755))
    try:
        host.run("dpkg", "--configure", "-a", log=log)
        yield
    finally:
        if ours:
            host.remove(POLICY)


def _named(host: Host, pid: str) -> str:
    return f"{host.run('cat', f'/proc/{pid}/comm').out.strip()} (pid {pid})"


def _marked(host: Host, words: Packager) -> str:
    """Give who says so by a file of its own that it is at work."""
    file = host.read(words.pid) if words.pid else None
    pid = file.content.decode(errors="replace").strip() if file else ""
    if pid.isdigit() and host.folder(f"/proc/{pid}"):
        return _named(host, pid)
    left = words.mark != "" and host.read(words.mark) is not None
    return f"whoever made {words.mark}" if left else ""


def _brought(host: Host, names: tuple[str, ...], manager: str) -> tuple[str, ...]:
    """Give every package that would come along for these, by the package manager's simulation."""
    words = PACKAGERS[manager]
    return (words.coming(host.run(*words.simulate, *names).out) or names) if names else ()


def _refuse(result: Result, words: Packager) -> None:
    """Raise WizardError with a sentence about an installation that failed."""
    unknown = words.not_known(result)
    if unknown:
        many = "packages" if len(unknown) > 1 else "a package"
        raise WizardError(
            f"No repository of this machine has {many} called {', '.join(unknown)}", words.where
        )
    result.must(words.unreachable)
