"""Browsing the images, on the screen and in plain mode."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList

from screens.columns import in_columns
from screens.images import Images
from screens.plain_images import Images as PlainImages
from screens.plain_talk import Left, Talk
from screens.tags import Tags
from tests.screens.stage import Stage, on_stage
from tests.screens.test_clients import installed
from tests.wizard.storage import AT, Storage
from wizard.answers import Answers, Registry
from wizard.catalog import Catalog
from wizard.hosts import File
from wizard.sheet import dump
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.fake_host import FakeHost
    from wizard.catalog import Listing
    from wizard.catalog.manifests import Image


def staged(
    act: Callable[[Stage], Awaitable[None]],
    folder: Path,
    host: FakeHost | None = None,
    size: tuple[int, int] = (80, 24),
) -> None:
    async def play() -> None:
        async with on_stage(folder, size, host) as stage:
            await act(stage)

    asyncio.run(play())


async def opened(stage: Stage, catalog: Catalog, until: str) -> str:
    await stage.wait_for("1  Begin")
    stage.app.push_screen(Images(catalog))
    return await stage.wait_for(until)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path)
    storage.tag("team/web", "2", storage.index("amd64", "arm64"), 1_700_000_500)
    storage.tag("team/web", "1", storage.manifest("amd64", 5_000_000))
    storage.tag("alpine", "3.22", storage.manifest("amd64", 3_000_000))
    return storage


@dataclass(frozen=True)
class Slow(Catalog):
    """A storage that is read only once somebody says so; it notes which tags are looked into."""

    go: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)

    def read(self) -> Listing:
        self.go.wait(20)
        return super().read()

    def image(self, repository: str, tag: str) -> Image:
        self.asked.append(tag)
        return super().image(repository, tag)


def test_a_search_an_image_its_command_and_back(storage: Storage, tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        said = await opened(stage, storage.catalog, "Repositories: 2, tags: 3")
        assert said.index("alpine") < said.index("team/web")
        await stage.press(*"WEB:")
        said = await stage.wait_for("Repositories: 1, tags: 2")
        assert "alpine" not in said
        await stage.press("enter")
        said = await stage.wait_for("linux/amd64, linux/arm64")
        assert "docker pull docker.benet.com/team/web:2" in said
        await stage.press("down", "c")
        assert "docker.benet.com/team/web:1" in await stage.wait_for("Copied: docker pull")
        assert stage.app.clipboard == "docker pull docker.benet.com/team/web:1"
        await stage.press("escape")
        await stage.wait_for("Repositories: 1, tags: 2")
        await stage.press("escape")
        await stage.wait_for("1  Begin")

    staged(act, tmp_path)


def test_the_cursor_stays_in_the_search_while_the_arrows_move_the_list(
    storage: Storage, tmp_path: Path
) -> None:
    async def act(stage: Stage) -> None:
        await opened(stage, storage.catalog, "Repositories: 2, tags: 3")
        await stage.press("down")
        assert isinstance(stage.app.focused, Input)
        await stage.press("f3")
        await stage.wait_for("docker.benet.com/team/web:2")

    staged(act, tmp_path)


def test_reading_holds_nobody_up_and_can_be_left(storage: Storage, tmp_path: Path) -> None:
    slow = Slow(str(storage.folder), AT)

    async def act(stage: Stage) -> None:
        await opened(stage, slow, "Reading ...")
        await stage.press(*"web", "enter")  # there is nothing to open yet
        await stage.press("escape")
        await stage.wait_for("1  Begin")
        stage.app.push_screen(Images(slow))
        await stage.wait_for("Reading ...")
        await stage.press(*"web")
        slow.go.set()
        await stage.wait_for("Repositories: 1, tags: 2")

    staged(act, tmp_path)


def test_of_many_tags_only_those_that_are_seen_are_looked_into(
    storage: Storage, tmp_path: Path
) -> None:
    one = storage.manifest("amd64", 10)
    for number in range(500):
        storage.tag("many", f"build-{number:03}", one, 1_700_000_000 - number)
    slow = Slow(str(storage.folder), AT)
    slow.go.set()

    async def act(stage: Stage) -> None:
        await opened(stage, slow, "Repositories: 3")
        await stage.press(*"many", "enter")
        await stage.wait_for("110 B")
        assert 5 < len(slow.asked) < 20
        await stage.press("end")
        await stage.wait_for("build-499")
        await stage.wait_for("Pushed")
        assert {"build-000", "build-499"} < set(slow.asked)
        assert len(slow.asked) < 60

    staged(act, tmp_path)


def test_what_was_pushed_meanwhile_is_read_again(storage: Storage, tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await opened(stage, storage.catalog, "Repositories: 2, tags: 3")
        storage.tag("fresh", "1", storage.manifest("amd64", 1))
        await stage.press("f5")
        await stage.wait_for("Repositories: 3, tags: 4")

    staged(act, tmp_path)


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 40)], ids=str)
def test_long_names_fit_every_window(
    storage: Storage, size: tuple[int, int], tmp_path: Path
) -> None:
    name, tag = "/".join(["a-rather-long-name"] * 8), "v1.0.0-" + "0123456789abcdef" * 3
    storage.tag(name, tag, storage.manifest("amd64", 10))

    async def act(stage: Stage) -> None:
        await opened(stage, storage.catalog, "Repositories: 3")
        assert "a-rather-long" in stage.text()
        await stage.press(*"rather", "enter")
        said = await stage.wait_for("110 B")
        assert "2026-11-01" in said
        assert f"{AT}/a-rather" in said
        assert said.startswith(" registry-wizard  ")

    staged(act, tmp_path, size=size)


def test_a_choice_at_the_second_start_leads_here_and_back(tmp_path: Path) -> None:
    host = installed()
    nowhere = Registry("docker.benet.com", "192.168.1.107", storage="/opt/nowhere/registry")
    host.files[RECORD] = File(dump(Answers(registry=nowhere)).encode(), 0o600)

    async def act(stage: Stage) -> None:
        await stage.wait_for("4  Images")
        await stage.press("down", "down", "down", "enter")
        said = await stage.wait_for("is not there")
        assert "is its disk mounted?" in said
        await stage.press("f5", "escape")
        await stage.wait_for("4  Images")

    staged(act, tmp_path, host)


def test_a_part_that_cannot_be_read_is_told(storage: Storage, tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Damaged(Catalog):
        def read(self) -> Listing:
            whole = super().read()
            return type(whole)(whole.at, whole.repositories, ("/srv/x: Input/output error",))

    async def act(stage: Stage) -> None:
        damaged = Damaged(str(storage.folder), AT)
        said = await opened(stage, damaged, "/srv/x: Input/output error")
        assert "team/web" in said

    staged(act, tmp_path)


def test_columns_cut_the_first_and_put_numbers_at_the_right() -> None:
    assert in_columns(("name", "7", "x"), (6, -3, 4)) == "name      7  x"
    assert in_columns(("a-long-name",), (8, -3)) == "a-lon..."


@dataclass
class Typist:
    """Types its lines one after the other, and keeps what was said."""

    lines: list[str]
    said: str = ""

    def browse(self, catalog: Catalog) -> str:
        def read(prompt: str) -> str:
            self.write(f"{prompt}\n")
            if not self.lines:
                raise EOFError
            return self.lines.pop(0)

        PlainImages(catalog, Talk(read, read, self.write)).ask()
        return self.said

    def write(self, text: str) -> None:
        self.said += text


def test_plain_mode_searches_lists_and_looks_at_one(storage: Storage) -> None:
    typist = Typist(["none", "web", "9", "x", "1", "", "", "<"])
    said = typist.browse(storage.catalog)
    assert "No image holds this in its name or tag.\n" in said
    assert "1. team/web:2\n2. team/web:1\n" in said
    assert said.count("There is no image of that number.") == 2
    assert "  docker pull docker.benet.com/team/web:2\n" in said
    assert "  Platforms  linux/amd64, linux/arm64\n" in said
    assert "1. alpine:3.22\n" in said
    assert typist.lines == []


def test_plain_mode_says_how_to_push_the_first(tmp_path: Path) -> None:
    assert "docker push docker.benet.com/IMAGE:TAG" in Typist([]).browse(Storage(tmp_path).catalog)


def test_plain_mode_is_left_where_the_line_ends(storage: Storage) -> None:
    with pytest.raises(Left):
        Typist(["web"]).browse(storage.catalog)


def test_a_tag_without_a_manifest_and_an_artifact_are_told(
    storage: Storage, tmp_path: Path
) -> None:
    storage.tag("odd", "broken", "sha256:" + "0" * 64, 1_700_000_900)
    storage.tag("odd", "chart", storage.blob({"mediaType": "x/helm", "layers": []}))

    async def act(stage: Stage) -> None:
        await opened(stage, storage.catalog, "Repositories: 3")
        await stage.press(*"odd", "enter")
        assert "it cannot be pulled" in await stage.wait_for("(broken)")
        await stage.press("down")
        await stage.wait_for("it is no image that runs (x/helm)")
        assert isinstance(stage.app.screen, Tags)
        assert stage.app.screen.query_one(OptionList).highlighted == 1

    staged(act, tmp_path)
