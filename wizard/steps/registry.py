"""The registry's own settings and its storage folder, for the package and for the container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.commands import Command
from wizard.changes.containers import RemoveContainer
from wizard.changes.files import WriteFile
from wizard.changes.folders import MakeFolder
from wizard.changes.services import Service, restart
from wizard.credentials import ETC, MOUNTED, PAIR
from wizard.engine import STOP_SECONDS
from wizard.plan import Step
from wizard.render import render
from wizard.runtime import CONTAINER
from wizard.survey import REGISTRY_PORT

if TYPE_CHECKING:
    from wizard.given import Given

INSIDE = ETC
BETWEEN_SHOWN = "a key and its certificate, which nginx and the registry know each other by"
IMAGES_INSIDE = "/var/lib/registry"
# Where systemd holds the socket of an engine that is stopped, a question would start it.
THERE = """systemctl is-active -q docker.socket && ! systemctl is-active -q docker && exit 1
exec docker container inspect "$1\""""
RESTART = Command(
    ("docker", "restart", "--time", str(STOP_SECONDS), CONTAINER),
    ("sh", "-c", THERE, "sh", CONTAINER),
)


def plan(given: Given) -> Step:
    return in_container(given) if given.contained else from_package(given)


def from_package(given: Given) -> Step:
    registry, user = given.answers.registry, given.distro.registry_user
    content = _settings(given, f"127.0.0.1:{REGISTRY_PORT}", registry.storage, ETC)
    write = WriteFile(given.distro.registry_file, content, 0o640, group=user, hidden=("secret",))
    former = (RemoveContainer(CONTAINER),) if given.facts.docker.container == "ours" else ()
    return Step(
        id="registry",
        title="Set up the registry",
        why="It listens on loopback only; nginx is the one way in.",
        changes=(*former, _storage(given), _between(given, ETC), write),
        then=(restart(given.host, given.distro.registry_service),),
    )


def in_container(given: Given) -> Step:
    path, user = f"{MOUNTED}/config.yml", given.distro.registry_user
    content = _settings(given, f":{REGISTRY_PORT}", IMAGES_INSIDE, INSIDE)
    off = Service(given.distro.registry_service, running=False, enabled=False)
    former = (off,) if given.facts.registry else ()
    return Step(
        id="registry",
        title="Set up the registry",
        why="Inside the container it listens on every address; Docker publishes it on loopback.",
        changes=(
            *former,
            _storage(given),
            _between(given, MOUNTED),
            WriteFile(path, content, 0o640, group=user, hidden=("secret",)),
        ),
        then=(RESTART,),
    )


def _storage(given: Given) -> MakeFolder:
    """Say whose it is: the registry writes; nginx, if anybody, reads."""
    user = given.distro.registry_user
    group = given.nginx_group if given.serves else user
    return MakeFolder(given.answers.registry.storage, 0o750, user, group)


def _between(given: Given, folder: str) -> WriteFile:
    """Give what the registry knows nginx by; it answers nobody else on this machine."""
    return WriteFile(
        f"{folder}/{PAIR}",
        given.credentials.between,
        0o640,
        group=given.distro.registry_user,
        secret=True,
        shown=BETWEEN_SHOWN,
    )


def _settings(given: Given, address: str, storage: str, folder: str) -> bytes:
    return render(
        "config.yml",
        address=address,
        storage=storage,
        delete=given.answers.registry.delete,
        secret=given.credentials.http_secret,
        between=f"{folder}/{PAIR}",
    )
