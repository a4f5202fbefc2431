"""The answers themselves, so that the next run begins where this one ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.answers import Authority, User
from wizard.changes.files import WriteFile
from wizard.credentials import ADMIN, ETC
from wizard.plan import Step
from wizard.sheet import dump
from wizard.steps.authority import PKI

if TYPE_CHECKING:
    from wizard.given import Given

RECORD = f"{ETC}/answers.toml"


def plan(given: Given) -> Step:
    hashes = given.credentials.hashes
    asked = [user.name for user in given.answers.users] or [ADMIN]
    users = tuple(User(name=name, password_hash=hashes[name]) for name in asked)
    content = "# What registry-wizard was told; it reproduces this installation elsewhere.\n"
    content += dump(replace(given.answers, users=users, authority=_authority(given)))
    return Step(
        id="record",
        title="Keep the answers",
        why="The next run begins where this one ended.",
        changes=(WriteFile(RECORD, content.encode(), 0o600, hidden=("password_hash",)),),
    )


def _authority(given: Given) -> Authority:
    """Name our own copy of a brought CA: the files it came from may go."""
    brought = given.answers.authority
    if not brought.certificate:
        return brought
    return replace(brought, certificate=f"{PKI}/ca.crt", key=f"{PKI}/ca.key")
