"""What comes from the distribution's packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.packages import InstallPackages
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    names = (*_proxy(given), *_runtime(given), *_labels(given))
    return Step(
        id="packages",
        title="Install what is needed from the distribution's packages",
        why="They come from the distribution, which also keeps them up to date.",
        changes=(InstallPackages(names, given.distro.manager),) if names else (),
    )


def _proxy(given: Given) -> tuple[str, ...]:
    """Give nginx, or what it is built with."""
    built = given.answers.proxy.install == "source"
    if built:
        return given.distro.compiler
    return (given.distro.nginx, *([given.distro.njs] if given.remembers else []))


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
