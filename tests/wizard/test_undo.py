"""Undo step by step: what is left leads back, and all of it goes in the end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST, HOSTS, Engine
from tests.fake_host import FakeHost, says
from wizard.changes.files import Link, MarkedLine, RemoveFile, WriteFile
from wizard.changes.folders import MakeFolder
from wizard.changes.images import RemoveImages
from wizard.changes.packagers import APT, PURGE
from wizard.changes.packages import InstallPackages, RemovePackages
from wizard.changes.services import Service
from wizard.client_session import ClientSession
from wizard.errors import BadUsage, Blocked, WizardError
from wizard.events import Event, Finished
from wizard.executor import Executor
from wizard.hosts import Folder
from wizard.journal import Journal
from wizard.nginx import BUILT_SERVICE, UNIT
from wizard.part import chosen, notes, refuse_builders
from wizard.plan import Plan, Step, preview
from wizard.undo import UndoJournal, undo_plan, with_images

if TYPE_CHECKING:
    from wizard.changes import Change

JOURNALS = Path(__file__).parents[1] / "journals"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def steps(engine: Engine) -> tuple[Step, ...]:
    """Give two steps, of which the second puts something into a folder of the first."""
    home = str(engine.folder / "etc/ours")
    keys = WriteFile(f"{home}/keys/ca.crt", b"a certificate")
    made = (MakeFolder(f"{home}/keys", 0o700), keys)
    first = replace(engine.step(*made, then="reload"), id="authority", title="Make keys")
    site = WriteFile(f"{home}/answers", b"what was answered")
    return first, replace(engine.step(site), id="proxy", title="Set up a site")


def take_back(engine: Engine, plan: Plan, *, whole: bool = False) -> int:
    journal = engine.journal
    changed = Executor(HOSTS, UndoJournal(journal, HOSTS), engine.told.append).apply(plan)
    if whole:
        journal.end_undo()
    return changed


def only(engine: Engine, *names: str) -> Plan:
    plan = engine.plan()
    return chosen(plan, names, plan)


def test_one_step_goes_the_next_run_brings_it_back_and_undo_still_takes_all(engine: Engine) -> None:
    home = engine.folder / "etc"
    first, second = steps(engine)
    engine.apply(first, second)
    assert take_back(engine, only(engine, "authority")) == 2
    assert not (home / "ours/keys").exists()
    assert (home / "ours/answers").exists()
    assert engine.apply(first, second) == 2
    assert [step.id for step in engine.plan()] == ["proxy", "authority"]
    assert take_back(engine, engine.plan(), whole=True) == 4
    assert not home.exists()
    assert engine.plan() == ()


def test_folders_that_had_to_stay_go_once_what_was_in_them_is_gone(engine: Engine) -> None:
    first, second = steps(engine)
    engine.apply(first, second)
    take_back(engine, only(engine, "authority"))
    assert take_back(engine, engine.plan()) == 2
    assert not (engine.folder / "etc").exists()


def test_each_step_alone_then_again_in_any_order(engine: Engine) -> None:
    first, second = steps(engine)
    for each in ("proxy", "authority", "authority", "proxy"):
        engine.apply(first, second)
        take_back(engine, only(engine, each))
    engine.apply(first, second)
    take_back(engine, engine.plan(), whole=True)
    assert not (engine.folder / "etc").exists()
    assert take_back(engine, engine.plan()) == 0


def test_after_all_was_taken_back_the_order_begins_anew(engine: Engine) -> None:
    first, second = steps(engine)
    engine.apply(first, second)
    take_back(engine, engine.plan(), whole=True)
    engine.apply(second, first)
    assert [step.id for step in engine.plan()] == ["authority", "proxy"]


def test_a_step_that_is_not_on_record_is_refused_with_those_that_are(engine: Engine) -> None:
    engine.apply(*steps(engine))
    with pytest.raises(BadUsage, match="no step certificates") as refused:
        only(engine, "certificates")
    listed = [line.split()[0] for line in refused.value.hint.splitlines()[1:]]
    assert listed == ["proxy", "authority"]


def test_packages_alone_need_their_own_word() -> None:
    packages = Step("packages", "Packages", "", (RemovePackages(("nginx",)),))
    with pytest.raises(BadUsage, match="brought packages only"):
        chosen((), ("packages",), (packages,))


def test_packages_that_others_need_stay_on_record_and_are_told(tmp_path: Path) -> None:
    ours, needed = ("docker-registry", "nginx"), "nginx: not removed, as needed by theirs"
    purge, both = ("apt-get", "-s", *PURGE), "Purg theirs [1]\nPurg nginx [1]\n"
    query = ("dpkg-query", "-W", "-f", "${db:Status-Status}")
    host, journal, told = FakeHost(), Journal(tmp_path), list[Event]()
    host.commands |= {("sh",): says(), ("env",): says(), purge: says(both)}
    host.commands |= {(*query, name): says("installed") for name in ours}
    host.commands[(*purge, "docker-registry")] = says("Purg docker-registry [2]\n")
    host.commands[(*purge, "docker-registry", "nginx")] = says(both)
    host.effects[(*APT, *PURGE, "docker-registry")] = {(*query, "docker-registry"): says()}
    step = Step("packages", "Packages", "", (InstallPackages(ours),))
    journal.record(step, step.changes[0], RemovePackages(ours))
    session = ClientSession({}, host, journal)
    for changed in (1, 0):
        assert session.undo(session.undo_plan(packages=True), told.append) == changed
        finished = told[-1]
        assert isinstance(finished, Finished)
        assert needed in finished.message
    assert [inverse for _, inverse in journal.inverses()] == [RemovePackages(("nginx",))]


def test_what_would_fail_without_it_is_named_and_refused_unless_forced(engine: Engine) -> None:
    engine.apply(*steps(engine))
    part = only(engine, "authority")
    with pytest.raises(Blocked, match="authority: proxy would fail without it") as refused:
        refuse_builders(part, engine.plan(), force=False)
    assert "undo --step proxy --step authority" in refused.value.hint
    refuse_builders(part, engine.plan(), force=True)
    refuse_builders(engine.plan(), engine.plan(), force=False)
    assert notes(part[0], part, engine.plan())[0] == "proxy would fail without it"
    assert "another CA" in notes(part[0], part, engine.plan())[1]


def test_all_that_builds_on_it_is_named_however_far_up(engine: Engine) -> None:
    made = (
        replace(
            engine.step(WriteFile(str(engine.folder / name), b"")), id=name, title=f"Make {name}"
        )
        for name in ("accounts", "registry", "container", "services", "trust")
    )
    engine.apply(*made)
    with pytest.raises(Blocked, match="accounts: registry and container would fail") as refused:
        refuse_builders(only(engine, "accounts"), engine.plan(), force=False)
    named = re.findall(r"--step (\w+)", refused.value.hint)
    assert named == ["services", "container", "registry", "accounts"]
    refuse_builders(only(engine, *named), engine.plan(), force=False)


@pytest.mark.parametrize("unit", UNIT.values())
def test_a_service_that_a_later_answer_brought_is_stopped_before_its_unit_goes(
    unit: str, engine: Engine
) -> None:
    runs: dict[str, list[tuple[Change, Change]]] = {
        "proxy": [(WriteFile("/site", b""), RemoveFile("/site"))],
        "services": [(Service("nginx"), Service("nginx", running=False, enabled=False))],
        "build": [(WriteFile("/opt/nginx", b""), RemoveFile("/opt/nginx"))],
        "unit": [
            (WriteFile(unit, b""), RemoveFile(unit)),
            (WriteFile("/logs", b""), RemoveFile("/logs")),
        ],
        "services again": [
            (Service("nginx", running=False, enabled=False), Service("nginx")),
            (Service(BUILT_SERVICE), Service(BUILT_SERVICE, running=False, enabled=False)),
        ],
    }
    for name, made in runs.items():
        step = Step(name.split()[0], name, "", tuple(change for change, _ in made))
        for change, inverse in made:
            engine.journal.record(step, change, inverse)
    taken = [(step.id, change.label) for step in engine.plan() for change in step.changes]
    assert taken == [
        ("unit", f"stop {BUILT_SERVICE}"),
        ("unit", "remove /logs"),
        ("unit", f"remove {unit}"),
        ("build", "remove /opt/nginx"),
        ("services", "stop nginx"),
        ("proxy", "remove /site"),
    ]


def test_a_reload_that_a_broken_off_undo_owes_is_run_by_the_next(engine: Engine) -> None:
    first, second = steps(engine)
    engine.apply(first, second)
    ledger = UndoJournal(engine.journal, HOSTS)
    for step in engine.plan():
        for change in step.changes:  # killed before what comes after the last of them
            found = change.compare(HOST)
            if found:
                ledger.record(step, change, found.inverse)
                change.apply(HOST, print)
            ledger.done(step, change)
    assert engine.thens() == 1
    (owed,) = engine.plan()
    assert (owed.id, owed.changes) == ("authority", ())
    take_back(engine, engine.plan(), whole=True)
    assert engine.thens() == 2
    assert engine.plan() == ()


def test_what_undo_took_away_is_on_record_too(engine: Engine) -> None:
    engine.apply(*steps(engine))
    (engine.folder / "etc/ours/answers").write_text("somebody's")
    take_back(engine, engine.plan())
    lines = [json.loads(line) for line in engine.journal.path.read_text().splitlines()]
    (taken,) = [each for each in lines if str(each.get("takes", "")).endswith("answers")]
    kept = engine.folder / "journal/kept" / taken["was"]["content"]["kept"]
    assert kept.read_text() == "somebody's"


def test_a_line_taken_out_by_hand_lends_its_number_to_no_other(engine: Engine) -> None:
    first, second = steps(engine)
    engine.apply(second, first)
    path = engine.journal.path
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    engine.apply(replace(first, changes=(WriteFile(str(engine.folder / "other"), b"x"),)))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    numbers = [line["n"] for line in lines if "n" in line]
    assert len(numbers) == len(set(numbers))


NEWER = (
    {"format": 2, "n": 1, "did": "anything"},
    {"format": 2, "told": "otherwise"},
    {"did": "x", "inverse": {"kind": "Teleport", "to": "a"}},
    {"did": "x", "inverse": {"kind": "RemoveUser", "name": "a", "home": "b"}},
)


@pytest.mark.parametrize("told", NEWER, ids=["line", "other", "kind", "field"])
def test_what_a_newer_wizard_wrote_is_told(told: dict[str, object], engine: Engine) -> None:
    frame = {"format": 1, "n": 1, "step": "s", "title": "S", "host": "localhost", "then": []}
    engine.journal.record(steps(engine)[0], WriteFile("/a", b""), None)
    engine.journal.path.write_text(json.dumps(frame | told) + "\n")
    with pytest.raises(WizardError, match="was written by a newer registry-wizard") as refused:
        engine.plan()
    assert "install that registry-wizard" in refused.value.hint


@pytest.mark.parametrize("path", sorted(JOURNALS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_what_an_earlier_wizard_wrote_is_read_and_planned(path: Path, tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.path.write_bytes(path.read_bytes())
    (tmp_path / "kept").symlink_to(JOURNALS / "kept")
    plan = undo_plan(journal, packages=True)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    undone = {n for line in lines for n in line.get("undone", ())}
    open_ = [line for line in lines if line.get("inverse") and line["n"] not in undone]
    keys = {(step.host, change.key) for step in plan for change in step.changes}
    assert {step.id for step in plan} <= {line["step"] for line in open_}
    assert plan[-1].id == "packages"
    assert keys == {(line["host"], each.key) for line, each in journal.inverses()}
    assert (journal.unsettled_steps(), journal.owed()) == (frozenset(), ())
    folder = "/opt/data/registry"
    taken = [step.id for step in with_images(plan, RemoveImages(folder))]
    assert taken.index("storage") < taken.index("packages")


def store(folder: Path) -> Path:
    """Have two repositories in a storage folder, and something of somebody's beside them."""
    root = folder / "docker/registry/v2"
    for name in ("app", "team/app"):
        (root / "repositories" / name / "_manifests/tags").mkdir(parents=True)
    (root / "blobs").mkdir()
    (root / "blobs/data").write_bytes(b"x" * 5000)
    (folder / "docker/registry/mine").write_text("somebody's")
    return root


def test_images_go_where_asked_and_nothing_else(tmp_path: Path) -> None:
    root = store(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("not an image")
    (root / "blobs/link").symlink_to(outside)
    images = RemoveImages(str(tmp_path))
    found = images.compare(HOST)
    assert found
    assert found.text.startswith("2 repositories, ")
    assert "KiB" in found.text
    assert found.text.endswith("  app\n  team/app")
    images.apply(HOST, print)
    assert images.compare(HOST) is None
    assert (outside / "file").exists()
    assert (tmp_path / "docker/registry/mine").exists()


def test_images_behind_a_link_are_not_deleted(tmp_path: Path) -> None:
    store(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(WizardError, match="is reached by a link"):
        RemoveImages(str(tmp_path / "link")).apply(HOST, print)
    assert (tmp_path / "real/docker/registry/v2/blobs/data").exists()


def test_a_link_that_leads_elsewhere_since_is_drift(tmp_path: Path) -> None:
    site, theirs = tmp_path / "default", tmp_path / "other"
    site.symlink_to("../available")
    found = Link(str(site)).compare(HOST)
    assert found
    Link(str(site)).apply(HOST, print)
    back = found.inverse
    assert back
    again = back.compare(HOST)
    assert again
    assert not again.drift
    site.symlink_to("elsewhere")
    drifted = back.compare(HOST)
    assert drifted
    assert drifted.drift
    site.unlink()
    site.write_text("a file of theirs")
    drifted = back.compare(HOST)
    assert drifted
    assert drifted.drift
    assert isinstance(drifted.inverse, WriteFile)
    back.apply(HOST, print)
    assert site.readlink() == Path("../available")
    assert not theirs.exists()


def test_our_line_with_another_address_since_is_drift(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("127.0.0.1 localhost\n")
    line = MarkedLine(str(path), "# ours", "192.0.2.1\tname")
    found = line.compare(HOST)
    assert found
    line.apply(HOST, print)
    assert found.inverse
    seen = [found.inverse.compare(HOST)]
    path.write_text(path.read_text().replace("192.0.2.1", "192.0.2.9"))
    seen.append(found.inverse.compare(HOST))
    assert [each and each.drift for each in seen] == [False, True]


@dataclass(frozen=True)
class Seen:
    """A service as systemd tells of it."""

    running: bool
    enabled: bool
    there: bool = True

    @property
    def host(self) -> FakeHost:
        said = {True: says(), False: says("", 3)}
        commands = {
            ("systemctl", "is-active", "--quiet", "nginx"): said[self.running],
            ("systemctl", "show", "-p", "ActiveState"): says(
                "active" if self.running else "inactive"
            ),
            ("systemctl", "is-enabled", "--quiet", "nginx"): said[self.enabled],
            ("systemctl", "cat", "nginx"): said[self.there],
            ("who",): says("/etc/nginx/conf.d/other.conf\n"),
        }
        folders = {"/": Folder(), "/run/systemd/system": Folder()}
        return FakeHost(commands=commands, folders=folders)


FRESH = Service("nginx", running=False, enabled=True, expect=(True, True))


def test_a_switch_of_a_service_that_is_neither_ours_nor_as_before_is_drift() -> None:
    left, off = FRESH.compare(Seen(running=True, enabled=True).host), Seen(True, False)  # noqa: FBT003
    assert left
    assert not left.drift
    drifted = FRESH.compare(off.host)
    assert drifted
    assert drifted.drift
    # Its package was removed by hand: there is nothing to enable any more.
    assert FRESH.compare(Seen(running=False, enabled=False, there=False).host) is None


def test_a_service_that_serves_others_by_now_is_not_stopped_unasked() -> None:
    found = replace(FRESH, others=("who",)).compare(Seen(running=True, enabled=True).host)
    assert found
    assert found.drift
    assert found.text.endswith("used by /etc/nginx/conf.d/other.conf as well")


def test_one_drifted_change_marks_itself_alone(engine: Engine) -> None:
    engine.apply(*steps(engine))
    (engine.folder / "etc/ours/keys/ca.crt").write_text("another")
    seen = {change.label: found.drift for _, change, found in preview(engine.plan(), HOSTS)}
    assert [label.rpartition("/")[2] for label, drift in seen.items() if drift] == ["ca.crt"]


def test_a_plan_that_another_wizard_overtook_is_not_carried_out(engine: Engine) -> None:
    first, second = steps(engine)
    ours, theirs = engine.journal, engine.journal
    ours.look()
    with ours.lock():
        ours.record(first, first.changes[0], None)
    with ours.lock():  # what we wrote ourselves is no surprise
        pass
    theirs.record(second, second.changes[0], None)
    with pytest.raises(Blocked, match="has changed this machine since"), ours.lock():
        pass
    ours.look()
    with ours.lock():
        pass


HOLDS = """
import sys, time
from pathlib import Path
from wizard.journal import Journal
with Journal(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_of_a_process_that_was_killed_is_free(engine: Engine) -> None:
    folder = engine.folder / "journal"
    argv = (sys.executable, "-c", HOLDS, str(folder))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        at_work = rf"at work here \(pid {other.pid}\)"
        with pytest.raises(Blocked, match=at_work) as held, engine.journal.lock():
            pass
        assert held.value.exit_code == 3
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert (folder / "lock").read_text() == str(other.pid)
    with engine.journal.lock():
        assert (folder / "lock").read_text() == str(os.getpid())


def test_a_lock_that_cannot_be_is_a_sentence(engine: Engine) -> None:
    (engine.folder / "journal/lock").mkdir(parents=True)
    locked = engine.journal.lock
    with pytest.raises(WizardError, match="cannot be locked: Is a directory"), locked():
        pass
    (engine.folder / "flat").write_text("")
    locked = Journal(engine.folder / "flat/journal").lock
    with pytest.raises(WizardError, match="cannot be written: "), locked():
        pass
