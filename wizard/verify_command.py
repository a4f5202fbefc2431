"""The command `verify`: which registry is looked at, how far, and what its exit code is."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.checks import DEEP, Depth, Scene, Target, target_at, verified
from wizard.errors import BadUsage, ChecksFailed
from wizard.hosts import LocalHost
from wizard.pem import certificates
from wizard.troubles import store
from wizard.troubles.folders import DOCKER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.events import Tell
    from wizard.hosts import Host
    from wizard.place import Place

LONGEST = 4096  # bytes of a password


@dataclass(frozen=True)
class Asked:
    """What the command line says; without ``url`` the registry that this machine knows."""

    url: str = ""
    ca: str = ""  # a file
    user: str = ""
    password_file: str = ""  # - is standard input
    push: bool | None = None
    warn_days: int | None = None


def verify(
    asked: Asked, session: Callable[[], Place[Any, Any]], environ: Mapping[str, str], tell: Tell
) -> int:
    """Run every check that applies; give 0, or raise ChecksFailed where one failed."""
    if asked.warn_days is not None and asked.warn_days < 0:
        raise BadUsage(f"--warn-days {asked.warn_days}: days are counted from 0", "--warn-days 14")
    if asked.url:
        depth = Depth(push=bool(asked.push), warn_days=asked.warn_days)
        good = verified(elsewhere(asked, LocalHost(), environ, depth), tell)
    else:
        _refuse_without_url(asked)
        push = DEEP.push if asked.push is None else asked.push
        good = session().verify(tell, Depth(push, asked.warn_days))
    if not good:
        raise ChecksFailed("A check failed", "see its remedy above")
    return 0


def elsewhere(asked: Asked, host: Host, environ: Mapping[str, str], depth: Depth) -> Scene:
    """Give a registry that somebody else set up, as it is seen from here. Raises BadUsage."""
    ca = _file(host, asked.ca, "--ca") if asked.ca else b""
    if asked.ca and not certificates(ca):
        raise BadUsage(
            f"--ca {asked.ca}: there is no PEM certificate in it",
            "openssl x509 -inform DER -in FILE -out ca.crt turns DER into PEM",
        )
    if bool(asked.user) != bool(asked.password_file):
        raise BadUsage("--user and --password-file go together", "--user NAME --password-file -")
    held = b"".join(certificates(ca).values())  # without the comments that bundles have
    target = target_at(asked.url, held, asked.user, _password(asked.password_file))
    return Scene(_trusting(host, target), host, dt.datetime.now(dt.UTC), environ, None, depth)


def _trusting(host: Host, target: Target) -> Target:
    """Without a CA of its own take those which Docker would.

    They are what lies in its folder here, and the system's own as well.
    """
    if target.ca:
        return target
    listed = host.run("find", f"{DOCKER}/{target.at}", "-maxdepth", "1", "-name", "*.crt").out
    files = (host.read(path) for path in listed.splitlines())
    held = (pem for file in files if file for pem in certificates(file.content).values())
    own = b"".join(held)
    roots = store.look(host).first if own else None
    return replace(target, ca=own + b"".join(roots.held.values() if roots else ()))


def _refuse_without_url(asked: Asked) -> None:
    given = {"--ca": asked.ca, "--user": asked.user, "--password-file": asked.password_file}
    for name, text in given.items():
        if text:
            raise BadUsage(
                f"{name} goes with --url: of the registry on record here it is known",
                "registry-wizard verify --url HOST[:PORT] --ca FILE",
            )


def _password(path: str) -> str:
    """Read the first line, of a pipe of the shell's as well. Raises BadUsage."""
    if not path:
        return ""
    try:
        with contextlib.ExitStack() as opened:
            stream = opened.enter_context(Path(path).open("rb")) if path != "-" else None
            content = (stream or sys.stdin.buffer).readline(LONGEST)
    except OSError as refusal:
        raise BadUsage(f"--password-file {path}: {refusal.strerror}") from None
    lines = content.decode(errors="replace").splitlines()
    if not lines or not lines[0]:
        raise BadUsage(f"--password-file {path}: there is no password in its first line")
    return lines[0]


def _file(host: Host, path: str, option: str) -> bytes:
    file = host.read(path)
    if file is None:
        raise BadUsage(f"{option} {path}: there is no such file")
    return file.content
