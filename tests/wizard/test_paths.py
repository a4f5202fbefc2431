"""Where files may be read from, and where images may be kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard import paths
from wizard.names import Refused

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("/root/ca.crt", "/root/ca.crt"),
        ("//root//ca.crt", "/root/ca.crt"),
        ("/root/./ca.crt", "/root/ca.crt"),
        ("/srv/registry/", "/srv/registry"),
        ("///", "/"),
        ("/srv/a..b", "/srv/a..b"),
    ],
)
def test_a_path_is_kept_in_one_form(written: str, kept: str) -> None:
    assert paths.absolute(written) == kept


@given(st.text().map("/".__add__))
def test_a_path_that_was_taken_once_is_taken_again_unchanged(text: str) -> None:
    try:
        kept = paths.absolute(text)
    except Refused:
        return
    assert paths.absolute(kept) == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("ca.crt", "begins with /"),
        ("./ca.crt", "begins with /"),
        ("~/ca.crt", "begins with /"),
        ("/root/../etc/shadow", r"has \.\. in it"),
        ("/root/a\nb", "control character"),
        ("/root/a\0b", "control character"),
        ("/root/a\udcff", "control character"),
    ],
)
def test_a_path_that_means_something_else_elsewhere_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        paths.absolute(text)


def test_a_file_that_is_there_may_be_read(tmp_path: Path) -> None:
    found = tmp_path / "ca.crt"
    found.touch()
    link = tmp_path / "link"
    link.symlink_to(found)
    assert paths.file(str(found)) == str(found)
    assert paths.file(str(link)) == str(link)


def test_what_is_no_file_is_refused_with_what_it_is(tmp_path: Path) -> None:
    queue, loop = tmp_path / "queue", tmp_path / "loop"
    os.mkfifo(queue)
    loop.symlink_to(loop)
    table = {
        str(tmp_path): "is no ordinary file but a folder",
        str(queue): "is no ordinary file",
        "/dev/null": "is no ordinary file",
        str(tmp_path / "gone"): "cannot be read: No such file or directory",
        str(loop): "cannot be read: Too many levels of symbolic links",
        "/" + "a" * 5000: "cannot be read: File name too long",
    }
    for path, words in table.items():
        with pytest.raises(Refused) as refused:
            paths.file(path)
        assert str(refused.value) == words


@pytest.mark.parametrize("path", ["/opt/data/registry", "/srv/régistre@1", "/mnt/disk-2/a_b+c"])
def test_storage_may_be_any_folder_of_its_own(path: str) -> None:
    assert paths.storage(path) == path


@pytest.mark.parametrize("below", ["/home", "/media", "/mnt", "/opt", "/srv", "/var/lib"])
def test_a_shared_folder_may_have_storage_below_it_only(below: str) -> None:
    assert paths.storage(f"{below}/registry") == f"{below}/registry"
    with pytest.raises(Refused, match="take a folder of the registry's own in it"):
        paths.storage(below)


@pytest.mark.parametrize(
    "tree", ["/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sys", "/usr"]
)
@pytest.mark.parametrize("below", ["", "/", "/registry", "/a/b/c"])
def test_a_system_folder_has_no_storage_anywhere_in_it(tree: str, below: str) -> None:
    with pytest.raises(Refused, match=f"cannot be used: {tree} "):
        paths.storage(tree + below)


@pytest.mark.parametrize("path", ["/etcetera", "/usr2/registry", "/var/tmpfiles", "/rooted"])
def test_a_name_that_only_begins_like_a_system_folder_is_free(path: str) -> None:
    assert paths.storage(path) == path


@pytest.mark.parametrize("char", " \t\"'`$%:;,#*?[]{}\\\u00a0\u200b")
def test_what_systemd_or_the_registry_would_read_as_punctuation_is_refused(char: str) -> None:
    with pytest.raises(Refused):
        paths.storage(f"/srv/a{char}b")
