"""What SELinux has to allow: nginx to ask the registry, the container to read its folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.selinux import (
    HTTP,
    SelinuxBoolean,
    SelinuxFiles,
    SelinuxPort,
    SelinuxRestored,
)
from wizard.credentials import ETC, MOUNTED
from wizard.nginx import nginx_of
from wizard.plan import Step
from wizard.selinux import CONTAINER, LOGS, PROGRAM, TEMPORARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.answers import Answers
    from wizard.changes import Change
    from wizard.facts import Facts
    from wizard.given import Given

# nginx runs as httpd_t, which may not connect to the registry's port (httpd_selinux(8)).
CONNECT = "httpd_can_network_connect"


def plan(given: Given) -> Step:
    return Step(
        id="selinux",
        title="Tell SELinux what nginx and the registry do",
        why="It stays on: it gets the labels and the one switch that are needed.",
        changes=tuple(_allowances(given.answers, given.facts)) if given.facts.selinux else (),
    )


def allowances(answers: Answers, facts: Facts) -> tuple[Change, ...]:
    """Give what must be so in SELinux, where it is on, in the end."""
    if not facts.selinux:
        return ()
    return (*_allowances(answers, facts), *built_allowances(answers, facts))


def built_allowances(answers: Answers, facts: Facts) -> tuple[Change, ...]:
    """Give the labels for an nginx built from source: as the policy has them for the package.

    They come after its first test, which makes its folders.
    """
    prefix = answers.proxy.prefix
    if not (facts.selinux and answers.proxy.install == "source" and PROGRAM in facts.selinux_types):
        return ()
    return (
        SelinuxFiles(f"{prefix}/sbin/nginx", PROGRAM, folder=False),
        SelinuxFiles(f"{prefix}/logs", LOGS),
        SelinuxFiles(f"{prefix}/client_body_temp", TEMPORARY),
        SelinuxFiles(f"{prefix}/proxy_temp", TEMPORARY),
    )


def former_ports(given: Given) -> Iterator[Change]:
    """Give what takes the label from the port of a former answer, where it was ours."""
    asked = given.answers.registry.https_port
    for each in given.latest if given.facts.selinux else ():
        if isinstance(each, SelinuxPort) and each.type != HTTP and each.port != asked:
            yield each


def _allowances(answers: Answers, facts: Facts) -> Iterator[Change]:
    yield SelinuxBoolean(CONNECT)
    yield SelinuxPort(answers.registry.https_port)
    # A policy without the type has no containers that are confined by it.
    if answers.registry.runtime == "container" and CONTAINER in facts.selinux_types:
        for folder in (answers.registry.storage, MOUNTED):
            yield SelinuxFiles(folder, CONTAINER)
    for path in (ETC, nginx_of(answers, facts.distro).site):
        yield SelinuxRestored(path)
