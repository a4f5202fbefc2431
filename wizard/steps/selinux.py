"""What SELinux has to allow: nginx to ask the registry, the container to read its folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.commands import Command
from wizard.changes.selinux import SelinuxBoolean, SelinuxFiles, SelinuxPort
from wizard.credentials import ETC
from wizard.plan import Step
from wizard.steps.registry import MOUNTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.changes import Change
    from wizard.facts import Facts
    from wizard.given import Given

# nginx runs as httpd_t, which may not connect to the registry's port (httpd_selinux(8)).
CONNECT = "httpd_can_network_connect"
# A file that was moved keeps the label of where it was made; only root's own tools may read those.
RESTORE = Command(("restorecon", "-R", ETC), ("selinuxenabled",))


def plan(given: Given) -> Step:
    changes = tuple(_changes(given)) if given.facts.selinux else ()
    return Step(
        id="selinux",
        title="Tell SELinux what nginx and the registry do",
        why="It stays on: it gets the labels and the one switch that are needed.",
        changes=changes,
        then=(RESTORE,) if changes else (),
    )


def switches(facts: Facts) -> tuple[Change, ...]:
    return (SelinuxBoolean(CONNECT),) if facts.selinux else ()


def _changes(given: Given) -> Iterator[Change]:
    answers = given.answers
    yield from switches(given.facts)
    yield SelinuxPort(answers.registry.https_port)
    if given.contained:
        for folder in (answers.registry.storage, MOUNTED):
            yield SelinuxFiles(folder, "container_file_t")
    if answers.proxy.install == "source":
        yield SelinuxFiles(f"{answers.proxy.prefix}/sbin/nginx", "httpd_exec_t", folder=False)
