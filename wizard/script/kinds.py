"""What each kind of change is in the shell: one function a kind, in a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.changes.built import BuildNginx, RemoveBuild
from wizard.changes.commands import Command
from wizard.changes.containers import (
    FetchImage,
    RemoveContainer,
    RemoveImage,
    RunContainer,
    StopContainer,
)
from wizard.changes.daemon import WithoutEntries, WithoutFlags
from wizard.changes.files import Link, MarkedLine, RemoveFile, WriteFile
from wizard.changes.firewalld import FirewalldPort
from wizard.changes.folders import EmptyFolder, MakeFolder, RemoveFolder
from wizard.changes.images import RemoveImages
from wizard.changes.last_line import LastLine
from wizard.changes.nftables import NftRule
from wizard.changes.packages import InstallPackages, RemovePackages
from wizard.changes.selinux import SelinuxBoolean, SelinuxFiles, SelinuxPort, SelinuxRestored
from wizard.changes.services import OPENRC, SYSTEMD, Service, enabling, verb
from wizard.changes.store import Anchors, FormerBundle
from wizard.changes.swapped_line import SwappedLine
from wizard.changes.ufw import UfwPort
from wizard.changes.users import MakeUser, RemoveUser
from wizard.errors import WizardError
from wizard.script import containers, guards, trust
from wizard.script.built import build_nginx, make_user, remove_build, remove_user
from wizard.script.made import FILLED
from wizard.script.packagers import gone
from wizard.script.words import fed, join, quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.changes import Change
    from wizard.script.made import Made


def in_shell(change: Change | Command, made: Made) -> str:
    """Give the lines that make a change true; empty where others do it along with theirs."""
    return KINDS[type(change)](change, made)


def _write_file(change: WriteFile, made: Made) -> str:
    if change.path in made.files:
        return made.files[change.path]
    if change.secret and change.path not in FILLED:
        raise WizardError(f"A script can make no secret such as {change.path}")
    words = (f"{change.mode:o}", change.owner, change.group, change.path)
    put, copy = join(("put", *words)), made.copies.get(change.content)
    put = f"{put} < {copy}" if copy else fed(put, change.content, made.holes)
    if not change.check:
        return put
    refused = quote(f"{join(change.check)} refuses {change.path}; the former one is back in place")
    return (
        f"{put}\n{join(change.check)} || {{\n    back {quote(change.path)}\n    stop {refused}\n}}"
    )


def _remove_file(change: RemoveFile, made: Made) -> str:
    path = quote(change.path)
    lines = [f"if [ -e {path} ]; then", f"    keep {path}", f"    rm -f {path}", "fi"]
    lines += [_unless_full(folder) for folder in reversed(change.folders)]
    return "\n".join(lines)


def _marked_line(change: MarkedLine, made: Made) -> str:
    """Our line goes on top; the file keeps its owner, mode and every other byte."""
    path, marker = quote(change.path), f"{_plainly(change.marker)}[[:space:]]*$"
    named = [f"[[:space:]]{_plainly(name)}[[:space:]].*{marker}" for name in change.names]
    others = f"sed {quote(';'.join(f'/{each}/d' for each in named or [marker]))} {path}"
    line = f"printf '%s\\t%s\\n' {quote(change.line)} {quote(change.marker)}"
    wanted = f"{{\n    {line}\n    {others}\n}}" if change.line else others
    return (
        f"[ -e {path} ] || : > {path}\n"
        f'{wanted} > "$work/lines"\n'
        f'cmp -s "$work/lines" {path} || {{\n'
        f'    keep {path}\n    cat "$work/lines" > {path}\n}}'
    )


def _swapped_line(change: SwappedLine, made: Made) -> str:
    """The line ends as it did, with a carriage return or without; sed has no word for one."""
    path, line = quote(change.path), re.sub(r"([\\&/])", r"\\\1", change.line)
    former, new = quote(f"s/^{_plainly(change.former)}\\("), quote(f"*\\)$/{line}\\1/")
    return (
        f'sed {former}"$(printf \'\\r\')"{new} {path} > "$work/lines"\n'
        f'cmp -s "$work/lines" {path} || {{\n'
        f'    keep {path}\n    cat "$work/lines" > {path}\n}}'
    )


def _plainly(text: str) -> str:
    """Give a text as sed's pattern for it."""
    return re.sub(r"([][\\.*^$/])", r"\\\1", text)


def _link(change: Link, made: Made) -> str:
    path, target = quote(change.path), quote(change.target)
    if not change.target:
        return f"if [ -L {path} ]; then\n    keep {path}\n    rm {path}\nfi"
    there = f'[ "$(readlink {path})" = {target} ]'
    folder = f'install -d "$(dirname {path})"'
    return f"{there} || {{\n    keep {path}\n    {folder}\n    ln -sfn {target} {path}\n}}"


def _make_folder(change: MakeFolder, made: Made) -> str:
    rights = ("-m", f"{change.mode:o}", "-o", change.owner, "-g", change.group)
    return join(("install", "-d", *rights, change.path))


def _remove_folder(change: RemoveFolder, made: Made) -> str:
    """What the folder holds is never removed."""
    path = quote(change.path)
    holds = f'[ -n "$(find {path} ! -type d -print -quit 2> /dev/null)" ]'
    lines = [f"{holds} || find {path} -depth -type d -empty -delete"]
    return "\n".join(lines + [_unless_full(folder) for folder in reversed(change.parents)])


def _install_packages(change: InstallPackages, made: Made) -> str:
    return join(("packages", *change.names))


def _remove_packages(change: RemovePackages, made: Made) -> str:
    return "\n".join(gone(change.manager, name) for name in change.names)


def _service(change: Service, made: Made) -> str:
    word = "start" if change.running else "stop"
    act = join(verb(made.init, change.name, word))
    lines = [_enabling(change, made.init), act]
    if not made.systemd:
        status = join(verb(made.init, change.name, "status"))
        lines[1] = f"{status} > /dev/null 2>&1 {'||' if change.running else '&&'} {act}"
    if change.running and change.port:
        log = f"journalctl -u {change.name}" if made.systemd else f"/var/log/{change.name}.log"
        said = quote(f"{change.name} does not listen on port {change.port}; {log} says why")
        lines.append(f"soon listens {change.port} || stop {said}")
    return "\n".join(lines)


def _enabling(change: Service, init: str) -> str:
    words = enabling(init, change.name, on=change.enabled)
    if init == SYSTEMD:
        return join((*words[:2], "--quiet", *words[2:]))
    # OpenRC's takes nothing out twice.
    return join(words) if init != OPENRC or change.enabled else f"{join(words)} || :"


def _command(change: Command, made: Made) -> str:
    """A ``then``: due where the step has changed something."""
    probe = f" && {join(change.only_if)} > /dev/null 2>&1" if change.only_if else ""
    return f'if [ -n "$changed" ]{probe}; then\n    {join(change.argv)}\nfi'


def _unless_full(folder: str) -> str:
    return f"rmdir --ignore-fail-on-non-empty {quote(folder)} 2> /dev/null || :"


KINDS: dict[type[Any], Callable[[Any, Made], str]] = {
    WriteFile: _write_file,
    RemoveFile: _remove_file,
    MarkedLine: _marked_line,
    Link: _link,
    MakeFolder: _make_folder,
    RemoveFolder: _remove_folder,
    InstallPackages: _install_packages,
    RemovePackages: _remove_packages,
    Service: _service,
    MakeUser: make_user,
    RemoveUser: remove_user,
    FetchImage: containers.fetch_image,
    RemoveImage: containers.remove_image,
    RemoveImages: containers.remove_images,
    RunContainer: containers.run_container,
    StopContainer: containers.stop_container,
    RemoveContainer: containers.remove_container,
    BuildNginx: build_nginx,
    RemoveBuild: remove_build,
    LastLine: guards.last_line,
    SwappedLine: _swapped_line,
    UfwPort: guards.ufw_port,
    FirewalldPort: guards.firewalld_port,
    NftRule: guards.nft_rule,
    SelinuxBoolean: guards.selinux_boolean,
    SelinuxPort: guards.selinux_port,
    SelinuxFiles: guards.selinux_files,
    SelinuxRestored: guards.selinux_restored,
    Command: _command,
    EmptyFolder: trust.empty_folder,
    Anchors: trust.anchors,
    FormerBundle: trust.former_bundle,
    WithoutEntries: trust.without_entries,
    WithoutFlags: trust.without_flags,
}
