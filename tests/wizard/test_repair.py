"""The step that repairs: planned from what was found, and not there where there is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine import Engine
from tests.fake_host import FakeHost, says
from tests.given import FACTS, given
from tests.wizard.troubles.tree import OURS
from wizard.changes.commands import Command
from wizard.changes.daemon import WithoutEntries
from wizard.changes.files import RemoveFile
from wizard.choices import Choices
from wizard.hosts import LocalHost
from wizard.plan import Step
from wizard.steps import our_plan, repair
from wizard.troubles import Trouble, checked, find_troubles, found
from wizard.troubles.trouble import ABOUTS, REPAIRED

KEY = RemoveFile("/etc/docker/certs.d/docker.benet.com/server.key")
ENTRY = WithoutEntries("/etc/docker/daemon.json", "insecure-registries", ("docker.benet.com",))
TROUBLES = (
    Trouble("trust-docker", "/a", "it is so", "it hurts", changes=(KEY,)),
    Trouble("trust-docker", "/b", "so too", "it hurts", "warning", changes=(KEY, ENTRY)),
    Trouble("insecure-registries", "/c", "told", "it hurts", "warning", remedy="by hand"),
)


def test_each_repair_is_planned_once_after_the_ca_is_in_its_place() -> None:
    plan = our_plan(given(facts=replace(FACTS, troubles=TROUBLES)))
    ids = [step.id for step in plan]
    assert ids.index("repair") == ids.index("trust") + 1
    assert plan[ids.index("repair")].changes == (KEY, ENTRY)


def test_without_troubles_there_is_no_such_step_unless_a_reload_is_due() -> None:
    assert "repair" not in {step.id for step in our_plan(given())}
    due = replace(given(), unsettled=frozenset({"repair"}))
    assert "repair" in {step.id for step in our_plan(due)}


def test_an_insecure_entry_may_be_left_out() -> None:
    plan = our_plan(given(facts=replace(FACTS, troubles=TROUBLES)))
    left = Choices(left_out=frozenset({ENTRY.key, KEY.key})).applied(plan)
    assert next(step for step in left if step.id == "repair").changes == (KEY,)


def test_each_trouble_is_a_verdict_and_a_thing_to_know() -> None:
    verdicts = list(checked(TROUBLES))
    assert [each.verdict for each in verdicts] == [
        "passed",
        "failed",
        "warning",
        "passed",
        "warning",
    ]
    assert verdicts[1].seen == "/a: it is so; it hurts"
    assert (verdicts[1].remedy, verdicts[4].remedy) == (REPAIRED, "by hand")
    assert [each.verdict for each in checked(())] == ["passed"] * len(ABOUTS)
    notes = list(found(TROUBLES))
    assert notes[0].remedy == "this run repairs it and keeps a copy"
    assert not any(each.blocker for each in notes)


def test_a_reload_that_a_crash_swallowed_is_still_due(engine: Engine) -> None:
    step = Step("repair", "Repair", "why", (), (Command(("true",)),))
    engine.journal.record(step, KEY, None)
    assert engine.journal.unsettled_steps() == {"repair"}
    engine.journal.settle(step)
    assert engine.journal.unsettled_steps() == frozenset()


def test_docker_is_asked_to_read_again_as_the_init_of_the_host_can() -> None:
    argvs = {
        init: [c.argv for c in repair.plan(given(facts=replace(FACTS, init=init))).then]
        for init in ("systemd", "init scripts")
    }
    assert argvs["systemd"][1:] == [
        ("systemctl", "reload", "docker"),
        ("systemctl", "restart", "docker"),
    ]
    assert argvs["init scripts"][1] == ("service", "docker", "restart")


# A process of ours stands in for Docker's; only its age and what `docker info` says count.
SAFE = {"0 false": True, "3 true": True, "3 false": False, "": False}


@pytest.mark.parametrize("said", SAFE)
@pytest.mark.parametrize("newer", [True, False])
def test_docker_restarts_only_where_that_is_due_and_stops_nothing(
    said: str,
    newer: bool,  # noqa: FBT001
    engine: Engine,
) -> None:
    folder = engine.folder
    (folder / "docker.pid").write_text("1\n")  # older than any test
    (folder / "docker").write_text(f"#!/bin/sh\necho '{said}'\n")
    (folder / "docker").chmod(0o755)
    bundle = folder / "bundle"
    bundle.touch()
    script = repair.RESTART_DUE.replace("/run/docker.pid", str(folder / "docker.pid"))
    script = f"PATH={folder}:$PATH\n{script}"
    paths = (str(bundle), str(folder / "not-there")) if newer else (str(folder / "not-there"),)
    assert LocalHost().run("sh", "-c", script, "sh", *paths).ok == (SAFE[said] and newer)


def test_nothing_is_changed_by_looking() -> None:
    host = FakeHost(commands={("sh",): says()})
    find_troubles(host, OURS)
    verbs = {"write", "remove", "make folder", "remove folder", "make link"}
    assert not verbs & {act[0] for act in host.acts}


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("engine"))
