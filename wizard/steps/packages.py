"""The distribution's packages: the registry, and nginx or what it is built with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.packages import InstallPackages
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    if given.answers.proxy.install == "source":
        return Step(
            id="packages",
            title="Install the registry and a compiler from the distribution's packages",
            why="nginx is built with the compiler; the distribution keeps the registry up to date.",
            changes=(InstallPackages((*given.distro.compiler, given.distro.registry)),),
        )
    return Step(
        id="packages",
        title="Install nginx and the registry from the distribution's packages",
        why="Both come from the distribution, which also keeps them up to date.",
        changes=(InstallPackages((given.distro.nginx, given.distro.registry)),),
    )
