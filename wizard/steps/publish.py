"""What nginx serves of ours: the script that clients join with, the CA by itself, and a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.commands import Command
from wizard.changes.files import WriteFile
from wizard.join import CA, PUBLISHED, SCRIPT, join_of
from wizard.page import files
from wizard.pki import describe, fingerprint
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given

# A folder that is made under /var gets its own label from the policy only when asked.
RESTORE = Command(("restorecon", "-R", PUBLISHED), ("selinuxenabled",))


def plan(given: Given) -> Step:
    join, trust = join_of(given.answers, given.pki.trust), given.pki.trust
    shown = (
        f"for sh on a client, {len(join.script.splitlines())} lines; it trusts the CA"
        f" {fingerprint(trust)}"
    )
    return Step(
        id="publish",
        title="Publish what clients join with",
        why="One line, pinned to this script, makes a machine trust the CA and find the name.",
        changes=(
            WriteFile(SCRIPT, join.script, shown=shown),
            WriteFile(CA, trust, shown=describe(trust)),
            *(WriteFile(path, text, shown=_lines(text)) for path, text in files(join)),
        ),
        then=(RESTORE,) if given.facts.selinux else (),
    )


def _lines(text: bytes) -> str:
    return f"of the page for browsers, {len(text.splitlines())} lines"
