"""The program, which ends itself with SIGKILL where it has not ended before.

Run on a test host: ``python dying.py SEEN WORD ...``. Each place has a name: the moments around a
record, an act and a ``then``, and within an act those around each command and each change to a
file. It dies at the first place whose name is not in the file SEEN, after adding it there; a run
that meets no new place ends by itself. DEPTH=1 leaves out what is within an act.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from functools import wraps
from pathlib import Path
from threading import Lock, local
from typing import Any

from wizard.__main__ import main
from wizard.changes.commands import Command
from wizard.changes.kinds import KINDS
from wizard.hosts import LocalHost
from wizard.journal import Journal
from wizard.ssh import SshHost
from wizard.undo import UndoJournal

SEEN, DEPTH = Path(sys.argv[1]), int(os.environ.get("DEPTH", "2"))
RANDOM = re.compile(r"[0-9A-F]{30,}|[0-9a-f]{64}")  # in names, other in each installation
WRITES = ("write", "remove", "make_folder", "remove_folder", "make_link")
here = local()  # what this thread acts for
one_at_a_time = Lock()


def place(name: str) -> None:
    """Die here, unless it was done before."""
    name = RANDOM.sub("*", name).partition("\n")[0]
    with one_at_a_time:
        seen = SEEN.read_text().splitlines() if SEEN.exists() else []
        if name not in seen:
            SEEN.write_text("".join(f"{each}\n" for each in (*seen, name)))
            os.kill(os.getpid(), signal.SIGKILL)


def around(
    owner: Any, method: str, name: Any, *, within: bool = False, recorded: bool = True
) -> None:
    """Make the moments before and after a method places to die at."""
    former = getattr(owner, method)

    @wraps(former)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        what = name(self, *args)
        acting = getattr(here, "acting", "")
        if within and not acting:
            return former(self, *args, **kwargs)
        what = f"{acting}: {what}" if within else what
        here.acting = acting or what
        try:
            if recorded or within:
                place(f"before {what}")
            found = former(self, *args, **kwargs)
            place(f"after {what}")
        finally:
            here.acting = acting
        return found

    setattr(owner, method, wrapped)


def on(change: Any, host: Any) -> str:
    return f"`{change.label}` on {host.name}"


def arm() -> None:
    for ledger in (Journal, UndoJournal):
        around(ledger, "record", lambda _, s, c, *__: f"the record of `{c.label}` on {s.host}")
        around(ledger, "settle", lambda _, step: f"settling {step.id}")
    around(Journal, "mark_undone", lambda _, host, key: f"closing {key} on {host}")
    for kind in KINDS.values():
        if kind is not Command:
            # The moment before an act is the one after its record.
            around(kind, "apply", lambda change, host, *_: on(change, host), recorded=False)
    around(Command, "apply", lambda then, host, *_: f"then `{' '.join(then.argv)}` on {host.name}")
    if DEPTH > 1:
        for machine in (LocalHost, SshHost):
            for verb in WRITES:
                around(machine, verb, lambda _, path, *__, v=verb: f"{v} {path}", within=True)
            around(machine, "run", lambda _, *argv: f"run {' '.join(argv)}", within=True)
        around(Path, "replace", lambda _, target: f"rename to {target}", within=True)


if __name__ == "__main__":
    arm()
    sys.exit(main(sys.argv[2:]))
