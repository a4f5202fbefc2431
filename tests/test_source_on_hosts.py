"""nginx built from source on real machines: verified like the package, upgraded, taken back."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.hosts.image import COMPILER
from tests.hosts.nginx_source import (
    ARCHIVE,
    look_alike,
    member,
    nginx_archive,
    packed,
    quick_version,
)
from tests.installation import (
    Client,
    departed,
    events,
    found_right,
    install,
    listing,
    verdicts,
    wizard,
)

if TYPE_CHECKING:
    import subprocess

    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
PACKAGE = 'role = "server"\n'
SERVICE = "registry-wizard-nginx"
SCRATCH = "/var/lib/registry-wizard-build"
# useradd and userdel leave a copy of what was before beside their files; undo leaves the images.
OTHER = (
    "-not -path '/etc/*-' -not -path '/var/lib/registry-wizard*' -not -path '/opt/data*'"
    " -not -path '/etc/init.d/.depend*'"  # the init system's own cache
)
DOES_NOT_RUN = "int main(int n, char **w) { return n > 1 ? 0 : 1; }\n"
DOES_NOT_COMPILE = "int main(void) { return no_such_thing; }\n"


def source(archive: str = f"/root/{ARCHIVE}", more: str = "") -> str:
    proxy = f'[proxy]\ninstall = "source"\nsource_archive = "{archive}"\n'
    return f"{PACKAGE}{proxy}{more}"


def packages(machine: Machine, names: str) -> None:
    """Install packages as an admin did before us, with services that nobody started."""
    machine.put("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", "755")
    argv = ("apt-get", "install", "-y", "-q", "--no-install-recommends", *names.split())
    machine.run(*argv)
    machine.run("rm", "/usr/sbin/policy-rc.d")


def version(machine: Machine) -> str:
    """Give the version of the nginx that runs."""
    pid = machine.run("cat", f"/run/{SERVICE}.pid").stdout.strip()
    return machine.run(f"/proc/{pid}/exe", "-v").stderr.strip().rpartition("/")[2]


def refused(machine: Machine, answers: str, *words: str) -> subprocess.CompletedProcess[str]:
    done = wizard(machine, "--answers", "-", stdin=answers)
    assert done.returncode, done.stdout
    for each in words:
        assert each in done.stderr
    return done


def test_it_is_built_verified_upgraded_and_taken_back(
    server_build: Machine, client: Machine
) -> None:
    server = server_build
    packages(server, f"docker-registry {COMPILER}")
    before = listing(server, OTHER)
    is_refused_before_anything_is_touched(server)
    assert departed(server, before, OTHER) == []

    first = events(server, source())
    assert verdicts(first) == {"passed"}
    shares = [each["share"] for each in first if each["event"] == "Progress"]
    assert len(shares) > 100
    assert (shares, shares[-1]) == (sorted(shares), 1)
    assert any("checking for C compiler" in each.get("text", "") for each in first)
    workers = server.run("ps", "-o", "user=", "-C", "nginx").stdout.split()
    assert set(workers) == {"root", "www"}
    assert server.run("systemctl", "is-enabled", SERVICE).stdout == "enabled\n"
    assert server.run("sh", "-c", f"ls -d {SCRATCH}", check=False).returncode

    second_run_changes_nothing(server)
    is_used_by(client, server)
    is_upgraded_or_left_as_it_was(server)

    done = wizard(server, "undo")
    assert (done.returncode, done.stderr) == (0, "")
    assert departed(server, before, OTHER) == []
    assert server.run("ss", "-Hltn", "sport = :443 or sport = :5000").stdout == ""
    assert server.run("getent", "passwd", "www", check=False).stdout == ""
    assert "could not be found" in server.run("systemctl", "status", SERVICE, check=False).stderr


def is_refused_before_anything_is_touched(server: Machine) -> None:
    wrong = source(more=f'source_sha256 = "{"0" * 64}"\n')
    done = refused(server, wrong, "has the SHA-256", f"not {'0' * 64}")
    assert done.returncode == 3
    tricks = packed([(member("nginx-1/../../../etc/owned", b"x"), b"x")])
    server.put("/root/tricks.tar.gz", tricks)
    more = source("/root/tricks.tar.gz", 'prefix = "/srv/nginx"\n')
    server.put("/srv/nginx/mine", "mine\n")
    refused(server, more, "a name with .. in it", "/srv/nginx holds what the wizard did not put")
    server.run("rm", "-r", "/srv/nginx")


def second_run_changes_nothing(server: Machine) -> None:
    logs = "-not -path '/opt/nginx/logs/*'"
    now, processes = listing(server, logs), server.run("pgrep", "-a", "nginx").stdout
    second = events(server, source())
    assert (second[-1]["event"], second[-1]["changed"]) == ("Finished", 0)
    assert verdicts(second) == {"passed"}
    assert departed(server, now, logs) == []
    assert server.run("pgrep", "-a", "nginx").stdout == processes
    # What it was built from may go.
    server.run("rm", f"/root/{ARCHIVE}")
    assert wizard(server, "--answers", "-", "--dry-run", stdin=source()).returncode == 0


def is_used_by(client: Machine, server: Machine) -> None:
    password = server.run("cat", "/etc/registry-wizard/admin.password").stdout.strip()
    user = Client(client, "builder.internal", 443, password)
    user.trust(server, server.ip)
    user.login()
    reference = user.image("built/nginx")
    user.pull(reference, user.push(reference))
    client.run("sed", "-i", "/builder.internal/d", "/etc/hosts")


def is_upgraded_or_left_as_it_was(server: Machine) -> None:
    newer = quick_version(nginx_archive().read_bytes(), "1.98.0")
    server.put("/root/newer.tar.gz", newer)
    sha256 = hashlib.sha256(newer).hexdigest()
    upgraded = events(server, source("/root/newer.tar.gz", f'source_sha256 = "{sha256}"\n'))
    assert verdicts(upgraded) == {"passed"}
    assert version(server) == "1.98.0"
    assert server.run("ls", "/opt/nginx/sbin").stdout == "nginx\n"

    server.put("/root/dead.tar.gz", look_alike(DOES_NOT_RUN))
    refused(server, source("/root/dead.tar.gz"), "was built, but does not run", "is back in place")
    server.put("/root/bad.tar.gz", look_alike(DOES_NOT_COMPILE))
    refused(server, source("/root/bad.tar.gz"), "could not be built: make ended", "no_such_thing")
    assert server.run("sh", "-c", f"ls -d {SCRATCH}", check=False).returncode
    assert version(server) == "1.98.0"
    assert server.run("ls", "/opt/nginx/sbin").stdout == "nginx\n"
    assert wizard(server, "verify").returncode == 0


def test_the_answer_may_change_and_undo_knows_the_first_state(server_sysv: Machine) -> None:
    server = server_sysv
    packages(server, COMPILER)
    server.put(f"/root/{ARCHIVE}", quick_version(nginx_archive().read_bytes(), "1.97.0"))
    install(server, PACKAGE)  # its packages stay from now on, and were brought by us
    assert wizard(server, "undo").returncode == 0
    before = listing(server, OTHER)

    install(server, PACKAGE)
    built = events(server, source())
    assert verdicts(built) == {"passed"}
    assert version(server)
    assert server.run("service", "nginx", "status", check=False).returncode
    again = events(server, source())
    assert again[-1]["changed"] == 0
    back = events(server, PACKAGE)
    assert verdicts(back) == {"passed"}
    assert events(server, PACKAGE)[-1]["changed"] == 0
    left = server.run("sh", "-c", f"ls -d /opt/nginx /etc/*/{SERVICE}*", check=False).stdout
    assert left == ""

    done = wizard(server, "undo")
    assert (done.returncode, done.stderr) == (0, "")
    assert departed(server, before, OTHER) == []
    assert server.run("ss", "-Hltn", "sport = :443 or sport = :5000").stdout == ""


def test_the_script_builds_it_the_same_way(server_build: Machine) -> None:
    quick = quick_version(nginx_archive().read_bytes(), "1.97.0")
    server_build.put(f"/root/{ARCHIVE}", quick)
    script = wizard(server_build, "script", "--answers", "-", stdin=source()).stdout
    for wrote in (True, False):
        done = server_build.run("sh", stdin=script, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert ("built /opt/nginx/sbin/nginx" in done.stdout) is wrote
    found_right(server_build)
