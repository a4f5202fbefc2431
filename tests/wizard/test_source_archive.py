"""Every archive that nothing can or should be built from is told in a sentence."""

from __future__ import annotations

import gzip
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST
from tests.fake_host import FakeHost, says
from tests.hosts.nginx_source import look_alike, member, packed
from wizard import source_archive
from wizard.changes.files import digest
from wizard.source_archive import Archive, look_into

if TYPE_CHECKING:
    from pathlib import Path

GOOD = look_alike("int main(void) { return 0; }\n", "1.26.3")
CHRDEV, FIFO, SYMLINK, LINK = tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


def trick(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> bytes:
    made = member(name, kind=kind)
    made.linkname = target
    return packed([(made, b"")])


BAD = {
    "is no tar.gz archive": b"Not Found\n",
    "is cut off: its end is missing": GOOD[: len(GOOD) // 2],
    "is damaged (": GOOD[:40] + bytes(byte ^ 255 for byte in GOOD[40:-8]) + GOOD[-8:],
    "cannot be listed by tar (": packed([])[:10] + gzip.compress(b"x" * 600)[10:],
    "holds no source of nginx: configure": trick("nginx-1.26.3/README"),
    "src/core/nginx.h names no version": look_alike("", "one"),
    "a file with an absolute name, /etc/cron.d/x": trick("/etc/cron.d/x"),
    "a name with .. in it, nginx-1/../../etc/x": trick("nginx-1/../../etc/x"),
    "a link, nginx-1/x -> /etc": trick("nginx-1/x", SYMLINK, "/etc"),
    "a link, nginx-1/h link to nginx-1/x": trick("nginx-1/h", LINK, "nginx-1/x"),
    "a device or pipe, nginx-1/null": trick("nginx-1/null", CHRDEV),
    "a device or pipe, nginx-1/pipe": trick("nginx-1/pipe", FIFO),
    "a name with .. in it, nginx-1/x -> ../../etc": trick("nginx-1/x", SYMLINK, "../../etc"),
}


def test_an_archive_of_nginx_is_known_by_its_version_and_digest(tmp_path: Path) -> None:
    path = tmp_path / "it's a file.tar.gz"
    path.write_bytes(GOOD)
    assert look_into(HOST, str(path)) == Archive(version="1.26.3", sha256=digest(GOOD))
    assert look_into(HOST, str(path)).number == (1, 26, 3)
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name]


@pytest.mark.parametrize("problem", BAD)
def test_what_is_wrong_is_said(problem: str, tmp_path: Path) -> None:
    path = tmp_path / "nginx.tar.gz"
    path.write_bytes(BAD[problem])
    found = look_into(HOST, str(path))
    assert problem in found.problem
    assert (found.version, found.sha256) == ("", "")


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    assert look_into(HOST, str(tmp_path / "none")).problem == "is not there"
    assert look_into(HOST, str(tmp_path)).problem == "is a directory, no archive"


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.truncate(source_archive.LARGEST + 1)
    assert (
        "has 32 MiB; an archive of nginx's source has about 1" in look_into(HOST, str(path)).problem
    )


def test_a_bomb_of_files_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_archive, "MOST_MEMBERS", 3)
    path = tmp_path / "nginx.tar.gz"
    path.write_bytes(GOOD)
    assert "holds 3 files or more" in look_into(HOST, str(path)).problem
    monkeypatch.undo()
    monkeypatch.setattr(source_archive, "LARGEST_UNPACKED", 100)
    assert "unpacks to more than" in look_into(HOST, str(path)).problem


def test_a_line_that_tar_never_prints_is_not_passed_over() -> None:
    host = FakeHost(
        {
            ("stat",): says("regular file|9\n"),
            ("sha256sum",): says("5e  /a\n"),
            ("timeout",): says(),
            ("sh", "-c"): says("something else\nend 0\n"),
        }
    )
    assert look_into(host, "/a").problem == (
        "holds something that cannot be understood: something else"
    )
