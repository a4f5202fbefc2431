"""The services, running and back after a restart of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.services import Service
from wizard.nginx import BUILT_SERVICE
from wizard.plan import Step
from wizard.source_facts import source_of
from wizard.survey import REGISTRY_PORT

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    return Step(
        id="services",
        title="Start the services",
        why="They come back by themselves when the machine restarts.",
        changes=(
            *_registry(given),
            *(Service(name, running=False, enabled=False) for name in _off(given)),
            Service(given.nginx.service, port=given.answers.registry.https_port),
        ),
    )


def _registry(given: Given) -> tuple[Service, ...]:
    """A container is started in a step of its own."""
    if given.contained:
        return ()
    return (Service(given.distro.registry_service, port=REGISTRY_PORT),)


def _off(given: Given) -> tuple[str, ...]:
    """Give the nginx that had the ports at an earlier answer, and is ours to stop."""
    if given.answers.proxy.install == "source":
        return (given.distro.nginx,) if given.distro.nginx in given.brought else ()
    return (BUILT_SERVICE,) if source_of(given.facts).unit else ()
