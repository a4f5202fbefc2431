"""How the registry runs now: as a service, or in a container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.containers import DIGEST, runs, spec_of
from wizard.changes.services import is_enabled, is_running
from wizard.distros import known, read_os_release
from wizard.runtime import CONTAINER

if TYPE_CHECKING:
    from wizard.hosts import Host


def look(host: Host, runtime: str) -> tuple[bool, bool, str]:
    """Say whether it runs, whether it comes back with the machine, and what it is."""
    if runtime != "container":
        name = _service(host)
        return is_running(host, name), is_enabled(host, name), f"the service {name}"
    found = host.engine().container(CONTAINER) if runs(host) else None
    if found is None:
        return False, False, f"the container {CONTAINER}"
    image, digest = spec_of(CONTAINER, found).image, found.labels[DIGEST]
    # Docker itself must come back; one that somebody starts by hand is theirs to start.
    back = is_enabled(host, "docker") or not is_running(host, "docker")
    return (
        found.running,
        back and found.back,
        f"the container {CONTAINER} of {image} ({digest[:19]})",
    )


def _service(host: Host) -> str:
    distro = known(read_os_release(host.run("cat", "/etc/os-release").out))
    return distro.registry_service if distro else "docker-registry"
