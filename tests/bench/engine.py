"""An image of ten layers, 300 MiB: pushed and pulled by a real Docker Engine, and by skopeo.

Every push is of fresh layers to a fresh repository, and every pull begins with nothing there. The
server and its client have cores of their own, as two machines do: Docker's compression takes all
that it can get.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from tests.bench import fronts
from tests.bench.layers import LAYERS, MIBS, docker_archive, folder
from tests.bench.measure import Measured, Target, taking_turns
from tests.bench.stand import NAME, PASSWORD, USER, built
from tests.hosts import image
from tests.hosts.network import network
from tests.installation import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.stand import Stand
    from tests.hosts.machine import Machine

FASTER = (Target("ours", fronts.HOW_TO, 1),)
PORTS = {"ours": 443, fronts.HOW_TO: fronts.PORTS[fronts.HOW_TO]}
PUSHED, PULLED = "/root/image", "/root/pulled"
UNPACK = f"rm -rf {PUSHED} {PULLED} /var/lib/containers/cache; mkdir {PUSHED}; tar -xC {PUSHED}"


def bench(rounds: int) -> Iterator[Measured]:
    with network() as made:
        # The client first: for its first seconds Docker goes by the hosts file that it booted with.
        machine = made.machine("client", image.root_file_system("client"))
        stood = built(made)
        trips = Trips(_users(stood, machine))
        _apart(stood.server, machine)
        by_docker = trips.taking_turns(trips.by_docker, rounds)
        by_skopeo = trips.taking_turns(trips.by_skopeo, rounds)
    what = f"an image of {LAYERS} layers, {LAYERS * MIBS} MiB"
    yield Measured(f"docker push of {what}", "s", by_docker, FASTER)
    yield Measured("docker pull of it", "s", trips.pulls["docker"], FASTER)
    yield Measured(f"skopeo copy of {what} to the registry", "s", by_skopeo, FASTER)
    yield Measured("skopeo copy of it from there", "s", trips.pulls["skopeo"], FASTER)


def _users(stood: Stand, machine: Machine) -> dict[str, Client]:
    """Give a user of each front who trusts it; only ours asks for a login."""
    users = {name: Client(machine, NAME, port, PASSWORD, USER) for name, port in PORTS.items()}
    users["ours"].trust(stood.server, stood.server.ip)
    users[fronts.HOW_TO].trust(stood.server)
    users["ours"].login()
    return users


def _apart(server: Machine, client: Machine) -> None:
    """Give each half of the cores, where there are two; what is run there comes from here."""
    cores = sorted(os.sched_getaffinity(0))
    half = len(cores) // 2
    if not half:
        return
    os.sched_setaffinity(0, cores[half:])
    for machine, share in ((server, cores[:half]), (client, cores[half:])):
        for listed in machine.cgroup.rglob("cgroup.threads"):
            for thread in listed.read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.sched_setaffinity(int(thread), share)


@dataclass(frozen=True)
class Trips:
    """Pushes, whose time is given, each followed by a pull, whose time is kept."""

    users: dict[str, Client]
    pulls: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    numbers: Iterator[int] = field(default_factory=count)

    def taking_turns(self, trip: Callable[[str], float], rounds: int) -> dict[str, list[float]]:
        return taking_turns({name: partial(trip, name) for name in self.users}, rounds)

    def by_docker(self, name: str) -> float:
        user = self.users[name]
        reference = f"{user.at}/bench/docker-{next(self.numbers)}:1"
        user.machine.run("docker", "load", "-q", stdin=docker_archive(reference))
        pushed = _docker(user.machine, "push", reference, ": Pushed")
        user.machine.run("docker", "rmi", "-f", reference)
        pulled = _docker(user.machine, "pull", reference, ": Pull complete")
        user.machine.run("docker", "rmi", "-f", reference)
        self.pulls["docker"][name].append(pulled)
        return pushed

    def by_skopeo(self, name: str) -> float:
        user = self.users[name]
        at = f"docker://{user.at}/bench/skopeo-{next(self.numbers)}:1"
        user.machine.run("sh", "-c", UNPACK, stdin=folder())
        pushed = _skopeo(user.machine, f"dir:{PUSHED}", at)
        pulled = _skopeo(user.machine, at, f"dir:{PULLED}")
        user.machine.run("diff", "-r", PUSHED, PULLED)
        self.pulls["skopeo"][name].append(pulled)
        return pushed


def _docker(machine: Machine, verb: str, reference: str, moved: str) -> float:
    """Push or pull; give the seconds, once every layer really was moved."""
    began = time.monotonic()
    said = machine.run("docker", verb, reference).stdout
    took = time.monotonic() - began
    if said.count(moved) != LAYERS:
        raise SystemExit(f"docker {verb} did not move {LAYERS} layers:\n{said}")
    return took


def _skopeo(machine: Machine, source: str, target: str) -> float:
    began = time.monotonic()
    machine.run("skopeo", "copy", "-q", source, target)
    return time.monotonic() - began
