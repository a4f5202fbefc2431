"""A real server that the wizard installed, and beside it the other fronts to hold it against."""

from __future__ import annotations

import shutil
import time
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from tests.bench import fronts
from tests.hosts import application, image
from tests.hosts.network import network
from tests.installation import CA, install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

NAME = "docker.benet.com"
USER, PASSWORD = "anna", "a-person's.pass-word"
LOGIN = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
ANSWERS = f"""role = "server"
[registry]
hostname = "{NAME}"
[[users]]
name = "{USER}"
password = "{PASSWORD}"
"""  # kept by bcrypt at the wizard's own cost
IDLE = 0.05  # of a core


@dataclass(frozen=True)
class Arm:
    """One way to the same blobs on the same machine."""

    name: str
    at: str  # scheme, host and port
    login: str = ""  # the Authorization that is sent


@dataclass(frozen=True)
class Stand:
    """The machine with every front on it, and a folder of this machine's own for its clients."""

    server: Machine
    folder: Path

    @property
    def ours(self) -> Arm:
        return Arm("ours", f"https://{NAME}:443", LOGIN)

    @property
    def ca(self) -> Path:
        return self.folder / "ca.crt"

    @property
    def storage(self) -> str:
        settings = yaml.safe_load(self.server.run("cat", fronts.SETTINGS).stdout)
        return str(settings["storage"]["filesystem"]["rootdirectory"])

    def address(self, by: Arm) -> str:
        """Give where an arm is for a client that does not know the machine's name."""
        return by.at.replace(NAME, self.server.ip)

    def cpu(self) -> float:
        """Give the seconds of CPU that the machine has used since it booted."""
        lines = (self.server.cgroup / "cpu.stat").read_text().splitlines()
        return int(dict(map(str.split, lines))["usage_usec"]) / 1e6

    def quiet(self) -> None:
        """Wait until nothing is left of what was asked before."""
        while True:
            before = self.cpu()
            time.sleep(0.3)
            if self.cpu() - before < IDLE * 0.3:
                return


def arm(name: str) -> Arm:
    """Give one of the fronts beside ours, none of which asks for a login."""
    scheme = "http" if name == fronts.DIRECT else "https"
    return Arm(name, f"{scheme}://{NAME}:{fronts.PORTS[name]}")


@contextmanager
def stand() -> Iterator[Stand]:
    with network() as made:
        yield built(made)


def built(network: Network, name: str = "server", more: str = "") -> Stand:
    """Install on a fresh machine as answered, and put the other fronts beside it."""
    layers = application.application(), image.root_file_system("server")
    made = Stand(network.machine(name, *layers), network.state / f"clients-of-{name}")
    made.folder.mkdir()
    install(made.server, ANSWERS + more)
    made.ca.write_text(made.server.run("cat", CA).stdout)
    fronts.put_beside(made.server, NAME, made.storage)
    return made


def need(*tools: str) -> None:
    """End with a sentence where this machine lacks a tool."""
    if missing := [each for each in tools if not shutil.which(each)]:
        raise SystemExit(f"This benchmark needs {', '.join(missing)}: apt-get install it first")
