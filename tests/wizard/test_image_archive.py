"""Image archives, good and bad, read on this machine by its own tar."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fake_engine import FakeEngine
from tests.fake_host import Answers, FakeHost, says
from tests.given import ANSWERS, FACTS
from tests.hosts import registry_image
from wizard.engine import Container, Image
from wizard.errors import WizardError
from wizard.facts import complete, detect
from wizard.hosts import LocalHost
from wizard.image_archive import read_archive
from wizard.runtime import Docker, ImageSource, find_image, read_docker
from wizard.survey import survey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard import answers
    from wizard.facts import Facts

HOST = LocalHost()


def test_docker_save_is_read() -> None:
    found = read_archive(HOST, str(registry_image.docker_archive()))
    assert (found.reference, found.named, found.manifest) == ("registry:2.8.2", True, b"")
    assert len(found.layers) == 1


def test_an_oci_archive_is_read_and_told_as_docker_save_would() -> None:
    found = read_archive(HOST, str(registry_image.oci_archive()))
    assert (found.reference, found.named) == ("registry:3.1.1", True)
    (entry,) = json.loads(found.manifest)
    assert entry["RepoTags"] == ["registry:3.1.1"]
    assert entry["Layers"][0].startswith("blobs/sha256/")


def test_an_image_without_a_name_is_called_by_its_layers() -> None:
    found = read_archive(HOST, str(registry_image.untagged()))
    assert not found.named
    assert found.reference.startswith("registry-wizard/registry:")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (registry_image.truncated, "is cut off: its end is missing"),
        (registry_image.no_image, "holds no image"),
        (registry_image.another_program, "is no registry: the image starts /bin/sh"),
    ],
)
def test_a_bad_archive_is_refused_with_its_reason(make: Callable[[], Path], words: str) -> None:
    with pytest.raises(WizardError, match=words) as caught:
        read_archive(HOST, str(make()))
    assert "docker save -o" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "words"), [(b"not an archive\n", "no tar archive"), (b"", "no tar archive")]
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "registry.tar"
    path.write_bytes(content)
    with pytest.raises(WizardError, match=words):
        read_archive(HOST, str(path))
    with pytest.raises(WizardError, match="is not there"):
        read_archive(HOST, str(tmp_path / "nothing.tar"))
    with pytest.raises(WizardError, match="is not there"):
        read_archive(HOST, str(tmp_path))


def machine(*, dockerd: str = "26.1.5", socket: bool = True) -> FakeHost:
    commands: Answers = {("uname", "-m"): says("x86_64\n")}
    if dockerd:
        commands[("dockerd", "--version")] = says(f"Docker version {dockerd}, build abc\n")
    if socket:
        commands[("test", "-S", "/var/run/docker.sock")] = says()
    return FakeHost(commands, docker=FakeEngine(dockerd))


def test_an_engine_is_looked_for_without_starting_one() -> None:
    assert read_docker(machine(dockerd="", socket=False)).state == "missing"
    assert read_docker(machine(socket=False)) == Docker("stopped", "26.1.5")
    assert read_docker(machine()) == Docker("running", "26.1.5")


def test_a_socket_with_nobody_behind_it_is_told() -> None:
    dead = machine(dockerd="")
    dead.docker.problem = "Docker does not answer: nobody listens on /var/run/docker.sock"
    found = read_docker(dead)
    assert found.state == "silent"
    texts = said(replace(FACTS, docker=found))
    assert "nobody listens on /var/run/docker.sock" in texts[0]


def test_whose_container_it_is() -> None:
    there = machine()
    made = Container("c", "i", {"registry-wizard.spec": "{}"}, running=True, restarts=0)
    there.docker.containers["registry-wizard"] = made
    assert read_docker(there).container == "ours"
    there.docker.containers["registry-wizard"] = replace(made, labels={})
    assert read_docker(there).container == "foreign"
    assert "did not make" in said(replace(FACTS, docker=read_docker(there)))[0]


CONTAINER = replace(ANSWERS, registry=replace(ANSWERS.registry, runtime="container"))


def said(facts: Facts, asked: answers.Answers = CONTAINER) -> list[str]:
    return [found.text for found in survey(asked, facts) if found.blocker]


def test_an_image_that_cannot_be_had_names_both_ways_out() -> None:
    there = machine()
    source = find_image(there, ANSWERS.registry, read_docker(there))
    facts = replace(FACTS, docker=read_docker(there), image=source)
    (found,) = [each for each in survey(CONTAINER, facts) if each.blocker]
    assert "registry:3.1.1 cannot be had: no route to host" in found.text
    assert "registry.image_archive" in found.remedy
    assert 'registry.runtime = "package"' in found.remedy


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(FACTS, docker=Docker("running", "19.03.8")), "19.03.8 is older than 20.10"),
        (replace(FACTS, image=ImageSource("a:1", "", "a.tar is for arm64")), "is for arm64"),
    ],
)
def test_what_cannot_run_a_container_is_a_blocker(facts: Facts, words: str) -> None:
    assert any(words in text for text in said(facts))


def test_the_image_of_another_kind_of_machine_is_refused() -> None:
    archive = str(registry_image.docker_archive())
    registry = replace(ANSWERS.registry, image_archive=archive)

    class Arm(LocalHost):
        def run(self, *argv: str, **more: object) -> object:  # type: ignore[override]
            return says("aarch64\n") if argv[0] == "uname" else super().run(*argv)

    found = find_image(Arm(), registry, Docker("running", "26"))  # type: ignore[arg-type]
    assert (found.how, "is for amd64; this machine is arm64" in found.problem) == ("", True)
    assert find_image(HOST, registry, Docker()).how == "archive"


DOCKER = Docker("running", "26.1.5")
AUTO = replace(ANSWERS, registry=replace(ANSWERS.registry, runtime="auto"))


@pytest.mark.parametrize(
    ("facts", "runtime", "why"),
    [
        (FACTS, "package", "no Docker Engine is installed here"),
        (replace(FACTS, docker=Docker("stopped")), "package", "does not run"),
        (replace(FACTS, docker=Docker("silent")), "package", "does not answer"),
        (replace(FACTS, docker=Docker("running", "18.09.1")), "package", "too old"),
        (
            replace(FACTS, docker=DOCKER, image=ImageSource("r:1", "", "r:1 cannot be had")),
            "package",
            "but r:1 cannot be had",
        ),
        (replace(FACTS, docker=DOCKER, image=ImageSource("r:1", "there")), "container", "has the"),
        (replace(FACTS, docker=DOCKER, image=ImageSource("r:1", "pull")), "container", "be pulled"),
        (replace(FACTS, docker=DOCKER, registry=True), "package", "is installed here"),
    ],
)
def test_auto_says_what_and_why(facts: Facts, runtime: str, why: str) -> None:
    found = detect(facts, None)["registry.runtime"]
    assert (found.value, why in found.source) == (runtime, True)
    assert complete(AUTO, facts, None).registry.runtime == runtime


def test_auto_stays_with_what_is_there() -> None:
    former = replace(ANSWERS, registry=replace(ANSWERS.registry, runtime="container"))
    assert complete(AUTO, FACTS, former).registry.runtime == "container"


def test_an_image_that_is_there_is_not_asked_for() -> None:
    there = machine()
    there.docker.images["registry:3.1.1"] = Image("sha256:1", "", ())
    assert find_image(there, ANSWERS.registry, DOCKER) == ImageSource("registry:3.1.1", "there")
