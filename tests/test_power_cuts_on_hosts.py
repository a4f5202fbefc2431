"""The plug pulled at random moments, and the program ended with SIGKILL: run again, or undone.

A machine here is a namespace: what it wrote stays in this machine's memory when its plug is pulled,
so these tests show what was not done yet, and not what was not synced yet.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.disk import departures, disk, services
from tests.hosts.faults import power_cut
from tests.hosts.machine import ENVIRONMENT
from tests.installation import wizard
from tests.test_kills_on_hosts import ANSWERS, DPKGS, SERVER, apart, state, undisturbed

if TYPE_CHECKING:
    from tests.hosts.machine import Machine
    from tests.test_kills_on_hosts import Told

pytestmark = pytest.mark.host
CUTS, KILLS = 20, 10


def end_the_program(machine: Machine) -> None:
    """Kill the program alone: what it started goes on."""
    machine.run("pkill", "-KILL", "-f", "bin/registry-wizard", check=False)


def test_at_random_moments_nothing_is_lost(server: Machine, record_property: Told) -> None:
    seed = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
    chance = random.Random(seed)
    record_property("seed", seed)
    began = time.monotonic()
    whole, running = undisturbed(server, SERVER)
    seconds = time.monotonic() - began
    before = disk(server)
    for number in range(CUTS + KILLS):
        moment = chance.uniform(0, seconds)
        told = f"seed {seed}, number {number}, after {moment:.2f} s"
        argv = server.enter("registry-wizard", *ANSWERS)
        with subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=-3, stderr=-3, env=ENVIRONMENT
        ) as run:
            assert run.stdin
            run.stdin.write(SERVER.encode())
            run.stdin.close()
            time.sleep(moment)
            (power_cut if number < CUTS else end_the_program)(server)
        if number % 2:
            done = wizard(server, *ANSWERS, stdin=SERVER)
            assert done.returncode == 0, told + done.stdout[-3000:] + done.stderr
            assert apart(state(server), whole) == [], told
            assert services(server) ^ running == set(), told
        done = wizard(server, "undo", "--packages")
        assert done.returncode == 0, told + done.stdout[-3000:] + done.stderr
        left = [each for each in departures(server, before) if not DPKGS.search(each)]
        assert left == [], told
