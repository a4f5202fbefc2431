"""What goes wrong on the way to a client: a sentence each, nothing half done, and a way on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.hosts import faults
from tests.hosts.ssh import authorize, change_host_key, host_key, known
from tests.installation import departed, install, listing, wizard
from tests.test_clients_on_hosts import PODMANS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
SERVER = f'role = "server"\n[registry]\nhostname = "{NAME}"\n'
CERTS_D = f"/etc/docker/certs.d/{NAME}"


@pytest.fixture(scope="module")
def registry(shared_server: Machine) -> Machine:
    """Give a server with its registry and no client yet."""
    install(shared_server, SERVER)
    return shared_server


def state(machine: Machine) -> str:
    return listing(machine, PODMANS)


def add(registry: Machine, machine: Machine, *more: str) -> tuple[int, str]:
    done = wizard(registry, "clients", "add", machine.ip, *more)
    return done.returncode, done.stdout + done.stderr


def test_who_is_not_let_in_is_told_why_and_nothing_is_touched(
    registry: Machine, client: Machine
) -> None:
    untouched, recorded = state(client), listing(registry, "-not -path '/var/lib/nginx/*'")
    key = host_key(client)
    code, said = add(registry, client)
    assert code == 1
    assert f"{client.ip} shows the SSH host key {key}, which is not known here" in said
    assert f'answer host_key = "{key}" for it' in said

    known(registry, client)
    refuses_each_user(registry, client)
    refuses_each_key(registry, client, key)
    client.run("service", "ssh", "stop")
    code, said = add(registry, client)
    assert (code, "accepts no SSH connection on this port" in said) == (1, True)
    client.run("service", "ssh", "start")
    assert ours(departed(client, untouched, PODMANS)) == []
    assert ours(departed(registry, recorded, "-not -path '/var/lib/nginx/*'")) == []


def refuses_each_user(registry: Machine, client: Machine) -> None:
    for user, words in {
        "root": "does not let root in with the keys that are here",
        "nobody-here": "does not let nobody-here in with the keys that are here",
    }.items():
        code, said = add(registry, client, "--user", user)
        assert (code, words in said) == (1, True), said
        assert f"ssh-copy-id {user}@{client.ip}" in said

    for user in ("plain", "asks"):  # sudo asks before it says who may not use it at all
        authorize(registry, client, user=user)
        code, said = add(registry, client, "--user", user)
        words = f"sudo on {client.ip} asks {user} for a password, and nobody is there to type it"
        assert (code, words in said) == (1, True), said


def refuses_each_key(registry: Machine, client: Machine, key: str) -> None:
    authorize(registry, client)
    wrong = "SHA256:" + "x" * 43
    code, said = add(registry, client, "--host-key", wrong)
    assert (code, f"shows the SSH host key {key}, and host_key says {wrong}" in said) == (1, True)
    change_host_key(client)
    code, said = add(registry, client)
    assert (code, "shows another SSH host key than the one that is known" in said) == (1, True)
    assert f"ssh-keygen -R {client.ip}" in said


def ours(lines: list[str]) -> list[str]:
    """Leave out what the test itself did: keys in homes and of the SSH server."""
    return [line for line in lines if not any(w in line for w in ("/etc/ssh", "/.ssh"))]


def test_what_breaks_half_way_is_told_and_running_again_ends_it(
    registry: Machine, client_13: Machine
) -> None:
    machine = client_13
    known(registry, machine)
    authorize(registry, machine)
    untouched = state(machine)

    with faults.full_disk(machine, "/etc", room=0):
        code, said = add(registry, machine)
        assert (code, "No space left on device" in said) == (1, True), said
        assert f"on {machine.ip}" in said
        assert machine.run("find", "/etc", "-name", ".registry-wizard.*").stdout == ""

    with faults.at(lambda: begun(machine), faults.cable_out(machine), 40):
        code, said = add(registry, machine)
    assert (code, f"The connection to {machine.ip} was lost" in said) == (1, True), said
    assert "running again goes on where it stopped" in said

    with faults.packets_lost(machine, 10):
        for _ in range(3):  # chance may take a whole connection: it goes on where that stopped
            code, said = add(registry, machine)
            if code == 0:
                break
    assert code == 0, said
    # Another admin's line, before and after ours, stays.
    machine.run("sh", "-c", "printf '192.0.2.7 other' >> /etc/hosts")
    gone = wizard(registry, "clients", "remove", machine.ip)
    assert gone.returncode == 0, gone.stdout + gone.stderr
    left = [line for line in departed(machine, untouched, PODMANS) if "/etc/hosts " not in line]
    assert left == []
    assert machine.run("tail", "-n", "1", "/etc/hosts").stdout == "192.0.2.7 other"
    assert NAME not in machine.run("cat", "/etc/hosts").stdout


def begun(machine: Machine) -> bool:
    return machine.run("test", "-e", CERTS_D, check=False).returncode == 0


def test_a_client_that_restarts_half_way_is_told_and_one_that_is_gone_can_be_forgotten(
    registry: Machine, client_podman: Machine
) -> None:
    machine = client_podman
    key = host_key(machine)
    authorize(registry, machine)
    folder = f"/etc/containers/certs.d/{NAME}"
    cut = faults.at(
        lambda: machine.run("test", "-e", folder, check=False).returncode == 0, restart(machine), 0
    )
    with cut:
        code, said = add(registry, machine, "--host-key", key)
    assert (code, f"The connection to {machine.ip} was lost" in said) == (1, True), said
    code, said = add(registry, machine, "--host-key", key)
    assert code == 0, said

    machine.power_off()
    refused = wizard(registry, "clients", "remove", machine.ip)
    assert refused.returncode == 1
    assert f"registry-wizard clients remove {machine.ip} --force forgets it" in refused.stderr
    assert machine.ip in wizard(registry, "clients", "list").stdout
    tried = wizard(registry, "clients", "verify")
    assert tried.returncode == 4
    forgotten = wizard(registry, "clients", "remove", machine.ip, "--force")
    assert forgotten.returncode == 0, forgotten.stderr
    assert "No client is on record" in wizard(registry, "clients", "list").stdout
    undone = wizard(registry, "undo")
    assert undone.returncode == 0, undone.stdout + undone.stderr


@contextmanager
def restart(machine: Machine) -> Iterator[None]:
    faults.power_cut(machine)
    yield
