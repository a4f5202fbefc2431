"""What a host has of an nginx built from source, and whether one can be built there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wizard.changes.built import STAMP, stamped
from wizard.changes.compiling import SCRATCH
from wizard.facts import free_space
from wizard.nginx import UNIT, built_nginx, packaged_nginx
from wizard.source_archive import Archive, look_into

if TYPE_CHECKING:
    from wizard.answers import Answers
    from wizard.changes.built import RemoveBuild
    from wizard.facts import Facts
    from wizard.hosts import Host

OUR_FIRST_WORDS = b"# Written by registry-wizard;"
ROOM_TO_BUILD = 128 << 20  # 1.22 takes 30 MiB, and every later one a little more
ROOM_TO_KEEP = 16 << 20
PACKAGED = ("/usr/sbin/nginx", "/usr/bin/nginx")


@dataclass(frozen=True)
class Past:
    """What earlier runs left on record."""

    former: Answers | None = None
    builds: tuple[RemoveBuild, ...] = ()
    brought: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Short:
    """A disk with too little room on it."""

    folder: str
    free: int  # bytes
    needed: int


@dataclass(frozen=True)
class Source:
    built: tuple[RemoveBuild, ...] = ()  # what the wizard built and is still there
    unit: bool = False  # our own service is known here
    site: bool = False  # the distribution's nginx reads a file of ours
    archive: Archive = Archive()
    strangers: tuple[str, ...] = ()  # in the prefix, and not ours
    others: tuple[tuple[int, str], ...] = ()  # port and program of every nginx that is not ours
    short: tuple[Short, ...] = ()

    def stranger_on(self, port: int) -> str:
        """Give the program of an nginx that is not ours and holds the port; else empty."""
        return dict(self.others).get(port, "")


def source_of(facts: Facts) -> Source:
    return facts.source or Source()


def read_source(host: Host, answers: Answers, facts: Facts, past: Past) -> Source:
    """Look at what there is; at the archive only where one is to be built from."""
    site = host.read(packaged_nginx(facts.distro).site)
    found = Source(
        built=tuple(each for each in past.builds if each.compare(host)),
        unit=host.read(UNIT[facts.init]) is not None,
        site=site is not None and site.content.startswith(OUR_FIRST_WORDS),
    )
    if answers.proxy.install != "source":
        return replace(found, others=_others(host, answers, facts, past))
    stamp = _stamp(host, answers)
    return replace(
        found,
        archive=_archive(host, answers, past.former, stamp),
        strangers=() if stamp else _strangers(host, answers.proxy.prefix, past.builds),
        others=_others(host, answers, facts, past),
        short=_short(host, answers),
    )


def _stamp(host: Host, answers: Answers) -> dict[str, str]:
    stamp = host.read(f"{answers.proxy.prefix}/{STAMP}")
    return stamped(stamp.content.decode(errors="replace")) if stamp else {}


def _archive(
    host: Host, answers: Answers, former: Answers | None, stamp: dict[str, str]
) -> Archive:
    """Look into the archive; once it is built, it may go, and what was built of it stands."""
    asked = answers.proxy
    same = former is not None and former.proxy.source_archive == asked.source_archive
    there = host.run("test", "-e", asked.source_archive).ok
    wanted = asked.source_sha256 or stamp.get("sha256")
    if not there and same and stamp and stamp["sha256"] == wanted:
        return Archive(version=stamp["version"], sha256=stamp["sha256"])
    return look_into(host, asked.source_archive)


def _strangers(host: Host, prefix: str, builds: tuple[RemoveBuild, ...]) -> tuple[str, ...]:
    """Give what lies where the built nginx is to be alone; a build cut off is our own."""
    if prefix in (each.prefix for each in builds):
        return ()
    lines = host.run("find", "-H", prefix, "-maxdepth", "1", "-printf", "%y %f\n").out.splitlines()
    if lines and not lines[0].startswith("d "):
        return (prefix,)
    return tuple(sorted(line.partition(" ")[2] for line in lines[1:]))


def _others(host: Host, answers: Answers, facts: Facts, past: Past) -> tuple[tuple[int, str], ...]:
    """Give every nginx that listens and is neither built nor brought by the wizard."""
    packaged = answers.proxy.install == "package"
    prefixes = {each.prefix for each in past.builds}
    if not packaged:
        prefixes.add(answers.proxy.prefix)
        prefixes.update([past.former.proxy.prefix] if past.former else [])
    ours = {built_nginx(prefix).program for prefix in prefixes}
    if packaged or (facts.distro and facts.distro.nginx in past.brought):
        ours.update(PACKAGED)
    programs = [
        (each.port, _program(host, each.pid)) for each in facts.listeners if each.process == "nginx"
    ]
    return tuple((port, program) for port, program in programs if program not in ours)


def _program(host: Host, pid: int) -> str:
    found = host.run("readlink", f"/proc/{pid}/exe").out.strip().removesuffix(" (deleted)")
    return found or "nginx"


def _short(host: Host, answers: Answers) -> tuple[Short, ...]:
    needs = ((SCRATCH, ROOM_TO_BUILD), (answers.proxy.prefix, ROOM_TO_KEEP))
    rooms = [(*free_space(host, path), needed) for path, needed in needs]
    return tuple(Short(*room) for room in rooms if room[1] < room[2])
