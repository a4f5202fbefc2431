"""How long twenty clients take in one run against one client alone; prints the ratio.

One of the twenty is switched off, and the other nineteen have to succeed all the same.
Run as root: python -m tests.bench.clients [CLIENTS]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.hosts import application, image
from tests.hosts.machine import Network
from tests.hosts.ssh import authorize, known
from tests.installation import install, wizard

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

SERVER = 'role = "server"\n[registry]\nhostname = "docker.benet.com"\n'


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    image.need_tools()
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="registry-wizard-hosts-") as state:
        network = Network.up(Path(state))
        try:
            measure(network, count)
        finally:
            network.down()


def measure(network: Network, count: int) -> None:
    server = network.machine("server", application.application(), image.root_file_system("server"))
    layer = image.root_file_system("client-podman")
    clients = [network.machine(f"client{n}", layer) for n in range(count + 1)]
    install(server, SERVER)
    authorize(server, *clients)
    for each in clients:
        known(server, each)
    alone = added(server, clients[:1], succeed=1)
    wizard(server, "clients", "remove", clients[0].ip)
    again = added(server, clients[:1], succeed=1)
    clients[-1].power_off()
    many = added(server, clients[1:], succeed=count - 1)
    one = min(alone, again)
    print(f"one client    {one:6.1f} s")  # noqa: T201
    print(f"{count} clients   {many:6.1f} s, of which one is switched off")  # noqa: T201
    print(f"ratio         {many / one:6.2f}")  # noqa: T201


def added(server: Machine, clients: list[Machine], succeed: int) -> float:
    """Add them in one run; give the seconds, once as many as should are set up and checked."""
    began = time.monotonic()
    done = wizard(server, "clients", "add", "--json", *(each.ip for each in clients))
    took = time.monotonic() - began
    events = [json.loads(line) for line in done.stdout.splitlines()]
    ended = [e for e in events if e["event"] == "StepDone" and e["step"].startswith("client ")]
    failed = [e for e in events if e["event"] == "Checked" and e["verdict"] == "failed"]
    if (len(ended), failed) != (succeed, []):
        raise SystemExit(f"{len(ended)} of {len(clients)} were set up\n{failed}\n{done.stderr}")
    return took


if __name__ == "__main__":
    main()
