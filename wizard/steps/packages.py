"""The distribution's nginx and docker-registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.packages import InstallPackages
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    return Step(
        id="packages",
        title="Install nginx and the registry from the distribution's packages",
        why="Both come from the distribution, which also keeps them up to date.",
        changes=(InstallPackages((given.distro.nginx, given.distro.registry)),),
    )
