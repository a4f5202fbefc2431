"""Looks that only the registry's own server can take: services, storage, files, firewall."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard import renewal, running
from wizard.changes.files import Link, MarkedLine, RemoveFile, WriteFile, digest
from wizard.changes.services import is_enabled, is_running
from wizard.checks.said import FAILED, WARNING, Look, Said, all_of, aside, bad, doubt, good, verdict
from wizard.credentials import BETWEEN, ETC, FRONT_SECRET, HTPASSWD, password_file
from wizard.facts import free_space
from wizard.join import SCRIPT
from wizard.names import RESERVED_USER
from wizard.nginx import FRONT_FOLDER, Nginx, nginx_of
from wizard.pem import certificates

if TYPE_CHECKING:
    from wizard.answers import Answers
    from wizard.changes import Change
    from wizard.checks.scene import Scene
    from wizard.distros import Distro
    from wizard.events import Found
    from wizard.hosts import Host
    from wizard.journal import Journal

PKI = f"{ETC}/pki"
MODES = {
    PKI: 0o700,
    f"{PKI}/ca.key": 0o400,
    f"{PKI}/server.key": 0o600,
    HTPASSWD: 0o640,
    FRONT_FOLDER: 0o700,
    BETWEEN: 0o600,
    FRONT_SECRET: 0o600,
    password_file(RESERVED_USER): 0o600,
    f"{ETC}/http.secret": 0o600,
    f"{ETC}/answers.toml": 0o600,
}
AGAIN = "run the wizard again"
MIB = 1024 * 1024
FULL, TIGHT = 64 * MIB, 2048 * MIB
TEMPORARY = "/var/lib/nginx"
# The folders in which a push writes first; those further down are made by the registry itself.
INSIDE = ("", "/docker", "/docker/registry", "/docker/registry/v2")
FILES = (WriteFile, RemoveFile, MarkedLine, Link)
DEEPER = tuple(f"{INSIDE[-1]}/{each}" for each in ("blobs", "blobs/sha256", "repositories"))


@dataclass(frozen=True)
class Own:
    """The installation on this machine, as it is on record and as it is."""

    answers: Answers
    distro: Distro | None
    served: bytes  # the certificate as it lies on disk
    journal: Journal
    init: str
    redirects: bool = True  # whether nginx has port 80, to lead away from it
    local: tuple[str, ...] = ()  # this machine's own addresses
    openings: tuple[Change, ...] = ()  # what must be so in the firewall at work
    shut: tuple[Found, ...] = ()  # what in the firewall is not ours to open
    selinux: str = ""  # enforcing | permissive; empty: off
    allowances: tuple[Change, ...] = ()  # what must be so in SELinux

    @property
    def nginx(self) -> Nginx:
        return nginx_of(self.answers, self.distro)

    @property
    def fingerprint(self) -> str:
        """Give that of the server's own certificate on the disk; empty where it is damaged."""
        return next(iter(certificates(self.served)), "")

    @property
    def certificate(self) -> str:
        return f"{PKI}/server.crt"

    @property
    def registry_user(self) -> str:
        return self.distro.registry_user if self.distro else "docker-registry"

    def behind(self, host: Host) -> str:
        """Say what keeps nginx from the registry: it is not there, or SELinux forbids it."""
        enforcing = self.selinux == "enforcing"
        if enforcing and any(each.compare(host) for each in self.allowances):
            return "nginx is up, and SELinux keeps it from the registry: see the check `selinux`"
        said = "nginx is up, the registry behind it is not: see the check `runtime`"
        more = "; if that passed, SELinux may keep nginx from it: ausearch -m avc -ts recent"
        return said + more if enforcing else said


def nginx(scene: Scene) -> Look:
    which = scene.installed().nginx
    up = is_running(scene.host, which.service)
    seen = f"the service {which.service} {'runs' if up else 'does not run'}"
    why = f"systemctl start {which.service}; its own log says why it ended"
    yield verdict(up, seen, why)


def nginx_files(scene: Scene) -> Look:
    """What lies there now is what nginx starts with the next time."""
    tested = scene.host.run(*scene.installed().nginx.test)
    said = next((line for line in tested.err.splitlines() if "emerg" in line), tested.err.strip())
    seen = f"nginx could not start again, or reload: {said}"
    remedy = "correct that line: at the next restart of the machine nothing would answer"
    yield (
        good("nginx could start again with the files that lie there")
        if tested.ok
        else bad(seen, remedy)
    )


def runtime(scene: Scene) -> Look:
    up, _, what = running.look(scene.host, scene.installed().answers.registry.runtime)
    yield verdict(up, f"{what} {'runs' if up else 'does not run'}", f"{AGAIN}: it starts it")


def boot(scene: Scene) -> Look:
    """What runs now comes back with the machine."""
    own = scene.installed()
    _, back, what = running.look(scene.host, own.answers.registry.runtime)
    wrong = [] if back else [f"{what} would not come back with the machine"]
    if not is_enabled(scene.host, own.nginx.service):
        wrong.append(f"{own.nginx.service} would not come back with the machine")
    yield from all_of("nginx and the registry come back with the machine", wrong, AGAIN)


def renewed(scene: Scene) -> Look:
    """Somebody looks every day whether the certificate is due."""
    own = scene.installed()
    found = renewal.look(scene.host, own.init, own.served, scene.now)
    # A script that was printed sets none up: there is no program that it could run.
    never = not any(getattr(each, "path", "") in renewal.PLACES for each in own.journal.latest())
    mild = never and found.verdict == FAILED
    yield Said(WARNING if mild else found.verdict, found.seen, found.remedy)


def storage(scene: Scene) -> Look:
    """The registry's user may write where images are kept, and nginx's read what it sends."""
    own = scene.installed()
    folder, user = own.answers.registry.storage, own.registry_user
    there = [f"{folder}{each}" for each in (*INSIDE, *DEEPER)]
    every = [path for path in there if scene.host.folder(path) is not None]
    if not every:
        yield bad(f"{folder} is not there", f"mount its disk, or {AGAIN}")
        return
    found = scene.host.run("runuser", "-u", user, "--", "sh", "-c", _WRITE, "sh", *every)
    if not found.ok:
        yield aside(f"not looked at: {found.err.strip()[:100]}")
        return
    refused = found.out.splitlines()
    remedy = f"chown -R {user}: {folder}; if that fails, it is mounted read-only: see dmesg"
    wrong = [f"{user}, as whom the registry runs, may not write {path}" for path in refused]
    yield from all_of(f"{user} may write {folder}", wrong[:1], remedy)
    if not wrong:
        yield from _sent(scene, every)


def _sent(scene: Scene, folders: list[str]) -> Look:
    """Where nginx is to send layers and may not read them, the registry goes on doing it."""
    nginx = scene.installed().nginx
    site = scene.host.read(nginx.site)
    if site is None or b"location @storage" not in site.content:
        return
    argv = ("runuser", "-u", nginx.user, "--", "sh", "-c", _ENTER, "sh", *folders)
    if refused := scene.host.run(*argv).out.splitlines():
        seen = f"{nginx.user}, as whom nginx serves, may not enter {refused[0]}"
        yield doubt(
            f"{seen}: layers come through the registry, which takes longer",
            f"{AGAIN}, which makes the folder right; for what is in it: chmod -R o+rX {folders[0]}",
        )


_ENTER = 'for each; do [ -x "$each" ] || echo "$each"; done'
_WRITE = 'for each; do [ -w "$each" ] || echo "$each"; done'


def disk(scene: Scene) -> Look:
    """Room for images, and for what nginx puts down on the way."""
    own = scene.installed()
    temporary = own.answers.proxy.prefix if own.nginx.settings else TEMPORARY
    for folder, use in ((own.answers.registry.storage, "images"), (temporary, "nginx")):
        there, free = free_space(scene.host, folder)
        seen = f"{_size(free)} free for {use} ({there})"
        if free < FULL:
            yield bad(f"{seen}: it is full", "make room: delete images and collect garbage")
        elif free < TIGHT and use == "images":
            yield doubt(seen, "make room before it is full: a push needs its whole layer")
        else:
            yield good(seen)


def _size(count: int) -> str:
    return f"{count / 1024 / MIB:.1f} GiB" if count >= 1024 * MIB else f"{count // MIB} MiB"


def firewall(scene: Scene) -> Look:
    """Whether the openings are still there: from this machine itself they cannot be tried."""
    own = scene.installed()
    yield from (doubt(each.text, each.remedy) for each in own.shut)
    yield from _so(own.openings, "what the wizard opens in the firewall is open", scene.host)


def selinux(scene: Scene) -> Look:
    own = scene.installed()
    right = f"{own.selinux}, and lets nginx listen, read its files and ask the registry"
    yield from _so(own.allowances, right, scene.host)


def _so(wanted: tuple[Change, ...], right: str, host: Host) -> Look:
    """Say whether all of these are so; where nothing stands in the way there is nothing to say."""
    if wanted:
        due = [each.label for each in wanted if each.compare(host)]
        seen = f"still to do: {'; '.join(due)}" if due else right
        yield verdict(not due, seen, AGAIN)


def modes(scene: Scene) -> Look:
    wrong = []
    for path, mode in MODES.items():
        found = scene.host.read(path) or scene.host.folder(path)
        if found is None or found.mode != mode:
            wrong.append(f"{path} is {f'{found.mode:04o}' if found else 'missing'}, not {mode:04o}")
    yield from all_of("keys and passwords can be read by those who need them only", wrong, AGAIN)


def join(scene: Scene) -> Look:
    """What clients fetch by the address is what lies on the disk, and it has our CA in it."""
    ip, ca = scene.target.ip, scene.target.ca
    front = replace(scene.front, name=ip, address=ip).anonymous()
    script, published = (front.ask("GET", path) for path in ("/join.sh", "/ca.crt"))
    on_disk = scene.host.read(SCRIPT)
    wrong = []
    if script.status != 200 or not on_disk or script.body != on_disk.content:
        wrong.append(f"/join.sh ({script.status}) is not what lies in {SCRIPT}")
    elif ca.strip() not in script.body:
        wrong.append(f"{SCRIPT} has another CA in it")
    if published.status != 200 or list(certificates(published.body)) != list(certificates(ca)):
        wrong.append(f"/ca.crt ({published.status}) is not our CA")
    seen = f"clients get the script of SHA-256 {digest(script.body)}, and our CA"
    yield from all_of(seen, wrong, AGAIN)


def drift(scene: Scene) -> Look:
    """What somebody changed since the wizard wrote it; undo would ask about it, too."""
    every = (each for each in scene.installed().journal.latest() if isinstance(each, FILES))
    changed = [each.path for each in every if (found := each.compare(scene.host)) and found.drift]
    if changed:
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        seen = f"changed by somebody else since: {', '.join(changed[:5])}{more}"
        remedy = "registry-wizard undo --dry-run shows each; the next run asks about it"
        yield doubt(seen, remedy)
    else:
        yield good("the files that the wizard wrote are as it left them")
