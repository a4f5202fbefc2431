"""What a machine has beside its image: every path of its disk, and the state of its services."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hosts.machine import Machine

# What machines write of themselves, and the program's own record of what it did.
ELSEWHERE = re.compile(
    r"/(dev|proc|run|sys|tmp|var/(cache|log|tmp)|var/lib/(systemd|registry-wizard|nginx|containers)"
    r"|root/\.(cache|docker)|etc/\.pwd\.lock)(/|$)|__pycache__"
)
# What is made at random, in names and in texts.
RANDOM = re.compile(
    rb"[0-9A-F]{30,}|(?:[0-9A-F]{2}:){31}[0-9A-F]{2}|[0-9a-f]{32,}|secret: .*"
    rb"|\$2[aby]\$[./$A-Za-z0-9]{56}"
)
DEBIANS = "^(user|systemd-|apt-|dpkg-|e2scrub|fstrim|logrotate|man-db|ssh@|modprobe@)"
SERVICES = f"""systemctl list-units --all --plain --no-legend --type=service,timer,socket |
    grep -vE '{DEBIANS}' | awk '{{print $1,$2,$3,$4}}'
systemctl list-unit-files --plain --no-legend | grep -v transient | awk '{{print $1,$2}}'
ss -Hltn | awk '{{print "listens", $4}}' | sort -u
cut -d : -f 1 /etc/passwd /etc/group | sort
"""


def disk(machine: Machine) -> dict[str, str]:
    """Give every path that the machine has itself: kind, mode, owner, bytes or target."""
    upper = machine.state / "upper"
    return {path: _entry(_root(machine), path) for path in _paths(upper)}


def services(machine: Machine) -> set[str]:
    """Give each unit with its state, each port that is listened at, each user and group."""
    return set(machine.run("sh", "-c", SERVICES).stdout.splitlines())


def departures(machine: Machine, before: dict[str, str]) -> list[str]:
    """Give every path that is not now as it was then, with both states."""
    now = disk(machine)
    found = []
    for path in sorted(now.keys() | before.keys()):
        former = before.get(path) or _in_image(machine, path)
        latter = now.get(path) or _entry(_root(machine), path)
        if former != latter:
            found.append(f"{path}: {former} -> {latter}")
    return found


def alike(machine: Machine, varies: re.Pattern[str]) -> dict[str, str]:
    """Give its disk without what is made at random: in names, in texts, and all of some files."""
    plain = {}
    for path in _paths(machine.state / "upper"):
        entry = _entry(_root(machine), path, lambda content: RANDOM.sub(b"*", content))
        content = varies.search(path) and entry.startswith("file")
        name = RANDOM.sub(b"*", path.encode()).decode()
        plain[name] = entry.rpartition(" ")[0] if content else entry
    return plain


def _root(machine: Machine) -> Path:
    return Path("/proc", str(machine.pid), "root")


def _paths(upper: Path) -> list[str]:
    found = []
    for folder, folders, files in os.walk(upper):
        here = f"/{Path(folder).relative_to(upper)}".replace("/.", "/").rstrip("/")
        folders[:] = [each for each in folders if not ELSEWHERE.search(f"{here}/{each}")]
        found += [f"{here}/{each}" for each in (*folders, *files)]
    return sorted(path for path in found if not ELSEWHERE.search(path))


def _in_image(machine: Machine, path: str) -> str:
    for layer in machine.layers:
        entry = _entry(layer, path)
        if entry != "nothing":
            return entry
    return "nothing"


def _entry(root: Path, path: str, plain: Callable[[bytes], bytes] = bytes) -> str:
    """Describe what is at a path below a root, none of whose links lead out of it."""
    at = Path(f"{root}{path}")
    try:
        found = at.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return "nothing"
    kind, owner = found.st_mode, f"{stat.S_IMODE(found.st_mode):o} {found.st_uid}:{found.st_gid}"
    if stat.S_ISLNK(kind):
        return f"link to {at.readlink()}"
    if stat.S_ISDIR(kind):
        return f"folder {owner}"
    if stat.S_ISREG(kind):
        return f"file {owner} {hashlib.sha256(plain(at.read_bytes())).hexdigest()[:16]}"
    return "nothing" if stat.S_ISCHR(kind) and not found.st_rdev else f"other {owner}"
