"""A first run where the packages are there, against the shortest script that does the same work.

The wizard's work ends with its last step; that it then looks at the result from outside, by some
fifty checks, is told beside it.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.hosts import SERVER, server
from tests.bench.measure import Measured, Target
from tests.hosts.network import network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.machine import Machine, Network

SCRIPT = Path(__file__).with_suffix(".sh").read_text()
PACKAGES = "nginx libnginx-mod-http-js docker-registry apache2-utils openssl ca-certificates"
INSTALL = f"DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends {PACKAGES}"
BY_HAND, WORK, WHOLE = "shell script", "wizard, its steps", "wizard, with all checks"


def bench(rounds: int) -> Iterator[Measured]:
    took: dict[str, list[float]] = {BY_HAND: [], WORK: [], WHOLE: []}
    with network() as where:
        ready = server(where)
        ready.run("sh", "-c", INSTALL)
        ready.power_off()
        for _ in range(rounds):
            took[BY_HAND].append(by_hand(again(where, ready)))
            work, whole = by_wizard(again(where, ready))
            took[WORK].append(work)
            took[WHOLE].append(whole)
    targets = (Target(WORK, BY_HAND, 1.3), Target(WHOLE, BY_HAND))
    yield Measured("A first run, packages present", "s", took, targets)


def again(where: Network, ready: Machine) -> Machine:
    """Boot a fresh machine on what lies on the disk of one that has been made ready."""
    for former in where.machines[1:]:
        former.power_off()
    return where.machine("server", ready.state / "upper", *ready.layers)


def by_hand(machine: Machine) -> float:
    began = time.monotonic()
    done = machine.run("sh", "-s", machine.ip, stdin=SCRIPT, check=False)
    took = time.monotonic() - began
    if done.returncode:
        raise SystemExit(f"The script failed:\n{done.stdout}\n{done.stderr}")
    return took


def by_wizard(machine: Machine) -> tuple[float, float]:
    """Give the seconds until the last step was done, and until all was looked at."""
    machine.put("/root/answers.toml", SERVER)
    argv = machine.enter("registry-wizard", "--answers", "/root/answers.toml", "--json")
    began, worked = time.monotonic(), 0.0
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout or ():
            if json.loads(line)["event"] == "StepDone":
                worked = time.monotonic() - began
    if running.returncode:
        raise SystemExit(f"The wizard ended with {running.returncode}")
    return worked, time.monotonic() - began
