"""What a check leaves in the storage goes, and nobody else's image goes with it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.check_image import CHECKS, REPOSITORY, NoCheckImage
from wizard.hosts import LocalHost

if TYPE_CHECKING:
    from pathlib import Path

HOST = LocalHost()
A, B, C, D = (letter * 64 for letter in "abcd")


def stored(storage: Path, repository: str, *digests: str) -> None:
    root = storage / "docker/registry/v2"
    for each in digests:
        blob = root / "blobs/sha256" / each[:2] / each
        link = root / "repositories" / repository / "_layers/sha256" / each
        for folder, name in ((blob, "data"), (link, "link")):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(each)


def blobs(storage: Path) -> set[str]:
    return {each.parent.name for each in storage.rglob("data")}


def test_all_that_is_linked_in_its_repository_goes(tmp_path: Path) -> None:
    sweep = NoCheckImage(str(tmp_path))
    assert sweep.compare(HOST) is None
    stored(tmp_path, "registry-wizard/check/4194399", A, B)
    stored(tmp_path, "team/app", C)
    assert sweep.compare(HOST) == Difference("remove", "registry-wizard/check", None)
    sweep.apply(HOST, print)
    assert sweep.compare(HOST) is None
    assert blobs(tmp_path) == {C}
    assert {each.name for each in (tmp_path / "docker/registry/v2/blobs/sha256").iterdir()} == {
        "cc"
    }


def test_layers_that_somebody_else_s_image_has_too_stay(tmp_path: Path) -> None:
    stored(tmp_path, "registry-wizard/check/4194399", A)
    stored(tmp_path, REPOSITORY, B)
    stored(tmp_path, "registry-wizard/somebody", B, C)
    stored(tmp_path, "team/app", B)
    NoCheckImage(str(tmp_path), (D,)).apply(HOST, print)
    assert blobs(tmp_path) == {B, C}


def test_a_blob_that_is_not_linked_yet_goes_by_its_digest(tmp_path: Path) -> None:
    stored(tmp_path, "team/app", C)
    (tmp_path / "docker/registry/v2/blobs/sha256/dd" / D).mkdir(parents=True)
    NoCheckImage(str(tmp_path), (D,)).apply(HOST, print)
    assert not (tmp_path / "docker/registry/v2/blobs/sha256/dd").exists()


def test_a_check_by_another_process_is_left_alone(tmp_path: Path) -> None:
    script = "import sys, time; print(flush=True); time.sleep(60)"
    argv = [sys.executable, "-c", script, "registry-wizard"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        stored(tmp_path, f"{CHECKS}/{other.pid}", A)
        sweep = NoCheckImage(str(tmp_path))
        assert sweep.compare(HOST) is None
        sweep.apply(HOST, print)
        assert blobs(tmp_path) == {A}
        other.kill()
    assert sweep.compare(HOST)
