"""Joining on real machines: the pasted line on a client with Docker, from nothing and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.hosts.faults import no_way_out
from tests.hosts.fixtures import fresh
from tests.installation import Client, departed, found_right, install, listing, wizard
from tests.test_script_on_hosts import printed, run

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host
SERVER = 'role = "server"\n[registry]\nhostname = "docker.benet.com"\n'
SCRIPT = "/var/www/registry-wizard/join.sh"
NEXT = "/etc/registry-wizard/next-steps.txt"


@pytest.fixture
def newcomer(network: Network, images: dict[str, Path]) -> Iterator[Machine]:
    """Give a client with a Docker Engine that nobody has set up for anything."""
    with fresh(network, "newcomer", images["client"]) as machine:
        yield machine


def line_of(server: Machine) -> str:
    """Give the line that the server tells its admin."""
    lines = server.run("cat", NEXT).stdout.splitlines()
    return next(line for line in lines if line.startswith("(u='https://"))


def pasted(machine: Machine, line: str, *shell: str) -> subprocess.CompletedProcess[str]:
    return machine.run(*(shell or ("sh", "-c")), line, check=False)


def test_one_pasted_line_makes_a_client_and_remove_leaves_no_trace(
    server: Machine, newcomer: Machine
) -> None:
    out, line = install(server, SERVER), line_of(server)
    assert line in out
    assert re.search(r"ok   join: clients get the script of SHA-256 [0-9a-f]{64}, and our CA", out)
    serves_it_as_it_should(server, newcomer)
    before = listing(newcomer)
    refuses_anything_else(server, newcomer, line)
    assert departed(newcomer, before) == []

    first = pasted(newcomer, line)
    assert (first.returncode, first.stderr) == (0, ""), first.stdout
    assert "ok    docker.benet.com is trusted with this CA alone" in first.stdout
    reference = uses_it(server, newcomer)
    after = listing(newcomer)
    for shell in ("dash", "bash"):
        second = pasted(newcomer, line, shell, "-c")
        assert second.returncode == 0
        assert "Nothing has to be changed on this machine." in second.stdout
    assert departed(newcomer, after) == []

    kept = "/var/lib/registry-wizard-join/docker.benet.com/join.sh"
    taken = newcomer.run("sh", kept, "--remove", check=False)
    assert (taken.returncode, taken.stderr) == (0, ""), taken.stdout
    assert departed(newcomer, before) == []
    assert newcomer.run("docker", "pull", reference, check=False).returncode != 0
    assert wizard(server, "undo").returncode == 0
    assert server.run("ls", "/var/www/registry-wizard", check=False).returncode != 0


def serves_it_as_it_should(server: Machine, newcomer: Machine) -> None:
    for path, kind in (
        ("join.sh", "text/plain; charset=utf-8"),
        ("ca.crt", "application/x-x509-ca-cert"),
    ):
        headers = newcomer.run("curl", "-skI", f"https://{server.ip}/{path}").stdout.lower()
        assert f"content-type: {kind}\r" in headers
    status = ("curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}")
    post = newcomer.run(*status, "-X", "POST", f"https://{server.ip}/join.sh").stdout
    above = newcomer.run(*status, f"https://{server.ip}/").stdout
    assert (post, above) == ("405", "200")


def refuses_anything_else(server: Machine, newcomer: Machine, line: str) -> None:
    wrong = pasted(newcomer, re.sub(r"[0-9a-f]{64}", "5e" * 32, line))
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "nothing was run" in wrong.stderr
    # One character of what is served, and another CA in it; our own check sees the latter.
    for edit, code in ((r"s/^set -efu$/set -ef/", 0), ("/^MII/s/MII/MIJ/", 4)):
        server.run("sed", "-i.mine", edit, SCRIPT)
        refused = pasted(newcomer, line)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "nothing was run" in refused.stderr
        assert wizard(server, "verify").returncode == code
        server.run("mv", f"{SCRIPT}.mine", SCRIPT)


def uses_it(server: Machine, newcomer: Machine) -> str:
    """Log in, push, pull, and ask with curl, which trusts by the system's own store."""
    password = server.run("cat", "/etc/registry-wizard/admin.password").stdout.strip()
    user = Client(newcomer, "docker.benet.com", 443, password)
    user.login()
    reference = user.image("by/line")
    user.pull(reference, user.push(reference))
    catalog = "https://docker.benet.com/v2/_catalog"
    assert "by/line" in newcomer.run("curl", "-fsS", "-u", f"admin:{password}", catalog).stdout
    newcomer.run("docker", "logout", "docker.benet.com")
    return reference


def test_by_hand_on_a_client_without_a_way_there(server: Machine, newcomer: Machine) -> None:
    """The file is carried over; the registry's port 8443 stands in another network."""
    server.add_address("192.0.2.9/24")
    far = f'{SERVER}ip = "192.0.2.9"\nhttps_port = 8443\n'
    install(server, far)
    newcomer.put("/root/join.sh", server.run("cat", SCRIPT).stdout)
    before = listing(newcomer)
    with no_way_out(newcomer):
        done = newcomer.run("sh", "/root/join.sh", check=False)
    assert done.returncode == 4
    assert "FAIL  docker.benet.com:8443 does not answer from here" in done.stdout
    assert "ok    docker.benet.com leads to 192.0.2.9" in done.stdout
    trusted = newcomer.run("cat", "/etc/docker/certs.d/docker.benet.com:8443/ca.crt").stdout
    assert trusted == server.run("cat", "/var/www/registry-wizard/ca.crt").stdout
    newcomer.run("ip", "route", "add", "192.0.2.0/24", "dev", "eth0")
    assert newcomer.run("sh", "/root/join.sh", check=False).returncode == 0
    newcomer.run("ip", "route", "del", "192.0.2.0/24", "dev", "eth0")
    newcomer.run("sh", "/root/join.sh", "--remove")
    assert departed(newcomer, before) == []


def test_the_servers_own_script_publishes_it_with_the_ca_it_made(
    server: Machine, newcomer: Machine
) -> None:
    run(server, printed(server, "--answers", "-", stdin=SERVER))
    found_right(server)
    done = pasted(newcomer, line_of(server))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
