"""The registry in a container on real machines: real engines, archives, pulls, restarts."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.hosts import registry_image
from tests.installation import Client, departed, events, install, listing, verdicts, wizard
from tests.test_end_to_end import client_of, named

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
ARCHIVE = "/root/registry.tar"
NAME = "docker.benet.com"
DEAD_SOCKET = "import socket; socket.socket(socket.AF_UNIX).bind('/run/docker.sock')"
CONTAINER = f'runtime = "container"\nimage_archive = "{ARCHIVE}"\n'


def bring(machine: Machine, archive: Path, path: str = ARCHIVE) -> None:
    machine.put(path, archive.read_bytes())


def inspect(machine: Machine, what: str) -> str:
    done = machine.run("docker", "inspect", "-f", what, "registry-wizard")
    return done.stdout.strip()


def seen(told: list[dict[str, Any]], check: str) -> str:
    found = next(each for each in told if each["event"] == "Checked" and each["name"] == check)
    return str(found["seen"])


def test_a_container_serves_survives_restarts_and_goes_again(
    server_docker: Machine, client: Machine
) -> None:
    machine = server_docker
    bring(machine, registry_image.docker_archive())
    answers = named(machine, CONTAINER)
    untouched = listing(machine)
    dry = wizard(machine, "--answers", "-", "--dry-run", stdin=answers)
    assert (dry.returncode, dry.stderr) == (10, "")
    assert "create: image registry:2.8.2" in dry.stdout
    assert departed(machine, untouched) == []

    told = events(machine, answers)
    assert verdicts(told) == {"passed"}
    assert [each for each in told if each["event"] == "Progress" and each["step"] == "container"]
    assert "container registry-wizard of registry:2.8.2 (sha256:" in seen(told, "runtime")
    it_has_as_little_as_it_needs(machine)

    user = client_of(client, machine, NAME)
    user.login()
    reference = user.image("app")
    digest = user.push(reference)
    first = inspect(machine, "{{.Id}}")
    assert "Nothing had to be changed" in install(machine, answers)
    assert inspect(machine, "{{.Id}}") == first

    it_comes_back_by_itself(machine, user, reference, digest)
    what_was_done_to_it_by_hand_is_told_and_mended(machine, answers)
    its_state_is_told(machine)
    all_but_the_images_goes(machine, untouched)


def it_has_as_little_as_it_needs(machine: Machine) -> None:
    """Nobody's root, no capability, and nothing to write to but the images."""
    rights = inspect(machine, "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}")
    assert rights == "true [ALL]"
    uid = machine.run("id", "-u", "docker-registry").stdout.strip()
    assert inspect(machine, "{{.Config.User}}").startswith(f"{uid}:")
    published = json.loads(inspect(machine, "{{json .HostConfig.PortBindings}}"))
    assert published == {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5000"}]}
    argv = ("docker", "exec", "registry-wizard", "/bin/sh", "-c", "echo x > /x")
    assert "Read-only file system" in machine.run(*argv, check=False).stderr


def it_comes_back_by_itself(machine: Machine, user: Client, reference: str, digest: str) -> None:
    """After it was killed, after a restart of the engine, and after the plug was pulled."""
    killed = inspect(machine, "{{.State.Pid}}")
    machine.run("kill", "-9", killed)
    verified(machine)
    assert inspect(machine, "{{.State.Pid}}") != killed
    machine.run("systemctl", "restart", "docker")
    verified(machine)
    user.pull(reference, digest)
    machine.power_off()
    machine.boot()
    verified(machine)
    user.pull(reference, digest)


def its_state_is_told(machine: Machine) -> None:
    status = json.loads(wizard(machine, "status", "--json").stdout)
    assert status["registry"] == "running"
    assert "registry:2.8.2" in status["runtime"]


def what_was_done_to_it_by_hand_is_told_and_mended(machine: Machine, answers: str) -> None:
    """Paused it answers nothing; without its restart policy it would be gone after a restart."""
    by_hand = {"runtime": ("pause",), "boot": ("update", "--restart", "no")}
    for check, words in by_hand.items():
        machine.run("docker", *words, "registry-wizard")
        said = wizard(machine, "verify", "--no-push", "--json").stdout.splitlines()
        last = json.loads(said[-1])
        assert (last["event"], last["failed"]) == ("Verified", [check])
        install(machine, answers)
        verified(machine)


def verified(machine: Machine) -> None:
    """Wait for the registry as a person would: the engine brings it back within seconds."""
    until = time.monotonic() + 20
    while time.monotonic() < until and wizard(machine, "verify").returncode:
        time.sleep(0.5)
    done = wizard(machine, "verify")
    assert done.returncode == 0, done.stdout


def all_but_the_images_goes(machine: Machine, untouched: str) -> None:
    undone = wizard(machine, "undo", "--packages")
    assert (undone.returncode, undone.stderr) == (0, "")
    assert machine.run("docker", "ps", "-aq").stdout == ""
    assert machine.run("docker", "images", "-q").stdout == ""
    kept = ("/opt/data", "/var/lib/registry-wizard")
    left = [x for x in departed(machine, untouched) if not x.startswith(kept)]
    assert not [line for line in left if "registry-wizard" in line]
    images = "/opt/data/registry/docker/registry/v2/repositories"
    assert "app" in machine.run("ls", images).stdout


def test_package_and_container_take_turns_with_the_same_images(
    server_docker: Machine, client: Machine
) -> None:
    machine = server_docker
    package = named(machine, 'runtime = "package"\n')
    install(machine, package)
    user = client_of(client, machine, NAME)
    user.login()
    reference = user.image("turns")
    digest = user.push(reference)

    # 3.x looks for its settings elsewhere: only those in the command's argument count in both.
    bring(machine, registry_image.oci_archive())
    install(machine, named(machine, CONTAINER))
    assert machine.run("systemctl", "is-active", "docker-registry", check=False).returncode != 0
    user.pull(reference, digest)
    assert digest in wizard(machine, "catalog", "--json", "turns:1").stdout

    bring(machine, registry_image.docker_archive())
    printed = install(machine, named(machine, CONTAINER))
    assert "registry:2.8.2" in printed
    user.pull(reference, digest)

    install(machine, package)
    assert machine.run("docker", "ps", "-aq").stdout == ""
    user.pull(reference, digest)
    assert "Nothing had to be changed" in install(machine, package)


def test_the_image_can_come_from_a_registry_of_our_own(
    server_docker: Machine, network_server: Machine
) -> None:
    """The pull path: from another machine's registry, by a login that its engine has."""
    source, machine = network_server, server_docker
    bring(source, registry_image.docker_archive())
    install(source, 'role = "server"\n[registry]\nhostname = "source.benet.com"\n')
    password = source.run("cat", "/etc/registry-wizard/admin.password").stdout.strip()
    first = Client(source, "source.benet.com", 443, password)
    first.login()
    first.machine.run("docker", "load", "-i", ARCHIVE)
    first.machine.run("docker", "tag", "registry:2.8.2", "source.benet.com/registry:2.8.2")
    pushed = first.push("source.benet.com/registry:2.8.2")

    Client(machine, "source.benet.com", 443, password).trust(source, source.ip)
    image = 'runtime = "container"\nimage = "source.benet.com/registry:2.8.2"\n'
    refused = wizard(machine, "--answers", "-", stdin=named(machine, image))
    assert refused.returncode == 3
    assert "cannot be had" in refused.stderr
    assert "registry.image_archive" in refused.stderr
    assert 'registry.runtime = "package"' in refused.stderr

    # An image without a login: what a registry on the internet is like.
    anybody = "[access]\nanonymous_pull = true\n"
    install(source, f'role = "server"\n[registry]\nhostname = "source.benet.com"\n{anybody}')
    told = events(machine, named(machine, image))
    assert [each for each in told if each["event"] == "Progress" and each["step"] == "container"]
    assert pushed[:19] in seen(told, "runtime")


def test_what_is_no_registry_is_told_and_undone(server_docker: Machine) -> None:
    machine = server_docker
    untouched = listing(machine)
    for archive, code, words in (
        (registry_image.no_image(), 3, "holds no image"),
        (registry_image.truncated(), 3, "is cut off: its end is missing"),
        (registry_image.another_program(), 3, "is no registry: the image starts /bin/sh"),
    ):
        bring(machine, archive)
        refused = wizard(machine, "--answers", "-", stdin=named(machine, CONTAINER))
        assert (refused.returncode, words in refused.stderr) == (code, True), refused.stderr
        assert "docker save -o registry.tar" in refused.stderr
        assert departed(machine, untouched) == []

    bring(machine, registry_image.no_registry())
    failed = wizard(machine, "--answers", "-", stdin=named(machine, CONTAINER))
    assert failed.returncode == 1
    assert "registry:9.9.9 does not answer as a registry on port 5000" in failed.stderr
    assert "nothing here" in failed.stderr
    assert machine.run("docker", "ps", "-aq").stdout == ""

    machine.run("systemctl", "stop", "docker.service", "docker.socket")
    bring(machine, registry_image.untagged())
    install(machine, named(machine, CONTAINER))  # starts the engine, too
    assert inspect(machine, "{{.Config.Image}}").startswith("registry-wizard/registry:")


def test_without_an_engine_one_is_installed_and_a_dead_socket_is_told(server: Machine) -> None:
    server.run("python3", "-c", DEAD_SOCKET)
    untouched = listing(server)
    bring(server, registry_image.docker_archive(), "/root/registry.tar")
    dead = wizard(server, "--answers", "-", stdin=named(server, CONTAINER))
    assert dead.returncode == 3
    assert "Docker does not answer: nobody listens on /var/run/docker.sock" in dead.stderr
    assert departed(server, untouched) == []

    server.run("rm", "/run/docker.sock")
    install(server, named(server, CONTAINER))
    assert server.run("systemctl", "is-enabled", "docker").stdout.strip() == "enabled"
