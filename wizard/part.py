"""Some steps taken back by themselves: which there are, and what else would fail without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.clients.plan import step_id
from wizard.errors import BadUsage, Blocked
from wizard.journal import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.plan import Plan, Step

# What would not start again, or find its files gone, without what an earlier step made. That the
# registry is out of reach without one of its parts goes without saying.
BUILD_ON = {
    "packages": ("build", "accounts", "registry", "container", "proxy", "unit", "services"),
    "build": ("proxy", "unit", "services"),
    "authority": ("proxy",),
    "accounts": ("registry", "container"),
    "registry": ("container", "services"),
    "selinux": ("container", "services"),
    "unit": ("services",),
}
MEANS = {
    "authority": "the next run makes another CA, which every client has to be given anew",
    "record": "the next run, verify, status and clients know of no registry here then",
}


def chosen(plan: Plan, steps: tuple[str, ...], every: Plan) -> Plan:
    """Give these steps of a plan alone. Raises BadUsage where one of them is not on record."""
    there, known = {step.id for step in plan}, {step.id: step for step in every}
    for each in steps:
        if each not in known:
            listed = "\n".join(f"  {step.id:12} {step.title}" for step in known.values())
            raise BadUsage(
                f"There is no step {each} on record",
                f"on record, newest first:\n{listed or '  nothing'}",
            )
        if each not in there:
            raise BadUsage(
                f"The step {each} brought packages only, which stay unless you ask for that",
                "add --packages to have them removed",
            )
    # What a broken-off undo still owes is due in any case.
    return tuple(step for step in plan if step.id in steps or not step.changes)


def notes(step: Step, part: Plan, plan: Plan) -> tuple[str, ...]:
    """Say what else there is that a step of a part of the plan means something for."""
    if step.host != HERE:
        return ()
    builders = tuple(_builders(step, part, plan))
    needed = (f"{_and(builders)} would fail without it",) if builders else ()
    trusting = [each.host for each in plan if each.id == step_id(each.host)]
    untold = f" ({', '.join(trusting)})" if trusting and step.id == "authority" else ""
    means = (MEANS[step.id] + untold,) if step.id in MEANS else ()
    return (*needed, *means)


def refuse_builders(part: Plan, plan: Plan, *, force: bool) -> None:
    """Raise Blocked where something stays that would fail without what goes, unless forced."""
    found = ((step, tuple(_builders(step, part, plan))) for step in part)
    lines = [f"  {step.id}: {_and(names)} would fail without it" for step, names in found if names]
    if lines and not force:
        named = " ".join(f"--step {step.id}" for step in _with_builders(part, plan))
        raise Blocked(
            "Something that stays builds on what would be taken back; nothing was touched:\n"
            + "\n".join(lines),
            f"take that back, too: registry-wizard undo {named}; --force does it all the same",
        )


def _with_builders(part: Plan, plan: Plan) -> Plan:
    """Give the part with all that builds on it, and on that in turn, newest first."""
    found = {each for step in part for each in _builders(step, part, plan)}
    more = tuple(step for step in plan if step.id in found)
    return _with_builders((*more, *part), plan) if more else part


def _builders(step: Step, part: Plan, plan: Plan) -> Iterator[str]:
    """Give every step on record that builds on this one and would stay."""
    wanted = BUILD_ON.get(step.id, ()) if step.changes else ()
    going = {each.id for each in part}
    for each in reversed(plan):
        if each.id in wanted and each.id not in going and each.host == step.host and each.changes:
            yield each.id


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
