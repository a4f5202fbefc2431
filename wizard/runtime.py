"""How the registry can run here: what Docker Engine there is, and whether its image can be had."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes.containers import has_socket, is_ours
from wizard.changes.services import is_running
from wizard.errors import WizardError
from wizard.image_archive import MACHINES, Archive, read_archive

if TYPE_CHECKING:
    from wizard.answers import Registry
    from wizard.hosts import Host

CONTAINER = "registry-wizard"
OLDEST = (20, 10)  # what the tests run; 20.10 is in Debian 11


@dataclass(frozen=True)
class Docker:
    """The Docker Engine of a host, as it was found."""

    state: str = "missing"  # missing | stopped | silent | running
    version: str = ""
    problem: str = ""  # why it is silent
    container: str = ""  # under our name: ours | foreign
    command: bool = False  # `docker` is there, which an engine does not bring everywhere

    @property
    def too_old(self) -> bool:
        number = tuple(int(each) for each in re.findall(r"\d+", self.version)[:2])
        return bool(number) and number < OLDEST


@dataclass(frozen=True)
class ImageSource:
    """Where the registry's image comes from."""

    reference: str = ""
    how: str = ""  # there | archive | pull; empty: it cannot be had, or nobody has looked
    problem: str = ""
    archive: Archive | None = None


def read_docker(host: Host) -> Docker:
    """Look for an engine without starting one."""
    installed, command = host.run("dockerd", "--version"), host.run("docker", "--version").ok
    number = _number(installed.out)
    if not has_socket(host):
        return Docker("stopped" if installed.ok else "missing", number, command=command)
    try:
        version = host.engine().version()
        found = host.engine().container(CONTAINER)
    except WizardError as error:
        startable = installed.ok and not is_running(host, "docker")
        return Docker("stopped" if startable else "silent", number, str(error), command=command)
    whose = ("ours" if is_ours(found) else "foreign") if found else ""
    return Docker("running", version, container=whose, command=command)


def find_image(host: Host, registry: Registry, docker: Docker, *, ask: bool = True) -> ImageSource:
    """Say how the image can be had: it is there, in the file, or its registry can be reached.

    Without ``ask`` it is taken for granted that it can.
    """
    if registry.image_archive:
        try:
            archive = read_archive(host, registry.image_archive, registry.image)
        except WizardError as error:
            return ImageSource(registry.image, "", f"{error} (an example of right: {error.hint})")
        return _fitting(host, registry, archive)
    if docker.state != "running":
        return ImageSource(registry.image)
    try:
        if host.engine().image(registry.image):
            return ImageSource(registry.image, "there")
        if ask:
            host.engine().remote_digest(registry.image)
    except WizardError as error:
        return ImageSource(registry.image, "", str(error))
    return ImageSource(registry.image, "pull")


def choose(docker: Docker, source: ImageSource, registry_package: str) -> tuple[str, str]:
    """Give the runtime that ``auto`` means on a new machine, and why."""
    if not registry_package:
        return "container", "the distribution has no package of the registry"
    if docker.state != "running":
        return "package", f"{_STATES[docker.state]}"
    if docker.too_old:
        return "package", f"Docker Engine {docker.version} is too old"
    if not source.how:
        return "package", f"Docker Engine {docker.version} runs here, but {source.problem}"
    how = _WAYS[source.how].format(source.reference)
    return "container", f"Docker Engine {docker.version} runs here and {how}"


def _fitting(host: Host, registry: Registry, archive: Archive) -> ImageSource:
    own = MACHINES.get(host.run("uname", "-m").out.strip(), "")
    if archive.architecture and own and archive.architecture != own:
        why = f"{registry.image_archive} is for {archive.architecture}; this machine is {own}"
        return ImageSource(archive.reference, "", why)
    return ImageSource(archive.reference, "archive", archive=archive)


def _number(said: str) -> str:
    found = re.search(r"\d+\.\d+[\w.+~-]*", said)
    return found[0] if found else ""


_STATES = {
    "missing": "no Docker Engine is installed here",
    "stopped": "the Docker Engine here does not run",
    "silent": "the Docker Engine here does not answer",
}
_WAYS = {
    "there": "has the image {}",
    "archive": "the image {} is in the archive",
    "pull": "the image {} can be pulled",
}
