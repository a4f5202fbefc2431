"""What spoils the trust in the CA on this machine, put right; a copy of each thing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.commands import Command
from wizard.changes.services import SYSTEMD, reload
from wizard.plan import Step
from wizard.troubles.insecure import FLAG_FILES
from wizard.troubles.store import BUNDLES

if TYPE_CHECKING:
    from wizard.given import Given
    from wizard.hosts import Host

# Docker reads the system's CAs and its flags only when it starts. A restart stops containers,
# unless there are none or live-restore keeps them: those who run them choose when.
RESTART_DUE = """pid=$(cat /run/docker.pid) && age=$(ps -o etimes= -p "$pid") || exit 1
began=$(($(date +%s) - age)); due=
for path; do
    [ ! -e "$path" ] || [ "$(stat -Lc %Y "$path")" -lt "$began" ] || due=yes
done
[ "$due" ] || exit 1
case $(docker info --format '{{.ContainersRunning}} {{.LiveRestoreEnabled}}') in
    0\\ *|*\\ true) ;;
    *) exit 1 ;;
esac"""
UNITS = ("/etc/systemd/system/docker.service", "/etc/systemd/system/docker.service.d")


def plan(given: Given) -> Step:
    changes = (change for trouble in given.facts.troubles for change in trouble.changes)
    return Step(
        id="repair",
        title="Repair what spoils trust on this machine",
        why="Each is explained in the findings; undo brings back what was here before.",
        changes=tuple(dict.fromkeys(changes)),
        then=then(given.host, given.facts.init),
    )


def then(host: Host, begins: str) -> tuple[Command, ...]:
    """Let Docker read its settings again; only where it cannot otherwise it starts anew."""
    due = ("sh", "-c", RESTART_DUE, "sh", *BUNDLES, *FLAG_FILES, *UNITS)
    if begins != SYSTEMD:
        hup = Command(("sh", "-c", 'kill -HUP "$(cat /run/docker.pid)"'), _RUNS)
        return (hup, Command(("service", "docker", "restart"), due))
    return (
        Command(("systemctl", "daemon-reload")),
        reload(host, "docker"),
        Command(("systemctl", "restart", "docker"), due),
    )


_RUNS = ("sh", "-c", '[ "$(cat "/proc/$(cat /run/docker.pid)/comm")" = dockerd ]')
