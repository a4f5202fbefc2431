"""The repair of trust as a script has it, run for real in a folder aside."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST
from tests.given import FACTS, given
from tests.wizard.changes.test_store import change as anchors
from tests.wizard.changes.test_store import state, store
from tests.wizard.test_script import in_shell, run, shellcheck, text
from tests.wizard.troubles.tree import CORPORATE, OURS
from wizard.changes.daemon import WithoutEntries, WithoutFlags
from wizard.changes.files import RemoveFile
from wizard.changes.folders import EmptyFolder
from wizard.changes.store import Anchors, FormerBundle
from wizard.troubles import Trouble

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("shellcheck", "store")
ENTRIES = (
    '{"insecure-registries": ["192.168.1.107"], "dns": ["192.168.1.107"]}',
    """{
  "dns": ["192.168.1.107"],
  "insecure-registries" : [
    "a:5000",
    "192.168.1.107",
    "[2001:db8::1]:443"
  ]
}
""",
    '{"insecure-registries":["docker.benet.com","192.168.1.107" , "docker.benet.com"]}',
    '{"insecure-registries": ["docker.benet.community"]}',
    "{}",
)
CHANGES = (
    RemoveFile("/etc/docker/certs.d/x/it's.key"),
    EmptyFolder("/etc/docker/certs.d/x:443", 0o755, "root", "root"),
    EmptyFolder("/home/a/b", 0o700, "a", "a", there=True),
    Anchors("/etc/ssl/x", ("refresh",), ("/a b.crt", "/c.crt"), OURS.trust + CORPORATE),
    FormerBundle("/etc/ssl/x", ("refresh",), ("/a b.crt",), CORPORATE, b"a\t/b"),
    WithoutEntries("/etc/docker/daemon.json", "insecure-registries", ("a.b", "it's")),
    WithoutFlags("/etc/default/docker", "--insecure-registry", ("a.b", "c:1")),
)


def test_it_is_sound_posix_shell(shellcheck: str) -> None:
    trouble = Trouble("x", "y", "z", "w", changes=CHANGES)
    for init in ("systemd", "init scripts"):
        printed = text(given(facts=replace(FACTS, init=init, troubles=(trouble,))))
        for argv in (("sh", "-n"), (shellcheck, "-s", "sh", "-")):
            done = subprocess.run(argv, check=False, input=printed, text=True, capture_output=True)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("content", ENTRIES, ids=range(len(ENTRIES)))
def test_it_takes_out_of_a_list_what_the_wizard_takes_out(content: str, tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    path.write_text(content)
    path.chmod(0o640)
    gone = ("192.168.1.107", "docker.benet.com", "[2001:db8::1]:443")
    change = WithoutEntries(str(path), "insecure-registries", gone)
    for _ in range(2):
        run(tmp_path, in_shell(change))
        assert path.read_text() == change.wanted(content.encode()).decode()
    assert path.stat().st_mode & 0o777 == 0o640
    kept = [each.read_text() for each in (tmp_path / "backups").rglob("daemon.json")]
    assert kept == [content] * (path.read_text() != content)


def test_it_takes_flags_out_but_of_comments(tmp_path: Path) -> None:
    path = tmp_path / "docker"
    flags = "--insecure-registry=a.b --insecure-registry c:1 --insecure-registry=a.bc -D"
    last = 'Y=dockerd "--insecure-registry=c:1"'
    path.write_text(f'# --insecure-registry=a.b\nX="{flags}"\n{last}\n')
    change = WithoutFlags(str(path), "--insecure-registry", ("a.b", "c:1"))
    for _ in range(2):
        run(tmp_path, in_shell(change))
    left = '# --insecure-registry=a.b\nX=" --insecure-registry=a.bc -D"\nY=dockerd\n'
    assert path.read_text() == left
    assert change.wanted(left.encode()).decode() == left


def test_a_store_is_made_anew_and_its_former_bundle_is_kept(store: Path) -> None:
    before = state(store)
    former = (store / "certs/bundle").read_bytes()
    change = anchors(store, OURS.trust, CORPORATE)
    inverse = change.compare(HOST)
    assert inverse
    for _ in range(2):
        run(store, in_shell(change))
    assert change.compare(HOST) is None
    assert [each.read_bytes() for each in (store / "backups").rglob("bundle")] == [former]
    assert isinstance(inverse.inverse, FormerBundle)
    run(store, in_shell(inverse.inverse))
    now = state(store)
    assert {path: now.get(path) for path in before} == before
    assert not list((store / "certs").glob("kept*"))


def test_empty_folders_go_and_come(tmp_path: Path) -> None:
    path = tmp_path / "a b"
    path.mkdir()
    gone = EmptyFolder(str(path), 0o750, "root", "root")
    (path / "file").touch()
    run(tmp_path, in_shell(gone))
    (path / "file").unlink()
    run(tmp_path, in_shell(gone) * 2)
    assert not path.exists()
    run(tmp_path, in_shell(replace(gone, there=True)) * 2)
    assert path.stat().st_mode & 0o777 == 0o750
