"""The certificate is looked at daily, and renewed where it is due, with nobody there."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from wizard.changes.commands import Command
from wizard.changes.files import WriteFile
from wizard.changes.services import SYSTEMD, Service
from wizard.plan import Step
from wizard.render import render
from wizard.renewal import CRON, SERVICE, TIMER, UNITS
from wizard.steps.authority import PKI

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.given import Given
    from wizard.hosts import Argv

ID = "renewal"
STAMP = f"/var/lib/systemd/timers/stamp-{TIMER}"
# systemd keeps when a timer ran last, for longer than there is that timer.
FORGET = Command(("rm", "-f", STAMP), ("test", "!", "-e", UNITS[TIMER]))
# What a unit that is no longer so ended with, among those that failed.
FORGIVE = Command(
    ("systemctl", "reset-failed", SERVICE), ("systemctl", "is-failed", "--quiet", SERVICE)
)
# Enabling the timer makes systemd read everything anew already, which takes it a while each time.
UNREAD = ("sh", "-c", f"systemctl show -p NeedDaemonReload {SERVICE} {TIMER} | grep -q =yes")
THEN = (Command(("systemctl", "daemon-reload"), UNREAD), FORGET, FORGIVE)


def plan(given: Given) -> Step:
    by_systemd = given.facts.init == SYSTEMD
    return Step(
        id=ID,
        title="Have the certificate renewed by itself",
        why="It lasts for months, and nobody remembers; it is looked at once a day.",
        changes=_by_timer(given) if by_systemd else (_by_cron(given),),
        then=THEN if by_systemd else (),
    )


def _by_timer(given: Given) -> tuple[Change, ...]:
    source = given.answers.proxy.install == "source"
    values = {
        "program": _command_line(given.program),
        "nginx": given.nginx.service,
        "prefix": given.answers.proxy.prefix if source else "",
    }
    return (
        WriteFile(UNITS[SERVICE], render("renew.service", **values), needed=True),
        WriteFile(UNITS[TIMER], render("renew.timer"), needed=True),
        Service(TIMER),
    )


def _by_cron(given: Given) -> WriteFile:
    text = render("renew.cron", program=shlex.join(given.program), pki=PKI)
    return WriteFile(CRON[given.facts.init], text, 0o755)


def _command_line(words: Argv) -> str:
    """Write words so that systemd reads them back; of the first it takes a ``$`` as it is."""
    program, *rest = map(_escaped, words)
    return " ".join(f'"{word}"' for word in (program, *(w.replace("$", "$$") for w in rest)))


def _escaped(word: str) -> str:
    for char, written in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%")):
        word = word.replace(char, written)
    return word
