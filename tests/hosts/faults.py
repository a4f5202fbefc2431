"""What goes wrong with a machine, brought about on demand and mended again.

Its clock cannot: there is one for all machines, as namespaces have none of their own. What it tells
to those who come by SSH can be wrong.
"""

from __future__ import annotations

import filecmp
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from tests.hosts.image import unpacked
from tests.hosts.machine import run_ip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.hosts.machine import Machine

FULL = """mkdir /run/full; mount -t tmpfs -o mode=755 full /run/full; cp -a "$1/." /run/full
used=$(df -k --output=used /run/full | tail -n 1)
mount -o "remount,size=$((used + $2))k" /run/full
mount --bind /run/full "$1"; umount /run/full; rmdir /run/full
"""


@contextmanager
def cable_out(machine: Machine) -> Iterator[None]:
    """Unplug it: nobody reaches it, and it reaches nobody; each finds out by waiting."""
    run_ip("link", "set", machine.cable, "down")
    try:
        yield
    finally:
        run_ip("link", "set", machine.cable, "up")


@contextmanager
def packets_lost(machine: Machine, percent: int) -> Iterator[None]:
    """Lose that share of what comes to it and of what leaves it, unnoticed by whoever sends it.

    Not every kernel has tc's netem; nftables at the bridge needs no more than bridges do. Only TCP
    and UDP are lost: neighbours who cannot find each other would be told so.
    """
    table, cable = machine.cable.replace(".", "_"), f'"{machine.cable}"'
    lose = f"meta l4proto {{tcp, udp}} numgen random mod 100 <= {percent - 1} drop"
    _nft(
        f"""table bridge {table} {{
            chain out {{ type filter hook prerouting priority 0; iifname {cable} {lose}; }}
            chain in {{ type filter hook postrouting priority 0; oifname {cable} {lose}; }}
        }}"""
    )
    try:
        yield
    finally:
        _nft(f"delete table bridge {table}")


@contextmanager
def slow_line(machine: Machine, rate: str) -> Iterator[None]:
    """Let no more than that pass each way, in tc's words: 1mbit."""
    shape = ("root", "tbf", "rate", rate, "burst", "16kb", "latency", "400ms")
    subprocess.run(["tc", "qdisc", "add", "dev", machine.cable, *shape], check=True)
    machine.run("tc", "qdisc", "add", "dev", "eth0", *shape)
    try:
        yield
    finally:
        # A machine that was booted since has a new cable.
        machine.run("tc", "qdisc", "del", "dev", "eth0", "root", check=False)
        subprocess.run(["tc", "qdisc", "del", "dev", machine.cable, "root"], check=False)


@contextmanager
def at(
    moment: Callable[[], bool], fault: AbstractContextManager[None], seconds: float
) -> Iterator[None]:
    """Bring a fault about as soon as it is the moment, and mend it so many seconds later.

    It is mended where the block ends, at the latest; a moment that never came fails the test.
    """
    over = Event()

    def watch() -> bool:
        while not moment():
            if over.wait(0.02):
                return False
        with fault:
            over.wait(seconds)
        return True

    with ThreadPoolExecutor(1) as pool:
        watched = pool.submit(watch)
        try:
            yield
        finally:
            over.set()
        assert watched.result(), "The moment never came"


@contextmanager
def no_way_out(machine: Machine) -> Iterator[None]:
    """Take its default route: neighbours are there, anything further is refused at once."""
    route = ("default", "via", f"172.30.{machine.network.number}.1")
    machine.run("ip", "route", "del", *route)
    try:
        yield
    finally:
        machine.run("ip", "route", "add", *route)


@contextmanager
def full_disk(machine: Machine, folder: str, room: int = 64) -> Iterator[None]:
    """Lay a disk with the same on it over the folder, which has room for so many KiB more."""
    machine.run("sh", "-ec", FULL, "sh", folder, str(room))
    try:
        yield
    finally:
        machine.run("umount", "--lazy", folder)  # a service may be in it


@dataclass
class Disk:
    """A disk of its own over a folder, of which a power cut leaves only what has reached it.

    A power cut of the whole machine loses nothing else: its kernel, which has all that no program
    has had written yet, is ours, and goes on.
    """

    machine: Machine
    folder: str
    file: Path
    device: str = ""

    def mount(self) -> None:
        attach = ["losetup", "--find", "--show", str(self.file)]
        found = subprocess.run(attach, check=True, capture_output=True, text=True)
        self.device = found.stdout.strip()
        node = self.device, "b", "7", self.device.removeprefix("/dev/loop")
        self.machine.run("mknod", "-m", "600", *node)
        self.machine.run("mount", self.device, self.folder)

    def release(self) -> None:
        """Let go of it where nothing has it mounted any more."""
        if self.device:
            subprocess.run(["losetup", "--detach", self.device], check=False)
        self.device = ""

    def power_cut(self) -> None:
        """Pull the plug and boot again, with the disk as it was in one moment before that."""
        frozen = self.machine.cgroup / "cgroup.freeze"
        frozen.write_text("1")
        left = self._at_one_moment()
        self.machine.power_off()
        self.release()
        left.replace(self.file)
        self.machine.boot()
        self.mount()

    def _at_one_moment(self) -> Path:
        """Copy what has reached it; again, where the kernel wrote something meanwhile."""
        copy = self.file.with_suffix(".copy")
        while True:
            shutil.copyfile(self.file, copy)
            if filecmp.cmp(self.file, copy, shallow=False):
                return copy


@contextmanager
def disk_of_its_own(machine: Machine, folder: str, mib: int) -> Iterator[Disk]:
    """Lay an empty disk with ext4 over the folder, owned as that is; it is gone afterwards."""
    disk = Disk(machine, folder, machine.state / "disk")
    owner = machine.run("stat", "-c", "%u:%g", folder).stdout.strip()
    with disk.file.open("wb") as empty:
        empty.truncate(mib * 1024 * 1024)
    options = f"root_owner={owner},lazy_itable_init=0"
    subprocess.run(["mkfs.ext4", "-q", "-E", options, str(disk.file)], check=True)
    disk.mount()
    try:
        yield disk
    finally:
        machine.run("umount", "--lazy", folder)
        disk.release()  # by the kernel, once nothing is in it


@contextmanager
def wrong_clock_over_ssh(client: Machine, offset: str) -> Iterator[None]:
    """Let programs started over SSH see a time so far off: +400d, -2h. It is a double of a clock.

    Nothing else sees it: no service, no Docker Engine, nothing written in Go, nothing below sudo.
    """
    library, setting = "/usr/local/lib/libfaketime.so.1", "/etc/ssh/sshd_config.d/clock.conf"
    found = next(unpacked("libfaketime").glob("usr/lib/*/faketime/libfaketime.so.1"))
    client.put(library, found.read_bytes())
    client.put(setting, f"SetEnv LD_PRELOAD={library} FAKETIME={offset}\n")
    client.run("service", "ssh", "restart")
    try:
        yield
    finally:
        client.run("rm", setting, library)
        client.run("service", "ssh", "restart")


def hold_the_package_lock(machine: Machine, seconds: int) -> str:
    """Let another process hold dpkg's lock for so long; give its number."""
    hold = (
        "import fcntl,time; f=open('/var/lib/dpkg/lock-frontend','w'); fcntl.lockf(f,2);"
        f"open('/root/held','w'); time.sleep({seconds})"
    )
    started = machine.run("sh", "-c", f'python3 -c "{hold}" > /dev/null 2>&1 & echo $!')
    machine.run("sh", "-c", "until [ -e /root/held ]; do sleep 0.05; done")
    return started.stdout.strip()


def power_cut(machine: Machine) -> None:
    """Pull the plug without a warning, and boot again."""
    machine.power_off()
    machine.boot()


def restart_engine(machine: Machine) -> None:
    """Restart Docker Engine; containers come back by their own restart policy."""
    machine.run("systemctl", "restart", "docker")


def _nft(rules: str) -> None:
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
