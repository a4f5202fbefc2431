"""The registry in a container: its image, and how it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.containers import FetchImage, RunContainer
from wizard.changes.services import Service
from wizard.credentials import MOUNTED
from wizard.plan import Step
from wizard.runtime import CONTAINER
from wizard.steps.registry import IMAGES_INSIDE, INSIDE
from wizard.survey import REGISTRY_PORT

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.given import Given

# Who else runs containers here: the engine is theirs as well, once they do.
OTHERS = ("sh", "-c", 'docker ps --format "{{.Names}}" | grep -vx "$1"', "sh", CONTAINER)


def plan(given: Given) -> Step:
    changes: tuple[Change, ...] = ()
    if given.contained:
        # An engine that somebody runs by hand answers, but is no service of this machine.
        start = () if given.facts.docker.state == "running" else (Service("docker", others=OTHERS),)
        changes = (*start, _image(given), _run(given))
    return Step(
        id="container",
        title="Run the registry in a container",
        why="Docker starts it again with the machine; the images stay in the storage folder.",
        changes=changes,
    )


def _image(given: Given) -> FetchImage:
    registry, source = given.answers.registry, given.facts.image
    if not source.archive:
        return FetchImage(registry.image)
    found = source.archive
    return FetchImage(
        found.reference, registry.image_archive, found.layers, found.manifest, found.named
    )


def _run(given: Given) -> RunContainer:
    """Say how it runs: as the registry's own user, with nothing that it does not need."""
    return RunContainer(
        name=CONTAINER,
        image=given.facts.image.reference or given.answers.registry.image,
        # As the command's argument: 2.x and 3.x look for their settings in different places.
        command=(f"{INSIDE}/config.yml",),
        user=given.distro.registry_user,
        mounts=(
            f"{MOUNTED}:{INSIDE}:ro",
            f"{given.answers.registry.storage}:{IMAGES_INSIDE}:rw",
        ),
        ports=(f"127.0.0.1:{REGISTRY_PORT}:{REGISTRY_PORT}",),
    )
