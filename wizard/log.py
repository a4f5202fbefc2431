"""The full log: every event with its time, in a file that only root can read."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.errors import WizardError
from wizard.events import as_record

if TYPE_CHECKING:
    from wizard.events import Event, Tell

LOG = Path("/var/log/registry-wizard.log")


def logged(tell: Tell, path: Path = LOG) -> Tell:
    """Give a listener that writes each event down before passing it on."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.fchmod(descriptor, 0o600)
    except OSError as refusal:
        raise WizardError(f"The log {path} cannot be written: {refusal.strerror}") from refusal
    stream = os.fdopen(descriptor, "a", buffering=1)

    def both(event: Event) -> None:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        stream.write(json.dumps({"at": at, **as_record(event)}) + "\n")
        tell(event)

    return both
