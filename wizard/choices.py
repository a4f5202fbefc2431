"""What a person chose in the review: files left out, and files written otherwise than we would."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from wizard.changes.files import WriteFile, digest, masked, unmasked
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.changes import Change
    from wizard.plan import Plan

CHOICES = "/etc/registry-wizard/choices.json"
T = TypeVar("T")


@dataclass(frozen=True)
class Edit:
    """A file as somebody wants it; secrets in it are masked, and filled in when it is written."""

    base: str  # digest of what we would have written when the edit was made, masked
    text: str


@dataclass(frozen=True)
class Choices:
    left_out: frozenset[str] = frozenset()  # keys of changes
    edits: Mapping[str, Edit] = field(default_factory=dict)  # by the file's path

    def __bool__(self) -> bool:
        return bool(self.left_out or self.edits)

    def applied(self, plan: Plan) -> Plan:
        """Give the plan with what was left out missing, and edited files as they were edited."""
        return tuple(
            replace(
                step,
                changes=tuple(
                    self.chosen(change)
                    for change in step.changes
                    if change.key not in self.left_out or not optional(change)
                ),
            )
            for step in plan
        )

    def chosen(self, change: Change) -> Change:
        """Give a file as it was edited, where the edit was made of what we would write now."""
        edit = self.edit_of(change)
        if not isinstance(change, WriteFile) or edit is None or self.stale(change):
            return change
        return replace(change, content=unmasked(edit.text, change.content, change.hidden))

    def edit_of(self, change: Change) -> Edit | None:
        if isinstance(change, WriteFile) and change.editable:
            return self.edits.get(change.path)
        return None

    def stale(self, change: Change) -> bool:
        """Say whether an edit was made of another text than the one we would write now."""
        edit = self.edit_of(change)
        return edit is not None and isinstance(change, WriteFile) and edit.base != base(change)

    def refuse_stale(self, plan: Plan) -> None:
        """Raise WizardError where an edit no longer fits: which of both is right, a person says."""
        stale = [c for step in plan for c in step.changes if self.stale(c)]
        if stale:
            raise WizardError(
                "What the wizard would write has changed since somebody edited it: "
                + ", ".join(change.label.removeprefix("write ") for change in stale),
                "registry-wizard without --answers shows both in its review, to choose from;"
                f" taking the file's entry out of {CHOICES} drops the edit",
            )

    def leave_out(self, key: str) -> Choices:
        return replace(self, left_out=self.left_out | {key})

    def take_in(self, key: str) -> Choices:
        return replace(self, left_out=self.left_out - {key})

    def edit(self, change: WriteFile, text: str) -> Choices:
        """Remember ``text`` for a file; the text that we would write ourselves is no edit."""
        others = {path: edit for path, edit in self.edits.items() if path != change.path}
        if text == masked(change.content, change.hidden):
            return replace(self, edits=others)
        return replace(self, edits=others | {change.path: Edit(base(change), text)})


def base(change: WriteFile) -> str:
    return digest(masked(change.content, change.hidden).encode())


def optional(change: Change) -> bool:
    """Say whether a change may be left out: a file of ours that nothing else builds on."""
    if isinstance(change, WriteFile):
        return not (change.secret or change.needed)
    return change.key.startswith(("line:", "link:", "entries:", "flags:"))


def to_text(choices: Choices) -> str:
    edits = {path: {"base": edit.base, "text": edit.text} for path, edit in choices.edits.items()}
    record = {"left_out": sorted(choices.left_out), "edits": edits}
    return json.dumps(record, indent=2, sort_keys=True) + "\n"


def from_text(text: str) -> Choices:
    """Read choices back. Raise WizardError where somebody has made them unreadable."""
    try:
        record = json.loads(text)
        left_out = frozenset(_must(key, str) for key in _must(record["left_out"], list))
        edits = _must(record["edits"], dict).items()
        return Choices(left_out, {_must(path, str): _edit(each) for path, each in edits})
    except (ValueError, TypeError, KeyError) as error:
        raise WizardError(
            f"{CHOICES} cannot be understood: {error}",
            "mend it, or remove it: then every file is written as the wizard would",
        ) from None


def _edit(record: Mapping[str, object]) -> Edit:
    return Edit(_must(record["base"], str), _must(record["text"], str))


def _must(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.40} should be a {kind.__name__}")
    return value
