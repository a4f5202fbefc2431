"""What goes wrong with a machine, brought about on demand and mended again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.hosts.machine import run_ip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.machine import Machine


@contextmanager
def cable_out(machine: Machine) -> Iterator[None]:
    """Unplug it: nobody reaches it, and it reaches nobody; each finds out by waiting."""
    run_ip("link", "set", machine.cable, "down")
    try:
        yield
    finally:
        run_ip("link", "set", machine.cable, "up")


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
def full_disk(machine: Machine, folder: str, room: str = "64k") -> Iterator[None]:
    """Lay a disk over the folder that has room for next to nothing, owned as the folder is."""
    script = (
        'owned=$(stat -c "uid=%u,gid=%g,mode=%a" "$1") &&'
        ' mount -t tmpfs -o "size=$2,$owned" full "$1"'
    )
    machine.run("sh", "-ec", script, "sh", folder, room)
    try:
        yield
    finally:
        machine.run("umount", "--lazy", folder)  # a service may be in it


def power_cut(machine: Machine) -> None:
    """Pull the plug without a warning, and boot again."""
    machine.power_off()
    machine.boot()


def restart_engine(machine: Machine) -> None:
    """Restart Docker Engine; containers come back by their own restart policy."""
    machine.run("systemctl", "restart", "docker")
