"""The closed table of change kinds, and how a change is written to JSON and read back."""

from __future__ import annotations

from dataclasses import fields
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
from wizard.changes.services import Service
from wizard.changes.store import Anchors, FormerBundle
from wizard.changes.swapped_line import SwappedLine
from wizard.changes.ufw import UfwPort
from wizard.changes.users import MakeUser, RemoveUser

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.changes import Change

KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        WriteFile,
        RemoveFile,
        MarkedLine,
        Link,
        MakeFolder,
        RemoveFolder,
        EmptyFolder,
        InstallPackages,
        RemovePackages,
        Service,
        MakeUser,
        RemoveUser,
        FetchImage,
        RemoveImage,
        RemoveImages,
        RunContainer,
        StopContainer,
        RemoveContainer,
        BuildNginx,
        RemoveBuild,
        LastLine,
        SwappedLine,
        UfwPort,
        FirewalldPort,
        NftRule,
        SelinuxBoolean,
        SelinuxPort,
        SelinuxFiles,
        SelinuxRestored,
        Command,
        Anchors,
        FormerBundle,
        WithoutEntries,
        WithoutFlags,
    )
}


def to_json(change: Change | Command, keep: Callable[[bytes], str]) -> dict[str, Any]:
    """Give the change as a JSON object; ``keep`` stores bytes and gives their name."""
    values = {field.name: getattr(change, field.name) for field in fields(change)}  # type: ignore[arg-type]
    return {"kind": type(change).__name__} | {
        name: {"kept": keep(value)} if isinstance(value, bytes) else value
        for name, value in values.items()
    }


def from_json(record: dict[str, Any], fetch: Callable[[str], bytes]) -> Any:
    """Read a change back; ``fetch`` gives the bytes that were kept under a name."""
    values = {name: _value(value, fetch) for name, value in record.items() if name != "kind"}
    return KINDS[record["kind"]](**values)


def _value(value: Any, fetch: Callable[[str], bytes]) -> Any:
    if isinstance(value, dict):
        return fetch(value["kept"])
    return tuple(value) if isinstance(value, list) else value
