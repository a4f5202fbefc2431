"""The catalog, read from a storage folder as the registry lays it out, and from odd ones."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.fake_host import FakeHost
from tests.wizard.storage import AT, Storage
from wizard import catalog_command
from wizard.answers import Answers, ClientSide, Registry
from wizard.catalog import Catalog
from wizard.catalog.manifests import INFERRED, LARGEST, Image
from wizard.catalog.shown import size_text
from wizard.catalog.walk import Walk
from wizard.client_session import ClientSession
from wizard.errors import WizardError
from wizard.hosts import File
from wizard.session import Session
from wizard.sheet import dump
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.place import Place


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path)


def names(storage: Storage, text: str = "") -> list[str]:
    found = storage.catalog.read().holding(text).repositories
    return [f"{each.name}:{tag.name}" for each in found for tag in each.tags]


def image(storage: Storage, digest: str) -> Image:
    storage.tag("app", "1", digest)
    return storage.catalog.image("app", "1")


def test_an_empty_storage_has_no_repositories(storage: Storage) -> None:
    assert storage.catalog.read().repositories == ()


def test_a_storage_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(WizardError, match="gone is not there"):
        Catalog(f"{tmp_path}/gone", AT).read()


def test_repositories_come_by_name_and_their_tags_newest_first(storage: Storage) -> None:
    one = storage.manifest("amd64", 10)
    storage.tag("team/web", "1", one, 1_700_000_000)
    storage.tag("team/web", "2", one, 1_700_000_500)
    storage.tag("alpine", "3.20", one)
    assert names(storage) == ["alpine:3.20", "team/web:2", "team/web:1"]
    newest = storage.catalog.read().repositories[1].tags[0]
    assert f"{newest.pushed:%Y-%m-%d %H:%M}" == "2023-11-14 22:21"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["alpine:3.20", "team/web:1", "team/web:RC2"]),
        ("WEB", ["team/web:1", "team/web:RC2"]),
        ("web:rc", ["team/web:RC2"]),
        ("  team/ ", ["team/web:1", "team/web:RC2"]),
        (":3.20", ["alpine:3.20"]),
        ("Docker.benet.com/team/web:1", ["team/web:1"]),
        ("nothing", []),
        ("web:3", []),
        (".*", []),
    ],
)
def test_a_search_is_for_a_part_of_name_and_tag(
    storage: Storage, text: str, found: list[str]
) -> None:
    for name, tag in (("team/web", "1"), ("team/web", "RC2"), ("alpine", "3.20")):
        storage.tag(name, tag, storage.manifest("amd64", 10))
    assert names(storage, text) == found


def test_an_image_has_its_size_platform_and_date(storage: Storage) -> None:
    digest = storage.manifest("arm64", 1000, 500, variant="v8")
    found = image(storage, digest)
    assert (found.digest, found.size, found.platforms) == (digest, 1600, ("linux/arm64/v8",))
    assert found.created == "2026-11-01T00:00:00Z"
    assert found.media_type == INFERRED["layers"]
    assert storage.catalog.pull("app", "1") == "docker pull docker.benet.com/app:1"


def test_a_layer_that_is_named_twice_counts_once(storage: Storage) -> None:
    assert image(storage, storage.manifest("amd64", 1000, 1000)).size == 1100


def test_an_index_has_all_its_platforms_and_what_they_share_once(storage: Storage) -> None:
    shared = [storage.manifest(each, 1000) for each in ("amd64", "arm64")]
    said = {"digest": storage.manifest("unknown", 7), "platform": {"os": "unknown"}}
    inner = [{"digest": each} for each in shared]
    found = image(storage, storage.blob({"manifests": [*inner, said]}))
    assert found.platforms == ("linux/amd64", "linux/arm64")
    assert found.size == 100 + 100 + 1000 + 100 + 7
    assert found.media_type == INFERRED["manifests"]
    assert found.created == "2026-11-01T00:00:00Z"


def test_an_index_of_indexes_is_followed_and_one_of_itself_ends(storage: Storage) -> None:
    inner = storage.index("amd64", "arm64")
    outer = storage.blob({"manifests": [{"digest": inner}, {"digest": inner}]})
    assert image(storage, outer).platforms == ("linux/amd64", "linux/arm64")
    round_trip = "sha256:" + "a" * 64
    storage.path(round_trip).parent.mkdir(parents=True)
    storage.path(round_trip).write_text(json.dumps({"manifests": [{"digest": round_trip}]}))
    assert image(storage, round_trip).platforms == ()


def test_an_index_of_which_only_a_part_is_here_still_tells_its_platforms(storage: Storage) -> None:
    gone = {"digest": "sha256:" + "0" * 64, "platform": {"os": "windows", "architecture": "amd64"}}
    found = image(storage, storage.blob({"manifests": [gone, 7, {"digest": ["odd"]}]}))
    assert (found.platforms, found.size) == (("windows/amd64",), 0)


def test_the_first_schema_tells_its_blobs_and_its_history(storage: Storage) -> None:
    layers = [{"blobSum": storage.raw(b"x" * size)} for size in (300, 20)]
    history = [{"v1Compatibility": '{"os": "linux", "created": "2015-01-01T00:00:00Z"}'}]
    old = {"schemaVersion": 1, "architecture": "amd64", "fsLayers": layers, "history": history}
    found = image(storage, storage.blob(old))
    assert (found.size, found.platforms) == (320, ("linux/amd64",))
    assert (found.created, found.media_type) == ("2015-01-01T00:00:00Z", INFERRED["fsLayers"])


def test_an_artifact_is_told_as_such(storage: Storage) -> None:
    helm = "application/vnd.cncf.helm.config.v1+json"
    config = {"mediaType": helm, "digest": storage.blob({"name": "chart"}), "size": 16}
    chart = {"mediaType": INFERRED["layers"], "config": config, "layers": [{"size": 3000}]}
    found = image(storage, storage.blob(chart))
    assert (found.size, found.platforms, found.what) == (3016, (), "artifact")


ODD: tuple[Any, ...] = (
    *({"manifests": 3}, {"layers": {"a": 1}, "config": [1]}, [], "text", 7, None),
    *({"layers": [1, {"size": "x"}]}, {"config": {"digest": "../../../etc/passwd"}}),
    {"manifests": [{"digest": "sha256:1", "platform": "linux"}]},
    {"layers": [{"size": True}, {"size": -5}, {"size": 1e400}], "mediaType": 7},
    {"fsLayers": [{"blobSum": 4}], "history": [{"v1Compatibility": "[" * 9000}]},
    {"history": "x", "fsLayers": []},
)


@pytest.mark.parametrize("document", ODD, ids=range(len(ODD)))
def test_what_is_no_manifest_is_an_image_of_which_little_is_known(
    storage: Storage, document: Any
) -> None:
    found = image(storage, storage.blob(document))
    assert (found.size, found.platforms) == (0, ())


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b"1" * 5000], ids=range(4))
def test_a_manifest_of_odd_bytes_is_broken(storage: Storage, content: bytes) -> None:
    assert image(storage, storage.raw(content)).what == "broken"


def test_a_tag_that_leads_to_a_huge_blob_does_not_read_it_whole(storage: Storage) -> None:
    huge = "sha256:" + "b" * 64
    storage.path(huge).parent.mkdir(parents=True)
    with storage.path(huge).open("wb") as stream:
        stream.truncate(1 << 40)  # takes no room on the disk, and more memory than there is
    assert image(storage, huge).what == "broken"
    largest = storage.raw(json.dumps({"layers": [{"size": 5}]}).encode().ljust(LARGEST))
    assert image(storage, largest).size == 5


@pytest.mark.parametrize("link", ["", "sha256:zz", "sha512:0", "../..", "sha256:" + "0" * 64])
def test_a_tag_that_leads_nowhere_is_still_told(storage: Storage, link: str) -> None:
    assert image(storage, link).what == "broken"
    assert names(storage) == ["app:1"]


def test_a_manifest_that_was_deleted_by_its_digest_cannot_be_pulled(storage: Storage) -> None:
    storage.tag("app", "1", storage.manifest("amd64", 10))
    shutil.rmtree(storage.root / "repositories/app/_manifests/revisions")
    assert storage.catalog.image("app", "1").what == "broken"


def test_half_deleted_and_foreign_things_are_no_images(storage: Storage) -> None:
    one = storage.manifest("amd64", 10)
    storage.tag("index/revisions/tags", "latest", one)  # a name as good as any
    storage.tag("Capital", "1", one)
    storage.tag("new\nline", "1", one)
    storage.tag("app", "bad\x1b[31mtag", one)
    storage.tag("app", "-x", one)
    repositories = storage.root / "repositories"
    (repositories / "app/_manifests/tags/half/index").mkdir(parents=True)
    (repositories / "app/_manifests/tags/file").write_text("x")
    (repositories / "app/_manifests/tags/folder/current/link").mkdir(parents=True)
    (repositories / "uploading/_uploads/7").mkdir(parents=True)
    (repositories / "lost+found").mkdir()
    (repositories / "notes.txt").write_text("x")
    (repositories / "loop").symlink_to(repositories)
    (repositories / "nowhere").symlink_to("/nowhere/at/all")
    (repositories / "app/_manifests/tags/torn/current").mkdir(parents=True)
    (repositories / "app/_manifests/tags/torn/current/link").symlink_to("/nowhere")
    listing = storage.catalog.read()
    assert (names(storage), listing.unread) == (["index/revisions/tags:latest"], ())


def test_a_repository_that_was_moved_to_another_disk_is_found_by_its_link(
    storage: Storage, tmp_path: Path
) -> None:
    one = storage.manifest("amd64", 10)
    storage.tag("big/app", "1", one)
    storage.tag("small", "1", one)
    moved = storage.root / "repositories/big"
    moved.rename(tmp_path / "disk")
    moved.symlink_to(tmp_path / "disk")
    (tmp_path / "disk/app/again").symlink_to(tmp_path / "disk")
    (storage.root / "repositories/up").symlink_to(tmp_path)
    assert names(storage) == ["big/app:1", "small:1"]
    assert storage.catalog.image("big/app", "1").size == 110


def test_a_date_that_is_none_stops_nothing(storage: Storage) -> None:
    storage.tag("app", "1", storage.manifest("amd64", 10), 1 << 40)
    assert storage.catalog.read().repositories[0].tags[0].pushed.year > 2400  # as the disk has it


def test_what_cannot_be_read_is_noted_and_the_rest_is_told(storage: Storage) -> None:
    storage.tag("app", "1", storage.manifest("amd64", 10))
    long = Walk(f"{storage.root}/{'x' * 300}")
    assert (list(long.tags()), len(long.unread)) == ([], 1)
    assert "File name too long" in long.unread[0]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1024, "1.0 KiB"), (1_500_000, "1.4 MiB"), (1 << 40, "1.0 TiB")],
)
def test_a_size_is_told_in_the_unit_that_fits(count: int, text: str) -> None:
    assert size_text(count) == text


def machine(answers: Answers | None) -> FakeHost:
    return FakeHost(files={RECORD: File(dump(answers).encode())} if answers else {})


def told(storage: Storage, text: str = "", *, json: bool = False, width: int = 0) -> str:
    return "".join(catalog_command.listed(storage.catalog, text, as_json=json, width=width))


@pytest.fixture
def filled(storage: Storage) -> Storage:
    storage.tag("team/web", "2", storage.index("amd64", "arm64", "s390x"), 1_700_000_500)
    storage.tag("team/web", "1", storage.manifest("amd64", 5_000_000))
    storage.tag("old", "gone", "sha256:" + "0" * 64)
    return storage


def test_the_table_has_a_line_for_each_tag(filled: Storage) -> None:
    said = told(filled).splitlines()
    assert said[0].split() == list(catalog_command.COLUMNS)
    assert said[1] == "old         gone  -        (broken)        -           000000000000"
    assert said[2].startswith("team/web    2     3.2 KiB  linux/amd64 +2  2026-11-01  ")
    assert said[3].startswith("team/web    1     4.8 MiB  linux/amd64     2026-11-01  ")
    assert said[-1] == "2 repositories, 3 tags"
    assert told(filled, "gone").endswith("\n1 repository, 1 tag\n")


def test_where_the_table_is_too_wide_each_name_has_a_line(filled: Storage) -> None:
    said = told(filled, width=60).splitlines()
    assert said[2] == "team/web:2"
    assert said[3].startswith("  3.2 KiB  linux/amd64 +2  2026-11-01  ")
    assert max(map(len, said)) <= 60
    assert "REPOSITORY" in told(filled, width=200)


def test_json_has_everything_whole(filled: Storage) -> None:
    _, newest, _ = map(json.loads, told(filled, json=True).splitlines())
    assert newest == {
        "repository": "team/web",
        "tag": "2",
        "digest": filled.catalog.image("team/web", "2").digest,
        "size": 3303,
        "platforms": ["linux/amd64", "linux/arm64", "linux/s390x"],
        "created": "2026-11-01T00:00:00Z",
        "media_type": INFERRED["manifests"],
        "pushed": "2023-11-14T22:21:40Z",
    }


def test_only_the_first_are_looked_into_and_that_is_said_and_json_has_all(
    filled: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_command, "DETAILED", 1)
    said = told(filled).splitlines()
    assert said[3] == "team/web    1"
    assert said[-1].startswith("Only the first 1 were looked into")
    every = map(json.loads, told(filled, json=True).splitlines())
    assert [each["size"] for each in every] == [0, 3303, 5_000_100]


def test_nothing_a_builder_says_moves_the_terminal(storage: Storage) -> None:
    storage.tag("app", "1", storage.manifest("\x1b[2J\nx" * 90, 1, created="2026-11-01\x1b[31m"))
    said = told(storage)
    assert said.replace("\n", "").isprintable()
    assert len(said.splitlines()) == 4


def test_where_there_is_nothing_it_says_how_to_push_or_that_nothing_holds_the_text(
    storage: Storage,
) -> None:
    assert "docker push docker.benet.com/IMAGE:TAG" in told(storage)
    assert told(storage, json=True) == ""
    storage.tag("app", "1", storage.manifest("amd64", 1))
    assert told(storage, "x\x1b]0;y") == "No image holds 'x' in its name or tag\n"


def test_what_could_not_be_read_is_an_error_after_all_else(
    filled: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refusing(path: str) -> Any:
        if path.endswith("/old"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    lines: list[str] = []
    with pytest.raises(WizardError, match="A part of the storage could not be read"):
        lines.extend(catalog_command.listed(filled.catalog, "", as_json=True))
    assert not lines or "team/web" in lines[0]


@dataclass(frozen=True)
class NotHere:
    place: Place[Any, Any]
    says: str
    hint: str


CLIENT = Answers(role="client", registry=Registry(AT, https_port=8443), client=ClientSide("/c"))
NOT_HERE = {
    "nothing": NotHere(Session({}, machine(None)), "There is no registry of ours", "--answers"),
    "client": NotHere(
        ClientSession({}, machine(CLIENT)), "on its server", "https://docker.benet.com:8443/"
    ),
}


@pytest.mark.parametrize("where", NOT_HERE)
def test_where_no_registry_is_it_is_a_sentence_with_a_way_out(where: str) -> None:
    with pytest.raises(WizardError, match=NOT_HERE[where].says) as refused:
        NOT_HERE[where].place.images()
    assert NOT_HERE[where].hint in refused.value.hint


def test_a_server_reads_the_storage_of_its_answers() -> None:
    answers = Answers(registry=Registry(AT, https_port=8443, storage="/srv/images"))
    assert Session({}, machine(answers)).images() == Catalog("/srv/images", f"{AT}:8443")
