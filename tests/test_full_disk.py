"""A disk that is full or read-only, at every write: a sentence, nothing half written, a way on."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST, Engine
from tests.small_disk import FILLER, SmallDisk, small_disk, watched
from wizard import draft
from wizard.answers import Client
from wizard.changes.daemon import WithoutEntries, WithoutFlags
from wizard.changes.files import Link, MarkedLine, RemoveFile, WriteFile
from wizard.changes.folders import EmptyFolder, MakeFolder
from wizard.changes.last_line import LastLine
from wizard.changes.store import Anchors
from wizard.clients import roster
from wizard.errors import WizardError
from wizard.events import Found, StepDone
from wizard.log import logged
from wizard.plan import Step
from wizard.whole import PARTIAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.changes import Change
    from wizard.events import Event

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
State = dict[str, tuple[object, ...]]


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk() as made:
        yield made


def changes(folder: Path) -> dict[str, Change]:
    """Give every kind of change that writes files of its own, and each way that it has."""
    at = str(folder)
    made = f"cat {at}/anchors/*.crt > {at}/made && mv {at}/made {at}/bundle"
    tool = ("sh", "-c", f"{made} || {{ rm -f {at}/made; false; }}")
    return {
        "a file in new folders": WriteFile(f"{at}/new/inner/site.conf", b"server {}\n" * 500),
        "a secret": WriteFile(f"{at}/secret", b"secret\n" * 300, 0o600, secret=True),
        "a file in another's place": WriteFile(f"{at}/hosts.deny", b"ours\n" * 2000, 0o640),
        "a file with a check": WriteFile(f"{at}/checked", b"ours\n", check=("true",)),
        "a line in the hosts file": MarkedLine(f"{at}/hosts", "# ours", "192.0.2.1\tbenet.com"),
        "a last line": LastLine(f"{at}/words", "include ours"),
        "folders": MakeFolder(f"{at}/storage/images", 0o750),
        "a folder's mode": MakeFolder(f"{at}/open", 0o755),
        "a link": Link(f"{at}/enabled", f"{at}/words"),
        "no link": Link(f"{at}/default"),
        "no file": RemoveFile(f"{at}/stray.key"),
        "no empty folder": EmptyFolder(f"{at}/empty", 0o755, "root", "root"),
        "no entry": WithoutEntries(f"{at}/daemon.json", "insecure-registries", ("a:5000",)),
        "no flag": WithoutFlags(f"{at}/default-docker", "--insecure-registry", ("a:5000",)),
        "a CA": Anchors(f"{at}/bundle", tool, (f"{at}/anchors/a.crt",), CERTIFICATE.encode()),
    }


CHANGES = tuple(changes(Path("/nowhere")))


def plan(folder: Path, *names: str) -> tuple[Step, ...]:
    every = changes(folder)
    return (Step("files", "Files", "for a test", tuple(every[name] for name in names or every)),)


def furnish(folder: Path) -> None:
    """Put there what somebody has had before us."""
    for name in ("open", "empty", "anchors"):
        (folder / name).mkdir(mode=0o700)
    for name, text in {
        "hosts.deny": "theirs\n" * 3000,
        "hosts": "127.0.0.1 localhost\r\n# no last line break",
        "words": "word\n" * 1000,
        "checked": "theirs\n",
        "stray.key": "key\n" * 100,
        "daemon.json": json.dumps({"insecure-registries": ["a:5000", "b:5000"]}),
        "default-docker": 'DOCKER_OPTS="--insecure-registry a:5000 --dns 192.0.2.53"\n',
        "bundle": CERTIFICATE.replace("MIIB", "MIIC"),
    }.items():
        (folder / name).write_text(text, newline="")
        (folder / name).chmod(0o604)
    (folder / "anchors/theirs.crt").write_text(CERTIFICATE.replace("MIIB", "MIIC"))
    (folder / "default").symlink_to("nowhere")


def state(folder: Path) -> State:
    """Every file, folder and link with mode, owner and bytes, but for journal and filler."""
    found: State = {}
    for path in sorted(folder.rglob("*")):
        name, seen = str(path.relative_to(folder)), path.lstat()
        if path.is_symlink():
            found[name] = (str(path.readlink()),)
        elif not name.startswith((FILLER, "journal")):
            held = path.read_bytes() if path.is_file() else b""
            found[name] = (oct(seen.st_mode), seen.st_uid, seen.st_gid, held)
    return found


FAULTS: dict[str, tuple[Callable[[SmallDisk], None], str]] = {
    "full": (SmallDisk.fill, "No space left on device"),
    "read-only": (SmallDisk.break_down, "Read-only file system"),
}


def begin(disk: SmallDisk) -> tuple[Engine, State]:
    disk.clear()
    furnish(disk.folder)
    disk.settle()
    return Engine(disk.folder), state(disk.folder)


def whole(now: State, before: State, after: State) -> None:
    """See that everything is as it was or as it is to be, and nothing else is there."""
    for name, found in now.items():
        made_only = found[0] == "0o40755" and name in after  # a folder, made on the way to a file
        assert found in (before.get(name), after.get(name)) or made_only, name
    for name in before:
        assert name in now or name not in after, name


@pytest.mark.parametrize("fault", FAULTS)
def test_at_every_write_of_every_kind_of_change(disk: SmallDisk, fault: str) -> None:
    tried, refused = 0, 0
    for name in CHANGES:
        engine, before = begin(disk)
        with watched(disk.folder) as seen:
            run(engine, name)
        after = state(disk.folder)
        with engine.journal.lock():
            engine.undo()
        assert (name, state(disk.folder)) == (name, before)
        ends = [
            fails_at(disk, number, fault, name, after) for number in range(1, len(seen.writes) + 1)
        ]
        assert any(ends), name
        tried, refused = tried + len(ends), refused + sum(ends)
    assert tried > 120
    # Some need no room: to give a mode, to rename, to open what is there already.
    assert refused > tried * (0.9 if fault == "read-only" else 0.3), (refused, tried)


def run(engine: Engine, name: str) -> None:
    with engine.journal.lock():
        engine.apply(*plan(engine.folder, name))


def fails_at(disk: SmallDisk, number: int, fault: str, name: str, after: State) -> bool:
    """Bring the fault about at that write, look at what is there, mend it, and go on or back."""
    bring_about, words = FAULTS[fault]
    engine, before = begin(disk)
    refusal: WizardError | None = None
    begun: State = {}
    with watched(disk.folder, number, lambda: bring_about(disk)):
        try:
            run(engine, name)
        except WizardError as error:
            refusal = error
    if refusal:
        assert words in str(refusal), refusal
        assert str(disk.folder) in str(refusal), refusal
        assert "then run again" in refusal.hint, (refusal, refusal.hint)
    if fault == "read-only":  # what was begun when it became so cannot be taken away then
        begun = {
            n: each for n, each in state(disk.folder).items() if PARTIAL in n or n.endswith("made")
        }
    whole(state(disk.folder), before, after | begun)
    disk.mend()
    if number % 2:  # half of them are ended, half are taken back as they are
        run(engine, name)
        assert (name, state(disk.folder)) == (name, after)
    with engine.journal.lock():
        engine.undo()
    assert (name, state(disk.folder)) == (name, before)
    assert [*disk.folder.rglob(f"{PARTIAL}*")] == []
    return refusal is not None


def fill_up(journal: Path) -> None:
    """Leave no room in its last block, which takes a line even where the disk has no other."""
    line = '{{"settled": "{}"}}\n'
    short = -(journal.stat().st_size + len(line.format(""))) % os.statvfs(journal).f_bsize
    with journal.open("a") as stream:
        stream.write(line.format("x" * short))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("which", ["first", "later"])
def test_a_journal_that_cannot_be_written_stops_before_anything_is_done(
    disk: SmallDisk, tmp_path: Path, fault: str, which: str
) -> None:
    there = tmp_path / "elsewhere"
    there.mkdir()
    furnish(there)
    engine = Engine(disk.folder)
    if which == "later":
        engine.apply(engine.step(WriteFile(f"{disk.folder}/file", b"content")))
        fill_up(engine.journal.path)
    before = state(there)
    bring_about, words = FAULTS[fault]
    bring_about(disk)
    with pytest.raises(WizardError, match=words) as refused, engine.journal.lock():
        engine.apply(*plan(there))
    assert str(engine.journal.folder) in str(refused.value)
    assert "nothing is changed that could not be taken back" in refused.value.hint
    assert state(there) == before
    disk.mend()
    with engine.journal.lock():
        engine.apply(*plan(there))
    engine.undo()
    assert state(there) == before


def test_undo_with_a_full_journal_goes_on_when_there_is_room(
    disk: SmallDisk, tmp_path: Path
) -> None:
    there = tmp_path / "elsewhere"
    there.mkdir()
    furnish(there)
    before = state(there)
    engine = Engine(disk.folder)
    engine.apply(*plan(there))
    disk.fill()
    with pytest.raises(WizardError, match="No space left on device"):
        engine.undo()
    (disk.folder / FILLER).unlink()
    engine.undo()
    assert state(there) == before
    assert engine.plan() == ()


def test_a_line_of_the_journal_is_whole_or_not_there(disk: SmallDisk) -> None:
    engine = Engine(disk.folder)
    path = f"{disk.folder}/file"
    engine.apply(engine.step(WriteFile(path, b"first")))
    disk.fill()
    for number in range(100):
        with suppress(WizardError):
            change = WriteFile(path, b"%d" % number)
            engine.journal.record(engine.step(change), change, RemoveFile(path * 20))
    text = engine.journal.path.read_text()
    assert text.endswith("\n")
    assert all(json.loads(line) for line in text.splitlines())


def test_draft_and_roster_stay_as_they_were(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "FOLDER", str(disk.folder / "ours"))
    monkeypatch.setattr(draft, "DRAFT", str(disk.folder / "ours/draft.json"))
    monkeypatch.setattr(roster, "ROSTER", str(disk.folder / "ours/clients.json"))
    draft.keep(HOST, {"typed": "before"})
    roster.enter(HOST, [roster.Entry(Client(host="192.0.2.9"))])
    before = state(disk.folder)
    for bring_about, words in FAULTS.values():
        bring_about(disk)
        with pytest.raises(WizardError, match=f"draft.json could not be written: {words}"):
            draft.keep(HOST, {"typed": "after" * 3000})
        every = [roster.Entry(Client(host=f"192.0.2.{number}")) for number in range(99)]
        with pytest.raises(WizardError, match=f"clients.json could not be written: {words}"):
            roster.enter(HOST, every)
        assert state(disk.folder) == before
        disk.mend()
    draft.keep(HOST, {"typed": "after"})
    assert draft.kept(HOST) == {"typed": "after"}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_its_log_the_work_goes_on_and_says_so_once(disk: SmallDisk, fault: str) -> None:
    bring_about, words = FAULTS[fault]
    told: list[Event] = []
    tell = logged(told.append, disk.folder / "log")
    tell(StepDone("first", 1))
    bring_about(disk)
    for number in range(500):
        tell(StepDone("more", number))
    notes = [each for each in told if isinstance(each, Found)]
    assert len(notes) == 1
    assert re.search(f"log .*/log cannot be written: {words}; the work goes on", notes[0].text)
    assert len(told) == 502

    told.clear()
    logged(told.append, disk.folder / "another")(StepDone("one", 1))
    assert told[-1] == StepDone("one", 1)
    assert len(told) == (2 if fault == "read-only" else len(told))


def test_a_write_that_failed_does_not_make_ours_somebody_elses(disk: SmallDisk) -> None:
    engine, path = Engine(disk.folder), f"{disk.folder}/site.conf"
    first, second = WriteFile(path, b"port 443\n"), WriteFile(path, b"port 8443\n" * 9000)
    engine.apply(engine.step(first))
    disk.fill(32 << 10)  # room for the journal's lines, and none for the file
    with pytest.raises(WizardError, match=r"site.conf could not be written"):
        engine.apply(engine.step(second))
    disk.mend()
    assert engine.apply(engine.step(first)) == 0
    (found,) = [each.compare(HOST) for step in engine.plan() for each in step.changes]
    assert found
    assert not found.drift
    engine.undo()
    assert HOST.read(path) is None
