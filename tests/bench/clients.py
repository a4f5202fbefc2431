"""Twenty clients set up and checked over SSH in one run, against one client alone.

One more is switched off: whoever answers is set up all the same, in a run of its own.
"""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING

from tests.bench.hosts import SERVER, network, server
from tests.bench.measure import Measured, Target, taking_turns
from tests.hosts import image
from tests.hosts.ssh import authorize, known
from tests.installation import install, wizard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.machine import Machine

COUNT = 20
ONE, MANY, OFF = "one client", f"{COUNT} clients", "one of them off"


def bench(rounds: int) -> Iterator[Measured]:
    with network() as where:
        center = server(where)
        layer = image.root_file_system("client-podman")
        clients = [where.machine(f"client{n}", layer) for n in range(COUNT)]
        install(center, SERVER)
        authorize(center, *clients)
        for each in clients:
            known(center, each)
        arms = {
            ONE: partial(added, center, clients[:1], 1),
            MANY: partial(added, center, clients, COUNT),
        }
        took = taking_turns(arms, rounds)
        clients[-1].power_off()
        took[OFF] = [added(center, clients, COUNT - 1)]
    yield Measured("Clients set up over SSH", "s", took, (Target(MANY, ONE, 4), Target(OFF, ONE)))


def added(center: Machine, clients: list[Machine], succeed: int) -> float:
    """Add them in one run and take them off again; give the seconds of the adding alone."""
    hosts = [each.ip for each in clients]
    began = time.monotonic()
    done = wizard(center, "clients", "add", "--json", *hosts)
    took = time.monotonic() - began
    events = [json.loads(line) for line in done.stdout.splitlines()]
    ended = [e for e in events if e["event"] == "StepDone" and e["step"].startswith("client ")]
    failed = [e for e in events if e["event"] == "Checked" and e["verdict"] == "failed"]
    if (len(ended), failed) != (succeed, []):
        raise SystemExit(f"{len(ended)} of {len(clients)} were set up\n{failed}\n{done.stderr}")
    wizard(center, "clients", "remove", *hosts[:succeed])
    return took
