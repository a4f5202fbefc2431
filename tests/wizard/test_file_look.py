"""A file's size and sum are seen through the host, and nothing is made of what is no file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from wizard.file_look import sha256_of, size_of
from wizard.hosts import LocalHost

if TYPE_CHECKING:
    from pathlib import Path

HOST = LocalHost()


def test_a_file_has_a_size_and_a_sum_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("plain.tar", "with blank.tar", "back\\slash.tar"):
        path = tmp_path / name
        path.write_bytes(b"content")
        assert size_of(HOST, str(path)) == 7
        assert sha256_of(HOST, str(path)) == hashlib.sha256(b"content").hexdigest()


def test_an_empty_file_and_a_link_are_files(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("empty")
    assert size_of(HOST, str(tmp_path / "link")) == 0


def test_what_is_no_file_has_neither(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    for path in (tmp_path, tmp_path / "missing", tmp_path / "dangling"):
        assert size_of(HOST, str(path)) is None
        assert sha256_of(HOST, str(path)) == ""
