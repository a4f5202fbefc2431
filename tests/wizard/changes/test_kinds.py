"""Every kind of change survives being written to the journal and read back."""

from __future__ import annotations

import importlib
import json
from dataclasses import is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import wizard.changes
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
from wizard.changes.kinds import KINDS, from_json, to_json
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
    from wizard.changes import Change

EXAMPLES: tuple[Change | Command, ...] = (
    WriteFile("/a", b"\xff\x00\n", 0o600, "u", "g", True, ("k",), "shown", ("nginx", "-t"), "d"),  # noqa: FBT003
    RemoveFile("/a", "digest", ("/b", "/b/c")),
    MarkedLine("/etc/hosts", "# ours", "192.0.2.1\tname", expect="192.0.2.2\tname"),
    Link("/a", "/b", expect=""),
    MakeFolder("/a", 0o750, "u", "g"),
    RemoveFolder("/a", ("/b",)),
    InstallPackages(("nginx", "docker-registry")),
    RemovePackages(("nginx-common",)),
    Service("nginx", running=False, enabled=False, port=443, expect=(True, False), others=("ls",)),
    MakeUser("docker-registry", "/opt/data/registry"),
    RemoveUser("docker-registry", images="/opt/data/registry"),
    FetchImage("registry:3.1.1", "/root/registry.tar", ("sha256:1",), b"[]", named=False),
    RemoveImage("registry:3.1.1"),
    RemoveImages("/opt/data/registry"),
    RunContainer("registry", "registry:3.1.1", ("/a.yml",), "u", ("/a:/b:ro",), ("127.0.0.1:1:2",)),
    StopContainer("registry"),
    RemoveContainer("registry"),
    RemoveUser("www", user=False),
    BuildNginx("1.26.3", "/a.tar.gz", "5e", "/opt/nginx", ("--a", "--b=c d"), "nginx", 443),
    RemoveBuild("/opt/nginx", ("/opt/nginx",)),
    SwappedLine("/etc/hosts", "192.0.2.1 name", "192.0.2.9 name", back="127.0.1.1 name"),
    LastLine("/etc/nftables.conf", "insert rule", present=False, check=("nft", "-c")),
    UfwPort(443, opened=False),
    FirewalldPort("public", 443, permanent=True),
    NftRule("inet filter input", 443),
    SelinuxBoolean("httpd_can_network_connect", on=False),
    SelinuxPort(8444, ""),
    SelinuxFiles("/opt/nginx/sbin/nginx", "httpd_exec_t", folder=False),
    SelinuxRestored("/etc/registry-wizard"),
    Command(("nginx", "-s", "reload"), ("nginx", "-t")),
    EmptyFolder("/a", 0o700, "u", "g", there=True),
    Anchors("/bundle", ("refresh", "it"), ("/a", "/b"), b"\xff", "digest", "shown"),
    FormerBundle("/bundle", ("refresh",), ("/a",), b"\xff", b"\xff", "digest", 0, "u", "g"),
    WithoutEntries("/etc/docker/daemon.json", "insecure-registries", ("a", "b:5000")),
    WithoutFlags("/etc/default/docker", "--insecure-registry", ("a",)),
)


@pytest.mark.parametrize("change", EXAMPLES, ids=lambda change: type(change).__name__)
def test_what_is_written_down_is_read_back(change: Change | Command) -> None:
    kept: dict[str, bytes] = {}

    def keep(content: bytes) -> str:
        kept["name"] = content
        return "name"

    record = json.loads(json.dumps(to_json(change, keep)))
    assert from_json(record, kept.__getitem__) == change


def test_every_kind_has_an_example_above() -> None:
    assert {type(each).__name__ for each in EXAMPLES} == set(KINDS)


def test_every_kind_there_is_can_be_read_back() -> None:
    folder = Path(wizard.changes.__file__).parent
    modules = [importlib.import_module(f"wizard.changes.{each.stem}") for each in sources(folder)]
    there = {name for module in modules for name, found in vars(module).items() if kind(found)}
    assert there == set(KINDS)


def sources(folder: Path) -> list[Path]:
    return [each for each in folder.glob("*.py") if each.stem not in ("__init__", "kinds")]


def kind(found: Any) -> bool:
    return isinstance(found, type) and is_dataclass(found) and hasattr(found, "apply")


def test_no_byte_of_a_file_stands_in_the_record() -> None:
    record = to_json(WriteFile("/a", b"S3same"), lambda _: "name")
    assert record["content"] == {"kept": "name"}
    assert "S3same" not in repr(record)
