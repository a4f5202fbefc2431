"""What is read of a machine, from what its commands really print."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine import HOST
from tests.fake_host import recorded, says
from tests.given import ANSWERS, FACTS
from wizard.answers import Answers, Registry
from wizard.changes.packagers import PACKAGERS
from wizard.distros import read_os_release
from wizard.facts import Listener, Site, _listener, _sites, complete, read_facts

LINES = {
    'LISTEN 0 511 0.0.0.0:443 0.0.0.0:* users:(("nginx",pid=12,fd=5),("nginx",pid=11,fd=5))': (
        Listener("0.0.0.0", 443, "nginx", 12)
    ),
    "LISTEN 0 4096 [::1]:5000 [::]:*": Listener("::1", 5000, "another process", 0),
    'LISTEN 0 128 *:80 *:* users:(("odd name",pid=3,fd=1))': Listener("*", 80, "odd name", 3),
}
NGINX = """# configuration file /etc/nginx/nginx.conf:
http { include /etc/nginx/conf.d/*.conf; }
# configuration file /etc/nginx/conf.d/a.conf:
# server { listen 1; server_name no.example; }
server {
    listen 80; listen [::]:443 ssl default_server;
    server_name a.example
        b.example; # listen 99;
}
server { listen 127.0.0.1:8080; server_name _; }
"""


@pytest.mark.parametrize("line", LINES)
def test_who_listens_is_read_from_ss(line: str) -> None:
    assert _listener(line) == LINES[line]


def test_a_line_that_is_none_is_passed_over() -> None:
    assert _listener("State Recv-Q") is None


def test_the_sites_of_nginx_are_read_with_their_file() -> None:
    file = "/etc/nginx/conf.d/a.conf"
    assert _sites(NGINX) == (
        Site(file, ("a.example", "b.example"), (80, 443)),
        Site(file, ("_",), (8080,)),
    )


def test_os_release_is_read_with_and_without_quotes() -> None:
    assert (
        read_os_release('ID=debian\nPRETTY_NAME="Debian 12"\n# x\n')["PRETTY_NAME"] == "Debian 12"
    )


def test_names_and_addresses_are_detected_kept_or_as_answered() -> None:
    detected = complete(Answers(), FACTS, None).registry
    assert (detected.hostname, detected.ip) == ("server.benet.com", "192.168.1.107")
    former = Answers(registry=Registry(hostname="docker.benet.com", ip="10.0.0.1"))
    kept = complete(Answers(), FACTS, former).registry
    assert (kept.hostname, kept.ip) == ("docker.benet.com", "10.0.0.1")
    assert complete(ANSWERS, FACTS, former).registry.ip == "192.168.1.107"
    address = Answers(registry=Registry(hostname="192.168.1.107"))
    assert complete(address, FACTS, former).registry.ip == "192.168.1.107"


@pytest.mark.parametrize(
    ("name", "detected"),
    [("vm", "vm.internal"), ("localhost", "localhost.internal"), ("a_b", "registry.internal")],
)
def test_a_machine_without_a_full_name_gets_one_for_private_use(name: str, detected: str) -> None:
    assert complete(Answers(), replace(FACTS, name=name), None).registry.hostname == detected


def test_this_machine_can_be_read_and_nothing_is_changed() -> None:
    facts = read_facts(HOST, ANSWERS)
    assert facts.root
    assert facts.space.free > 0
    assert facts.now.year > 2024


@pytest.mark.parametrize(
    ("state", "there"), [("installed", True), ("half-configured", False), ("unpacked", False)]
)
def test_an_nginx_whose_installation_was_cut_off_is_not_there_yet(state: str, there: bool) -> None:  # noqa: FBT001
    host = recorded("debian-12")
    host.commands[("nginx", "-v")] = says()
    host.commands[("nginx", "-t")] = says("", 1, 'open() "/etc/nginx/nginx.conf" failed')
    host.commands[(*PACKAGERS["apt"].query, "nginx")] = says(state)
    found = read_facts(host, ANSWERS)
    assert (found.nginx, bool(found.nginx_problem)) == (there, there)
