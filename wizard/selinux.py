"""Whether SELinux is on; reading it changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.hosts import Host


def read_selinux(host: Host) -> str:
    """Give ``enforcing`` or ``permissive``; empty where it is off, or there is none."""
    said = host.run("getenforce").out.strip().lower()
    return said if said in ("enforcing", "permissive") else ""
