"""What an archive of nginx's source holds, looked at without unpacking it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.file_look import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.hosts import Host

LARGEST = 32 << 20  # nginx's own have about 1 MiB
LARGEST_UNPACKED = 256 << 20
MOST_MEMBERS = 5000  # nginx's own have about 500
SECONDS = 30
MEMBERS = ("configure", "src/core/nginx.h", "conf/mime.types")
WHERE_FROM = "take nginx-x.y.z.tar.gz from https://nginx.org/en/download.html"
# The shell says how tar ended, which the pipe would hide. Whoever reads times out on a bomb.
LIST = """{
    timeout "$1" tar -tvzf "$2" -P --numeric-owner --quoting-style=escape
    echo "end $?"
} | head -n "$3"
"""
HEADER = 'timeout "$1" tar -xzOf "$2" -- "$3" | head -c 65536'
_MEMBER = re.compile(r"(\S)\S{9}\S? +\S+ +([\d,]+) +\S+ +\S+ (.*)")
_GZIP = {
    "not in gzip format": "is no tar.gz archive",
    "unexpected end of file": "is cut off: its end is missing",
}


class _Unfit(Exception):
    """Why an archive cannot be built from."""


@dataclass(frozen=True)
class Archive:
    """An archive as it lies on a host; with a problem, nothing else is known of it."""

    problem: str = ""  # what is wrong with it, to follow its path; empty: it is fine
    version: str = ""
    sha256: str = ""

    @property
    def number(self) -> tuple[int, ...]:
        return tuple(map(int, self.version.split(".")))


@dataclass(frozen=True)
class _Member:
    kind: str  # tar's own letter: - file, d folder, l and h links, b c p devices
    size: int
    name: str


def look_into(host: Host, path: str) -> Archive:
    """Read the archive. Reading changes nothing and takes a minute at most."""
    try:
        _ordinary(host, path)
        sha256 = sha256_of(host, path)
        _whole(host, path)
        top = _top(_members(host, path))
        return Archive(version=_version(host, path, f"{top}/src/core/nginx.h"), sha256=sha256)
    except _Unfit as why:
        return Archive(problem=str(why))


def _ordinary(host: Host, path: str) -> None:
    found = host.run("stat", "-Lc", "%F|%s", "--", path)
    if not found.ok:
        raise _Unfit("is not there")
    kind, _, size = found.out.strip().partition("|")
    if not kind.startswith("regular"):
        raise _Unfit(f"is a {kind}, no archive")
    if int(size) > LARGEST:
        raise _Unfit(f"has {int(size) >> 20} MiB; an archive of nginx's source has about 1")


def _whole(host: Host, path: str) -> None:
    tested = host.run("timeout", str(SECONDS), "gzip", "-t", "--", path)
    if tested.ok:
        return
    said = (why for words, why in _GZIP.items() if words in tested.err)
    raise _Unfit(next(said, f"is damaged ({tested.err.strip() or 'it does not end'})"))


def _members(host: Host, path: str) -> list[_Member]:
    arguments = (str(SECONDS), path, str(MOST_MEMBERS))
    listed = host.run("sh", "-c", LIST, "sh", *arguments)
    lines = listed.out.splitlines()
    if not lines or not lines[-1].startswith("end "):
        raise _Unfit(f"holds {MOST_MEMBERS} files or more, unlike any archive of nginx")
    if lines[-1] != "end 0":
        complaint = (listed.err.strip().splitlines() or ["it does not end"])[0]
        raise _Unfit(f"cannot be listed by tar ({complaint})")
    return [_member(line) for line in lines[:-1]]


def _member(line: str) -> _Member:
    found = _MEMBER.fullmatch(line)
    if not found:
        raise _Unfit(f"holds something that cannot be understood: {line}")
    size = 0 if "," in found[2] else int(found[2])  # a device has two numbers in its place
    return _Member(found[1], size, found[3])


def _top(members: list[_Member]) -> str:
    """Give the one folder that holds everything. Raise _Unfit for what could do harm."""
    for member in members:
        for is_so, what in _TRICKS:
            if is_so(member):
                raise _Unfit(f"holds {what}, {member.name}, as no archive of nginx does")
    if sum(member.size for member in members) > LARGEST_UNPACKED:
        raise _Unfit(f"unpacks to more than {LARGEST_UNPACKED >> 20} MiB")
    tops = _tops(member.name for member in members)
    names = {member.name for member in members if member.kind == "-"}
    if len(tops) != 1 or not names.issuperset(f"{tops[0]}/{each}" for each in MEMBERS):
        raise _Unfit(f"holds no source of nginx: {', '.join(MEMBERS)} in one folder")
    return tops[0]


def _tops(names: Iterable[str]) -> list[str]:
    return sorted({name.partition("/")[0] for name in names})


def _version(host: Host, path: str, header: str) -> str:
    text = host.run("sh", "-c", HEADER, "sh", str(SECONDS), path, header).out
    found = re.search(r'#define\s+NGINX_VERSION\s+"(\d+\.\d+\.\d+)"', text)
    if not found:
        raise _Unfit("holds no source of nginx: src/core/nginx.h names no version of it")
    return found[1]


_TRICKS: tuple[tuple[Callable[[_Member], bool], str], ...] = (
    (lambda member: member.name.startswith("/"), "a file with an absolute name"),
    (lambda member: ".." in re.split(r"/| -> | link to ", member.name), "a name with .. in it"),
    (lambda member: member.kind in "lh", "a link"),
    (lambda member: member.kind not in "-d", "a device or pipe"),
)
