"""Ended with SIGKILL before and after every change and every ``then``: nothing is ever lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.disk import alike, departures, disk, services
from tests.hosts import registry_image
from tests.hosts.ssh import authorize, known
from tests.installation import install, wizard
from tests.kills import deaths, places

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hosts.machine import Machine

    Told = Callable[[str, object], None]

pytestmark = pytest.mark.host
GONE = "is no client of this registry"
ANSWERS = ("--answers", "-")
SERVER = 'role = "server"\n[authority]\ncommon_name = "Kill CA"\n'
ARCHIVE = "/root/registry.tar"
CONTAINER = f'{SERVER}[registry]\nruntime = "container"\nimage_archive = "{ARCHIVE}"\n'
# What is made at random in each installation, and what holds it.
MADE = re.compile(
    r"/etc/registry-wizard/(pki/|htpasswd|.*\.(password|secret|pem)|front/secret\.conf)|/ca\.crt"
    r"|join\.sh|page\.html|/etc/ssl/certs/|/usr/local/share/ca-certificates/"
)
# What dpkg keeps of packages that are gone, in an order of its own.
DPKGS = re.compile(r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?|/var/lib/(dpkg|apt|ucf)/")


def undisturbed(machine: Machine, answers: str) -> tuple[dict[str, str], set[str]]:
    """Install without a fault and look; then take all of it back."""
    install(machine, answers)
    found = state(machine), services(machine)
    assert wizard(machine, "undo", "--packages").returncode == 0
    return found


def state(machine: Machine) -> dict[str, str]:
    found = alike(machine, MADE)
    return {path: entry for path, entry in found.items() if not DPKGS.search(path)}


def apart(one: dict[str, str], other: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(one.items() ^ other.items())


def killed_and_run_again(machine: Machine, answers: str, told: Told) -> None:
    """Die everywhere on the way there, and everywhere on the way back."""
    whole, running = undisturbed(machine, answers)
    before = disk(machine)
    told("places", len(list(deaths(machine, "there", *ANSWERS, stdin=answers))))
    assert (apart(state(machine), whole), services(machine) ^ running) == ([], set())
    assert wizard(machine, *ANSWERS, "--dry-run", stdin=answers).returncode == 0
    told("places of undo", len(list(deaths(machine, "back", "undo", "--packages"))))
    assert [each for each in departures(machine, before) if not DPKGS.search(each)] == []


def test_killed_anywhere_and_run_again_it_ends_as_if_undisturbed(
    server: Machine, record_property: Told
) -> None:
    killed_and_run_again(server, SERVER, record_property)


def test_a_container_s_installation_killed_anywhere_and_run_again(
    server_docker: Machine, record_property: Told
) -> None:
    server_docker.put(ARCHIVE, registry_image.docker_archive().read_bytes())
    killed_and_run_again(server_docker, CONTAINER, record_property)


def test_killed_anywhere_and_taken_back_nothing_is_left(
    server: Machine, record_property: Told
) -> None:
    server.put("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", "755")
    apt = ("apt-get", "install", "-y", "-q", "--no-install-recommends")
    server.run(*apt, "nginx", "libnginx-mod-http-js", "docker-registry")
    server.put("/etc/hosts", "127.0.0.1 localhost\r\n# mine, with no last line break", "640")
    server.put("/etc/nginx/conf.d/other.conf", "server { listen 8080; server_name other; }\n")
    server.run("systemctl", "start", "nginx")
    before, running = disk(server), services(server)
    for place in deaths(server, "seen", *ANSWERS, stdin=SERVER):
        done = wizard(server, "undo")
        assert (done.returncode, done.stderr) == (0, ""), place
        assert (departures(server, before), services(server) ^ running) == ([], set()), place
    record_property("places", len(places(server, "seen")))


@pytest.fixture(scope="module")
def registry(shared_server: Machine) -> Machine:
    """Give a server with its registry and no client yet."""
    install(shared_server, SERVER)
    return shared_server


def test_a_client_s_onboarding_killed_anywhere(
    registry: Machine, client: Machine, record_property: Told
) -> None:
    known(registry, client)
    authorize(registry, client)
    before, add, remove = disk(client), ("add", client.ip), ("remove", client.ip)
    assert wizard(registry, "clients", *add).returncode == 0
    whole = disk(client)
    assert wizard(registry, "clients", *remove).returncode == 0
    assert departures(client, before) == []

    record_property("places", len(list(deaths(registry, "there", "clients", *add))))
    assert apart(disk(client), whole) == []
    back = list(deaths(registry, "back", "clients", *remove, over=GONE))
    record_property("places of undo", len(back))
    assert departures(client, before) == []

    for place in deaths(registry, "seen", "clients", *add):
        done = wizard(registry, "clients", *remove)
        assert done.returncode == 0 or GONE in done.stderr, place + done.stderr
        assert departures(client, before) == [], place
