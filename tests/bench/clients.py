"""Twenty clients set up and checked over SSH in one run, against one client alone.

In a further run one is switched off: whoever answers is set up all the same. Real clients bring
cores of their own; these share the server's, so what it took by itself is held beside it, and what
their own programs took is told.
"""

from __future__ import annotations

import json
import os
import time
from functools import partial
from typing import TYPE_CHECKING

from tests.bench.hosts import SERVER, server
from tests.bench.measure import Measured, Target, taking_turns
from tests.hosts import image
from tests.hosts.network import network
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
        spent: dict[str, list[float]] = {ONE: [], MANY: []}
        arms = {
            name: partial(added, center, clients[:count], count, spent[name])
            for name, count in ((ONE, 1), (MANY, COUNT))
        }
        before = busy(clients)
        took = taking_turns(arms, rounds)
        share = (busy(clients) - before) / (COUNT + 1) / rounds
        clients[-1].power_off()
        took[OFF] = [added(center, clients, COUNT - 1, [])]
    targets = (Target(MANY, ONE, 4), Target(OFF, ONE))
    own = f"each client's own programs took {share:.2f} s of a core, its removal among them"
    yield Measured("Clients set up over SSH", "s", took, targets, (own, f"cores: {os.cpu_count()}"))
    yield Measured("CPU of the server at it", "s", spent, (Target(MANY, ONE),))


def busy(clients: list[Machine]) -> float:
    """Give the seconds that their processes have had of all cores so far."""
    stats = ((each.cgroup / "cpu.stat").read_text().split() for each in clients)
    return sum(int(words[words.index("usage_usec") + 1]) for words in stats) / 1e6


def added(center: Machine, clients: list[Machine], succeed: int, spent: list[float]) -> float:
    """Add them in one run and take them off again; give the seconds of the adding alone.

    ``spent`` gets the seconds of all cores that the server had for it.
    """
    hosts = [each.ip for each in clients]
    before, began = busy([center]), time.monotonic()
    done = wizard(center, "clients", "add", "--json", *hosts)
    took = time.monotonic() - began
    spent.append(busy([center]) - before)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    ended = [e for e in events if e["event"] == "StepDone" and e["step"].startswith("client ")]
    failed = [e for e in events if e["event"] == "Checked" and e["verdict"] == "failed"]
    if (len(ended), failed) != (succeed, []):
        raise SystemExit(f"{len(ended)} of {len(clients)} were set up\n{failed}\n{done.stderr}")
    wizard(center, "clients", "remove", *hosts[:succeed])
    return took
