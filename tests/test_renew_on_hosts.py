"""The certificate renewed with nobody there, on real machines: by a timer, by cron, by hand."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests import traffic
from tests.hosts import faults
from tests.installation import install, wizard
from tests.own_ca import DAY, own_ca
from tests.traffic import Visitor
from wizard import pki
from wizard.pki import Authority, Wanted

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.hosts.machine import Machine
    from wizard.roundtrip import Image

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
PKI = "/etc/registry-wizard/pki"
SERVICE, TIMER = "registry-wizard-renew.service", "registry-wizard-renew.timer"
CRON = "/etc/cron.daily/registry-wizard-renew"
SERVER = f"""role = "server"
[registry]
hostname = "{NAME}"
[authority]
certificate = "/root/ca.crt"
key = "/root/ca.key"
{traffic.user()}"""
RELOAD = {"systemd": "systemctl reload nginx", "sysv": "service nginx reload"}
# What `verify` will ask, asked of the machine by itself.
LOOK = f"""import datetime as dt, json, pathlib
from wizard.changes.services import init
from wizard.hosts import LocalHost
from wizard.renewal import look
host, served = LocalHost(), pathlib.Path("{PKI}/server.crt").read_bytes()
found = look(host, init(host), served, dt.datetime.now(dt.UTC))
print(json.dumps([found.verdict, found.seen + " " + found.remedy]))"""
BROKEN = "/etc/nginx/conf.d/other.conf"
SITE = "/etc/nginx/conf.d/registry.conf"
OTHER = """server { listen 443 ssl default_server; listen [::]:443 ssl default_server;
server_name other.benet.com; ssl_certificate /root/other.crt;
ssl_certificate_key /root/other.key; }
"""
STATE = """cd /; find etc $1 -xdev -printf '%p %y %m %u:%g %l %T@\\n' | sort
find etc $1 -xdev -type f -exec sha256sum {} +"""
OURS = "find /etc /usr/lib /var/lib/systemd /var/spool -name '*registry-wizard-renew*'"


@dataclass
class Registry:
    """A server with a CA that is old enough to have signed a certificate long ago."""

    machine: Machine
    reload: str

    @property
    def pair(self) -> tuple[str, str]:
        crt, key = (self.machine.run("cat", f"{PKI}/server.{x}").stdout for x in ("crt", "key"))
        return crt, key

    def age(self, days: int) -> int:
        """Put the pair in place that was made so long ago; give its serial number."""
        ca = (self.machine.run("cat", f"{PKI}/ca.{x}").stdout.encode() for x in ("crt", "key"))
        then = dt.datetime.now(dt.UTC) - days * DAY
        made = pki.issue(Wanted((NAME,), (self.machine.ip,)), Authority(*ca), then)
        self.machine.put(f"{PKI}/server.key", made.key, "600")
        self.machine.put(f"{PKI}/server.crt", made.certificate)
        self.machine.run("sh", "-c", self.reload)
        serial = int(pki.serial(made.certificate), 16)
        shows(self.machine, serial)
        return serial

    def looked(self) -> tuple[str, str]:
        found = self.machine.run("/opt/registry-wizard/bin/python", "-c", LOOK).stdout
        verdict, said = json.loads(found)
        return verdict, said


def set_up(machine: Machine, reload: str) -> Registry:
    now = dt.datetime.now(dt.UTC)
    ca = own_ca(life=(now - 300 * DAY, now + 3000 * DAY))
    machine.put("/root/ca.crt", ca.pem)
    machine.put("/root/ca.key", ca.key_pem, "600")
    install(machine, SERVER)
    return Registry(machine, reload)


def shows(machine: Machine, serial: int) -> None:
    """Wait until a new connection is shown this certificate."""
    until = time.monotonic() + 10
    while (seen := shown(machine)) != serial:
        assert time.monotonic() < until, f"nginx shows {seen:X}, not {serial:X}"
        time.sleep(0.05)


def shown(machine: Machine) -> int:
    with contextlib.suppress(OSError):  # nginx may be about to come
        return Visitor.of(machine).serial()
    return 0


def start(machine: Machine) -> int:
    """Let systemd run it as the timer does; give the exit code of that."""
    return machine.run("systemctl", "start", SERVICE, check=False).returncode


def said(machine: Machine) -> str:
    unit = ("journalctl", "-u", SERVICE, "--no-pager", "-o", "cat")
    return machine.run(*unit).stdout


def state(machine: Machine) -> str:
    """Everything in /etc and on record: rights, times and bytes."""
    return machine.run("sh", "-c", STATE, "sh", "var/lib/registry-wizard").stdout


def settled(machine: Machine) -> str:
    """The same without the record and the times."""
    return re.sub(r"(?m) [\d.]+$", "", machine.run("sh", "-c", STATE, "sh", "").stdout)


def renew(machine: Machine, *argv: str) -> subprocess.CompletedProcess[str]:
    return wizard(machine, "renew", *argv)


@pytest.fixture(scope="module")
def registry(shared_server: Machine) -> Registry:
    refused = renew(shared_server)
    assert refused.returncode == 1
    assert "There is no registry of ours on this machine" in refused.stderr
    return set_up(shared_server, RELOAD["systemd"])


def test_the_timer_is_there_and_before_time_nothing_is_touched(registry: Registry) -> None:
    machine = registry.machine
    assert TIMER in machine.run("systemctl", "list-timers", "--no-pager").stdout
    status = json.loads(wizard(machine, "status", "--json").stdout)
    assert status["renewal"].startswith(f"daily by {TIMER}, next on ")
    verdict, seen = registry.looked()
    assert (verdict, "last never yet" in seen) == ("passed", True), seen
    before, log = state(machine), machine.run("cat", "/var/log/registry-wizard.log").stdout
    assert start(machine) == 0
    done = renew(machine, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "198 days left; a new one is due on" in json.loads(done.stdout)["message"]
    assert state(machine) == before
    assert machine.run("cat", "/var/log/registry-wizard.log").stdout == log
    assert "198 days left" in said(machine)


def test_what_is_due_is_renewed_while_a_client_keeps_pulling(registry: Registry) -> None:
    machine, visitor = registry.machine, Visitor.of(registry.machine)
    image = traffic.image(2)
    visitor.push(image, "app", "1")
    ca = machine.run("sh", "-c", f"cat {PKI}/ca.*").stdout
    for days in (140, 150, 198):
        former = registry.age(days)
        with pulling(visitor, image) as pulls:
            pulls.wait_for(3)
            assert start(machine) == 0, said(machine)
            pulls.wait_for(3)
        new = int(pki.serial(registry.pair[0].encode()), 16)
        assert new != former
        shows(machine, new)
    assert "A new certificate is due: 0 days are left" in said(machine)
    assert machine.run("sh", "-c", f"cat {PKI}/ca.*").stdout == ca
    assert registry.looked()[0] == "passed"
    assert wizard(machine, "verify").returncode == 0
    assert machine.run("find", f"{PKI}/server.key", "-printf", "%m").stdout == "600"
    everywhere = said(machine) + machine.run("cat", "/var/log/registry-wizard.log").stdout
    assert registry.pair[1].splitlines()[1] not in everywhere


@dataclass
class Pulls:
    count: int = 0
    failed: Exception | None = None

    def wait_for(self, more: int) -> None:
        wanted, until = self.count + more, time.monotonic() + 60
        while self.count < wanted and not self.failed:
            assert time.monotonic() < until
            time.sleep(0.02)


@contextmanager
def pulling(visitor: Visitor, image: Image) -> Iterator[Pulls]:
    """Pull all the time, each request on a connection of its own; not one of them may fail."""
    over, pulls = Event(), Pulls()

    def pull() -> None:
        while not over.is_set():
            try:
                visitor.pull(image, "app", "1")
            except Exception as error:  # noqa: BLE001  (whatever it is, it is one too many)
                pulls.failed = error
                return
            pulls.count += 1

    with ThreadPoolExecutor(2) as pool:
        pool.submit(pull)
        pool.submit(pull)
        try:
            yield pulls
        finally:
            over.set()
    assert pulls.failed is None


def test_where_somebody_broke_nginx_the_former_pair_stays_and_all_say_so(
    registry: Registry,
) -> None:
    machine = registry.machine
    former, pair = registry.age(140), registry.pair
    machine.put(BROKEN, "server { listen 8081; } }\n")
    before = state(machine)
    assert start(machine) != 0
    assert machine.run("systemctl", "is-failed", SERVICE).stdout == "failed\n"
    assert state(machine) == before
    assert registry.pair == pair
    shows(machine, former)
    by_hand = renew(machine)
    assert by_hand.returncode == 1
    assert "nothing was touched" in by_hand.stderr
    assert re.search(rf"\[emerg\] .* in {BROKEN}", by_hand.stderr)
    verdict, seen = registry.looked()
    assert (verdict, "ended with 1; journalctl" in seen) == ("failed", True), seen
    machine.run("rm", BROKEN)
    install(machine, SERVER)  # as the remedy says
    assert registry.looked()[0] == "passed"


def test_what_nginx_does_not_come_to_serve_is_taken_back(registry: Registry) -> None:
    machine = registry.machine
    former, pair = registry.age(140), registry.pair
    before = settled(machine)
    with settings(machine, "nginx.service", "ExecReload=\nExecReload=/bin/true\n"):
        done = renew(machine)
        assert done.returncode == 1
        assert f"{NAME} still shows another certificate" in done.stderr
        assert "The former certificate is back in place" in done.stderr
    assert registry.pair == pair
    shows(machine, former)
    assert settled(machine) == before
    assert start(machine) == 0
    assert registry.pair != pair


@contextmanager
def settings(machine: Machine, unit: str, text: str) -> Iterator[None]:
    path = f"/etc/systemd/system/{unit}.d/test.conf"
    machine.put(path, f"[Service]\n{text}")
    machine.run("systemctl", "daemon-reload")
    try:
        yield
    finally:
        machine.run("rm", path)
        machine.run("rmdir", "--ignore-fail-on-non-empty", path.removesuffix("/test.conf"))
        machine.run("systemctl", "daemon-reload")


def test_where_another_site_answers_the_bare_address_the_new_one_stays(registry: Registry) -> None:
    machine, other = registry.machine, own_ca()
    former = registry.age(140)
    machine.put("/root/other.crt", other.pem)
    machine.put("/root/other.key", other.key_pem, "600")
    machine.run("sed", "-i.away", "s/ default_server//", SITE)
    machine.put(BROKEN, OTHER)
    machine.run("sh", "-c", registry.reload)
    done = renew(machine)
    assert done.returncode == 0, done.stderr
    assert f"{machine.ip} shows a certificate that is refused" in done.stdout + done.stderr
    assert shown(machine) != former
    machine.run("mv", f"{SITE}.away", SITE)
    machine.run("rm", BROKEN)
    machine.run("sh", "-c", registry.reload)


def test_it_stands_back_for_another_wizard_and_tries_again(registry: Registry) -> None:
    machine = registry.machine
    registry.age(140)
    pair = registry.pair
    lock = "/var/lib/registry-wizard/lock"
    hold = f"exec 9>>{lock}; flock 9; echo $$ > {lock}; exec sleep 600"
    machine.run("sh", "-c", 'sh -c "$1" > /dev/null 2>&1 &', "sh", hold)
    machine.run("sh", "-c", f"until [ -s {lock} ]; do sleep 0.05; done")
    pid = machine.run("cat", lock).stdout.strip()
    by_hand = renew(machine)
    assert by_hand.returncode == 3
    assert f"Another registry-wizard is at work here (pid {pid})" in by_hand.stderr
    with settings(machine, SERVICE, "RestartSec=1\n"):
        assert start(machine) != 0
        verdict, seen = registry.looked()
        assert (verdict, "stood back" in seen) == ("warning", True), seen
        assert registry.pair == pair
        machine.run("kill", pid)
        until = time.monotonic() + 30
        while machine.run("systemctl", "show", "-P", "ActiveState", SERVICE).stdout != "inactive\n":
            assert time.monotonic() < until, said(machine)
            time.sleep(0.2)
    assert registry.pair != pair
    assert registry.looked()[0] == "passed"


def test_a_key_without_its_certificate_after_a_power_cut_is_mended(registry: Registry) -> None:
    machine = registry.machine
    machine.put(f"{PKI}/server.key", own_ca().key_pem, "600")
    faults.power_cut(machine)
    mended(registry)  # by itself, as the machine is on again
    machine.put(f"{PKI}/server.key", own_ca().key_pem, "600")
    machine.run("systemctl", "stop", "nginx")
    assert machine.run("systemctl", "start", "nginx", check=False).returncode != 0
    machine.run("systemctl", "stop", "nginx")  # so that nobody tries it again
    machine.run("systemctl", "reset-failed", "nginx", check=False)
    assert start(machine) == 0, said(machine)
    mended(registry)


def mended(registry: Registry) -> None:
    """Wait until nginx runs and serves a pair that belongs together."""
    machine, until = registry.machine, time.monotonic() + 60
    while machine.run("systemctl", "is-active", "nginx", check=False).stdout != "active\n":
        assert time.monotonic() < until, said(machine)
        time.sleep(0.2)
    assert "the server's key does not belong to the certificate" in said(machine)
    shows(machine, int(pki.serial(registry.pair[0].encode()), 16))
    assert registry.looked()[0] == "passed"
    assert wizard(machine, "verify").returncode == 0


def test_a_stopped_nginx_and_a_program_that_is_gone_are_told(registry: Registry) -> None:
    machine = registry.machine
    machine.run("systemctl", "stop", "nginx")
    pair = registry.pair
    done = renew(machine, "--force")
    assert (done.returncode, "nginx does not run" in done.stderr) == (4, True), done.stderr
    machine.run("systemctl", "start", "nginx")
    assert registry.pair != pair
    assert wizard(machine, "verify").returncode == 0
    program = "/opt/registry-wizard/bin/registry-wizard"
    machine.run("mv", program, "/root/away")
    assert start(machine) != 0
    assert machine.run("systemctl", "is-failed", SERVICE).stdout == "failed\n"
    assert registry.looked()[0] == "failed"
    machine.run("mv", "/root/away", program)
    machine.run("systemctl", "stop", TIMER)
    assert f"{TIMER} does not run" in registry.looked()[1]
    install(machine, SERVER)
    assert machine.run("systemctl", "is-active", TIMER).stdout == "active\n"


def test_undo_leaves_nothing_of_it(registry: Registry) -> None:
    machine = registry.machine
    alone = wizard(machine, "undo", "--step", "renewal")
    assert alone.returncode == 0, alone.stdout + alone.stderr
    gone(machine)
    assert registry.looked()[0] == "failed"
    install(machine, SERVER)
    assert registry.looked()[0] == "passed"
    done = wizard(machine, "undo")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    gone(machine)


def gone(machine: Machine) -> None:
    assert machine.run("sh", "-c", OURS).stdout == ""
    assert TIMER not in machine.run("systemctl", "list-timers", "--all", "--no-pager").stdout
    assert "renew" not in machine.run("systemctl", "--failed", "--no-pager").stdout


def test_cron_does_it_where_init_scripts_start_the_services(server_sysv: Machine) -> None:
    registry = set_up(server_sysv, RELOAD["sysv"])
    listed = server_sysv.run("run-parts", "--test", "/etc/cron.daily").stdout
    assert CRON in listed.splitlines()
    assert registry.looked()[0] == "passed"
    assert by_cron(server_sysv) == (0, "")
    former = registry.age(140)
    code, printed = by_cron(server_sysv)
    assert (code, "A new certificate is due: 58 days are left" in printed) == (0, True), printed
    assert shown(server_sysv) != former
    assert by_cron(server_sysv) == (0, "")
    former, pair = registry.age(140), registry.pair
    server_sysv.put(BROKEN, "server { listen 8081; } }\n")
    code, printed = by_cron(server_sysv)
    assert (code, "nothing was touched" in printed) == (1, True), printed
    assert registry.pair == pair
    shows(server_sysv, former)
    server_sysv.run("rm", BROKEN)
    assert by_cron(server_sysv)[0] == 0
    without_cron(registry)
    assert wizard(server_sysv, "undo").returncode == 0
    assert server_sysv.run("sh", "-c", OURS).stdout == ""


def by_cron(machine: Machine) -> tuple[int, str]:
    """Run it as cron does; give the exit code and what cron would send to root."""
    only = ("--regex", "^registry-wizard-renew$", "/etc/cron.daily")
    done = machine.run("run-parts", *only, check=False)
    return done.returncode, done.stdout + done.stderr


def without_cron(registry: Registry) -> None:
    machine = registry.machine
    machine.run("service", "cron", "stop")
    verdict, seen = registry.looked()
    assert (verdict, "no cron runs" in seen) == ("warning", True)
    machine.run("mv", "/usr/sbin/cron", "/usr/sbin/cron.away")
    told = wizard(machine, "--answers", "-", "--dry-run", stdin=SERVER)
    assert "There is no cron here" in told.stderr
    machine.run("rm", CRON)
    assert registry.looked()[0] == "failed"
