"""The built nginx as a service that the init system knows, and its logs kept short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.commands import Command
from wizard.changes.files import WriteFile
from wizard.changes.services import restart
from wizard.nginx import BUILT_SERVICE, PID_FILE, UNIT
from wizard.plan import Step
from wizard.render import render
from wizard.steps.selinux import built_allowances

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.given import Given

ROTATION = f"/etc/logrotate.d/{BUILT_SERVICE}"
# update-rc.d(8) makes the links of a script that is there, and takes those of one that is gone.
LINKS = 'verb=defaults; [ -e "/etc/init.d/$1" ] || verb=remove; update-rc.d "$1" "$verb"'


def plan(given: Given) -> Step:
    return Step(
        id="unit",
        title="Make the built nginx a service",
        why=f"It is called {BUILT_SERVICE}, so that it never stands in for a distribution's nginx.",
        changes=_changes(given) if given.answers.proxy.install == "source" else (),
        then=(known(given), restart(given.host, BUILT_SERVICE)),
    )


def _changes(given: Given) -> tuple[Change, ...]:
    return (*built_allowances(given.answers, given.facts), *_files(given))


def known(given: Given) -> Command:
    """Give the command that makes the init system look at the service's file again."""
    if given.facts.init == "systemd":
        return Command(("systemctl", "daemon-reload"))
    return Command(("sh", "-c", LINKS, "sh", BUILT_SERVICE))


def _files(given: Given) -> tuple[WriteFile, ...]:
    values = {
        "nginx": given.nginx,
        "pid": PID_FILE,
        "prefix": given.answers.proxy.prefix,
        "selinux": given.facts.selinux,
    }
    by_systemd = given.facts.init == "systemd"
    template = "nginx.service" if by_systemd else "nginx.init"
    mode = 0o644 if by_systemd else 0o755
    return (
        WriteFile(UNIT[given.facts.init], render(template, **values), mode),
        WriteFile(ROTATION, render("nginx.logrotate", **values)),
    )
