"""Real firewalls on a real machine: only the port that clients need opens, and closes again."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.installation import departed, install, listing, wizard
from tests.test_end_to_end import named

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
# A firewall of somebody's own, without a line break at its end.
RULES = """#!/usr/sbin/nft -f
flush ruleset
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif lo accept
		ct state established,related accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
		tcp dport 22 counter accept comment "mine"
		ct state invalid drop
	}
}"""
BEGIN = {
    "ufw": "ufw allow 22/tcp comment mine; ufw --force enable",
    "firewalld": "firewall-cmd --state || systemctl enable --now firewalld;"
    " firewall-cmd --zone=public --add-port=22/tcp --permanent;"
    " firewall-cmd --zone=public --add-port=22/tcp",
    "nftables": "cat > /etc/nftables.conf; systemctl enable --now nftables",
}
RULESET = {
    "ufw": "ufw status verbose; iptables-save | grep -v -e '^#' -e '^:'",
    "firewalld": "firewall-cmd --list-all; firewall-cmd --permanent --list-all",
    "nftables": "nft -s list ruleset; cat /etc/nftables.conf",
}
FOREIGN = {"ufw": "# mine", "firewalld": "22/tcp", "nftables": 'comment "mine"'}


def answers(machine: Machine, port: int) -> bool:
    """Say whether a port of the machine can be reached from outside, as its clients would."""
    try:
        socket.create_connection((machine.ip, port), timeout=1).close()
    except OSError:
        return False
    return True


def rules(machine: Machine, tool: str) -> str:
    return machine.run("sh", "-c", RULESET[tool]).stdout


def listen(machine: Machine) -> None:
    """Have somebody else listen on ports 443 and 9999, on every address."""
    for port in (443, 9999):
        unit = f"other{port}"
        server = ("python3", "-m", "http.server", str(port))
        machine.run("systemd-run", "--quiet", f"--unit={unit}", *server)
    until = time.monotonic() + 10
    while time.monotonic() < until and ":9999" not in machine.run("ss", "-Hltn").stdout:
        time.sleep(0.1)


@pytest.mark.parametrize("tool", BEGIN)
def test_a_firewall_lets_clients_in_and_nobody_else(server_firewall: Machine, tool: str) -> None:
    machine = server_firewall
    machine.run("systemctl", "disable", "--now", "firewalld")
    listen(machine)
    assert answers(machine, 443)
    assert answers(machine, 9999)
    machine.run("sh", "-c", BEGIN[tool], stdin=RULES)
    assert not answers(machine, 443)
    assert not answers(machine, 9999)
    machine.run("systemctl", "stop", "other443")
    before, former = listing(machine), rules(machine, tool)

    told = install(machine, named(machine, ""))
    assert "the firewall lets clients in" in told
    only_what_is_ours_is_open(machine, tool)
    assert "Nothing had to be changed" in install(machine, named(machine, ""))

    machine.power_off()
    machine.boot()
    listen_again(machine)
    only_what_is_ours_is_open(machine, tool)
    assert wizard(machine, "verify").returncode == 0

    undone = wizard(machine, "undo")
    assert (undone.returncode, undone.stderr) == (0, "")
    assert rules(machine, tool) == former
    left = [line for line in departed(machine, before) if OWN_FILES[tool] in line]
    assert left == []
    machine.run("systemctl", "restart", "other9999")
    assert not answers(machine, 443)


OWN_FILES = {"ufw": "/etc/ufw/ufw", "firewalld": "/etc/firewalld/zones/none", "nftables": "nft"}


def listen_again(machine: Machine) -> None:
    machine.run(
        "systemd-run", "--quiet", "--unit=other9999", "python3", "-m", "http.server", "9999"
    )
    time.sleep(1)


def only_what_is_ours_is_open(machine: Machine, tool: str) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and not answers(machine, 443):
        time.sleep(0.2)
    assert answers(machine, 443)
    assert answers(machine, 80)
    assert not answers(machine, 5000)
    assert not answers(machine, 9999)
    assert FOREIGN[tool] in rules(machine, tool)
