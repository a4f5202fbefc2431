"""The path without a screen: differences, progress and verdicts as lines, or as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.clean import clean
from wizard.errors import BadUsage, WizardError
from wizard.events import (
    ChangeDone,
    Checked,
    Differs,
    Event,
    Finished,
    Found,
    Line,
    Names,
    StepAhead,
    StepStarted,
    Tell,
    Verified,
    as_record,
)
from wizard.log import logged
from wizard.part import chosen, notes, refuse_builders
from wizard.verdicts import as_line, names_as_lines, summed_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.answers import Answers
    from wizard.place import Place
    from wizard.plan import Plan

NOTHING_TO_CHANGE, THERE_ARE_CHANGES = 0, 10


def install(
    session: Place[Any, Any],
    answers: Answers,
    tell: Tell,
    *,
    dry_run: bool,
    log: Callable[[Tell], Tell] = logged,
) -> int:
    """Survey, preview, apply, verify. Give the exit code; raise WizardError."""
    given = session.prepare(answers, tell)
    differences = session.differences(given, tell)
    if dry_run:
        tell(Finished(0, f"{len(differences)} changes would be made; nothing was touched"))
        return THERE_ARE_CHANGES if differences else NOTHING_TO_CHANGE
    fresh = session.fresh_admin(given) if tell is as_lines else ""
    session.carry_out(given, log(tell))
    if fresh:
        sys.stdout.write(f"\nPassword of admin, shown this once: {fresh}\n")
    return 0


@dataclass(frozen=True)
class Undo:
    """What is to be taken back, and what of it although somebody may mind."""

    steps: tuple[str, ...] = ()  # none: all of them
    packages: bool = False
    storage: str = ""  # a folder whose images are to be deleted
    force: bool = False


def undo(session: Place[Any, Any], asked: Undo, tell: Tell, *, dry_run: bool) -> int:
    """Preview the inverses, then apply them; drift is refused unless forced."""
    if asked.steps and asked.storage:
        raise BadUsage(
            "--storage goes with the whole undo, not with some of its steps",
            "a registry that stays needs its images",
        )
    whole = session.undo_plan(packages=asked.packages, storage=asked.storage)
    plan = chosen(whole, asked.steps, session.undo_plan(packages=True)) if asked.steps else whole
    differences = _ahead(session, plan, whole, tell)
    if dry_run:
        ends = (_would(differences), *session.staying(_left_alone(session, asked)))
        tell(Finished(0, "\n".join(ends)))
        return THERE_ARE_CHANGES if differences else NOTHING_TO_CHANGE
    if asked.steps:
        refuse_builders(plan, whole, force=asked.force)
    refuse_drift(differences, force=asked.force)
    session.undo(plan, logged(tell), part=bool(asked.steps))
    return 0


def _ahead(session: Place[Any, Any], plan: Plan, whole: Plan, tell: Tell) -> list[Differs]:
    """Tell step by step what would be taken back, each under the name that --step knows."""
    hosts, found = session.hosts | session.reach(plan), []
    for step in plan:
        differences: list[Event] = []
        found += session.preview((step,), differences.append, hosts)
        if differences:
            where = "" if step.host == session.host.name else step.host
            ahead = notes(step, plan, whole) if plan != whole else ()
            tell(StepAhead(step.id, step.title, where, ahead))
        for each in differences:
            tell(each)
    return found


def _would(differences: list[Differs]) -> str:
    count = len(differences)
    said = f"{count} change{'s' * (count != 1)} would be made; nothing was touched"
    way = "; registry-wizard undo --step NAME takes back a single step, [NAME] above"
    return said + way * bool(count)


def _left_alone(session: Place[Any, Any], asked: Undo) -> tuple[str, ...]:
    return tuple(each for each in session.storages() if each != asked.storage.rstrip("/"))


def refuse_drift(differences: list[Differs], *, force: bool) -> None:
    """Raise WizardError where somebody changed what undo would take back, unless forced."""
    drifted = [f"{each.change}{_on(each.host)}" for each in differences if each.drift]
    if drifted and not force:
        raise WizardError(
            "Somebody changed since what the wizard wrote:\n  " + "\n  ".join(drifted),
            "look at the difference above; --force takes it back all the same and keeps a copy",
        )


def as_lines(event: Event) -> None:
    """Print one event for people: what is wrong to stderr, all else to stdout."""
    if isinstance(event, Found):
        if not event.blocker:  # blockers come together, as the error that ends the run
            _print(f"note: {event.text}\n  -> {event.remedy}", sys.stderr)
        return
    text = _TEXTS.get(type(event), lambda _: "")(event)
    if text:
        _print(text, sys.stdout)


def as_json(event: Event) -> None:
    sys.stdout.write(json.dumps(as_record(event)) + "\n")
    sys.stdout.flush()


def _differs(event: Differs) -> str:
    body = "\n".join(f"    {line}" for line in event.text.splitlines())
    since = ", changed since by somebody else" if event.drift else ""
    return f"{event.verb}: {event.change}{_on(event.host)}{since}\n{body}\n"


def _step_ahead(event: StepAhead) -> str:
    lines = [f"[{event.step}] {event.title}", *(f"  note: {each}" for each in event.notes)]
    return "\n".join(lines)


def _on(host: str) -> str:
    return f" on {host}" if host else ""


_TEXTS: dict[type[Any], Callable[[Any], str]] = {
    Differs: _differs,
    StepAhead: _step_ahead,
    StepStarted: lambda event: f"{event.title} ...",
    Line: lambda event: f"    | {event.text}",
    ChangeDone: lambda event: f"  done: {event.change}" if event.changed else "",
    Checked: as_line,
    Names: names_as_lines,
    Verified: summed_up,
    Finished: lambda event: f"\n{event.message}",
}


def _print(text: str, stream: Any) -> None:
    stream.write("\n".join(clean(line) for line in text.split("\n")) + "\n")
    stream.flush()
