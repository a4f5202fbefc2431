"""Test hosts to try things on by hand: up PROFILE ..., shell NAME, down."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.hosts import image
from tests.hosts.application import application
from tests.hosts.machine import ENVIRONMENT, Machine, Network

if TYPE_CHECKING:
    from collections.abc import Callable

STATE = Path("/var/tmp/registry-wizard-hosts")
SAVED = STATE / "machines.json"
USAGE = f"""python -m tests.hosts up PROFILE ...   boot one machine of each profile
python -m tests.hosts shell NAME       a root shell on it
python -m tests.hosts down             all of them gone, as if they had never been
Profiles: {", ".join(image.PROFILES)}"""


def up(*profiles: str) -> None:
    """Boot them on one network; they stay until they are taken down."""
    if not profiles or set(profiles) - set(image.PROFILES):
        sys.exit(USAGE)
    if SAVED.exists():
        sys.exit(f"There are machines already, in {STATE}: python -m tests.hosts down")
    STATE.mkdir(parents=True)
    network = Network.up(STATE)
    for profile in profiles:
        try:
            machine = network.machine(profile, *_layers(profile))
        finally:
            _save(network)  # for the other commands, even where it did not boot
        print(f"{profile}: {machine.ip}; python -m tests.hosts shell {profile}")  # noqa: T201


def shell(name: str) -> None:
    for machine in _saved().machines:
        if machine.name == name:
            words = machine.enter("bash", "-l")
            os.execvpe(words[0], words, ENVIRONMENT | {"TERM": os.environ.get("TERM", "dumb")})
    sys.exit(f"No machine {name}: python -m tests.hosts up {name}")


def down() -> None:
    _saved().down()
    shutil.rmtree(STATE)


def _layers(profile: str) -> tuple[Path, ...]:
    """Give its image, below our program where it is to be a server."""
    own = image.root_file_system(profile)
    suite = image.PROFILES[profile].suite
    return (application(suite), own) if profile.startswith("server") else (own,)


def _save(network: Network) -> None:
    found = [
        {"name": each.name, "number": each.number, "pid": each.pid} for each in network.machines
    ]
    SAVED.write_text(json.dumps({"network": network.number, "machines": found}))


def _saved() -> Network:
    if not SAVED.exists():
        sys.exit("There are no machines: python -m tests.hosts up server client")
    found = json.loads(SAVED.read_text())
    network = Network(found["network"], STATE)
    network.machines += [
        Machine(each["name"], network, each["number"], (), each["pid"])
        for each in found["machines"]
    ]
    return network


COMMANDS: dict[str, Callable[..., None]] = {"up": up, "shell": shell, "down": down}
WORDS = {"shell": 1, "down": 0}

if __name__ == "__main__":
    command, *words = sys.argv[1:] or [""]
    if command not in COMMANDS or len(words) != WORDS.get(command, len(words)):
        sys.exit(USAGE)
    COMMANDS[command](*words)
