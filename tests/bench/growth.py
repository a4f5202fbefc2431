"""A server with thousands of everything, against the same with ten of each."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.hosts import SERVER, ran
from tests.bench.measure import Measured, Target, taking_turns
from tests.hosts import application, image
from tests.hosts.network import network
from tests.installation import install
from tests.terminal import Pty, inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.machine import Machine, Network

SEED = Path(__file__).parents[1] / "hosts/seed.py"
# Another process of the registry on the same storage, which anybody may ask: to be filled.
OPEN = """sed '/^  tls:$/,/clientcas:/d; s/127.0.0.1:5000/127.0.0.1:5001/' \\
    /etc/docker/registry/config.yml > /tmp/open.yml
setsid runuser -u docker-registry -- docker-registry serve /tmp/open.yml > /dev/null 2>&1 &
until ss -Hltn 'sport = :5001' | grep -q .; do sleep 0.1; done"""
HASH = "$2y$10$zVI5IRzvxjpqKG8QUeaGveWXFJyF.9/iRR7aJgTZXC3OzTnCoM/lO"
# Clients as each leaves its traces: an entry in the roster, and in the journal what undoes it.
CLIENTS = """
import json, sys
from pathlib import Path
from wizard.answers import Client
from wizard.changes.files import WriteFile, MarkedLine
from wizard.clients import roster
from wizard.hosts import LocalHost
from wizard.journal import FOLDER, Journal
from wizard.plan import Step
names = [f"client{n}.benet.com" for n in range(int(sys.argv[1]))]
roster.enter(LocalHost(), [
    roster.Entry(Client(host=each), "Debian GNU/Linux 12", ("docker", "system"), "0" * 64,
                 "2036-01-01T00:00:00+00:00", "2026-11-20T10:00:00Z", True) for each in names])
journal = Journal(Path("/root/scratch"))
for path in ("docker/certs.d/docker.benet.com/ca.crt", "docker/certs.d/10.0.0.1/ca.crt", "hosts",
             "containers/certs.d/docker.benet.com/ca.crt", "ssl/certs/ca-certificates.crt"):
    change = WriteFile(f"/etc/{path}", b"text")
    step = Step("client x", "Let x trust the registry", "", (change,), host="x")
    journal.record(step, change, change.compare(LocalHost()).inverse)
for each in Path("/root/scratch/kept").iterdir():
    each.rename(FOLDER / "kept" / each.name)
begun = sum(1 for _ in (FOLDER / "journal.jsonl").open())
with (FOLDER / "journal.jsonl").open("a") as kept:
    for name in names:
        for line in (Path("/root/scratch") / "journal.jsonl").read_text().splitlines():
            begun += 1
            record = json.loads(line) | {"n": begun, "step": f"client {name}", "host": name}
            kept.write(json.dumps(record) + "\\n")
"""
FEW, MANY = "ten of each", "thousands"
SIZES = {FEW: (10, 10, 10), MANY: (10_000, 1_000, 500)}
COMMANDS = {
    "status": ("status",),
    "verify --no-push": ("verify", "--no-push"),
    "clients list": ("clients", "list"),
    "a run with nothing to do": ("--answers", "/etc/registry-wizard/answers.toml"),
}
PICTURE = "There is a registry on this machine."


def bench(rounds: int) -> Iterator[Measured]:
    with network() as where:
        machines = {name: grown(where, name, *size) for name, size in SIZES.items()}
        for title, argv in COMMANDS.items():
            arms = {name: partial(ran, each, *argv) for name, each in machines.items()}
            yield measured(title, taking_turns(arms, rounds))
        arms = {name: partial(painted, each) for name, each in machines.items()}
        yield measured("first picture", taking_turns(arms, rounds))


def measured(title: str, took: dict[str, list[float]]) -> Measured:
    sizes = "10,000 repositories, 1,000 users, 500 clients against ten of each"
    return Measured(f"Growth, {title}", "s", took, (Target(MANY, FEW),), (sizes,))


def grown(where: Network, name: str, repositories: int, users: int, clients: int) -> Machine:
    """Give a server with so much of everything."""
    layers = (application.application(), image.root_file_system("server"))
    machine = where.machine(name.replace(" ", "-"), *layers)
    listed = "".join(
        f'[[users]]\nname = "user{n}"\nrole = "pull"\npassword_hash = "{HASH}"\n'
        for n in range(users)
    )
    install(machine, SERVER + listed)
    machine.run("sh", "-c", OPEN)
    machine.put("/root/seed.py", SEED.read_bytes())
    machine.run("python3", "/root/seed.py", "5001", str(repositories), "1")
    machine.run("/opt/registry-wizard/bin/python", "-", str(clients), stdin=CLIENTS)
    return machine


def painted(machine: Machine) -> float:
    start = time.monotonic()
    with Pty.start(inside(machine, "registry-wizard")) as pty:
        pty.wait_for(PICTURE, 60)
        return time.monotonic() - start
