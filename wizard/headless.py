"""The path without a screen: differences, progress and verdicts as lines, or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from wizard.clean import clean
from wizard.errors import ChecksFailed, WizardError
from wizard.events import (
    ChangeDone,
    Checked,
    Differs,
    Event,
    Finished,
    Found,
    Line,
    StepStarted,
    Tell,
    as_record,
)
from wizard.log import logged

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.answers import Answers
    from wizard.place import Place

NOTHING_TO_CHANGE, THERE_ARE_CHANGES = 0, 10
MARKS = {"passed": "ok  ", "failed": "FAIL", "warning": "warn"}


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


def verify(session: Place[Any, Any], tell: Tell) -> int:
    if not session.verify(tell):
        raise ChecksFailed("A check failed", "see its remedy above")
    return 0


def undo(
    session: Place[Any, Any], tell: Tell, *, dry_run: bool, force: bool, packages: bool
) -> int:
    """Preview the inverses, then apply them; drift is refused unless forced."""
    plan = session.undo_plan(packages=packages)
    differences = session.preview(plan, tell)
    if dry_run:
        return THERE_ARE_CHANGES if differences else NOTHING_TO_CHANGE
    refuse_drift(differences, force=force)
    session.undo(plan, logged(tell))
    return 0


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


def _checked(event: Checked) -> str:
    remedy = f"\n       -> {event.remedy}" if event.remedy and event.verdict != "passed" else ""
    where = f"{event.host} " if event.host else ""
    return f"  {MARKS[event.verdict]} {where}{event.name}: {event.seen}{remedy}"


def _differs(event: Differs) -> str:
    body = "\n".join(f"    {line}" for line in event.text.splitlines())
    since = ", changed since by somebody else" if event.drift else ""
    return f"{event.verb}: {event.change}{_on(event.host)}{since}\n{body}\n"


def _on(host: str) -> str:
    return f" on {host}" if host else ""


_TEXTS: dict[type[Any], Callable[[Any], str]] = {
    Differs: _differs,
    StepStarted: lambda event: f"{event.title} ...",
    Line: lambda event: f"    | {event.text}",
    ChangeDone: lambda event: f"  done: {event.change}" if event.changed else "",
    Checked: _checked,
    Finished: lambda event: f"\n{event.message}",
}


def _print(text: str, stream: Any) -> None:
    stream.write("\n".join(clean(line) for line in text.split("\n")) + "\n")
    stream.flush()
