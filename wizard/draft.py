"""Answers as they were typed and not yet applied, kept for the next start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wizard.hosts import File, Folder

if TYPE_CHECKING:
    from wizard.hosts import Host

FOLDER = "/var/lib/registry-wizard"
DRAFT = f"{FOLDER}/draft.json"


def keep(host: Host, typed: dict[str, Any]) -> None:
    """Write the draft down, readable by root alone. Raise WizardError where that cannot be."""
    if host.folder(FOLDER) is None:
        host.make_folder(FOLDER, Folder(0o700))
    host.write(DRAFT, File(json.dumps(typed, indent=2).encode() + b"\n", 0o600))


def kept(host: Host) -> dict[str, Any]:
    """Give the draft; nothing where there is none, or where it is no draft of ours."""
    file = host.read(DRAFT)
    try:
        typed = json.loads(file.content) if file else {}
    except ValueError:
        return {}
    return typed if isinstance(typed, dict) else {}


def drop(host: Host) -> None:
    host.remove(DRAFT)
