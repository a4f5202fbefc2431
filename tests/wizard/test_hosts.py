"""This machine as a host: commands run in the foreground, files written whole."""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING

import pytest

from wizard.errors import WizardError
from wizard.hosts import LABEL, File, Folder, LocalHost

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.hosts import Log

HOST = LocalHost()


def test_a_command_gives_its_code_and_both_outputs() -> None:
    done = HOST.run("sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.code, done.out, done.err) == (3, "out\n", "err\n")
    with pytest.raises(WizardError, match="ended with 3: err"):
        done.must()


def test_a_missing_command_is_a_result_and_no_exception() -> None:
    assert HOST.run("no-such-command-anywhere").code == 127


def test_a_command_that_is_killed_is_a_result_too() -> None:
    assert not HOST.run("sh", "-c", "kill -9 $$").ok


def test_lines_arrive_while_it_runs_and_odd_bytes_do_no_harm() -> None:
    lines: list[str] = []
    HOST.run("printf", r"one\ntwo \377\nno end", log=lines.append)
    assert lines == ["one", "two \ufffd", "no end"]


def test_odd_bytes_do_no_harm_where_nobody_listens() -> None:
    assert HOST.run("printf", r"two \377\nno end").out == "two \ufffd\nno end"


@pytest.mark.parametrize("log", [None, print], ids=["unheard", "heard"])
def test_a_daemon_that_keeps_the_pipes_is_not_waited_for(log: Log | None) -> None:
    began = time.monotonic()
    done = HOST.run("sh", "-c", "echo begun; sleep 20 & exit 3", log=log)
    assert (done.code, done.out) == (3, "begun\n")
    assert time.monotonic() - began < 10


def test_much_goes_in_and_out_at_once() -> None:
    much = b"0123456789abcde\n" * 100_000
    assert HOST.run("cat", stdin=much).out == much.decode()
    assert HOST.run("true", stdin=much).ok


@pytest.mark.parametrize("to", ["", ">&2"], ids=["out", "err"])
def test_a_listener_that_raises_is_told_of_after_the_command_has_ended(
    tmp_path: Path, to: str
) -> None:
    """Else nobody empties the pipe: the command waits for that, and the wizard for the command."""
    heard: list[str] = []

    def listener(text: str) -> None:
        heard.append(text)
        raise OSError(errno.EIO, "the terminal is gone")

    script = f"yes abcdefghi | head -n 40000 {to}; touch {tmp_path}/ended"
    with pytest.raises(OSError, match="the terminal is gone"):
        HOST.run("timeout", "20", "sh", "-c", script, log=listener)
    assert (heard, (tmp_path / "ended").exists()) == (["abcdefghi"], True)


def test_words_reach_a_command_as_they_are_and_nothing_of_the_environment() -> None:
    odd = "$(id) `id` 'x' \"y\" -z ; \n*"
    assert HOST.run("printf", "%s", odd).out == odd
    assert "PATH=/usr/local/sbin" in HOST.run("env").out
    assert HOST.run("cat", stdin=b"by stdin").out == "by stdin"


def test_a_file_is_written_whole_with_mode_and_owner(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("former")
    former = path.stat().st_ino
    HOST.write(str(path), File(b"\xff\n", 0o640, "daemon", "daemon"))
    assert HOST.read(str(path)) == File(b"\xff\n", 0o640, "daemon", "daemon")
    assert path.stat().st_ino != former
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_linked_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("former")
    (tmp_path / "link").symlink_to("real")
    HOST.write(str(tmp_path / "link"), File(b"new"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_file_keeps_the_label_of_the_one_it_replaces(tmp_path: Path) -> None:
    path, label = tmp_path / "hosts", b"system_u:object_r:net_conf_t:s0\0"
    path.touch()
    os.setxattr(path, LABEL, label)
    LocalHost().write(str(path), File(b"new"))
    assert path.read_bytes() == b"new"
    assert os.getxattr(path, LABEL) == label


def test_an_owner_that_is_not_there_yet_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("former")
    with pytest.raises(WizardError, match="no user or group called nobody-knows"):
        HOST.write(str(path), File(b"new", owner="nobody-knows"))
    assert path.read_text() == "former"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_the_former_file_and_nothing_else(tmp_path: Path) -> None:
    HOST.run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)).must()
    try:
        HOST.write(str(tmp_path / "file"), File(b"former"))
        with pytest.raises(WizardError, match="could not be written: No space left on device"):
            HOST.write(str(tmp_path / "file"), File(b"x" * 100_000))
        assert (tmp_path / "file").read_bytes() == b"former"
        assert [each.name for each in tmp_path.iterdir()] == ["file"]
    finally:
        HOST.run("umount", str(tmp_path)).must()


def test_what_is_no_file_reads_as_none(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", tmp_path / "nothing/below"):
        assert HOST.read(str(path)) is None


def test_a_folder_has_its_mode_and_goes_only_when_empty(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    HOST.make_folder(str(path), Folder(0o700))
    assert HOST.folder(str(path)) == Folder(0o700)
    (path / "file").touch()
    assert not HOST.remove_folder(str(path))
    (path / "file").unlink()
    assert HOST.remove_folder(str(path))
    assert HOST.folder(str(path)) is None
