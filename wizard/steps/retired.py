"""What an earlier answer had built and this one has no use for, taken away once it has stopped."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wizard.changes.files import RemoveFile
from wizard.nginx import UNIT, built_nginx
from wizard.plan import Step
from wizard.source_facts import source_of
from wizard.steps.selinux import former_ports
from wizard.steps.unit import ROTATION, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.changes import Change
    from wizard.changes.built import RemoveBuild
    from wizard.given import Given


def plan(given: Given) -> Step:
    return Step(
        id="retire",
        title="Take away what served a former answer",
        why="An nginx that was built for it, its port's label in SELinux: others have taken over.",
        changes=tuple(_changes(given)),
        then=(known(given),),
    )


def _changes(given: Given) -> Iterator[Change]:
    source, asked = source_of(given.facts), given.answers.proxy
    if asked.install == "package" and source.built and source.unit:
        yield RemoveFile(UNIT[given.facts.init])
        yield RemoveFile(ROTATION)
    yield from former_ports(given)
    for build in source.built:
        if asked.install == "package" or build.prefix != asked.prefix:
            yield from _build(build)


def _build(build: RemoveBuild) -> Iterator[Change]:
    nginx = built_nginx(build.prefix)
    yield RemoveFile(nginx.site, folders=(str(PurePosixPath(nginx.site).parent),))
    yield RemoveFile(nginx.settings)
    yield build
