"""Users added, changed and removed by the command, under an upload, with nothing restarted."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.installation import RECORD, Client, install, wizard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.hosts.machine import Machine

    Told = Callable[[str, object], None]

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
FIRST = "Gx8-first-one"
ANSWERS = (
    f'role = "server"\n[registry]\nhostname = "{NAME}"\n'
    f'[[users]]\nname = "first"\npassword = "{FIRST}"\n'
)
SECRETS = {"add": "Gx8-puller-one", "passwd": "Gx8-puller-two", "hand": "Gx8-by-hand"}
HTPASSWD = "/etc/registry-wizard/htpasswd"
ETC = "/etc/registry-wizard"
GOOD_FOR = 32  # seconds after which no former login is taken any more
# An upload whose one request goes on until somebody says that it is enough.
UPLOAD = f"""set -e
base=https://{NAME} args='-sS --cacert /root/ca.crt -K /root/login'
piece() {{ head -c 20000 /dev/urandom; sleep 0.2; }}
place() {{
    at=$(tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
    case $at in /*) at=$base$at ;; esac
    echo "$at"
}}
at=$(curl $args -X POST -D - -o /dev/null $base/v2/slow/blobs/uploads/ | place)
at=$(until test -e /root/enough; do piece; done | tee /root/blob |
    curl $args -X PATCH -T - -H 'Expect:' -H 'Content-Type: application/octet-stream' \\
        -D - -o /dev/null "$at" | place)
digest=sha256:$(sha256sum /root/blob | cut -d' ' -f1)
curl $args -X PUT -o /dev/null -w '%{{http_code}}' "$at&digest=$digest" > /root/uploaded
"""


@dataclass(frozen=True)
class World:
    server: Machine
    client: Machine
    processes: str  # systemd's numbers of nginx and the registry, before anything

    def status(self, user: str, password: str) -> str:
        return Client(self.client, NAME, 443, password, user).curl()

    def refused_after(self, user: str, password: str) -> float:
        """Give after how many seconds a login is refused."""
        began = time.monotonic()
        while self.status(user, password) != "401":
            assert time.monotonic() - began < GOOD_FOR
            time.sleep(0.5)
        return round(time.monotonic() - began, 1)


@pytest.fixture(scope="module")
def world(shared_server: Machine, client: Machine) -> Iterator[World]:
    server = shared_server
    install(server, ANSWERS)
    server.run("apt-get", "install", "-y", "-q", "--no-install-recommends", "apache2-utils")
    server.run("htpasswd", "-iB", HTPASSWD, "hand", stdin=SECRETS["hand"])
    Client(client, NAME, 443, "").trust(server, server.ip)
    client.put("/root/upload", UPLOAD)
    client.put("/root/login", f'user = "first:{FIRST}"\n', "600")
    server.put("/root/watch", "while :; do cat /proc/[0-9]*/cmdline; sleep 0.01; done\n", "755")
    server.run("sh", "-c", "sh /root/watch > /root/processes 2>/dev/null & echo $! > /root/pid")
    client.run("sh", "-c", "setsid sh /root/upload > /root/said 2>&1 &")
    yield World(server, client, main_pids(server))
    server.run("sh", "-c", "kill $(cat /root/pid)")


def users(server: Machine, *argv: str, stdin: str = "") -> str:
    done = wizard(server, "users", *argv, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def listed(server: Machine) -> dict[str, dict[str, Any]]:
    rows = (json.loads(line) for line in users(server, "list", "--json").splitlines())
    return {row["name"]: row for row in rows}


def main_pids(server: Machine) -> str:
    names = ("nginx", "docker-registry")
    return server.run("systemctl", "show", "-p", "MainPID,NRestarts", *names).stdout


def test_one_is_added_who_can_log_in_at_once(world: World, record_property: Told) -> None:
    argv = ("add", "puller", "--password-file", "-")
    began = time.monotonic()
    said = users(world.server, *argv, "--role", "pull", stdin=SECRETS["add"])
    record_property("seconds", round(time.monotonic() - began, 1))
    assert said.endswith("\npuller may pull\n")
    assert world.status("puller", SECRETS["add"]) == "200"
    again = users(world.server, *argv, "--json", stdin=SECRETS["add"]).splitlines()
    last = json.loads(again[-1])
    assert (last["changed"], last["message"]) == (0, "puller may pull already")


def test_another_password_is_right_at_once_and_the_former_one_soon_wrong(
    world: World, record_property: Told
) -> None:
    argv = ("passwd", "puller", "--password-file", "-")
    said = users(world.server, *argv, stdin=SECRETS["passwd"])
    assert "puller has another password, and may pull" in said
    assert world.status("puller", SECRETS["passwd"]) == "200"
    gone = world.refused_after("puller", SECRETS["add"])
    record_property("seconds until the former one was refused", gone)
    assert listed(world.server)["puller"]["role"] == "pull"


def test_another_role_keeps_the_password(world: World) -> None:
    assert "puller may push" in users(world.server, "add", "puller", "--role", "push")
    assert listed(world.server)["puller"]["role"] == "push"
    assert world.status("puller", SECRETS["passwd"]) == "200"


def test_one_who_is_removed_is_soon_refused_and_the_others_are_not(
    world: World, record_property: Told
) -> None:
    assert "puller is gone" in users(world.server, "remove", "puller")
    gone = world.refused_after("puller", SECRETS["passwd"])
    record_property("seconds until it was refused", gone)
    assert world.status("hand", SECRETS["hand"]) == "200"
    assert world.status("first", FIRST) == "200"


def test_nothing_was_restarted_and_an_upload_meanwhile_came_through(world: World) -> None:
    wait = "touch /root/enough; until test -s /root/uploaded; do sleep 0.2; done"
    assert world.client.run("pgrep", "-f", "curl.*PATCH").stdout
    world.client.run("timeout", "30", "sh", "-c", wait)
    assert world.client.run("cat", "/root/uploaded").stdout == "201"
    assert main_pids(world.server) == world.processes


def test_a_generated_password_is_shown_once_and_is_right(world: World) -> None:
    said = users(world.server, "add", "robot", "--generate", "--json")
    told = [json.loads(line) for line in said.splitlines()]
    made = told[-1]["password"]
    assert told[-1] == {"event": "Password", "user": "robot", "password": made}
    assert said.count(made) == 1
    assert world.status("robot", made) == "200"
    found = world.server.run("grep", "-rIlF", "--", made, "/etc", "/var", "/root", check=False)
    assert found.stdout == ""
    users(world.server, "remove", "robot")


def test_the_list_has_everybody_and_who_was_put_in_by_hand(world: World) -> None:
    rows = listed(world.server)
    assert [*rows] == ["first", "hand", "registry-wizard"]
    assert [row["by_hand"] for row in rows.values()] == [False, True, False]
    assert [row["own"] for row in rows.values()] == [False, False, True]
    assert [row["hash"] for row in rows.values()] == ["bcrypt"] * 3
    assert rows["hand"]["role"] == "pull"


def test_the_last_one_on_record_stays(world: World) -> None:
    refused = wizard(world.server, "users", "remove", "first")
    assert refused.returncode == 2
    assert "Nobody on record would be left to log in" in refused.stderr
    assert world.status("first", FIRST) == "200"


def test_without_a_terminal_and_a_password_the_ways_are_named(world: World) -> None:
    refused = wizard(world.server, "users", "add", "somebody")
    assert refused.returncode == 2
    for way in ("--password-file FILE", "--password-file -", "--generate"):
        assert way in refused.stderr


def test_a_dry_run_touches_nothing(world: World) -> None:
    before = world.server.run("sha256sum", HTPASSWD, RECORD).stdout
    argv = ("add", "somebody", "--generate", "--dry-run")
    dry = wizard(world.server, "users", *argv)
    assert dry.returncode == 10, dry.stderr
    assert "Password of" not in dry.stdout
    assert world.server.run("sha256sum", HTPASSWD, RECORD).stdout == before


def test_a_line_made_by_hand_is_taken_over_and_removed(world: World) -> None:
    world.server.run("htpasswd", "-im", HTPASSWD, "old", stdin=SECRETS["hand"])
    assert listed(world.server)["old"]["hash"] == "MD5"
    refused = wizard(world.server, "users", "add", "old")
    assert (refused.returncode, "no bcrypt hash" in refused.stderr) == (2, True)
    users(world.server, "remove", "old")
    users(world.server, "add", "hand", "--role", "push")
    assert (listed(world.server)["hand"]["by_hand"], listed(world.server)["hand"]["role"]) == (
        False,
        "push",
    )
    assert world.status("hand", SECRETS["hand"]) == "200"


def test_a_run_of_the_whole_has_nothing_to_change_afterwards(world: World) -> None:
    dry = wizard(world.server, "--answers", RECORD, "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, ""), dry.stdout


def test_no_password_is_in_a_process_list_a_log_or_the_journal(world: World) -> None:
    seen = world.server.run("cat", "/root/processes").stdout
    assert len(seen) > 1000
    argv = ("cat", "/var/log/registry-wizard.log", "/var/lib/registry-wizard/journal.jsonl")
    written = world.server.run(*argv).stdout
    for secret in (FIRST, *SECRETS.values()):
        assert secret not in seen
        assert secret not in written
    hashes = re.findall(r"\$2[aby]\$\d\d\$[^\s\"']+", world.server.run("cat", RECORD).stdout)
    assert hashes
    assert not any(each in seen for each in hashes)


def test_undo_takes_all_back(world: World) -> None:
    done = wizard(world.server, "undo")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert world.server.run("test", "-e", ETC, check=False).returncode == 1
    nobody = wizard(world.server, "users", "list")
    assert (nobody.returncode, "no registry of ours" in nobody.stderr) == (1, True)
