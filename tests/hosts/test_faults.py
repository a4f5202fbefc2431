"""The test hosts themselves: what is broken on demand is broken, and is mended again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts import faults

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def machine(network: Network, images: dict[str, Path]) -> Machine:
    return network.machine("victim", images["client"])


def reaches(machine: Machine, address: str) -> str:
    """Connect to port 9, where nobody listens: whoever is reached says so at once."""
    script = "import socket, sys; socket.create_connection((sys.argv[1], 9), 1)"
    said = machine.run("python3", "-c", script, address, check=False).stderr
    return said.strip().splitlines()[-1]


def test_without_its_cable_a_machine_reaches_nobody(machine: Machine) -> None:
    bridge = f"172.30.{machine.network.number}.1"
    assert "refused" in reaches(machine, bridge)
    with faults.cable_out(machine):
        said = reaches(machine, bridge)
        assert "timed out" in said or "unreachable" in said or "No route" in said
    assert "refused" in reaches(machine, bridge)


def test_without_a_way_out_only_neighbours_are_there(machine: Machine) -> None:
    bridge = f"172.30.{machine.network.number}.1"
    with faults.no_way_out(machine):
        assert "Network is unreachable" in reaches(machine, "192.0.2.1")
        assert "refused" in reaches(machine, bridge)
    assert "Network is unreachable" not in reaches(machine, "192.0.2.1")


def test_a_full_disk_takes_nothing_more(machine: Machine) -> None:
    machine.run("install", "-d", "-o", "daemon", "-m", "750", "/srv/images")
    write = ("dd", "if=/dev/zero", "of=/srv/images/file", "bs=100k", "count=1")
    with faults.full_disk(machine, "/srv/images"):
        owned = machine.run("stat", "-c", "%U %a", "/srv/images").stdout
        full = machine.run(*write, check=False)
        assert "No space left on device" in full.stderr
    assert owned == "daemon 750\n" == machine.run("stat", "-c", "%U %a", "/srv/images").stdout
    assert machine.run(*write).returncode == 0


def test_its_disk_outlives_a_reboot_which_is_orderly_and_a_power_cut(machine: Machine) -> None:
    goodbye = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStop=/bin/touch /root/stopped\n"
    machine.put("/run/systemd/system/goodbye.service", goodbye)
    machine.run("systemctl", "start", "goodbye")
    first = boot_time(machine)
    machine.reboot()
    second = boot_time(machine)
    machine.run("rm", "/root/stopped")
    machine.put("/root/kept", "kept\n")
    machine.put("/run/systemd/system/goodbye.service", goodbye)
    machine.run("systemctl", "start", "goodbye")
    faults.power_cut(machine)
    assert first != second != boot_time(machine)
    left = machine.run("ls", "/root/kept", "/root/stopped", "/run/systemd/system", check=False)
    assert left.stdout.splitlines()[0] == "/root/kept"
    assert "/root/stopped" in left.stderr
    assert "goodbye" not in left.stdout


def boot_time(machine: Machine) -> str:
    """Give when its init started, in ticks of this machine's clock."""
    return machine.run("cut", "-d", " ", "-f", "22", "/proc/1/stat").stdout


def test_the_engine_comes_back_as_another_process(machine: Machine) -> None:
    before = machine.run("pidof", "dockerd").stdout
    faults.restart_engine(machine)
    assert before != machine.run("pidof", "dockerd").stdout
    assert machine.run("docker", "info").returncode == 0
