"""Services that die are started again: systemd is told so beside the units of their packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.commands import Command
from wizard.changes.files import WriteFile
from wizard.plan import Step
from wizard.render import render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.given import Given


def plan(given: Given) -> Step:
    """Leave init scripts alone, which watch nothing; a container and a built nginx have their own.

    No service has to be restarted for it.
    """
    return Step(
        id="again",
        title="Have the services started again if they die",
        why="Units as distributions have them let them lie, whatever ended them.",
        changes=tuple(_changes(given)) if given.facts.init == "systemd" else (),
        then=(Command(("systemctl", "daemon-reload")),),
    )


def _changes(given: Given) -> Iterator[WriteFile]:
    if not given.contained:
        yield _beside(given.distro.registry_service, given.answers.registry.storage)
    if given.answers.proxy.install == "package":
        yield _beside(given.nginx.service)


def _beside(service: str, storage: str = "") -> WriteFile:
    path = f"/etc/systemd/system/{service}.service.d/registry-wizard.conf"
    return WriteFile(path, render("again.conf", storage=storage))
