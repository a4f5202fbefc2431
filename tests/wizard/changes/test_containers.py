"""Images and containers on a Docker Engine made of tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fake_engine import FakeEngine
from tests.fake_host import FakeHost, says
from wizard.changes.containers import (
    FetchImage,
    RemoveContainer,
    RemoveImage,
    RunContainer,
    StopContainer,
)
from wizard.engine import Container, Image
from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.changes import Change

OLD = Image("sha256:old", "sha256:000", ("sha256:1",))
NEW = Image("sha256:new", "sha256:111", ("sha256:2",))
RUN = RunContainer(
    "registry-wizard",
    "registry:3.1.1",
    ("/etc/registry-wizard/config.yml",),
    "docker-registry",
    ("/opt/data/registry:/var/lib/registry:rw",),
    ("127.0.0.1:5000:5000",),
)


def host(**images: Image) -> FakeHost:
    engine = FakeEngine(images={name.replace("_", ":"): each for name, each in images.items()})
    commands = {
        ("test", "-S", "/var/run/docker.sock"): says(),
        ("id", "-u"): says("998\n"),
        ("id", "-g"): says("997\n"),
    }
    return FakeHost(commands, docker=engine)


def here(**images: Image) -> FakeHost:
    found = host()
    found.docker.images = {"registry:3.1.1": NEW, "registry:2.8.2": OLD}
    return found


def lines(_: str) -> None: ...


def made(change: Change, where: FakeHost) -> Change | None:
    """Apply; what it says afterwards must be nothing. Give the inverse."""
    found = change.compare(where)
    assert found
    change.apply(where, lines)
    assert change.compare(where) is None
    return found.inverse


def test_a_container_is_run_kept_and_taken_back() -> None:
    machine = here()
    inverse = made(RUN, machine)
    assert machine.docker.containers["registry-wizard"].running
    assert inverse == RemoveContainer("registry-wizard")
    back = made(inverse, machine)
    assert machine.docker.containers == {}
    assert back == RUN


def test_a_stopped_container_is_started_and_not_made_anew() -> None:
    machine = here()
    made(RUN, machine)
    first = machine.docker.containers["registry-wizard"].id
    machine.docker.stop("registry-wizard")
    inverse = made(RUN, machine)
    assert machine.docker.containers["registry-wizard"].id == first
    assert inverse == StopContainer("registry-wizard")
    made(inverse, machine)


def test_another_spec_replaces_it_and_undo_brings_the_former_one_back() -> None:
    machine = here()
    made(replace(RUN, image="registry:2.8.2"), machine)
    inverse = made(RUN, machine)
    assert machine.docker.containers["registry-wizard"].image == NEW.id
    assert isinstance(inverse, RunContainer)
    assert inverse.image == "registry:2.8.2"
    made(inverse, machine)
    assert machine.docker.containers["registry-wizard"].image == OLD.id
    assert list(machine.docker.containers) == ["registry-wizard"]


def test_a_tag_that_was_moved_is_noticed_and_the_inverse_names_the_former_image() -> None:
    machine = here()
    made(RUN, machine)
    machine.docker.images["registry:3.1.1"] = replace(NEW, id="sha256:newer")
    found = RUN.compare(machine)
    assert found
    assert "another image is behind registry:3.1.1" in found.text
    assert found.inverse == replace(RUN, image=NEW.id)


def test_where_the_new_one_does_not_answer_the_former_one_comes_back() -> None:
    machine = here()
    made(replace(RUN, image="registry:2.8.2"), machine)
    former = machine.docker.containers["registry-wizard"].id
    machine.docker.mute = {NEW.id}
    with pytest.raises(WizardError, match="does not answer as a registry") as caught:
        RUN.apply(machine, lines)
    assert "nothing to do" in str(caught.value)
    assert [(n, c.id, c.running) for n, c in machine.docker.containers.items()] == [
        ("registry-wizard", former, True)
    ]


def test_an_image_that_is_no_registry_leaves_no_container() -> None:
    machine = here()
    machine.docker.mute = {NEW.id}
    with pytest.raises(WizardError, match="registry:3"):
        RUN.apply(machine, lines)
    assert machine.docker.containers == {}


def test_what_a_killed_run_put_aside_is_not_lost() -> None:
    machine = here()
    made(replace(RUN, image="registry:2.8.2"), machine)
    machine.docker.stop("registry-wizard")
    machine.docker.rename("registry-wizard", "registry-wizard-former")
    machine.docker.mute = {NEW.id}
    with pytest.raises(WizardError):
        RUN.apply(machine, lines)
    assert machine.docker.containers["registry-wizard"].image == OLD.id


def test_somebody_elses_container_is_left_alone() -> None:
    machine = here()
    machine.docker.containers["registry-wizard"] = Container("c", "i", {}, running=True, restarts=0)
    with pytest.raises(WizardError, match="did not make"):
        RUN.compare(machine)
    for gone in (RemoveContainer("registry-wizard"), StopContainer("registry-wizard")):
        assert gone.compare(machine) is None  # ours is gone


def test_without_an_engine_all_is_still_to_do() -> None:
    machine = FakeHost()
    for change in (RUN, FetchImage("registry:3.1.1")):
        found = change.compare(machine)
        assert found
        assert found.verb == "create"
    for gone in (RemoveContainer("a"), RemoveImage("a"), StopContainer("a")):
        assert gone.compare(machine) is None


def test_an_image_is_pulled_with_progress_and_taken_back() -> None:
    machine = host()
    machine.docker.remote = {"registry:3.1.1": NEW}
    change = FetchImage("registry:3.1.1")
    said: list[str] = []
    change.apply(machine, said.append)
    assert any(line.startswith("share:") for line in said)
    assert change.compare(machine) is None
    made(RemoveImage("registry:3.1.1"), machine)
    with pytest.raises(WizardError, match="cannot be had"):
        FetchImage("registry:9").apply(machine, lines)


def test_an_image_without_a_name_gets_one() -> None:
    machine = host()
    machine.docker.archives = {"/a.tar": ("", NEW)}
    change = FetchImage("registry-wizard/registry:abc", "/a.tar", NEW.layers, named=False)
    made(change, machine)
    assert machine.docker.images["registry-wizard/registry:abc"] == NEW


def test_another_archive_of_the_same_name_is_loaded() -> None:
    machine = here()
    machine.docker.archives = {"/a.tar": ("registry:3.1.1", OLD)}
    change = FetchImage("registry:3.1.1", "/a.tar", OLD.layers)
    found = change.compare(machine)
    assert found
    assert found.verb == "update"
    assert found.inverse is None  # the name was there before us
    change.apply(machine, lines)
    assert change.compare(machine) is None


def test_an_image_in_use_stays() -> None:
    machine = here()
    made(RUN, machine)
    assert RemoveImage("registry:3.1.1").compare(machine) is None


def test_what_a_cut_off_replacement_put_aside_goes_with_undo() -> None:
    machine = here()
    made(RUN, machine)
    machine.docker.containers["registry-wizard-former"] = machine.docker.containers.pop(
        "registry-wizard"
    )
    gone = RemoveContainer("registry-wizard")
    made(gone, machine)
    assert machine.docker.containers == {}


@pytest.mark.parametrize("change", [RemoveContainer("registry-wizard"), RemoveImage("registry:3")])
def test_an_engine_that_does_not_run_is_to_be_started_before_anything_is_forgotten(
    change: Change,
) -> None:
    machine = here()
    del machine.commands[("test", "-S", "/var/run/docker.sock")]
    assert change.compare(machine) is None  # no engine at all
    machine.commands[("docker", "--version")] = says("Docker version 20.10.24\n")
    found = change.compare(machine)
    assert found
    assert "does not run" in found.text
    with pytest.raises(WizardError, match="Docker Engine does not run"):
        change.apply(machine, lines)


def test_a_container_that_would_not_come_back_is_told_to() -> None:
    machine = here()
    made(RUN, machine)
    one = machine.docker.containers["registry-wizard"]
    machine.docker.containers["registry-wizard"] = replace(one, back=False)
    found = RUN.compare(machine)
    assert found
    assert found.text == "registry-wizard would not come back with Docker"
    RUN.apply(machine, lines)
    assert RUN.compare(machine) is None
