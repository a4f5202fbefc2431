"""What stands in the way of a registry in a container, or of the distribution's package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.events import Found
from wizard.runtime import CONTAINER, OLDEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.answers import Answers
    from wizard.facts import Facts

WAYS_OUT = (
    "save the image on a machine that has it (docker save -o registry.tar {0}) and answer"
    ' registry.image_archive; or answer registry.runtime = "package"'
)


def look_at_runtime(answers: Answers, facts: Facts) -> Iterator[Found]:
    for look in _LOOKS.get(answers.registry.runtime, ()):
        yield from look(answers, facts)


def _package(answers: Answers, facts: Facts) -> Iterator[Found]:
    if facts.distro and not facts.distro.registry:
        yield Found(
            blocker=True,
            text=f"{facts.distro.name} has no package of the registry",
            remedy='answer registry.runtime = "container"',
        )


def _engine(answers: Answers, facts: Facts) -> Iterator[Found]:
    docker = facts.docker
    if docker.state == "silent":
        yield Found(
            blocker=True,
            text=f"The Docker Engine here is no help: {docker.problem}",
            remedy='mend it until `docker info` answers; or answer registry.runtime = "package"',
        )
    elif docker.too_old:
        oldest = ".".join(map(str, OLDEST))
        yield Found(
            blocker=True,
            text=f"Docker Engine {docker.version} is older than {oldest}, the oldest known to work",
            remedy='update it, or answer registry.runtime = "package"',
        )
    elif docker.state == "missing" and facts.distro and not facts.distro.engine:
        yield Found(
            blocker=True,
            text=f"No Docker Engine is here, and {facts.distro.name} has no package of one",
            remedy="install Docker Engine as docs.docker.com/engine/install says, then run again",
        )


def _container(answers: Answers, facts: Facts) -> Iterator[Found]:
    if facts.docker.container == "foreign":
        yield Found(
            blocker=True,
            text=f"There is a container called {CONTAINER} that the wizard did not make",
            remedy=f"docker rename {CONTAINER} ANOTHER-NAME, then run again",
        )


def _image(answers: Answers, facts: Facts) -> Iterator[Found]:
    source = facts.image
    if source.problem:
        yield Found(
            blocker=True,
            text=f"The registry's image cannot be had: {source.problem}",
            remedy=WAYS_OUT.format(answers.registry.image),
        )
    elif not source.how:
        yield Found(
            blocker=False,
            text=f"Whether {answers.registry.image} can be pulled shows when Docker is running",
            remedy="without a way to the internet, answer registry.image_archive",
        )


_LOOKS = {"package": (_package,), "container": (_engine, _container, _image)}
