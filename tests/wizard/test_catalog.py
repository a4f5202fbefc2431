"""The catalog, read from a storage folder as the registry lays it out."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from wizard.catalog import Catalog
from wizard.catalog.command import size_text
from wizard.hosts import LocalHost

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Storage:
    """A storage folder that images are put into."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "docker/registry/v2"

    def blob(self, document: Any) -> str:
        text = json.dumps(document).encode()
        name = hashlib.sha256(text).hexdigest()
        path = self.root / "blobs/sha256" / name[:2] / name / "data"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        return f"sha256:{name}"

    def manifest(self, architecture: str, *sizes: int) -> str:
        config = {"os": "linux", "architecture": architecture, "created": "2026-11-01T00:00:00Z"}
        layers = [{"size": size, "digest": "sha256:0"} for size in sizes]
        held = {"digest": self.blob(config), "size": 100}
        return self.blob({"schemaVersion": 2, "config": held, "layers": layers})

    def tag(self, repository: str, tag: str, digest: str, at: int = 1_700_000_000) -> None:
        link = self.root / "repositories" / repository / "_manifests/tags" / tag / "current/link"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.write_text(digest)
        os.utime(link, (at, at))

    @property
    def catalog(self) -> Catalog:
        return Catalog(LocalHost(), str(self.folder))


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path)


def test_an_empty_storage_has_no_repositories(storage: Storage) -> None:
    assert storage.catalog.repositories() == ()


def test_repositories_come_by_name_and_their_tags_newest_first(storage: Storage) -> None:
    one = storage.manifest("amd64", 10)
    storage.tag("team/web", "1", one, 1_700_000_000)
    storage.tag("team/web", "2", one, 1_700_000_500)
    storage.tag("alpine", "3.20", one)
    first, second = storage.catalog.repositories()
    assert (first.name, [each.name for each in first.tags]) == ("alpine", ["3.20"])
    assert (second.name, [each.name for each in second.tags]) == ("team/web", ["2", "1"])
    assert f"{second.updated:%Y-%m-%d %H:%M}" == "2023-11-14 22:21"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["alpine", "team/web"]),
        ("WEB", ["team/web"]),
        ("web:2", ["team/web"]),
        ("team/", ["team/web"]),
        (":3.20", ["alpine"]),
        ("nothing", []),
        ("web:3", []),
        (".*", []),
    ],
)
def test_a_search_is_for_a_part_of_name_and_tag(
    storage: Storage, text: str, found: list[str]
) -> None:
    storage.tag("team/web", "2", storage.manifest("amd64", 10))
    storage.tag("alpine", "3.20", storage.manifest("amd64", 10))
    assert [each.name for each in storage.catalog.repositories(text)] == found


def test_an_image_has_its_size_platform_and_date(storage: Storage) -> None:
    digest = storage.manifest("arm64", 1000, 500)
    storage.tag("app", "1", digest)
    image = storage.catalog.image("app", "1")
    assert image.digest == digest
    assert (image.size, image.platforms) == (1600, ("linux/arm64",))
    assert image.created == "2026-11-01T00:00:00Z"


def test_an_image_for_several_platforms_has_all_of_them_but_no_attestation(
    storage: Storage,
) -> None:
    inner = [
        {"digest": storage.manifest(each, 1000), "platform": {"os": "linux", "architecture": each}}
        for each in ("amd64", "arm64")
    ]
    said = {"digest": storage.manifest("unknown", 7), "platform": {"os": "unknown"}}
    storage.tag("app", "1", storage.blob({"manifests": [*inner, said]}))
    image = storage.catalog.image("app", "1")
    assert image.platforms == ("linux/amd64", "linux/arm64")
    assert image.size == 2200


ODD = (
    *({"manifests": 3}, {"layers": {"a": 1}, "config": [1]}, [], "text", 7, None),
    *({"layers": [1, {"size": "x"}]}, {"config": {"digest": "../../../etc/passwd"}}),
    {"manifests": [{"digest": "sha256:1", "platform": "linux"}]},
)


@pytest.mark.parametrize("document", ODD, ids=str)
def test_what_is_no_manifest_is_an_image_of_which_little_is_known(
    storage: Storage, document: Any
) -> None:
    storage.tag("app", "1", storage.blob(document))
    image = storage.catalog.image("app", "1")
    assert (image.size, image.platforms) == (0, ())


@pytest.mark.parametrize("link", ["", "sha256:zz", "sha512:0", "../..", "sha256:" + "0" * 64])
def test_a_tag_that_leads_nowhere_is_still_told(storage: Storage, link: str) -> None:
    storage.tag("app", "1", link)
    assert storage.catalog.repositories()[0].name == "app"
    assert storage.catalog.image("app", "1").platforms == ()


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1024, "1.0 KiB"), (1_500_000, "1.4 MiB"), (1 << 40, "1.0 TiB")],
)
def test_a_size_is_told_in_the_unit_that_fits(count: int, text: str) -> None:
    assert size_text(count) == text
