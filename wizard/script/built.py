"""nginx from source in the shell's words: built, upgraded in place, and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.built import PARTS, STAMP, TYPES
from wizard.changes.compiling import SCRATCH
from wizard.changes.users import NOBODY_IN
from wizard.render import render
from wizard.script.words import join, quote

if TYPE_CHECKING:
    from wizard.changes.built import BuildNginx, RemoveBuild
    from wizard.changes.users import MakeUser, RemoveUser
    from wizard.script.made import Made


def build_nginx(change: BuildNginx, made: Made) -> str:
    name = change.service
    systemd = ("systemctl", "is-active", "--quiet", name), ("systemctl", "restart", name)
    scripts = ("service", name, "status"), ("service", name, "restart")
    probe, restart = systemd if made.systemd else scripts
    text = render(
        "script-nginx.sh",
        version=change.version,
        prefix=quote(change.prefix),
        scratch=SCRATCH,
        stamp=change.stamp,
        stamp_name=STAMP,
        types=TYPES,
        archive=quote(change.archive),
        sha256=change.sha256,
        another=quote(f"{change.archive} is another one than this script was written for"),
        configure=[quote(word) for word in change.configure],
        probe=join(probe),
        restart=join(restart),
    )
    return text.decode()


def remove_build(change: RemoveBuild, made: Made) -> str:
    prefix = quote(change.prefix)
    lines = [
        join(("rm", "-rf", *(f"{change.prefix}/{part}" for part in PARTS))),
        f"[ ! -d {prefix} ] || find {prefix} -mindepth 1 -depth -type d -empty -delete",
    ]
    ends = "--ignore-fail-on-non-empty"
    lines += [f"rmdir {ends} {quote(each)} 2> /dev/null || :" for each in reversed(change.folders)]
    return "\n".join(lines)


def make_user(change: MakeUser, made: Made) -> str:
    name = quote(change.name)
    add = join(("useradd", "--system", "--gid", change.name, *NOBODY_IN, change.name))
    return (
        f"getent group {name} > /dev/null || groupadd --system {name}\n"
        f"getent passwd {name} > /dev/null || {add}"
    )


def remove_user(change: RemoveUser, made: Made) -> str:
    due = (("passwd", "userdel", change.user), ("group", "groupdel", change.group))
    name = quote(change.name)
    lines = [f"! getent {base} {name} > /dev/null || {verb} {name}" for base, verb, on in due if on]
    return "\n".join(lines)
