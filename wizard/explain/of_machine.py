"""Looks at what runs on this machine: Docker, logins, disks, the registry."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING

from wizard import json_text, running
from wizard.changes.services import is_running
from wizard.clients.facts import programs_of
from wizard.distros import known, read_os_release
from wizard.events import Checked
from wizard.explain.of_network import unseen
from wizard.facts import free_space
from wizard.failures import recognise
from wizard.failures.cause import ROOT
from wizard.names import in_url
from wizard.nginx import ERRORS, nginx_of
from wizard.place import former_answers
from wizard.selinux import read_selinux
from wizard.troubles.insecure import DAEMON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.explain.scene import Scene

RECENT = dt.timedelta(hours=1)  # what is older in a log is about something else
_STAMPED = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"
GIB = 1024**3
STORES = ("/var/lib/docker", "/var/lib/containers", "/var/lib/containerd", "/")


def docker(scene: Scene) -> Iterator[Checked]:
    if "dockerd" not in programs_of(scene.host):
        yield Checked("docker", "failed", "there is no Docker Engine on this machine")
        return
    runs = is_running(scene.host, "docker")
    seen = f"Docker {'runs' if runs else 'does not run'} on this machine"
    remedy = "" if runs else "systemctl start docker"
    yield Checked("docker", "passed" if runs else "failed", seen, remedy)


def daemon(scene: Scene) -> Iterator[Checked]:
    """Whether Docker can read its settings."""
    file = scene.host.read(DAEMON)
    if file is None:
        yield Checked("daemon-json", "passed", f"there is no {DAEMON}, so nothing in it is wrong")
        return
    try:
        json_text.names(json_text.read(file.content), "insecure-registries")
    except json_text.Broken as broken:
        remedy = "mend it by hand; dockerd --validate tests it"
        yield Checked("daemon-json", "failed", f"{DAEMON} cannot be read: {broken}", remedy)
        return
    yield Checked("daemon-json", "passed", f"{DAEMON} can be read")


def user(scene: Scene) -> Iterator[Checked]:
    groups = scene.host.run("id", "-nG").out.split()
    good = "docker" in groups or scene.host.run("id", "-u").out.strip() == "0"
    word = "may" if good else "is neither root nor in the group docker, so it may not"
    yield Checked("user", "passed" if good else "failed", f"this user {word} speak to Docker")


def login(scene: Scene) -> Iterator[Checked]:
    """Whether this user has a login on file for the registry; what it is is not read out."""
    own = scene.environ.get("DOCKER_CONFIG") or f"{scene.home}/.docker"
    run = scene.environ.get("XDG_RUNTIME_DIR") or "/run/containers/0"
    for path in (f"{own}/config.json", f"{run}/containers/auth.json", f"{run}/auth.json"):
        file = scene.host.read(path)
        if file is not None and scene.name:
            yield _on_file(path, json_text.read(file.content), scene)


def _on_file(path: str, text: str, scene: Scene) -> Checked:
    try:
        held = json.loads(text)
        known = {re.sub(r"\Ahttps?://|/.*\Z", "", each) for each in held.get("auths", {})}
    except (ValueError, AttributeError, TypeError):
        return Checked("login", "failed", f"{path} is damaged", f"mv {path} {path}.damaged")
    if scene.at in known or in_url(scene.name) in known:
        return Checked("login", "passed", f"{path} has a login for {scene.at}")
    return Checked("login", "failed", f"{path} has no login for {scene.at}")


def space(scene: Scene) -> Iterator[Checked]:
    """How much room is left where images lie."""
    storage = scene.record.registry.storage if scene.serves and scene.record else ""
    for path in filter(None, (storage, *STORES)):
        if scene.host.folder(path):
            free = free_space(scene.host, path)[1]
            seen = f"{free / GIB:.1f} GiB are free under {path}"
            yield Checked("space", "passed" if free > GIB else "failed", seen)


def storage(scene: Scene) -> Iterator[Checked]:
    """Whether the registry may write where its images lie."""
    if not scene.serves or scene.record is None:
        yield unseen("storage", f"the images are on {scene.name or 'the server'}, not here")
        return
    path = scene.record.registry.storage
    wrong, remedy = _unwritable(scene, path)
    seen = wrong or f"{path} belongs to the registry, and can be written"
    yield Checked("storage", "failed" if wrong else "passed", seen, remedy)


def _unwritable(scene: Scene, path: str) -> tuple[str, str]:
    """Say why it cannot be written, and what to do; nothing where it can."""
    folder = scene.host.folder(path)
    distro = known(read_os_release(scene.host.run("cat", "/etc/os-release").out))
    if folder is None:
        return f"there is no folder {path}", "is its disk mounted?"
    if not scene.host.run("test", "-w", path).ok:
        return f"{path} can only be read: its disk is mounted so", "dmesg | tail says why"
    if distro and folder.owner != distro.registry_user:
        return f"{path} belongs to {folder.owner}, the registry is {distro.registry_user}", ""
    return "", ""


def installed(scene: Scene) -> Iterator[Checked]:
    """Which registry this machine was set up with."""
    found = former_answers(scene.host)
    if found is None:
        yield unseen("registry", "this machine has no record of a registry of its own")
        return
    at = in_url(found.registry.hostname, found.registry.https_port)
    yield Checked("registry", "passed", f"the registry of this machine is {at}: {at}/IMAGE")


def behind(scene: Scene) -> Iterator[Checked]:
    """Whether the registry runs, and what nginx says about it, where both are here."""
    if not scene.here:
        yield unseen("registry", f"it runs on {scene.name or 'the server'}, not here")
        return
    if scene.record:
        up, _, what = running.look(scene.host, scene.record.registry.runtime)
        seen = f"{what} {'runs' if up else 'does not run'}"
        yield Checked("registry", "passed" if up else "failed", seen)
        yield from _journal(scene, what)
    selinux = read_selinux(scene.host)
    if selinux:
        yield Checked("selinux", "passed", f"SELinux is {selinux}")
    errors = nginx_of(scene.record, None).errors if scene.record else ERRORS
    yield from _log(scene, "nginx", errors, ("tail", "-n", "50", errors), recent)


def _journal(scene: Scene, what: str) -> Iterator[Checked]:
    """What the registry says itself, of which only what explains all else is worth telling."""
    kind, _, service = what.rpartition(" ")
    if kind == "the service":
        words = ("journalctl", "-u", service, "-n", "50", "-o", "cat", "--no-pager", "-S", "-1h")
        found = _log(scene, "registry", f"the log of {service}", words)
        yield from (each for each in found if each.verdict == "failed")


def _log(
    scene: Scene,
    about: str,
    where: str,
    words: tuple[str, ...],
    kept: Callable[[str], str] = str,
) -> Iterator[Checked]:
    log = scene.host.run(*words)
    if not log.ok:
        yield unseen(about, f"{where} cannot be read by this user, or is not there")
        return
    found = recognise(kept(log.out))
    if found and found.known.rank == ROOT:
        yield Checked(about, "failed", f"{where} ends with: {found.cause}")


def recent(log: str) -> str:
    """Give the lines of nginx's error log of the last hour, each with what belongs to it."""
    since = f"{dt.datetime.now() - RECENT:%Y/%m/%d %H:%M:%S}"  # noqa: DTZ005  (as nginx writes)
    stamps = re.finditer(rf"^{_STAMPED}", log, re.MULTILINE)
    return next((log[each.start() :] for each in stamps if each[0] >= since), "")
