"""The test hosts themselves: a server's root comes onto the clients as onto real machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts import faults, ssh
from tests.hosts.image import PASSWORD

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host
CLIENTS = ("client", "client_13", "client_podman", "client_containerd")
OPENSSH = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5")


@pytest.fixture(scope="module")
def origin(network: Network, images: dict[str, Path]) -> Machine:
    return network.machine("origin", images["server"])


@pytest.fixture(params=CLIENTS)
def each(request: pytest.FixtureRequest, origin: Machine) -> Machine:
    """Give one client after the other, which the server knows and whose root it may be."""
    machine: Machine = request.getfixturevalue(request.param)
    ssh.authorize(origin, machine)
    ssh.known(origin, machine)
    return machine


def over_ssh(
    origin: Machine, at: str, *argv: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    return origin.run(*OPENSSH, at, *argv, stdin=stdin, check=False)


def test_the_servers_root_is_root_on_each(origin: Machine, each: Machine) -> None:
    done = over_ssh(origin, f"root@{each.ip}", "id -un; hostname")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"root\n{each.name}\n", "")


def test_sudo_asks_whom_it_should(origin: Machine, each: Machine) -> None:
    for user in ("ops", "asks", "plain"):
        ssh.authorize(origin, each, user=user)
    assert over_ssh(origin, f"ops@{each.ip}", "sudo -n id -un").stdout == "root\n"
    asks = f"asks@{each.ip}"
    assert "a password is required" in over_ssh(origin, asks, "sudo -n id -un").stderr
    told = over_ssh(origin, asks, "sudo -S id -un", stdin=f"{PASSWORD}\n")
    assert (told.returncode, told.stdout) == (0, "root\n")
    assert over_ssh(origin, f"plain@{each.ip}", "sudo -n id -un").returncode != 0


def test_whom_nobody_authorized_stays_out(origin: Machine, each: Machine) -> None:
    each.run("useradd", "-m", "stranger")
    done = over_ssh(origin, f"stranger@{each.ip}", "true")
    assert done.returncode == 255
    assert "Permission denied" in done.stderr


def test_a_clock_is_wrong_for_those_who_come_by_ssh(origin: Machine, each: Machine) -> None:
    def ahead() -> int:
        there = int(over_ssh(origin, f"root@{each.ip}", "date +%s").stdout)
        return there - int(origin.run("date", "+%s").stdout)

    with faults.wrong_clock_over_ssh(each, "+2d"):
        assert abs(ahead() - 2 * 86400) < 30
    assert abs(ahead()) < 30


def test_a_host_key_is_the_machines_own_and_outlives_a_power_cut(
    origin: Machine, each: Machine
) -> None:
    before = ssh.host_key(each)
    faults.power_cut(each)
    assert ssh.host_key(each) == before
    assert over_ssh(origin, f"root@{each.ip}", "true").returncode == 0
    ssh.change_host_key(each)
    assert ssh.host_key(each) != before
    refused = over_ssh(origin, f"root@{each.ip}", "true")
    assert refused.returncode == 255
    assert "HOST IDENTIFICATION HAS CHANGED" in refused.stderr
    ssh.known(origin, each)
    assert over_ssh(origin, f"root@{each.ip}", "true").returncode == 0


def test_no_two_machines_share_a_host_key(
    client: Machine, network: Network, images: dict[str, Path]
) -> None:
    twin = network.machine("twin", images["client"])
    assert ssh.host_key(client) != ssh.host_key(twin)
    twin.destroy()


@pytest.mark.parametrize(
    ("name", "engine", "init"),
    [
        ("client", "docker", "systemd"),
        ("client_13", "docker", "systemd"),
        ("client_podman", "podman", "init"),
        ("client_containerd", "ctr", "systemd"),
    ],
)
def test_each_has_its_own_engine_and_init(
    name: str, engine: str, init: str, request: pytest.FixtureRequest
) -> None:
    machine: Machine = request.getfixturevalue(name)
    machine.run(engine, "version")
    there = machine.run("sh", "-c", "for each in docker podman; do command -v $each; done; true")
    assert there.stdout.split() == [f"/usr/bin/{engine}"] * (engine != "ctr")
    assert machine.run("readlink", "/proc/1/exe").stdout.rpartition("/")[2] == f"{init}\n"
