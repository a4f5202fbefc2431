"""The services, running and back after a restart of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.services import Service
from wizard.plan import Step
from wizard.survey import REGISTRY_PORT

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    return Step(
        id="services",
        title="Start the services",
        why="They come back by themselves when the machine restarts.",
        changes=(
            *(
                ()
                if given.contained
                else (Service(given.distro.registry_service, port=REGISTRY_PORT),)
            ),
            Service(given.distro.nginx, port=given.answers.registry.https_port),
        ),
    )
