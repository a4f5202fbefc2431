"""The distribution's packages: installed with live lines, removed only where we brought them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.errors import WizardError
from wizard.hosts import File
from wizard.progress import APT_STATUS

if TYPE_CHECKING:
    from wizard.hosts import Host, Log, Result

LOCKS = (
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
)
LOCK_SECONDS = 600
APT = (
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "APT_LISTCHANGES_FRONTEND=none",
    "NEEDRESTART_SUSPEND=1",
    "apt-get",
    "-q",
    "-y",
    "-o",
    "Dpkg::Options::=--force-confold",
    "-o",
    f"DPkg::Lock::Timeout={LOCK_SECONDS}",
    *APT_STATUS,
)
# Debian starts a service as soon as it is installed, with its package's own settings: the registry
# on every address. invoke-rc.d(8) asks this file first; 101 means "not now".
POLICY = "/usr/sbin/policy-rc.d"
NOT_NOW = b"#!/bin/sh\n# registry-wizard: services start after they are set up\nexit 101\n"


@dataclass(frozen=True)
class InstallPackages:
    """These packages are installed (apt); their services stay off until they are set up."""

    names: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"install {', '.join(self.names)}"

    @property
    def key(self) -> str:
        return f"packages:{','.join(self.names)}"

    def compare(self, host: Host) -> Difference | None:
        missing = tuple(name for name in self.names if not installed(host, name))
        if not missing and not _interrupted(host):
            return None
        brought = _brought(host, missing)
        text = f"{', '.join(brought or self.names)} (stay after undo, unless --packages)"
        return Difference("create", text, RemovePackages(brought) if brought else None)

    def apply(self, host: Host, log: Log) -> None:
        wait_for_locks(host, log)
        with_policy = host.read(POLICY) is None or _interrupted(host)
        if with_policy:
            host.write(POLICY, File(NOT_NOW, 0o755))
        try:
            host.run("dpkg", "--configure", "-a", log=log)
            if not _install(host, self.names, log).ok:
                wait_for_locks(host, log)
                host.run(*APT, "update", log=log)
                _install(host, self.names, log).must("see the lines above; is a mirror reachable?")
        finally:
            if with_policy:
                host.remove(POLICY)


@dataclass(frozen=True)
class RemovePackages:
    """These packages are gone, their settings too."""

    names: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"remove {', '.join(self.names)}"

    @property
    def key(self) -> str:
        return f"packages:{','.join(self.names)}"

    def compare(self, host: Host) -> Difference | None:
        present = tuple(name for name in self.names if known(host, name))
        if not present:
            return None
        return Difference("remove", ", ".join(present), InstallPackages(present))

    def apply(self, host: Host, log: Log) -> None:
        wait_for_locks(host, log)
        present = tuple(name for name in self.names if known(host, name))
        host.run(*APT, "purge", *present, log=log).must()


def installed(host: Host, name: str) -> bool:
    return _status(host, name) == "installed"


def known(host: Host, name: str) -> bool:
    """Say whether dpkg has the package in any state, settings left behind included."""
    return _status(host, name) not in ("", "not-installed")


def lock_holder(host: Host) -> str:
    """Give who holds one of apt's locks, as ``name (pid N)``; empty when they are free.

    The kernel lists file locks with the inode of the file (proc_locks(5)).
    """
    held = host.run("cat", "/proc/locks").out
    for path in LOCKS:
        inode = host.run("stat", "-c", "%i", path).out.strip()
        for line in held.splitlines():
            fields = line.split()
            if inode and len(fields) > 5 and fields[5].endswith(f":{inode}"):
                return f"{host.run('cat', f'/proc/{fields[4]}/comm').out.strip()} (pid {fields[4]})"
    return ""


def wait_for_locks(host: Host, log: Log) -> None:
    """Wait until nobody else installs packages; raise WizardError after ten minutes."""
    told = ""
    for _ in range(LOCK_SECONDS):
        holder = lock_holder(host)
        if not holder:
            return
        if holder != told:
            log(f"Waiting for {holder}, which holds the lock of the package database")
            told = holder
        time.sleep(1)
    raise WizardError(
        f"The package database is still held by {told} after {LOCK_SECONDS // 60} minutes",
        "let it finish or end it, then run the wizard again",
    )


def _status(host: Host, name: str) -> str:
    return host.run("dpkg-query", "-W", "-f", "${db:Status-Status}", name).out.strip()


def _interrupted(host: Host) -> bool:
    left = host.read(POLICY)
    return left is not None and left.content == NOT_NOW


def _install(host: Host, names: tuple[str, ...], log: Log) -> Result:
    return host.run(*APT, "install", "--no-install-recommends", *names, log=log)


def _brought(host: Host, names: tuple[str, ...]) -> tuple[str, ...]:
    """Give every package that apt would bring for these, by its own simulation.

    A line that goes on with ``[`` and a version is about a package that is there and is upgraded.
    """
    if not names:
        return ()
    plan = host.run("apt-get", "-s", "install", "--no-install-recommends", *names)
    lines = [line.split() for line in plan.out.splitlines() if line.startswith("Inst ")]
    return tuple(sorted(word[1] for word in lines if not word[2].startswith("["))) or names
