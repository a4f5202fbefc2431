"""A second run with nothing to do, against ansible-playbook doing the same nothing.

The whole run checks the installation as well, by some fifty looks at it; the dry run only sees
that there is nothing to do, as Ansible does.
"""

from __future__ import annotations

import re
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.hosts import SERVER, ran, server
from tests.bench.measure import Measured, Target, taking_turns
from tests.hosts.application import foreign
from tests.hosts.image import unpacked
from tests.hosts.network import network
from tests.installation import RECORD, install

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.machine import Machine

PLAYBOOK = Path(__file__).with_name("ansible")
# Every file of the wizard's, beside the playbook; a template has the name as a variable.
FILES = """mkdir -p files; tar -C / -c etc/registry-wizard var/www/registry-wizard \\
    etc/docker/registry etc/nginx/conf.d etc/systemd/system | tar -C files -x
sed -i 's/docker\\.benet\\.com/{{ hostname }}/g' files/etc/nginx/conf.d/registry.conf"""
DRY, WHOLE, ANSIBLE = "wizard, dry run", "wizard, with all checks", "ansible-playbook"


def bench(rounds: int) -> Iterator[Measured]:
    with network() as where:
        apt = unpacked("python3-apt")  # by which Ansible sees packages
        machine = server(where, foreign("ansible-core", "ansible-playbook"), apt)
        install(machine, SERVER)
        for each in PLAYBOOK.iterdir():
            machine.put(f"/root/playbook/{each.name}", each.read_bytes())
        machine.run("sh", "-ec", f"cd /root/playbook; {FILES}")
        arms = {
            DRY: partial(ran, machine, "--answers", RECORD, "--dry-run"),
            WHOLE: partial(ran, machine, "--answers", RECORD),
            ANSIBLE: partial(played, machine),
        }
        took = taking_turns(arms, rounds)
    targets = (Target(DRY, ANSIBLE, 0.1), Target(WHOLE, ANSIBLE, 0.1))
    yield Measured("A second run with nothing to do", "s", took, targets)


def played(machine: Machine) -> float:
    """Run the playbook; raise SystemExit unless it finds that there is nothing to do."""
    began = time.monotonic()
    argv = ("sh", "-c", "cd /root/playbook && exec ansible-playbook site.yml")
    done = machine.run(*argv, check=False)
    took = time.monotonic() - began
    if done.returncode or not re.search(r"changed=0 .*unreachable=0 +failed=0", done.stdout):
        raise SystemExit(f"It should find nothing to do:\n{done.stdout}\n{done.stderr}")
    return took
