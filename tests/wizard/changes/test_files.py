"""Every kind about files: apply, nothing left to do, back again, byte for byte."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST
from wizard.changes.files import Link, MarkedLine, RemoveFile, WriteFile
from wizard.changes.folders import MakeFolder
from wizard.changes.kinds import from_json, to_json
from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.changes import Change

FORMERS = {
    "missing": None,
    "plain": b"127.0.0.1 localhost\n",
    "no last newline": b"127.0.0.1 localhost\n::1 localhost",
    "CRLF": b"127.0.0.1 localhost\r\n",
    "empty": b"",
    "not UTF-8": b"\xff\xfe\n",
}


def changes(folder: Path) -> dict[str, Change]:
    path = str(folder / "file")
    return {
        "write": WriteFile(path, b"ours\n", 0o640),
        "secret": WriteFile(path, b"ours\n", 0o600, secret=True),
        "remove": RemoveFile(path),
        "line": MarkedLine(path, "# ours", "192.0.2.1\tname"),
        "link": Link(str(folder / "link"), path),
        "folder": MakeFolder(str(folder / "a/b/c"), 0o700),
        "mode of a folder": MakeFolder(str(folder / "there"), 0o700),
    }


def keep(kept: dict[str, bytes], content: bytes) -> str:
    kept["name"] = content
    return "name"


def state(folder: Path) -> list[tuple[str, int, bytes]]:
    return sorted(
        (str(each), each.lstat().st_mode, each.read_bytes() if each.is_file() else b"")
        for each in folder.rglob("*")
    )


@pytest.mark.parametrize("former", FORMERS)
@pytest.mark.parametrize("kind", changes(Path("/")))
def test_a_round_trip_through_json_brings_everything_back(
    kind: str, former: str, tmp_path: Path
) -> None:
    content = FORMERS[former]
    (tmp_path / "there").mkdir()
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    if kind == "line" and former == "missing":
        (tmp_path / "file").write_bytes(b"")
    before, change = state(tmp_path), changes(tmp_path)[kind]
    found = change.compare(HOST)
    if kind == "remove":
        assert (found is None) == (former == "missing")
    if found is None or found.inverse is None:
        return
    change.apply(HOST, print)
    assert change.compare(HOST) is None
    kept: dict[str, bytes] = {}
    record = json.loads(json.dumps(to_json(found.inverse, lambda held: keep(kept, held))))
    inverse = from_json(record, kept.__getitem__)
    assert inverse == found.inverse
    inverse.apply(HOST, print)
    assert inverse.compare(HOST) is None
    assert state(tmp_path) == before


def test_a_file_that_does_not_pass_its_check_leaves_the_former_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("former")
    with pytest.raises(WizardError, match="`false` ended with 1"):
        WriteFile(str(path), b"broken", check=("false",)).apply(HOST, print)
    assert path.read_text() == "former"
    fresh = tmp_path / "fresh"
    with pytest.raises(WizardError):
        WriteFile(str(fresh), b"broken", check=("false",)).apply(HOST, print)
    assert not fresh.exists()


def test_a_difference_shows_the_change_and_masks_hidden_keys(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text('addr: :5000\n  secret: "old-secret"\n')
    wanted = b'addr: 127.0.0.1\n  secret: "new-secret"\n'
    found = WriteFile(str(path), wanted, hidden=("secret",)).compare(HOST)
    assert found
    assert "+addr: 127.0.0.1" in found.text
    assert "old-secret" not in found.text
    assert "new-secret" not in found.text
    assert found.inverse
    back = found.inverse.compare(HOST)
    assert back is None or "old-secret" not in back.text


def test_our_line_moves_with_its_address_and_leaves_all_others(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(b"127.0.0.1 localhost")
    first = MarkedLine(str(path), "# ours", "192.0.2.1\tname")
    first.apply(HOST, print)
    second = MarkedLine(str(path), "# ours", "192.0.2.2\tname")
    found = second.compare(HOST)
    assert found
    assert found.inverse == replace(first, expect=second.line)
    second.apply(HOST, print)
    assert path.read_bytes() == b"192.0.2.2\tname\t# ours\n127.0.0.1 localhost"


def test_blanks_behind_our_marker_do_not_double_it(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(b"192.0.2.1\tname\t# ours \r\n")
    moved = MarkedLine(str(path), "# ours", "192.0.2.2\tname")
    found = moved.compare(HOST)
    assert found
    assert found.inverse == replace(moved, line="192.0.2.1\tname", expect=moved.line)


def test_a_folder_with_a_file_in_it_stays(tmp_path: Path) -> None:
    found = MakeFolder(str(tmp_path / "images")).compare(HOST)
    assert found
    assert found.inverse
    MakeFolder(str(tmp_path / "images")).apply(HOST, print)
    (tmp_path / "images/docker").mkdir()
    (tmp_path / "images/docker/blob").write_text("x")
    assert found.inverse.compare(HOST) is None


def test_a_marked_line_of_other_names_stays(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    others = "192.0.2.9\tother.lab\t# ours\n127.0.0.1 localhost\n"
    path.write_text(others)
    MarkedLine(str(path), "# ours", "192.0.2.1\tname", ("name",)).apply(HOST, print)
    renamed = MarkedLine(str(path), "# ours", "192.0.2.1\tnew", ("new", "name"))
    renamed.apply(HOST, print)
    assert path.read_text() == f"192.0.2.1\tnew\t# ours\n{others}"
    MarkedLine(str(path), "# ours", "", ("new", "name")).apply(HOST, print)
    assert path.read_text() == others
