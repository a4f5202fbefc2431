"""nginx compiled from its archive: in a folder aside, as nobody, without a network."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wizard.errors import WizardError
from wizard.hosts import Folder
from wizard.ways_out import of_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.hosts import Argv, Host, Log, Result

SCRATCH = "/var/lib/registry-wizard-build"
SOURCE = f"{SCRATCH}/source"
BUILDER = "nobody"  # what an archive's own scripts do must not need our trust
IN_FOLDER = 'cd "$1" && shift && exec "$@"'
LAST_LINES = 12
_OBJECT = re.compile(r"\s-o objs/(\S+\.o)\b")


@contextmanager
def compiled(
    host: Host, archive: str, sha256: str, configure: Argv, log: Log
) -> Iterator[tuple[str, str]]:
    """Build nginx; give the program and its table of file types, both gone afterwards."""
    host.run("rm", "-rf", SCRATCH)
    try:
        cage = _cage(host)
        _unpack(host, archive, sha256, cage)
        _make(host, configure, cage, log)
        yield f"{SOURCE}/objs/nginx", f"{SOURCE}/conf/mime.types"
    finally:
        host.run("rm", "-rf", SCRATCH)


def _cage(host: Host) -> Argv:
    """Give the words before a command that take root, groups and network away from it."""
    offline = ("unshare", "--net", "--")
    group = host.run("id", "-g", BUILDER).must().out.strip()
    user = ("setpriv", f"--reuid={BUILDER}", f"--regid={group}", "--clear-groups")
    words = (*user, "--no-new-privs", "--")
    # Building needs no network; a container that may not make a namespace builds with one.
    return (*offline, *words) if host.run(*offline, "true").ok else words


def _unpack(host: Host, archive: str, sha256: str, cage: Argv) -> None:
    copy = f"{SCRATCH}/nginx.tar.gz"
    group = host.run("id", "-gn", BUILDER).must().out.strip()
    host.make_folder(SCRATCH, Folder(0o700, BUILDER, group))
    host.make_folder(SOURCE, Folder(0o700, BUILDER, group))
    host.run("cp", "--", archive, copy).must("is the archive still there, and room on the disk?")
    found = host.run("sha256sum", copy).must().out.split()[0]
    if found != sha256:
        raise WizardError(
            f"{archive} has changed since it was looked at: its SHA-256 was {sha256}, now {found}",
            "nothing was built; see who writes to it, then run the wizard again",
        )
    words = ("tar", "-xzf", copy, "--strip-components=1", "--no-same-owner")
    _must(_in_source(host, cage, *words, "--no-same-permissions"), f"unpacking {archive}")


def _make(host: Host, configure: Argv, cage: Argv, log: Log) -> None:
    _must(_in_source(host, cage, "./configure", *configure, log=log), "./configure")
    objects = host.run("grep", "-c", r"^objs/.*\.o:", f"{SOURCE}/objs/Makefile").out.strip()
    jobs = host.run("nproc").out.strip() or "1"
    listener = _counted(log, int(objects or 0))
    _must(_in_source(host, cage, "make", f"-j{jobs}", log=listener), "make")
    _must(_in_source(host, cage, "strip", "objs/nginx"), "strip")


def _counted(log: Log, total: int) -> Log:
    """Give a listener to make that says at each object which share of ``total`` there is."""
    seen = 0

    def line(text: str) -> None:
        nonlocal seen
        found = _OBJECT.search(text)
        if not found:
            log(text)
            return
        seen += 1
        log(f"share:{seen / max(seen, total)}:{found[1]}")

    return line


def _in_source(host: Host, cage: Argv, *argv: str, log: Log | None = None) -> Result:
    return host.run(*cage, "sh", "-c", IN_FOLDER, "sh", SOURCE, *argv, log=log)


def _must(result: Result, what: str) -> None:
    if result.ok:
        return
    lines = [*result.out.splitlines()[-LAST_LINES:], *result.err.splitlines()[-LAST_LINES:]]
    raise WizardError(
        f"nginx could not be built: {what} ended with {result.code}:\n"
        + "\n".join(lines[-LAST_LINES:]),
        of_disk(f"{result.out}\n{result.err}")
        or "nothing of it is left; another archive, or mending what the lines say, may help",
    )
