"""Undo on real machines: single steps, images, and what two wizards or a package manager hold."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.hosts.faults import hold_the_package_lock
from tests.hosts.registry_image import docker_archive
from tests.hosts.ssh import authorize, known
from tests.installation import departed, install, listing, wizard
from tests.test_clients_on_hosts import PODMANS

if TYPE_CHECKING:
    import subprocess

    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
STORAGE = "/opt/data/registry"
ANSWERS = f"""role = "server"
[registry]
hostname = "docker.benet.com"
storage = "{STORAGE}"
"""
OTHER = "-not -path '/var/lib/registry-wizard*'"
# What fails at once where somebody forces it: nginx reads the certificate when it reloads.
FORCED = {"authority": 1, "accounts": 0, "registry": 0}
QUIET = "#!/bin/sh\nexit 101\n"


def undo(machine: Machine, *argv: str) -> subprocess.CompletedProcess[str]:
    return wizard(machine, "undo", *argv)


def on_record(machine: Machine) -> list[str]:
    return re.findall(r"(?m)^\[(.+?)\] ", undo(machine, "--dry-run").stdout)


def with_packages(machine: Machine) -> str:
    """Have the packages there before us, and a hosts file of somebody's; give all that is there."""
    machine.put("/usr/sbin/policy-rc.d", QUIET, "755")
    for name in ("nginx", "libnginx-mod-http-js", "docker-registry"):
        machine.run("apt-get", "install", "-y", "-q", "--no-install-recommends", name)
    machine.put("/etc/hosts", "127.0.0.1 localhost\r\n# mine, with no last line break", "640")
    machine.run("systemctl", "start", "nginx")
    return listing(machine, OTHER)


def test_each_step_goes_alone_comes_back_and_all_goes_in_the_end(server: Machine) -> None:
    before = with_packages(server)
    install(server, ANSWERS)
    steps = on_record(server)
    assert steps[0] == "record"
    assert {"hosts", "authority", "accounts", "registry", "proxy", "services"} <= set(steps)
    a_wrong_step_is_refused_with_the_right_ones(server, steps)
    what_others_build_on_is_refused(server)
    for each in steps:
        force = ("--force",) if each in FORCED else ()
        done = undo(server, "--step", each, *force)
        said = (each, done.stdout, done.stderr)
        assert done.returncode == FORCED.get(each, 0), said
        assert ("`systemctl reload nginx` ended" in done.stderr) == (each == "authority"), said
        assert each not in on_record(server)
        again = wizard(server, "--answers", "-", stdin=ANSWERS)  # a new CA is noted, and told
        assert again.returncode == 0, (each, again.stdout, again.stderr)
        assert set(on_record(server)) == set(steps)
    some = ("--step", "services", "--step", "proxy", "--step", "authority")
    assert undo(server, *some).returncode == 0
    assert server.run("nginx", "-t").returncode == 0
    done = undo(server)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert departed(server, before, OTHER) == []
    last = json.loads(undo(server, "--json").stdout.splitlines()[-1])
    assert last["changed"] == 0


def a_wrong_step_is_refused_with_the_right_ones(server: Machine, steps: list[str]) -> None:
    refused = undo(server, "--step", "certificates")
    assert refused.returncode == 2
    assert "There is no step certificates on record" in refused.stderr
    assert all(f"  {each} " in refused.stderr for each in steps)


def what_others_build_on_is_refused(server: Machine) -> None:
    refused = undo(server, "--step", "authority")
    assert refused.returncode == 3
    assert "authority: proxy would fail without it" in refused.stderr
    previewed = undo(server, "--step", "authority", "--dry-run")
    assert previewed.returncode == 10
    assert "note: the next run makes another CA" in previewed.stdout
    assert wizard(server, "verify").returncode == 0


def what_others_use_is_not_stopped(server: Machine) -> None:
    """Somebody put a site of theirs into the nginx that we brought."""
    theirs = "/etc/nginx/conf.d/other.conf"
    server.put(theirs, "server { listen 8080; server_name other; }\n")
    dry = undo(server, "--dry-run").stdout
    assert f"used by {theirs} as well" in dry
    refused = undo(server)
    assert (refused.returncode, "  stop nginx\n" in refused.stderr) == (1, True)
    server.run("rm", theirs)
    server.run("systemctl", "disable", "nginx")
    refused = undo(server, "--step", "services")
    assert (refused.returncode, "  stop nginx\n" in refused.stderr) == (1, True)
    server.run("systemctl", "enable", "nginx")


def what_dies_again_and_again_is_stopped(server: Machine) -> None:
    """Between two deaths it is not running, and yet it would come back by itself."""
    state = ("systemctl", "show", "-P", "ActiveState", "nginx")
    server.run("mv", "/etc/nginx/nginx.conf", "/root")
    server.run("systemctl", "kill", "-s", "KILL", "nginx")
    time.sleep(1)
    assert server.run(*state).stdout == "activating\n"
    done = undo(server, "--step", "services")
    assert done.returncode == 0, done.stdout + done.stderr
    server.run("mv", "/root/nginx.conf", "/etc/nginx")
    time.sleep(3)
    assert server.run(*state).stdout == "inactive\n"
    install(server, ANSWERS)


def test_packages_go_by_themselves_and_what_ran_on_them_goes_later(server: Machine) -> None:
    install(server, ANSWERS)
    what_others_use_is_not_stopped(server)
    what_dies_again_and_again_is_stopped(server)
    assert undo(server, "--step", "packages").returncode == 2
    refused = undo(server, "--step", "packages", "--packages")
    assert (refused.returncode, "would fail without it" in refused.stderr) == (3, True)
    done = undo(server, "--step", "packages", "--packages", "--force")
    assert done.returncode == 0, done.stdout + done.stderr
    install(server, ANSWERS)
    assert undo(server, "--step", "packages", "--packages", "--force").returncode == 0
    done = undo(server)
    assert done.returncode == 0, done.stdout + done.stderr
    left = "find /etc/nginx /etc/registry-wizard /opt/data ! -type d 2> /dev/null || :"
    assert server.run("sh", "-c", left).stdout == ""


def image(machine: Machine, *repositories: str) -> None:
    """Put what the registry keeps of images into its storage folder."""
    for name in repositories:
        folder = f"{STORAGE}/docker/registry/v2/repositories/{name}/_manifests"
        machine.run("sh", "-ec", 'mkdir -p "$1"; echo x > "$1/link"', "sh", folder)
    machine.run("chown", "-R", "docker-registry:", STORAGE)


def test_images_stay_unless_they_are_named_and_a_disk_stays_mounted(server: Machine) -> None:
    install(server, ANSWERS)
    server.run("mount", "-t", "tmpfs", "-o", "mode=750", "images", STORAGE)
    server.run("chown", "docker-registry:", STORAGE)
    image(server, "app", "team/app")
    refused = undo(server, "--storage", "/opt/data")
    assert refused.returncode == 2
    assert f"on record: {STORAGE}" in refused.stderr
    with_steps = undo(server, "--storage", STORAGE, "--step", "proxy")
    assert with_steps.returncode == 2
    done = undo(server)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"undo --storage {STORAGE}" in done.stdout
    server.run("test", "-e", f"{STORAGE}/docker/registry/v2/repositories/team/app/_manifests/link")
    server.put(f"{STORAGE}/mine", "what the registry does not know")
    server.run("chown", "docker-registry:", f"{STORAGE}/mine")
    images_can_be_deleted_later(server)


def images_can_be_deleted_later(server: Machine) -> None:
    """An installation in between finds them again; what is not the registry's stays."""
    install(server, ANSWERS)
    dry = undo(server, "--storage", f"{STORAGE}/", "--dry-run")
    assert dry.returncode == 10
    assert re.search(
        r"2 repositories, [\d.]+ KiB .* do not come back\n +app\n +team/app", dry.stdout
    )
    assert undo(server).returncode == 0
    done = undo(server, "--storage", STORAGE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.run("find", STORAGE, "-mindepth", "1").stdout == f"{STORAGE}/mine\n"
    assert server.run("mountpoint", "-q", STORAGE, check=False).returncode == 0
    server.run("umount", STORAGE)
    assert undo(server).returncode == 0
    assert server.run("ls", "/opt").stdout == "registry-wizard\n"
    journal = server.run("cat", "/var/lib/registry-wizard/journal.jsonl").stdout
    assert f'"takes": "delete the images in {STORAGE}"' in journal


def test_two_wizards_and_a_package_manager_take_turns(server: Machine) -> None:
    holder = hold_the_package_lock(server, 600)
    server.put("/root/answers.toml", ANSWERS)
    first = "registry-wizard --answers /root/answers.toml > /root/out 2>&1; echo $? > /root/code"
    server.run("sh", "-c", f"({first}) > /dev/null 2>&1 &")
    server.run("sh", "-c", "until grep -q 'Waiting for' /root/out; do sleep 0.05; done")
    waiting = server.run("cat", "/root/out").stdout
    assert f"Waiting for python3 (pid {holder}), which holds the lock" in waiting
    assert "for 10 minutes at most" in waiting
    pid = server.run("cat", "/var/lib/registry-wizard/lock").stdout
    for argv in (("--answers", "/root/answers.toml"), ("undo",)):
        second = wizard(server, *argv)
        assert second.returncode == 3
        assert f"Another registry-wizard is at work here (pid {pid})" in second.stderr
    assert wizard(server, "status").returncode == 0
    assert "no registry of ours" in wizard(server, "verify").stderr
    # Killed at work: the lock goes with it, the record of what it began stays.
    server.run("kill", "-9", pid)
    server.run("kill", holder)
    assert server.run("cat", "/var/lib/registry-wizard/lock").stdout == pid
    install(server, ANSWERS)
    assert undo(server).returncode == 0


def test_where_nothing_can_be_written_there_is_a_sentence(server: Machine) -> None:
    install(server, ANSWERS)
    folder = "/var/lib/registry-wizard"
    server.run("mount", "--bind", folder, folder)
    server.run("mount", "-o", "remount,bind,ro", folder)
    refused = undo(server)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "Read-only file system" in refused.stderr
    assert wizard(server, "verify").returncode == 0
    assert wizard(server, "status").returncode == 0
    server.run("umount", folder)
    assert undo(server).returncode == 0


LOCK = "/run/registry-wizard.lock"
# As a wizard of some server holds it; its child does not.
HELD = """exec 9>> /run/registry-wizard.lock; flock -n 9
echo "$1 $2 $$" > /run/registry-wizard.lock; sleep 600 9>&-"""


def hold(client: Machine, name: str, number: str) -> None:
    start = '(sh -c "$0" sh "$1" "$2") > /dev/null 2>&1 & until [ -s "$3" ]; do sleep 0.05; done'
    client.run("sh", "-c", start, HELD, name, number, LOCK)


def test_a_client_is_left_to_one_wizard_at_a_time_and_goes_as_a_step(
    server: Machine, client: Machine
) -> None:
    known(server, client)
    authorize(server, client)
    before = listing(client, PODMANS)
    install(server, ANSWERS)
    one_wizard_at_a_time(server, client, before)
    step = f"client {client.ip}"
    assert step in on_record(server)
    told = undo(server, "--step", "authority", "--dry-run").stdout
    assert f"has to be given anew ({client.ip})" in told
    done = undo(server, "--step", step)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Taken back: {step}" in done.stdout
    assert departed(client, before, PODMANS) == []
    assert wizard(server, "clients", "add", client.ip).returncode == 0
    assert undo(server).returncode == 0
    assert departed(client, before, PODMANS) == []


def one_wizard_at_a_time(server: Machine, client: Machine, before: str) -> None:
    hold(client, "another.example", "x")
    held = wizard(server, "clients", "add", client.ip)
    assert held.returncode == 1
    assert f"(of another.example) is at work on {client.ip}" in held.stderr
    assert departed(client, before, PODMANS) == []
    client.run("sh", "-c", 'pkill -x sleep; until flock -n "$0" true; do :; done; : > "$0"', LOCK)
    # What a lost connection of this very server has left gives way.
    own = server.run("sh", "-c", "{ cat /etc/machine-id; uname -n; } | sha256sum").stdout[:12]
    hold(client, "server", own)
    added = wizard(server, "clients", "add", client.ip)
    assert added.returncode == 0, added.stdout + added.stderr
    assert client.run("cat", LOCK).stdout == ""
    client.run("flock", "-n", LOCK, "true")
    one_session_is_enough(server, client)


def one_session_is_enough(server: Machine, client: Machine) -> None:
    """A connection of one session has none left beside a lock that is held by it."""
    settings = "/etc/ssh/sshd_config.d/narrow.conf"
    client.put(settings, "MaxSessions 1\n")
    client.run("service", "ssh", "restart")
    server.run("sh", "-c", "rm -f /run/registry-wizard/*")  # the connection from before
    for verb in "remove", "add":
        done = wizard(server, "clients", verb, client.ip)
        assert done.returncode == 0, done.stdout + done.stderr
    client.run("rm", settings)
    client.run("service", "ssh", "restart")


def test_an_engine_that_runs_others_containers_is_not_stopped(
    server_docker: Machine,
) -> None:
    server_docker.run("systemctl", "stop", "docker.socket", "docker")
    server_docker.put("/root/registry.tar", docker_archive().read_bytes())
    contained = 'runtime = "container"\nimage_archive = "/root/registry.tar"\n'
    install(server_docker, ANSWERS + contained)
    mine = ("docker", "run", "-d", "--name", "mine", "--entrypoint", "/bin/sh", "registry:2.8.2")
    server_docker.run(*mine, "-c", "while :; do sleep 1; done")
    refused = undo(server_docker)
    assert (refused.returncode, "  stop docker\n" in refused.stderr) == (1, True)
    assert "used by mine as well" in refused.stdout
    server_docker.run("docker", "rm", "-f", "mine")
    image(server_docker, "app")
    done = undo(server_docker, "--storage", STORAGE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert server_docker.run("systemctl", "is-active", "docker", check=False).stdout == "inactive\n"
    # With the images the user goes that owned them, and every folder for them.
    assert server_docker.run("getent", "passwd", "docker-registry", check=False).stdout == ""
    assert server_docker.run("sh", "-c", "ls -d /opt/data || :").stdout == ""
