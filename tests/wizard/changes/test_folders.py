"""Folders come with their parents, and go only where they hold nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST, Engine
from wizard.changes.files import RemoveFile
from wizard.changes.folders import EmptyFolder, MakeFolder, RemoveFolder, missing_folders
from wizard.errors import WizardError
from wizard.hosts import Folder

if TYPE_CHECKING:
    from pathlib import Path


def test_missing_parents_are_named_outermost_first(tmp_path: Path) -> None:
    path = str(tmp_path / "a/b/c")
    assert missing_folders(HOST, path) == (str(tmp_path / "a"), str(tmp_path / "a/b"))


def test_parents_are_open_and_the_folder_itself_is_as_asked(tmp_path: Path) -> None:
    MakeFolder(str(tmp_path / "a/b"), 0o700, "daemon", "daemon").apply(HOST, print)
    assert HOST.folder(str(tmp_path / "a")) == Folder(0o755)
    assert HOST.folder(str(tmp_path / "a/b")) == Folder(0o700, "daemon", "daemon")


def test_empty_folders_inside_go_along(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    RemoveFolder(str(tmp_path / "a/b"), (str(tmp_path / "a"),)).apply(HOST, print)
    assert list(tmp_path.iterdir()) == []


def test_a_parent_with_something_else_in_it_stays_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/theirs").touch()
    told: list[str] = []
    RemoveFolder(str(tmp_path / "a/b"), (str(tmp_path / "a"),)).apply(HOST, told.append)
    assert told == [f"{tmp_path / 'a'} stays: it is not empty"]
    assert [each.name for each in (tmp_path / "a").iterdir()] == ["theirs"]


def test_a_file_in_its_place_is_no_folder_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("theirs")
    path.chmod(0o755)
    change = MakeFolder(str(path))
    assert change.compare(HOST)
    with pytest.raises(WizardError, match="could not be made: File exists"):
        change.apply(HOST, print)
    assert path.read_text() == "theirs"


@pytest.mark.parametrize("owner", ["root", "daemon"])
def test_an_empty_folder_goes_and_comes_back_as_it_was(owner: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    path, engine = home / "empty", Engine(tmp_path)
    path.mkdir(parents=True)
    for each in (home, path):
        shutil.chown(each, owner, owner)
    for each in (tmp_path, *tmp_path.parents[:-2]):
        each.chmod(0o755)  # its owner has to get there
    path.chmod(0o750)
    before = HOST.folder(str(path))
    step = engine.step(EmptyFolder(str(path), 0o750, owner, owner))
    assert (engine.apply(step), engine.apply(step)) == (1, 0)
    assert not path.exists()
    assert engine.undo() == 1
    assert HOST.folder(str(path)) == before


def test_a_folder_that_holds_something_by_now_stays(tmp_path: Path) -> None:
    (tmp_path / "theirs").touch()
    assert EmptyFolder(str(tmp_path), 0o755, "root", "root").compare(HOST) is None


def test_a_link_in_its_place_gets_nobody_anything(tmp_path: Path) -> None:
    """Whoever owns the folder may have put a link there since: undo must not follow it."""
    target, path = tmp_path / "target", tmp_path / "empty"
    target.mkdir(mode=0o700)
    path.symlink_to(target)
    back = EmptyFolder(str(path), 0o755, "daemon", "daemon", there=True)
    assert back.compare(HOST) is None
    assert HOST.folder(str(target)) == Folder(0o700)
    away = EmptyFolder(str(path), 0o755, "daemon", "daemon")
    with pytest.raises(WizardError, match="rmdir"):
        away.apply(HOST, print)
    assert target.exists()


def test_folders_that_a_run_made_before_it_was_cut_off_go_all_the_same(tmp_path: Path) -> None:
    change = MakeFolder(str(tmp_path / "a/b/c"))
    found = change.compare(HOST)
    assert found
    assert found.inverse
    (tmp_path / "a").mkdir()  # as far as it came
    left = found.inverse.compare(HOST)
    assert left
    assert left.text == str(tmp_path / "a")
    found.inverse.apply(HOST, print)
    assert found.inverse.compare(HOST) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_somebody_else_uses_since_stays(tmp_path: Path) -> None:
    gone = RemoveFile(str(tmp_path / "a/b/file"), "", (str(tmp_path / "a"), str(tmp_path / "a/b")))
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/theirs").touch()
    assert gone.compare(HOST)
    gone.apply(HOST, print)
    assert gone.compare(HOST) is None
    assert (tmp_path / "a/theirs").exists()


def test_a_folder_on_which_somebody_mounted_an_empty_disk_stays(tmp_path: Path) -> None:
    gone = RemoveFolder(str(tmp_path / "a/b"), (str(tmp_path / "a"),))
    (tmp_path / "a").mkdir()
    HOST.run("mount", "-t", "tmpfs", "disk", str(tmp_path / "a")).must()
    try:
        assert gone.compare(HOST) is None
        (tmp_path / "a/b/disk").mkdir(parents=True)
        HOST.run("mount", "-t", "tmpfs", "disk", str(tmp_path / "a/b/disk")).must()
        assert gone.compare(HOST) is None
        HOST.run("umount", str(tmp_path / "a/b/disk")).must()
        assert gone.compare(HOST)
    finally:
        HOST.run("umount", "-R", str(tmp_path / "a")).must()
