"""The table of package managers: each one's words for looking, trying, installing and removing.

apt, dnf 4, zypper and pacman were run for real; dnf 5's and apk's words and outputs are from their
documentation (dnf5(8), apk(8)).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.progress import APT_STATUS

if TYPE_CHECKING:
    from wizard.hosts import Argv, Result

LOCK_SECONDS = 600


@dataclass(frozen=True)
class Packager:
    """How one of them is spoken to; the packages' names follow each of its commands."""

    query: Argv  # about one package: succeeds where it is there
    simulate: Argv
    section: str  # the part of what simulating prints that is about packages that are new
    new: str  # one of them in it
    install: Argv
    remove: Argv  # with settings where it can; only what is named, and what needs that
    refresh: Argv  # makes the lists of packages new; empty: must not be done alone
    unknown: str  # what it says about a package that it does not know
    where: str  # to look where a package is not known
    away: str  # what it says where it cannot download; it then knows no package either
    unreachable: str  # what to look at then
    locks: tuple[str, ...]  # files that it locks while at work
    pid: str = ""  # a file that has its process in it while it is at work
    mark: str = ""  # a file that is there while it is at work
    present: str = ""  # what ``query`` then prints; empty: its exit code says it
    good: tuple[int, ...] = (0,)  # exit codes of an installation that took place

    def coming(self, printed: str) -> tuple[str, ...]:
        """Give the packages that would be new, from what simulating printed."""
        parts = re.findall(self.section, printed) if self.section else [printed]
        found = {name for part in parts for name in re.findall(self.new, part, re.MULTILINE)}
        return tuple(sorted(found))

    def not_known(self, result: Result) -> tuple[str, ...]:
        """Give the packages that a failed command did not know."""
        said = f"{result.out}\n{result.err}"
        found = () if re.search(self.away, said) else re.findall(self.unknown, said, re.MULTILINE)
        return tuple(dict.fromkeys(found))


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
PURGE = ("purge", "--no-auto-remove")  # else apt may be set to take what nobody needs then
DNF = ("dnf", "-y", "--setopt=install_weak_deps=False")
ZYPPER = ("env", f"ZYPP_LOCK_TIMEOUT={LOCK_SECONDS}", "zypper", "--non-interactive")
APK = ("apk", "--wait", str(LOCK_SECONDS))

PACKAGERS = {
    "apt": Packager(
        query=("dpkg-query", "-W", "-f", "${db:Status-Status}"),
        present="installed",
        simulate=("apt-get", "-s", "install", "--no-install-recommends"),
        section="",
        # One that goes on with ``[`` and a version is there, and would be upgraded.
        new=r"^Inst (\S+) (?!\[)",
        install=(*APT, "install", "--no-install-recommends"),
        remove=(*APT, *PURGE),
        refresh=(*APT, "update"),
        unknown=r"^E: (?:Unable to locate package|Package '?)\s*([^'\s]+)",
        where="apt-cache policy NAME; are its component and repository in /etc/apt?",
        away=r"Failed to fetch",
        unreachable="see the lines above; is a mirror reachable?",
        locks=(
            "/var/lib/dpkg/lock-frontend",
            "/var/lib/dpkg/lock",
            "/var/lib/apt/lists/lock",
            "/var/cache/apt/archives/lock",
        ),
    ),
    "dnf": Packager(
        query=("rpm", "-q", "--quiet"),
        simulate=("dnf", "--assumeno", "--setopt=install_weak_deps=False", "install"),
        section=r"(?ms)^Installing[^\n]*:\n(.*?)(?=^\S|\Z)",
        # A line begins with one space; the rest of a long one, put below it, with more.
        new=r"^ (\S+)(?:\s|$)",
        install=(*DNF, "install"),
        # What came along is named as well, so nothing else needs to go.
        remove=("dnf", "-y", "--setopt=clean_requirements_on_remove=False", "remove"),
        refresh=("dnf", "-y", "makecache", "--refresh"),
        unknown=r"^No match for argument: (\S+)",
        where="dnf repolist --all; some packages are in EPEL or in CRB",
        away=r"Failed to download metadata|Cannot download",
        unreachable="see the lines above; is a repository of `dnf repolist` reachable?",
        # rpm's own, at its old and its new place (%_dbpath); dnf itself waits for another dnf.
        locks=("/var/lib/rpm/.rpm.lock", "/usr/lib/sysimage/rpm/.rpm.lock"),
    ),
    "zypper": Packager(
        query=("rpm", "-q", "--quiet"),
        simulate=("zypper", "--xmlout", "-n", "install", "--dry-run", "--no-recommends"),
        section=r"(?s)<to-install>.*?</to-install>",
        new=r'<solvable [^>]*\bname="([^"]+)"',
        install=(*ZYPPER, "install", "--no-recommends", "--auto-agree-with-licenses"),
        remove=(*ZYPPER, "remove"),
        refresh=(*ZYPPER, "refresh"),
        unknown=r"^(?:No provider of|Package) '([^']+)' (?:not )?found",
        where="zypper search NAME; on SLES some packages are in a module (SUSEConnect -l)",
        away=r"Download \(curl\) error|Valid metadata not found|is not a directory",
        unreachable="see the lines above; is a repository of `zypper lr -u` reachable?",
        locks=("/var/lib/rpm/.rpm.lock", "/usr/lib/sysimage/rpm/.rpm.lock"),
        pid="/run/zypp.pid",
        # zypper(8): a restart is suggested, a repository was left out, a script failed.
        good=(0, 102, 103, 106, 107),
    ),
    "pacman": Packager(
        query=("pacman", "-Q"),
        simulate=("pacman", "-S", "--needed", "--print", "--print-format", "new %n"),
        section="",
        new=r"^new (\S+)",
        install=("pacman", "-S", "--needed", "--noconfirm", "--noprogressbar"),
        remove=("pacman", "-R", "--nosave", "--noconfirm", "--noprogressbar"),
        # Arch supports no new lists without new packages ("partial upgrades"), and upgrading the
        # whole system is not ours to do.
        refresh=(),
        unknown=r"^error: target not found: (\S+)",
        where="pacman -Syu brings lists and system up to date; then run again",
        away=r"failed retrieving file|database file for .* does not exist",
        unreachable="see the lines above; a 404 means old lists: pacman -Syu, then run again",
        locks=(),
        mark="/var/lib/pacman/db.lck",
    ),
    "apk": Packager(
        query=("apk", "info", "-e"),
        simulate=("apk", "add", "--simulate"),
        section="",
        new=r"^\(\d+/\d+\) Installing (\S+) \(",
        install=(*APK, "add"),
        remove=(*APK, "del", "--purge"),
        refresh=(*APK, "update"),
        unknown=r"^\s*(\S+) \(no such package\)",
        where="is the community repository switched on in /etc/apk/repositories?",
        away=r"(?i)temporary error|network error|No such file or directory",
        unreachable="see the lines above; is a mirror of /etc/apk/repositories reachable?",
        locks=("/lib/apk/db/lock", "/usr/lib/apk/db/lock"),
    ),
}
