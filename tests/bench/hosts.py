"""Real machines for a benchmark, gone again however it ends."""

from __future__ import annotations

import contextlib
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.hosts import application, image
from tests.hosts.machine import Network
from tests.installation import wizard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.machine import Machine

SERVER = 'role = "server"\n[registry]\nhostname = "docker.benet.com"\n'


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Give a network of test hosts for as long as this lasts."""
    image.need_tools()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="registry-wizard-hosts-") as state:
        made = Network.up(Path(state))
        try:
            yield made
        finally:
            made.down()


def server(where: Network, *layers: Path, profile: str = "server") -> Machine:
    """Boot a machine with our program, and with what lies in these layers."""
    layers = (*layers, application.application(), image.root_file_system(profile))
    return where.machine("server", *layers)


def ran(machine: Machine, *argv: str, good: tuple[int, ...] = (0,)) -> float:
    """Run our program there; give the seconds. Raise SystemExit where it fails."""
    began = time.monotonic()
    done = wizard(machine, *argv)
    took = time.monotonic() - began
    if done.returncode not in good:
        raise SystemExit(f"{argv} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return took
