"""Clients of a real server: set up by SSH, used by their own tools, taken off without a trace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.hosts.ssh import authorize, host_key, known
from tests.installation import Client, install, listing, wizard
from wizard.credentials import password_file
from wizard.names import RESERVED_USER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
PASSWORD = "a long and random one"
SERVER = f"""role = "server"
[registry]
hostname = "{NAME}"

[[users]]
name = "testuser"
password_file = "/root/testuser.password"
"""
# What podman itself leaves wherever it is used for the first time.
PODMANS = "-not -path '/var/lib/containers*' -not -path '/etc/cni/net.d/cni.lock'"


@pytest.fixture(scope="module")
def registry(shared_server: Machine) -> Machine:
    """Give a server with its registry and no client yet."""
    shared_server.put("/root/testuser.password", f"{PASSWORD}\n", "600")
    install(shared_server, SERVER)
    return shared_server


def table(machine: Machine, **more: object) -> str:
    values = {"host": machine.ip} | more
    return "\n[[clients]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in values.items())


def events(machine: Machine, *argv: str, stdin: str = "", code: int = 0) -> list[dict[str, Any]]:
    done = wizard(machine, *argv, "--json", stdin=stdin)
    assert done.returncode == code, done.stdout[-4000:] + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def checked(found: list[dict[str, Any]], machine: Machine) -> dict[str, str]:
    its = (e for e in found if e["event"] == "Checked" and e["host"] == machine.ip)
    return {each["name"]: each["verdict"] for each in its}


def state(machine: Machine) -> str:
    return listing(machine, PODMANS)


def times(machine: Machine) -> str:
    """When each of the files of trust was last written, to the nanosecond."""
    script = "find /etc /usr/local/share /var/lib/registry-wizard -printf '%p %C@ %i\\n' | sort"
    return machine.run("sh", "-c", script).stdout


def test_clients_of_every_kind_are_set_up_used_and_taken_off(
    registry: Machine,
    client: Machine,
    client_13: Machine,
    client_podman: Machine,
    client_containerd: Machine,
) -> None:
    clients = (client, client_13, client_podman, client_containerd)
    before = {each.name: state(each) for each in clients}
    authorize(registry, client_13, client_podman, client_containerd)
    authorize(registry, client, user="ops")
    for each in (client, client_13, client_containerd):
        known(registry, each)
    first = table(client, user="ops", trust=["docker", "system"]) + table(client_13)
    first += table(client_podman, host_key=host_key(client_podman))

    found = events(registry, "--answers", "-", stdin=SERVER + first)
    assert found[-1]["event"] == "Finished"
    everywhere = ("reached", "resolve", "clock", "system-trust")
    for machine, tools in (
        (client, ("docker",)),
        (client_13, ("docker", "skopeo")),
        (client_podman, ("podman", "buildah", "skopeo")),
    ):
        assert checked(found, machine) == dict.fromkeys((*everywhere, *tools), "passed")
    use_docker(registry, client, client_13)
    holds_no_secret(registry, clients)

    again = events(registry, "--answers", "-", stdin=SERVER + first)
    assert again[-1] == {"event": "Finished", "changed": 0, "message": "Nothing had to be changed"}

    one_more(registry, client_containerd, clients[:3])
    shows_each(registry, clients)

    for each in clients:
        gone = wizard(registry, "clients", "remove", each.ip)
        assert gone.returncode == 0, gone.stdout + gone.stderr
        assert departed_of(each, before[each.name]) == []
    assert "No client is on record" in wizard(registry, "clients", "list").stdout
    assert 'host = "' not in registry.run("cat", "/etc/registry-wizard/answers.toml").stdout


def one_more(registry: Machine, new: Machine, others: tuple[Machine, ...]) -> None:
    untouched = {each.name: times(each) for each in others}
    added = events(registry, "clients", "add", new.ip)
    names = ("reached", "resolve", "clock", "ctr", "system-trust")
    assert checked(added, new) == dict.fromkeys(names, "passed")
    assert {each.name: times(each) for each in others} == untouched


def departed_of(machine: Machine, before: str) -> list[str]:
    now = state(machine)
    return sorted(set(before.splitlines()) ^ set(now.splitlines()))


def use_docker(registry: Machine, client: Machine, client_13: Machine) -> None:
    """Push on one, pull by digest on the other, both ways."""
    old, new = (Client(each, NAME, 443, PASSWORD, "testuser") for each in (client, client_13))
    for one, other, image in ((old, new, "team/old"), (new, old, "team/new")):
        one.login()
        other.login()
        reference = one.image(image)
        other.pull(reference, one.push(reference))


def holds_no_secret(registry: Machine, clients: tuple[Machine, ...]) -> None:
    key = registry.run("cat", "/etc/registry-wizard/pki/ca.key").stdout.splitlines()[1]
    checker = registry.run("cat", password_file(RESERVED_USER)).stdout.strip()
    for machine in clients:
        for secret in (key, checker):
            script = 'grep -rlF -e "$1" /etc /root /home /var/lib /var/log /run /dev/shm /tmp'
            said = machine.run("sh", "-c", f"{script} 2> /dev/null", "sh", secret, check=False)
            assert said.stdout == ""


def shows_each(registry: Machine, clients: tuple[Machine, ...]) -> None:
    listed = registry.run("registry-wizard", "clients", "list").stdout.splitlines()
    assert len(listed) == 1 + len(clients)
    assert all(line.endswith("good") for line in listed[1:])
    rows = [
        json.loads(line)
        for line in wizard(registry, "clients", "list", "--json").stdout.splitlines()
    ]
    assert {row["host"]: row["trusting"] for row in rows} == {
        clients[0].ip: ["docker", "system"],
        clients[1].ip: ["docker", "podman", "system"],
        clients[2].ip: ["podman", "system"],
        clients[3].ip: ["containerd", "system"],
    }
    tried = wizard(registry, "clients", "verify")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert f"ok   {clients[3].ip} ctr: logged in and pulled by digest" in tried.stdout


def test_a_client_sets_itself_up_with_the_fingerprint_of_the_ca(
    registry: Machine, network: Network, images: dict[str, Path], application: Path
) -> None:
    machine = network.machine("itself", application, images["client"])
    untouched = state(machine)
    status = json.loads(wizard(registry, "status", "--json").stdout)
    own = f'role = "client"\n[registry]\nhostname = "{NAME}"\nip = "{registry.ip}"\n[client]\n'
    right = f'{own}ca_fingerprint = "{status["ca_fingerprint"]}"\n'
    nowhere = right.replace(registry.ip, f"172.30.{network.number}.250")
    for answers, code, words in (
        (own, 2, "anybody could hand this machine a CA"),
        (f'{own}ca_fingerprint = "{"0" * 64}"\n', 3, "another CA than the one expected"),
        (f'{own}ca_certificate = "/root/none.crt"\n', 3, "There is no file /root/none.crt"),
        (nowhere, 3, "could not be fetched"),
    ):
        refused = wizard(machine, "--answers", "-", stdin=answers)
        assert (refused.returncode, words in refused.stderr) == (code, True), refused.stderr
    assert departed_of(machine, untouched) == []

    assert wizard(machine, "--answers", "-", "--dry-run", stdin=right).returncode == 10
    done = wizard(machine, "--answers", "-", stdin=right)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    for line in (
        f"ok   resolve: {NAME} leads to {registry.ip}",
        "ok   docker: trusts the registry, which asks it for a login",
        "ok   system-trust: curl trusts the registry by the system's CAs",
    ):
        assert line in done.stdout
    use_alone(machine)

    again = events(machine, "--answers", "-", stdin=right)
    assert (again[-1]["event"], again[-1]["changed"]) == ("Finished", 0)
    assert wizard(machine, "verify").returncode == 0
    assert json.loads(wizard(machine, "status", "--json").stdout)["role"] == "client"
    undone = wizard(machine, "undo")
    assert undone.returncode == 0, undone.stdout + undone.stderr
    left = departed_of(machine, untouched)  # of our own: what was done, and that it was undone
    assert [line for line in left if not line.startswith("/var/lib/registry-wizard")] == []
    machine.destroy()


def use_alone(machine: Machine) -> None:
    user = Client(machine, NAME, 443, PASSWORD, "testuser")
    user.login()
    reference = user.image("own/image")
    user.pull(reference, user.push(reference))
