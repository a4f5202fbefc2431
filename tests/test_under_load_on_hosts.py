"""The registry in use by many at once, while what stands in front, behind and below it fails."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests import traffic
from tests.hosts import faults
from tests.installation import Client, install
from tests.traffic import Answered, Visitor
from wizard import pki
from wizard.pki import Authority, Wanted
from wizard.roundtrip import fresh_image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tests.hosts.machine import Machine
    from wizard.roundtrip import Image

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
SERVER = f'role = "server"\n[registry]\nhostname = "{NAME}"\n{traffic.user()}'
REGISTRY = "docker-registry"
LIMIT = ("-P", "StartLimitIntervalUSec", "-P", "StartLimitBurst")
STORAGE = "/opt/data/registry"
PKI = "/etc/registry-wizard/pki"
# As the wizard puts a pair in place: each file whole, then a reload.
RENEW = f"""set -e; cd {PKI}; mv .key server.key; mv .crt server.crt
nginx -t -q; systemctl reload nginx"""


@pytest.fixture(scope="module")
def server(shared_server: Machine) -> Machine:
    install(shared_server, SERVER)
    return shared_server


@dataclass
class Kept:
    """What the registry has said that it has, by tag."""

    visitor: Visitor
    name: str
    images: dict[str, Image] = field(default_factory=dict)

    def push(self, tag: str, mib: int) -> None:
        image = traffic.image(mib)
        self.visitor.push(image, self.name, tag)
        self.images[tag] = image

    def all_there(self) -> None:
        with ThreadPoolExecutor(8) as pool:
            pulls = [
                pool.submit(self.visitor.pull, image, self.name, tag)
                for tag, image in self.images.items()
            ]
        for each in pulls:
            each.result()


def test_no_transfer_fails_while_new_certificates_come_again_and_again(
    server: Machine, client: Machine
) -> None:
    visitor = Visitor.of(server)
    there, new = Kept(visitor, "there"), Kept(visitor, "new")
    for n in range(4):
        there.push(str(n), 4)
    user = skopeo(client, server)

    def pull(n: int) -> None:
        for each in range(4):
            tag = str((n + each) % 4)
            visitor.pull(there.images[tag], "there", tag)

    def push(n: int) -> None:
        for each in range(2):
            new.push(f"{n}-{each}", 3)

    with ThreadPoolExecutor(64) as pool:
        work: list[Future[None]] = [pool.submit(copied, user, n) for n in range(4)]
        for n in range(60):
            work += [pool.submit(pull, n), pool.submit(push, n)]
        renewals = 0
        while not all(each.done() for each in work):
            shows(visitor, renew(server))
            renewals += 1
    assert [repr(each.exception()) for each in work if each.exception()] == []
    assert renewals >= 5
    new.all_there()


def renew(server: Machine) -> int:
    """Put another pair of the same CA in place, while nginx serves; give its serial number."""
    made = pki.issue(
        Wanted((NAME,), (server.ip,)),
        Authority(
            *(server.run("cat", f"{PKI}/ca.{end}").stdout.encode() for end in ("crt", "key"))
        ),
        dt.datetime.now(dt.UTC),
    )
    server.put(f"{PKI}/.key", made.key, "600")
    server.put(f"{PKI}/.crt", made.certificate)
    server.run("sh", "-c", RENEW)
    return int(pki.serial(made.certificate), 16)


def shows(visitor: Visitor, serial: int) -> None:
    """Wait until a new connection is shown this certificate."""
    until = time.monotonic() + 10
    while visitor.serial() != serial:
        assert time.monotonic() < until, "nginx still shows the former certificate"
        time.sleep(0.05)


def skopeo(client: Machine, server: Machine) -> Client:
    """Give a client with a tool in Go, which keeps its connections from request to request."""
    user = Client(client, server.ip, 443, traffic.PASSWORD, traffic.USER)
    user.trust(server)
    return user


def copied(user: Client, n: int) -> None:
    """Push an image and pull it back, three times under other names."""
    image = fresh_image()
    for name, content in {
        "version": b"Directory Transport Version: 1.1\n",
        "manifest.json": image.manifest,
        **{traffic.digest(each)[7:]: each for each in (image.layer, image.content)},
    }.items():
        user.machine.put(f"/root/{n}/{name}", content)
    for each in range(3):
        at, login = f"docker://{user.at}/tool/{n}:{each}", f"{user.user}:{user.password}"
        user.skopeo("copy", "-q", "--dest-creds", login, f"dir:/root/{n}", at)
        user.skopeo("copy", "-q", "--src-creds", login, at, f"dir:/root/{n}.{each}")
        user.machine.run("diff", "-r", f"/root/{n}", f"/root/{n}.{each}")


def test_what_dies_is_back_within_seconds(server: Machine) -> None:
    visitor = Visitor.of(server)
    kept = Kept(visitor, "killed")
    kept.push("1", 3)
    for service in (REGISTRY, "nginx"):
        for _ in range(2):
            assert seconds_until_back(server, service, visitor) < 15
        # By itself systemd gives up at the sixth time in ten seconds.
        assert server.run("systemctl", "show", *LIMIT, service).stdout.split() == ["10min", "100"]
        kept.all_there()


def seconds_until_back(server: Machine, service: str, visitor: Visitor) -> float:
    """Kill a service's main process, and wait until another one answers."""

    def process() -> str:
        return server.run("systemctl", "show", "-P", "MainPID", service).stdout.strip()

    killed, start = process(), time.monotonic()
    server.run("kill", "-9", killed)
    while time.monotonic() < start + 30:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if process() not in ("0", killed) and visitor.ask("GET", "/v2/")[0] == 200:
                break
        time.sleep(0.05)
    return time.monotonic() - start


def test_a_full_disk_is_told_pulls_go_on_and_room_is_all_it_takes(server: Machine) -> None:
    visitor = Visitor.of(server)
    kept = Kept(visitor, "full")
    kept.push("before", 3)
    with faults.full_disk(server, STORAGE, room=4096):
        for mib, told in (32, b"no space left on device"), (1, b'"Err":28'):  # ENOSPC
            start = time.monotonic()
            with pytest.raises(Answered) as refused:
                kept.push("too-much", mib)
            assert (refused.value.status, told in refused.value.body) == (500, True)
            assert time.monotonic() - start < 10
        kept.all_there()
        server.run("mount", "-o", "remount,size=1g", STORAGE)
        kept.push("after", 32)
        kept.all_there()


def test_what_was_acknowledged_is_there_after_a_power_cut_and_a_reboot_under_load(
    server: Machine,
) -> None:
    visitor = Visitor.of(server)
    kept = Kept(visitor, "cut")
    with faults.disk_of_its_own(server, STORAGE, 768) as disk:
        with pushing(kept, 8):
            waited_for(kept, 9)
            disk.power_cut()
        cut = len(kept.images)
        assert cut > 8
        kept.all_there()
        with pushing(kept, 8):
            time.sleep(2)
            server.reboot()
            disk.release()
            disk.mount()
        assert len(kept.images) > cut
        kept.all_there()


def waited_for(kept: Kept, count: int) -> None:
    """Wait until the registry has so many images."""
    until = time.monotonic() + 60
    while len(kept.images) < count:
        assert time.monotonic() < until, f"{len(kept.images)} of {count} images were kept"
        time.sleep(0.05)


@contextmanager
def pushing(kept: Kept, clients: int) -> Iterator[None]:
    """Let so many push one image after another until the registry goes away; look no further."""
    over = Event()

    def push(client: int) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException, Answered):
            for n in itertools.count():
                if over.is_set():
                    break
                kept.push(f"{len(kept.images)}-{client}-{n}", 1)

    with ThreadPoolExecutor(clients) as pool:
        for client in range(clients):
            pool.submit(push, client)
        try:
            yield
        finally:
            over.set()


def test_it_does_not_begin_anew_where_the_disk_of_the_images_is_missing(server: Machine) -> None:
    """Else a push would go into the folder below, and be gone once the disk is there again."""
    for kind, state in (("no-such-kind", "inactive\n"), ("tmpfs", "active\n")):
        server.put("/etc/fstab", f"none /opt/data {kind} nofail 0 0\n")
        server.run("systemctl", "daemon-reload")
        server.run("systemctl", "stop", REGISTRY)
        server.run("systemctl", "start", REGISTRY, check=False)
        assert server.run("systemctl", "is-active", REGISTRY, check=False).stdout == state
    server.put("/etc/fstab", "")
    server.run("systemctl", "daemon-reload")
    server.run("systemctl", "stop", REGISTRY)
    server.run("umount", "/opt/data")
    server.run("systemctl", "start", REGISTRY)
