"""What a person sees of a plan before saying yes: each change with its text, rights and reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.changes.files import WriteFile, masked
from wizard.choices import Choices, optional

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.changes import Change, Difference
    from wizard.hosts import Host
    from wizard.plan import Plan, Step


@dataclass(frozen=True)
class Item:
    """One change that is due, or was left out; no text of it has a secret in it."""

    step: str
    title: str  # of its step
    why: str
    key: str
    label: str
    verb: str
    difference: str
    drift: bool = False
    path: str = ""  # of a file
    rights: str = ""
    whole: str = ""  # the file as it will be; empty where it is no text to show
    ours: str = ""  # the file as we would write it
    stale: str = ""  # an edit that was made of an earlier text than ours
    editable: bool = False
    optional: bool = False
    left_out: bool = False
    edited: bool = False


def review(plan: Plan, choices: Choices, hosts: Mapping[str, Host]) -> tuple[Item, ...]:
    """Compare every change of our plan, as it was chosen, with its host; touch nothing."""
    return tuple(
        item
        for step in plan
        for change in step.changes
        for item in _items(step, change, choices, hosts[step.host])
    )


def _items(step: Step, change: Change, choices: Choices, host: Host) -> Iterator[Item]:
    chosen = choices.chosen(change)
    found = chosen.compare(host)
    stale = choices.edit_of(change) if choices.stale(change) else None
    if not found and not stale:
        return
    may_go = optional(change)
    item = Item(
        step=step.id,
        title=step.title,
        why=step.why,
        key=change.key,
        label=change.label,
        verb=found.verb if found else "keep",
        difference=_difference(chosen, found),
        drift=found.drift if found else False,
        stale=stale.text if stale else "",
        optional=may_go,
        left_out=may_go and change.key in choices.left_out,
        edited=chosen != change,
    )
    yield _with_file(item, change, chosen)


def _difference(change: Change, found: Difference | None) -> str:
    if not found:
        return "The file is there as we would write it."
    # The first line repeats path and rights, which stand above the text already.
    return found.text.partition("\n")[2] if isinstance(change, WriteFile) else found.text


def _with_file(item: Item, change: Change, chosen: Change) -> Item:
    if not isinstance(change, WriteFile) or not isinstance(chosen, WriteFile):
        return item
    text = not (change.secret or change.shown)
    return replace(
        item,
        path=change.path,
        rights=f"mode {change.mode:04o}, {change.owner}:{change.group}",
        whole=masked(chosen.content, chosen.hidden) if text else change.shown,
        ours=masked(change.content, change.hidden) if text else "",
        editable=change.editable,
    )
