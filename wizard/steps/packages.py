"""What comes from the distribution's packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.packages import InstallPackages
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    return Step(
        id="packages",
        title="Install what is needed from the distribution's packages",
        why="They come from the distribution, which also keeps them up to date.",
        changes=(InstallPackages((given.distro.nginx, *_runtime(given), *_labels(given))),),
    )


def _labels(given: Given) -> tuple[str, ...]:
    """Give what semanage comes from; its package is called the same everywhere."""
    return ("policycoreutils-python-utils",) if given.facts.selinux else ()


def _runtime(given: Given) -> tuple[str, ...]:
    if not given.contained:
        return (given.distro.registry,)
    docker = given.facts.docker
    # Once brought, they stay on the list: without them nothing would run.
    brought = given.brought & set(given.distro.engine)
    due = docker.state == "missing" or not docker.command or brought
    return given.distro.engine if due else ()
