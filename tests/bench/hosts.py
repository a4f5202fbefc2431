"""Real machines for a benchmark, gone again however it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.hosts import application, image
from tests.installation import wizard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

SERVER = 'role = "server"\n[registry]\nhostname = "docker.benet.com"\n'


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
