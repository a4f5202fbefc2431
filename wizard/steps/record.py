"""What was answered and chosen, so that the next run begins where this one ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.answers import Authority, User
from wizard.changes.files import RemoveFile, WriteFile
from wizard.choices import CHOICES, Choices, to_text
from wizard.credentials import ADMIN, ETC
from wizard.join import join_of
from wizard.next_commands import NEXT_STEPS, as_text, by_hand, next_commands
from wizard.plan import Step
from wizard.sheet import dump
from wizard.steps.authority import PKI

if TYPE_CHECKING:
    from wizard.answers import Answers
    from wizard.changes import Change
    from wizard.given import Given

RECORD = f"{ETC}/answers.toml"
HEAD = "# What registry-wizard was told; it reproduces this installation elsewhere.\n"


def content(given: Given) -> str:
    """Give the answers file that reproduces this installation."""
    hashes = given.credentials.hashes
    asked = given.answers.users or (User(ADMIN),)
    users = tuple(User(u.name, u.role, password_hash=hashes[u.name]) for u in asked)
    return HEAD + dump(replace(given.answers, users=users, authority=_authority(given)))


def of(answers: Answers) -> Step:
    """Keep answers that are on record already, with others of the clients'."""
    kept = (HEAD + dump(answers)).encode()
    return Step(
        id="record",
        title="Keep the answers",
        why="The next run begins where this one ended.",
        changes=(WriteFile(RECORD, kept, 0o600, hidden=("password_hash",), needed=True),),
    )


def plan(given: Given) -> Step:
    kept = content(given).encode()
    return Step(
        id="record",
        title="Keep the answers and what to type next",
        why="The next run begins where this one ended.",
        changes=(
            WriteFile(RECORD, kept, 0o600, hidden=("password_hash",), needed=True),
            _choices(given.choices),
            WriteFile(NEXT_STEPS, _next_steps(given).encode()),
        ),
    )


def _choices(choices: Choices) -> Change:
    """Keep what was chosen in the review for the next run; without any there is no such file."""
    if not choices:
        return RemoveFile(CHOICES)
    shown = "files that were left out, and files that were edited before they were written"
    content = to_text(choices).encode()
    return WriteFile(CHOICES, content, 0o600, shown=shown, needed=True)


def _next_steps(given: Given) -> str:
    user = given.answers.users[0].name if given.answers.users else ADMIN
    head = "# Written by registry-wizard; `registry-wizard undo` takes it back.\n"
    join = join_of(given.answers, given.pki.trust)
    return head + as_text((*next_commands(given.answers, user, join.line), *by_hand(join)))


def _authority(given: Given) -> Authority:
    """Name our own copy of a brought CA: the files it came from may go."""
    brought = given.answers.authority
    if not brought.certificate:
        return brought
    return replace(brought, certificate=f"{PKI}/ca.crt", key=f"{PKI}/ca.key")
