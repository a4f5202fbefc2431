"""Both services, running and back after a restart of the machine; an nginx of before, off."""

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
        title="Start both services",
        why="They come back by themselves when the machine restarts.",
        changes=(
            Service(given.distro.registry, port=REGISTRY_PORT),
            *(Service(name, running=False, enabled=False) for name in _off(given)),
            Service(given.nginx.service, port=given.answers.registry.https_port),
        ),
    )


def _off(given: Given) -> tuple[str, ...]:
    """Give the nginx that had the ports at an earlier answer, and is ours to stop."""
    if given.answers.proxy.install == "source":
        return (given.distro.nginx,) if given.distro.nginx in given.brought else ()
    return (BUILT_SERVICE,) if source_of(given.facts).unit else ()
