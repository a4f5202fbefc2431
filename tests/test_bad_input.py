"""What can be wrong from the start: a clear sentence, the right code, nothing touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.installation import departed, install, listing, wizard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host
SERVER = 'role = "server"\n'


@pytest.fixture(scope="module")
def machine(network: Network, images: dict[str, Path], application: Path) -> Machine:
    """Give one machine for all of them: nothing is ever touched on it."""
    return network.machine("bad", application, images["server"])


def refused(machine: Machine, answers: str, code: int, *words: str) -> None:
    before = listing(machine)
    done = wizard(machine, "--answers", "-", stdin=SERVER + answers)
    assert done.returncode == code, done.stdout + done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert departed(machine, before) == []


BAD_ANSWERS = {
    "not TOML": ("[registry\n", "line 2"),
    "unknown key": ("[registry]\nhostnam = 'a.b'\n", "registry.hostnam", "did you mean hostname"),
    "port 0": ("[registry]\nhttps_port = 0\n", "https_port", "1 to 65535"),
    "port 70000": ("[registry]\nhttps_port = 70000\n", "70000"),
    "underscore": ("[registry]\nhostname = 'a_b.example'\n", "underscore"),
    "space": ("[registry]\nhostname = 'a b.example'\n", "space"),
    "long label": (f"[registry]\nhostname = '{'a' * 64}.example'\n", "label of 64"),
    "http": ("[registry]\nhostname = 'http://a.example'\n", "http://"),
    "long password": (f"[[users]]\nname = 'a'\npassword = '{'x' * 73}'\n", "72 bytes"),
    "colon": ("[[users]]\nname = 'a:b'\npassword = 'x'\n", "colon"),
    "twice": (
        "[[users]]\nname = 'a'\npassword = 'x'\n[[users]]\nname = 'a'\npassword = 'y'\n",
        "twice",
    ),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_bad_answers_are_refused_before_anything_is_looked_at(machine: Machine, case: str) -> None:
    answers, *words = BAD_ANSWERS[case]
    refused(machine, answers, 2, *words)


def test_a_missing_file_is_named(machine: Machine) -> None:
    done = wizard(machine, "--answers", "/root/nowhere.toml")
    assert done.returncode == 2
    assert "/root/nowhere.toml: cannot be read: No such file" in done.stderr


def test_without_answers_there_is_a_sentence(machine: Machine) -> None:
    done = wizard(machine)
    assert (done.returncode, "--answers FILE" in done.stderr) == (2, True)


def test_the_address_of_another_machine(machine: Machine) -> None:
    words = ("198.51.100.7 is not an address of this machine", machine.ip)
    refused(machine, '[registry]\nip = "198.51.100.7"\n', 3, *words)


def test_a_port_that_somebody_holds_is_named_with_its_holder(machine: Machine) -> None:
    serve = "python3 -m http.server 443 > /dev/null 2>&1 & echo $!"
    pid = machine.run("sh", "-c", serve).stdout.strip()
    machine.run("sh", "-c", "until ss -Hltn 'sport = :443' | grep -q .; do sleep 0.05; done")
    try:
        refused(machine, "", 3, f"Port 443 is held by python3 (pid {pid})")
    finally:
        machine.run("kill", pid)


def test_storage_on_a_full_and_on_a_read_only_file_system(machine: Machine) -> None:
    machine.run("sh", "-c", "mkdir -p /srv/small && mount -t tmpfs -o size=4m tmpfs /srv/small")
    answers = '[registry]\nstorage = "/srv/small/registry"\n'
    refused(machine, answers, 3, "The disk under /srv/small/registry is full: 4 MiB are free")
    machine.run("mount", "-o", "remount,ro", "/srv/small")
    refused(machine, answers, 3, "/srv/small/registry is on a read-only file system")
    machine.run("umount", "/srv/small")


def test_storage_with_files_of_somebody_else(machine: Machine) -> None:
    machine.put("/srv/images/docker/file", "x")
    refused(machine, '[registry]\nstorage = "/srv/images"\n', 3, "holds files of root", "chown -R")


def test_not_root(machine: Machine) -> None:
    argv = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "registry-wizard")
    done = machine.run(*argv, "--answers", "-", stdin=SERVER, check=False)
    assert (done.returncode, "This needs root" in done.stderr) == (3, True), done.stderr


def test_a_ca_whose_key_does_not_match_or_that_may_not_sign(machine: Machine) -> None:
    make = (
        "cd /root; for n in one two; do openssl req -x509 -newkey ec -pkeyopt"
        " ec_paramgen_curve:P-256 -nodes -keyout $n.key -out $n.crt -days 900 -subj /CN=$n"
        " -addext keyUsage=critical,keyCertSign"
        " -addext nameConstraints=critical,permitted\\;DNS:other.example; done"
    )
    machine.run("sh", "-c", make)
    base = '[registry]\nhostname = "docker.benet.com"\n[authority]\ncertificate = "/root/one.crt"\n'
    refused(machine, base + 'key = "/root/two.key"\n', 3, "does not belong to the CA certificate")
    words = ("may not sign for docker.benet.com", "other.example")
    refused(machine, base + 'key = "/root/one.key"\n', 3, *words)


def test_a_name_that_nginx_serves_already(server: Machine) -> None:
    quick = "apt-get install -y -q --no-install-recommends nginx"
    server.run("sh", "-c", quick)
    site = "server { listen 443; server_name docker.benet.com; }\n"
    server.put("/etc/nginx/conf.d/mine.conf", site)
    answers = '[registry]\nhostname = "docker.benet.com"\n'
    refused(server, answers, 3, "nginx serves docker.benet.com on port 443 already", "mine.conf")


def test_a_new_name_that_the_kept_ca_may_not_sign_for(server: Machine) -> None:
    install(server, f'{SERVER}[registry]\nhostname = "docker.benet.com"\n')
    before = listing(server)
    more = f'{SERVER}[certificate]\nalt_names = ["elsewhere.example"]\n'
    done = wizard(server, "--answers", "-", stdin=more)
    assert done.returncode == 3
    assert "may not sign for elsewhere.example" in done.stderr
    assert departed(server, before) == []
