"""Look, record, act, look again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine import Engine, Fails
from wizard.changes.files import WriteFile
from wizard.errors import Interrupted, WizardError
from wizard.events import ChangeDone, StepFailed, Stopped
from wizard.whole import PARTIAL

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def file(engine: Engine, text: str = "text\n", *, secret: bool = False) -> WriteFile:
    return WriteFile(str(engine.folder / "file"), text.encode(), secret=secret)


def test_a_second_run_changes_nothing_and_runs_no_then(engine: Engine) -> None:
    step = engine.step(file(engine), then="reload")
    assert (engine.apply(step), engine.thens()) == (1, 1)
    assert (engine.apply(step), engine.thens()) == (0, 1)
    done = [each for each in engine.told if isinstance(each, ChangeDone)]
    assert [each.changed for each in done] == [True, False]


def test_what_fails_is_on_record_and_told_with_its_way_out(engine: Engine) -> None:
    with pytest.raises(WizardError, match="`false` ended with 1"):
        engine.apply(engine.step(Fails()))
    failed = [each for each in engine.told if isinstance(each, StepFailed)]
    assert failed[0].hint == "there is no way out"
    assert '"did": "fail"' in engine.journal.path.read_text()


def test_a_failure_whose_words_are_known_is_told_with_what_they_mean(engine: Engine) -> None:
    said = "  Temporary failure resolving 'deb.mirror.lan'"
    with pytest.raises(WizardError) as error:
        engine.apply(engine.step(Fails(says=said)))
    [failed] = [each for each in engine.told if isinstance(each, StepFailed)]
    assert failed.message.startswith("`false` ended with 1")
    assert failed.cause.startswith("Nobody says where deb.mirror.lan leads")
    assert failed.remedy.startswith("mend DNS")
    assert (error.value.cause, error.value.remedy) == (failed.cause, failed.remedy)


def test_a_failure_of_another_kind_is_told_by_its_own_words_alone(engine: Engine) -> None:
    with pytest.raises(WizardError) as error:
        engine.apply(engine.step(Fails(says="E: Unable to locate package nginx")))
    assert (error.value.cause, error.value.remedy) == ("", "")


def test_a_change_that_lies_is_caught_by_looking_again(engine: Engine) -> None:
    with pytest.raises(WizardError, match="yet the host is not so afterwards"):
        engine.apply(engine.step(Fails(lies=True)))


def test_a_reload_that_a_crash_swallowed_is_run_the_next_time(engine: Engine) -> None:
    with pytest.raises(WizardError):
        engine.apply(engine.step(file(engine), Fails(), then="reload"))
    assert engine.thens() == 0
    assert engine.apply(engine.step(file(engine), then="reload")) == 0
    assert engine.thens() == 1


def test_a_stop_falls_between_two_changes(engine: Engine) -> None:
    engine.stop = True
    with pytest.raises(Interrupted) as stopped:
        engine.apply(engine.step(file(engine)))
    assert stopped.value.exit_code == 130
    assert engine.told[-1] == Stopped("step")
    assert not (engine.folder / "file").exists()


def test_what_a_write_that_was_cut_off_left_is_gone_with_the_next_run(engine: Engine) -> None:
    wanted = file(engine)
    engine.apply(engine.step(wanted))
    left = [engine.folder / f"{PARTIAL}abc", engine.journal.folder / "kept" / f"{PARTIAL}1"]
    for each in left:
        each.write_text("half")
    (engine.folder / f"{PARTIAL}folder").mkdir()  # not ours
    engine.apply(engine.step(wanted))
    assert not any(each.exists() for each in left)
    left[0].write_text("half")
    engine.undo()
    there = {each.name for each in engine.folder.iterdir()}
    assert there == {"journal", f"{PARTIAL}folder"}
