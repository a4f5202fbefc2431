"""What was done is on record before it is done, and can be taken back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOSTS, Engine
from wizard.changes.files import RemoveFile, WriteFile
from wizard.errors import WizardError
from wizard.plan import preview

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def file(engine: Engine, text: str, **more: bool) -> WriteFile:
    return WriteFile(str(engine.folder / "deep/down/file"), text.encode(), **more)  # type: ignore[arg-type]


def test_undo_takes_back_what_was_made_with_the_folders_for_it(engine: Engine) -> None:
    engine.apply(engine.step(file(engine, "one"), then="reload"))
    assert engine.undo() == 1
    assert not (engine.folder / "deep").exists()
    assert engine.thens() == 2


def test_undo_goes_back_to_the_very_first_bytes_mode_and_owner(engine: Engine) -> None:
    path = engine.folder / "deep/down/file"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine\r\n\xff")
    path.chmod(0o640)
    os.chown(path, 1, 2)
    for text in ("one", "two", "three"):
        engine.apply(engine.step(file(engine, text)))
    assert engine.undo() == 1
    found = path.stat()
    assert path.read_bytes() == b"mine\r\n\xff"
    assert (found.st_mode & 0o777, found.st_uid, found.st_gid) == (0o640, 1, 2)


def test_the_newest_change_of_each_thing_is_known_until_it_is_taken_back(engine: Engine) -> None:
    first, second = file(engine, "one"), file(engine, "two")
    engine.apply(engine.step(first))
    assert isinstance(engine.journal.latest()[0], RemoveFile)
    engine.apply(engine.step(second))
    (found,) = engine.journal.latest()
    assert isinstance(found, WriteFile)
    assert found.content == first.content
    engine.undo()
    assert engine.journal.latest() == ()


def test_undo_twice_is_a_no_op(engine: Engine) -> None:
    engine.apply(engine.step(file(engine, "one")))
    engine.undo()
    assert engine.plan() == ()
    assert engine.undo() == 0


def test_what_somebody_changed_since_is_marked(engine: Engine) -> None:
    engine.apply(engine.step(file(engine, "one")))
    assert [found.drift for _, _, found in preview(engine.plan(), HOSTS)] == [False]
    (engine.folder / "deep/down/file").write_text("theirs")
    assert [found.drift for _, _, found in preview(engine.plan(), HOSTS)] == [True]
    engine.undo()
    kept = engine.folder / "journal/kept"
    assert b"theirs" in {each.read_bytes() for each in kept.iterdir()}


def test_a_torn_last_line_never_became_true_and_is_healed(engine: Engine) -> None:
    engine.apply(engine.step(file(engine, "one")))
    journal = engine.journal.path
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"format": 1, "n": 99, "did"')
    assert len(engine.plan()) == 1
    engine.apply(engine.step(file(engine, "two")))
    assert journal.read_bytes().startswith(whole)
    assert b'"n": 99' not in journal.read_bytes()
    engine.undo()
    assert not (engine.folder / "deep").exists()


def test_a_journal_that_cannot_be_written_stops_before_acting(engine: Engine) -> None:
    (engine.folder / "journal").write_text("a file where the folder should be")
    with pytest.raises(WizardError, match="cannot be read"):
        engine.apply(engine.step(file(engine, "one")))
    assert not (engine.folder / "deep/down/file").exists()


def test_secrets_are_kept_beside_it_and_never_in_it(engine: Engine) -> None:
    for text in ("S3same-one", "S3same-two", "S3same-three"):
        engine.apply(engine.step(file(engine, text, secret=True)))
    assert "S3same" not in engine.journal.path.read_text()
    assert "S3same" not in " ".join(map(repr, engine.told))
    for each in (engine.journal.path, *(engine.folder / "journal/kept").iterdir()):
        assert each.stat().st_mode & 0o077 == 0


def test_a_second_wizard_is_told_who_is_at_work(engine: Engine) -> None:
    with (
        engine.journal.lock(),
        pytest.raises(WizardError, match=f"pid {os.getpid()}"),
        engine.journal.lock(),
    ):
        pass
    with engine.journal.lock():
        assert (engine.folder / "journal/lock").read_text() == str(os.getpid())
