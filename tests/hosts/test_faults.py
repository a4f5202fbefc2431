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


@pytest.fixture(scope="module")
def other(network: Network, images: dict[str, Path]) -> Machine:
    return network.machine("neighbour", images["client"])


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


def test_packets_are_lost_in_silence_both_ways(machine: Machine, other: Machine) -> None:
    with faults.packets_lost(machine, 30):
        assert 100 < arrived(machine, other) < 180
        assert 100 < arrived(other, machine) < 180
    with faults.packets_lost(machine, 5):
        took(machine, other, kib=500)  # TCP sends again what was lost
    assert arrived(machine, other) == arrived(other, machine) == 200
    with faults.packets_lost(machine, 100):
        assert "timed out" in reaches(machine, other.ip)


def arrived(sender: Machine, receiver: Machine) -> int:
    """Send 200 datagrams, which any socket has room for; give how many came."""
    count = (
        "import os, socket; here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        " here.bind(('', 999)); here.settimeout(2); open('/run/ready', 'w'); n = 0\n"
        "try:\n    while here.recv(9): n += 1\n"
        "except TimeoutError: open('/run/m', 'w').write(str(n)); os.rename('/run/m', '/run/n')"
    )
    send = (
        "import socket, sys; there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "for n in range(200): there.sendto(b'x', (sys.argv[1], 999))"
    )
    start(receiver, count)
    sender.run("python3", "-c", send, receiver.ip)
    wait_for(receiver, "/run/n")
    return int(receiver.run("cat", "/run/n").stdout)


def test_a_slow_line_is_slow_both_ways(machine: Machine, other: Machine) -> None:
    with faults.slow_line(machine, "4mbit"):
        for sender, receiver in ((machine, other), (other, machine)):
            assert 0.7 < took(sender, receiver, kib=500) < 3
    assert took(machine, other, kib=500) < 0.7


def took(sender: Machine, receiver: Machine, *, kib: int) -> float:
    """Send so much over TCP; give the seconds until all of it had come."""
    listen = (
        "import socket; there = socket.create_server(('', 999)); open('/run/ready', 'w');"
        " here = there.accept()[0]\nwhile here.recv(65536): pass\nhere.send(b'x')"
    )
    send = (
        "import socket, sys, time; start = time.monotonic();"
        " there = socket.create_connection((sys.argv[1], 999), 60);"
        " there.sendall(bytes(1024 * int(sys.argv[2]))); there.shutdown(socket.SHUT_WR);"
        " there.recv(1); print(time.monotonic() - start)"
    )
    start(receiver, listen)
    return float(sender.run("python3", "-c", send, receiver.ip, str(kib)).stdout)


def start(receiver: Machine, listener: str) -> None:
    """Leave this Python program running, from when it says that it is ready."""
    script = 'rm -f /run/ready /run/n; timeout 60 python3 -c "$1" > /dev/null 2>&1 &'
    receiver.run("sh", "-c", script, "sh", listener)
    wait_for(receiver, "/run/ready")


def wait_for(machine: Machine, path: str) -> None:
    machine.run("timeout", "10", "sh", "-c", 'until [ -e "$1" ]; do sleep 0.02; done', "sh", path)


def test_a_fault_comes_at_its_moment_and_goes_again(machine: Machine) -> None:
    bridge = f"172.30.{machine.network.number}.1"
    path = machine.state / "upper/root/now"
    with faults.at(path.exists, faults.cable_out(machine), 1):
        assert "refused" in reaches(machine, bridge)
        machine.run("sh", "-c", "echo > /root/now; sleep 0.3")
        assert "refused" not in reaches(machine, bridge)
        machine.run("sleep", "1")
        assert "refused" in reaches(machine, bridge)
    with (
        pytest.raises(AssertionError, match="never came"),
        faults.at(lambda: False, faults.cable_out(machine), 1),
    ):
        pass


def test_a_full_disk_takes_nothing_more(machine: Machine) -> None:
    machine.run("install", "-d", "-o", "daemon", "-m", "750", "/srv/images")
    machine.put("/srv/images/there", "before\n")
    write = ("dd", "if=/dev/zero", "of=/srv/images/file", "bs=100k", "count=1")
    with faults.full_disk(machine, "/srv/images"):
        assert machine.run("cat", "/srv/images/there").stdout == "before\n"
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


def test_a_power_cut_takes_what_has_not_reached_the_disk(machine: Machine) -> None:
    machine.run("install", "-d", "-o", "daemon", "-m", "750", "/srv/disk")
    write = "echo before > /srv/disk/%s; %s"
    with faults.disk_of_its_own(machine, "/srv/disk", 32) as disk:
        assert machine.run("stat", "-c", "%U", "/srv/disk").stdout == "daemon\n"
        machine.run("sh", "-c", write % ("synced", "sync /srv/disk/synced"))
        machine.run("sh", "-c", write % ("written", "true"))
        assert machine.run("cat", "/srv/disk/written").stdout == "before\n"
        disk.power_cut()
        assert machine.run("cat", "/srv/disk/synced").stdout == "before\n"
        assert machine.run("cat", "/srv/disk/written", check=False).stdout == ""
    assert machine.run("ls", "/srv/disk").stdout == ""


def boot_time(machine: Machine) -> str:
    """Give when its init started, in ticks of this machine's clock."""
    return machine.run("cut", "-d", " ", "-f", "22", "/proc/1/stat").stdout


def test_the_engine_comes_back_as_another_process(machine: Machine) -> None:
    before = machine.run("pidof", "dockerd").stdout
    faults.restart_engine(machine)
    assert before != machine.run("pidof", "dockerd").stdout
    assert machine.run("docker", "info").returncode == 0
