"""Real firewalls on a real machine: only the port that clients need opens, and closes again."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.installation import departed, install, listing, wizard
from tests.test_end_to_end import named

if TYPE_CHECKING:
    from collections.abc import Callable

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
    "firewalld as it came": "firewall-cmd --state || systemctl enable --now firewalld",
    "nftables": "cat > /etc/nftables.conf; systemctl enable --now nftables",
}
RULESET = {
    "ufw": "ufw status verbose; iptables-save | grep -v -e '^#' -e '^:'",
    "firewalld": "firewall-cmd --list-all; firewall-cmd --permanent --list-all",
    "firewalld as it came": "firewall-cmd --list-all; firewall-cmd --permanent --list-all",
    "nftables": "nft -s list ruleset; cat /etc/nftables.conf",
}
# Of a zone that has a file of its own, firewalld keeps a copy of how that was before.
FILES = {
    "ufw": "/etc/ufw/user",
    "firewalld": "/etc/firewalld/policies",
    "firewalld as it came": "/etc/firewalld/",
    "nftables": "/etc/nftables",
}
FOREIGN = {
    "ufw": "# mine",
    "firewalld": "22/tcp",
    "firewalld as it came": "ssh",
    "nftables": 'comment "mine"',
}


def answers(machine: Machine, port: int) -> bool:
    """Say whether a port of the machine can be reached from outside, as its clients would."""
    try:
        socket.create_connection((machine.ip, port), timeout=1).close()
    except OSError:
        return False
    return True


def soon(true: Callable[[], bool]) -> None:
    """Wait for what takes a moment."""
    until = time.monotonic() + 15
    while not true() and time.monotonic() < until:
        time.sleep(0.2)


def rules(machine: Machine, tool: str) -> str:
    return machine.run("sh", "-c", RULESET[tool]).stdout


def has_a_bus(machine: Machine) -> bool:
    """Say whether systemd can be asked for something yet: right after the start it cannot."""
    return machine.run("systemctl", "is-active", "dbus", check=False).returncode == 0


def listen(machine: Machine, *ports: int) -> None:
    """Have somebody else listen on these ports, on every address."""
    soon(lambda: has_a_bus(machine))
    for port in ports:
        server = ("python3", "-m", "http.server", str(port))
        machine.run("systemd-run", "--quiet", f"--unit=other{port}", *server)
    soon(lambda: all(f":{port} " in machine.run("ss", "-Hltn").stdout for port in ports))


def closed_to_everybody(machine: Machine, tool: str) -> None:
    """Begin the firewall; what was reached before is not any more."""
    soon(lambda: has_a_bus(machine))
    machine.run("systemctl", "disable", "--now", "firewalld")
    machine.run("nft", "flush", "ruleset")  # firewalld leaves its rules if ended while it starts
    listen(machine, 443, 9999)
    seen = machine.run("sh", "-c", "nft list ruleset; ss -Hltn").stdout
    assert answers(machine, 443), seen
    assert answers(machine, 9999)
    machine.run("sh", "-c", BEGIN[tool], stdin=RULES)
    soon(lambda: not answers(machine, 443))  # firewalld is started before its rules are
    assert not answers(machine, 443)
    assert not answers(machine, 9999)
    machine.run("systemctl", "stop", "other443")


@pytest.mark.parametrize("tool", BEGIN)
def test_a_firewall_lets_clients_in_and_nobody_else(server_firewall: Machine, tool: str) -> None:
    machine = server_firewall
    closed_to_everybody(machine, tool)
    before, former = listing(machine), rules(machine, tool)

    told = install(machine, named(machine, ""))
    assert "what the wizard opens in the firewall is open" in told
    only_what_is_ours_is_open(machine, tool)
    assert "Nothing had to be changed" in install(machine, named(machine, ""))

    machine.power_off()
    machine.boot()
    listen(machine, 9999)
    only_what_is_ours_is_open(machine, tool)
    assert wizard(machine, "verify").returncode == 0

    another_port_closes_the_former(machine, tool)

    undone = wizard(machine, "undo")
    assert (undone.returncode, undone.stderr) == (0, "")
    assert rules(machine, tool) == former
    assert not [line for line in departed(machine, before) if line.startswith(FILES[tool])]
    listen(machine, 443)
    assert not answers(machine, 443)


def another_port_closes_the_former(machine: Machine, tool: str) -> None:
    moved = named(machine, "https_port = 8443\nhttp_redirect = false")
    assert wizard(machine, "--answers", "-", stdin=moved).returncode == 0
    soon(lambda: answers(machine, 8443))
    assert answers(machine, 8443)
    listen(machine, 443, 80)
    assert not answers(machine, 443), rules(machine, tool)
    assert not answers(machine, 80)
    machine.run("systemctl", "stop", "other443", "other80")


def only_what_is_ours_is_open(machine: Machine, tool: str) -> None:
    soon(lambda: answers(machine, 443))
    assert answers(machine, 443)
    assert answers(machine, 80)
    soon(lambda: not answers(machine, 9999))  # a machine's services may start before its rules
    assert not answers(machine, 5000)
    assert not answers(machine, 9999)
    assert FOREIGN[tool] in rules(machine, tool)
