"""A plan: titled steps of changes in order, and how it departs from the hosts now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.changes import Change, Difference
    from wizard.changes.commands import Command
    from wizard.hosts import Host


@dataclass(frozen=True)
class Step:
    """A titled, ordered group of changes on one host."""

    id: str
    title: str
    why: str
    changes: tuple[Change, ...]
    then: tuple[Command, ...] = ()  # run once, if anything above changed
    host: str = "localhost"


Plan = tuple[Step, ...]


def preview(plan: Plan, hosts: Mapping[str, Host]) -> Iterator[tuple[Step, Change, Difference]]:
    """Compare every change with its host, touching nothing."""
    for step in plan:
        for change in step.changes:
            found = change.compare(hosts[step.host])
            if found:
                yield step, change, found
