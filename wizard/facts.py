"""What is true of a host now; reading it changes nothing."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from wizard.changes.packages import installed
from wizard.changes.packages import known as package_known
from wizard.changes.services import SYSTEMD, init
from wizard.distros import Distro, known, read_os_release
from wizard.firewall import Firewall, read_firewall
from wizard.names import Refused, host, is_address
from wizard.nginx import NJS, Nginx, nginx_of
from wizard.runtime import Docker, ImageSource, choose, find_image, read_docker
from wizard.selinux import read_selinux, read_types
from wizard.troubles import folders

if TYPE_CHECKING:
    from wizard.answers import Answers
    from wizard.hosts import Host
    from wizard.source_facts import Source
    from wizard.troubles import Trouble

HOSTS_MARKER = "# registry-wizard"
CERTS_D = folders.DOCKER
ADDRESSES = ("ip", "-j", "addr", "show", "scope", "global")
LISTENERS = ("ss", "-Hltnp")
HAS_CRON = ("sh", "-c", "command -v cron || command -v crond")
IMAGES_DEPTH = "6"  # docker/registry/v2/repositories/TEAM/IMAGE
TOOLS = {"ip": ADDRESSES, "ss": LISTENERS}  # busybox's ip writes no JSON


@dataclass(frozen=True)
class Listener:
    """Who listens on a TCP port."""

    address: str
    port: int
    process: str
    pid: int


@dataclass(frozen=True)
class Publisher:
    """The container behind a port that Docker holds."""

    name: str
    image: str
    storage: str  # the folder with its images, where it is a registry; else empty


@dataclass(frozen=True)
class Site:
    """A server block that nginx serves now: the file it stands in, its names and ports."""

    file: str
    names: tuple[str, ...]
    ports: tuple[int, ...]


@dataclass(frozen=True)
class Space:
    """The disk under the storage folder, looked up at its nearest folder that exists."""

    folder: str
    writable: bool
    free: int  # bytes
    owners: tuple[str, ...] = ()  # of what lies in it already; looked at by a survey alone


@dataclass(frozen=True)
class Facts:
    root: bool
    os: str
    distro: Distro | None
    init: str  # systemd | init scripts
    name: str  # this machine's own full name
    addresses: tuple[str, ...]
    default_address: str
    default_device: str  # of the default route; empty where there is none
    ipv6: bool
    now: dt.datetime
    listeners: tuple[Listener, ...]
    nginx: bool
    nginx_problem: str
    registry: bool
    sites: tuple[Site, ...]
    marked_names: tuple[str, ...]  # in our own line of the hosts file
    resolved: dict[str, tuple[str, ...]]
    space: Space
    docker: Docker = Docker()
    image: ImageSource = ImageSource()
    troubles: tuple[Trouble, ...] = ()  # with trust; to be looked for once the names are known
    unread: str = ""  # our site, where nginx is here and would not read it
    nginx_group: str = ""  # of the distribution's nginx, where its settings name one
    modules: bool = True  # the distribution's nginx, where it is here, loads its modules
    bare: bool = False  # nginx serves the site it came with, where its own file is replaced
    without: tuple[str, ...] = ()  # what of ip and ss is missing, or is another's of that name
    source: Source | None = None  # of nginx; looked at by a survey alone
    firewall: Firewall = Firewall()
    selinux: str = ""  # enforcing | permissive; empty: off
    publisher: Publisher | None = None  # of the registry's port, where Docker holds it
    cron: bool = True  # it is there, or systemd is, which has timers
    looped: tuple[str, ...] = ()  # lines of the hosts file that give loopback a name
    selinux_types: frozenset[str] = frozenset()  # those that we would use and the policy knows

    def holder(self, port: int) -> Listener | None:
        return next((each for each in self.listeners if each.port == port), None)


def read_facts(host: Host, answers: Answers) -> Facts:
    """Look at everything that a plan for these answers depends on."""
    release = read_os_release(_text(host, "/etc/os-release"))
    distro, begins = known(release), init(host)
    addresses, default, device = _addresses(host)
    which = nginx_of(answers, distro)
    nginx = _is_set_up(host, which)
    test = host.run(*which.test) if nginx else None
    if test and not test.ok and _cut_off(host, distro):
        nginx, test = False, None  # there in part: it is still to be installed
    dump = host.run(which.program, "-T").out if nginx else ""
    sites = _sites(dump)
    selinux = read_selinux(host)
    listeners = listening_here(host)
    return Facts(
        root=host.run("id", "-u").out.strip() == "0",
        os=release.get("PRETTY_NAME", "an unknown system"),
        distro=distro,
        init=begins,
        cron=begins == SYSTEMD or host.run(*HAS_CRON).ok,
        name=_own_name(host),
        addresses=addresses,
        default_address=default,
        default_device=device,
        ipv6=bool(_text(host, "/proc/net/if_inet6")),
        now=dt.datetime.fromtimestamp(int(host.run("date", "+%s").out), dt.UTC),
        listeners=listeners,
        publisher=_publisher(host, listeners),
        nginx=nginx,
        nginx_problem="" if test is None or test.ok else test.err.strip(),
        registry=_has_registry(host, distro),
        sites=sites,
        marked_names=marked_names(host),
        resolved={},
        space=_space(host, answers.registry.storage),
        docker=read_docker(host),
        unread=_unread(None if which.settings else distro, dump, sites),
        nginx_group=_group(dump),
        modules=not dump or _reads(dump, NJS),
        bare=_bare(None if which.settings else distro, sites),
        without=tuple(tool for tool, argv in TOOLS.items() if not host.run(*argv).ok),
        firewall=read_firewall(host, answers.registry.ip or default),
        looped=looped_lines(host),
        selinux=selinux,
        selinux_types=read_types(host) if selinux else frozenset(),
    )


def complete(answers: Answers, facts: Facts, former: Answers | None) -> Answers:
    """Fill in what was left to detect: as it was at the last run, else as the machine says."""
    given = answers.registry
    found = detect(facts, former)
    hostname = given.hostname or found["registry.hostname"].value
    own = hostname if is_address(hostname) else ""
    ip = given.ip or own or found["registry.ip"].value
    runtime = given.runtime if given.runtime != "auto" else found["registry.runtime"].value
    return replace(answers, registry=replace(given, hostname=hostname, ip=ip, runtime=runtime))


@dataclass(frozen=True)
class Detected:
    """An answer that nobody gave, and where it comes from."""

    value: str
    source: str


def detect(facts: Facts, former: Answers | None) -> dict[str, Detected]:
    """Give what stands in for each answer that was left to detect, by the answer's key."""
    if former:
        keys = ("hostname", "ip", "runtime")
        source = "as it was at the last run"
        return {f"registry.{k}": Detected(getattr(former.registry, k), source) for k in keys}
    return {
        "registry.hostname": _detected_name(facts),
        "registry.ip": _detected_address(facts),
        "registry.runtime": _detected_runtime(facts),
    }


def resolve(host: Host, facts: Facts, names: tuple[str, ...]) -> Facts:
    """Add where each name leads from this host, hosts file and DNS alike."""
    return replace(facts, resolved=resolve_names(host, names))


def resolve_names(host: Host, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Give every address that each name leads to from this host."""
    return {name: _resolved(host, name) for name in names}


def _detected_runtime(facts: Facts) -> Detected:
    if facts.registry:
        return Detected("package", "the distribution's registry is installed here")
    package = facts.distro.registry if facts.distro else ""
    return Detected(*choose(facts.docker, facts.image, package))


def _detected_name(facts: Facts) -> Detected:
    """Give the full name if it has a dot, else one under .internal, which is for private use."""
    short = facts.name.split(".")[0]
    candidates = (
        (facts.name, "this machine's own full name"),
        (f"{short}.internal", f"made from this machine's short name, {short}"),
    )
    for candidate, source in candidates:
        try:
            return Detected(host(candidate), source)
        except Refused:
            continue
    return Detected("registry.internal", "made up: this machine has no name of its own")


def look_for_image(
    host: Host, facts: Facts, answers: Answers, former: Answers | None, *, ask: bool = True
) -> Facts:
    """Add where the registry's image comes from, where a container is possible at all."""
    runtime = answers.registry.runtime
    if runtime == "auto":
        runtime = former.registry.runtime if former else runtime
    if runtime == "package" or (runtime == "auto" and facts.docker.state != "running"):
        return facts
    return replace(facts, image=find_image(host, answers.registry, facts.docker, ask=ask))


def _detected_address(facts: Facts) -> Detected:
    if not facts.default_address:
        return Detected("", "this machine has no address but loopback")
    device = f" ({facts.default_device})" if facts.default_device else ""
    return Detected(facts.default_address, f"the address of the default route{device}")


def _has_registry(host: Host, distro: Distro | None) -> bool:
    if distro is None or not distro.registry:
        return False
    return installed(host, distro.registry, distro.manager)


def _is_set_up(host: Host, nginx: Nginx) -> bool:
    """Say whether it is there; a built one without its settings was cut off on the way."""
    return host.run(nginx.program, "-v").ok and (
        not nginx.settings or host.read(nginx.settings) is not None
    )


def _cut_off(host: Host, distro: Distro | None) -> bool:
    """Say whether the installation or removal of nginx's package stopped on the way."""
    package = (distro.nginx, distro.manager) if distro else ("", "")
    return any(package) and package_known(host, *package) and not installed(host, *package)


def _own_name(host: Host) -> str:
    full = host.run("hostname", "-f")
    return full.out.strip() if full.ok else _text(host, "/proc/sys/kernel/hostname").strip()


def _addresses(host: Host) -> tuple[tuple[str, ...], str, str]:
    """Give every global address of the host, and address and device of its default route."""
    interfaces: list[dict[str, Any]] = _json(host, *ADDRESSES)
    found = [
        (interface["ifname"], each["local"])
        for interface in interfaces
        for each in interface.get("addr_info", ())
        if "local" in each
    ]
    routes = _json(host, "ip", "-j", "-4", "route", "show", "default")
    device = routes[0].get("dev", "") if routes else ""
    preferred = [address for name, address in found if name == device and ":" not in address]
    others = [address for _, address in found if ":" not in address]
    first = (preferred + others + [address for _, address in found] + [""])[0]
    return tuple(address for _, address in found), first, device


def listening_here(host: Host) -> tuple[Listener, ...]:
    lines = host.run(*LISTENERS).out.splitlines()
    return tuple(each for line in lines if (each := _listener(line)))


def _listener(line: str) -> Listener | None:
    match = re.match(r"\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s", f"{line} ")
    if not match:
        return None
    holder = re.search(r'\(\("([^"]*)",pid=(\d+)', line)
    process, pid = (holder[1], int(holder[2])) if holder else ("another process", 0)
    return Listener(match[1].strip("[]"), int(match[2]), process, pid)


def _publisher(host: Host, listeners: tuple[Listener, ...]) -> Publisher | None:
    """Ask Docker whose port it is, where it holds the registry's."""
    if not any(each.port == 5000 and each.process == "docker-proxy" for each in listeners):
        return None
    asked = ("docker", "ps", "--filter", "publish=5000", "--format", "{{.Names}}\t{{.Image}}")
    name, tab, image = host.run(*asked).out.strip().partition("\t")
    mounted = '{{range .Mounts}}{{if eq .Destination "/var/lib/registry"}}{{.Source}}{{end}}{{end}}'
    storage = host.run("docker", "inspect", "--format", mounted, name).out.strip() if tab else ""
    return Publisher(name, image, storage) if tab else None


def _sites(dump: str) -> tuple[Site, ...]:
    """Read ``nginx -T``: each server block's names and ports, by the file it stands in."""
    found: list[Site] = []
    for part in re.split(r"(?m)^# configuration file ", dump)[1:]:
        file, _, text = part.partition("\n")
        text = re.sub(r"(?m)(^|\s)#.*$", r"\1", text)
        for block in re.split(r"\bserver\s*\{", text)[1:]:
            names = " ".join(re.findall(r"\bserver_name\s+([^;]*);", block)).split()
            ports = re.findall(r"\blisten\s+(?:\S+:)?(\d+)\b", block)
            found.append(Site(file.rstrip(":"), tuple(names), tuple(int(p) for p in ports)))
    return tuple(found)


def _unread(distro: Distro | None, dump: str, sites: tuple[Site, ...]) -> str:
    """Give the path of our site if nginx would not read it, and this is not ours to change."""
    if distro is None or not dump or _bare(distro, sites) or _reads(dump, distro.site):
        return ""
    return distro.site


def _group(dump: str) -> str:
    """Give the group as which nginx serves, if its settings say so (``user NAME [GROUP]``)."""
    found = re.search(r"(?m)^\s*user\s+([^\s;]+)(?:\s+([^\s;]+))?\s*;", dump)
    return (found[2] or found[1]) if found else ""


def _bare(distro: Distro | None, sites: tuple[Site, ...]) -> bool:
    """Say whether nobody has set up anything in upstream's own nginx.conf."""
    whole = distro.nginx_conf if distro else ""
    return whole != "" and sites == (Site(whole, ("localhost",), (80,)),)


def _reads(dump: str, path: str) -> bool:
    patterns = re.findall(r"(?m)(?:^|[{};])\s*include\s+[\"']?([^;\"'\s]+)", dump)
    return any(fnmatch(path, str(PurePosixPath("/etc/nginx", each))) for each in patterns)


def marked_names(host: Host) -> tuple[str, ...]:
    """Give the names in the marked lines of the hosts file."""
    lines = _text(host, "/etc/hosts").splitlines()
    ours = (line for line in lines if line.rstrip().endswith(HOSTS_MARKER))
    return tuple(name for line in ours for name in line.split("#")[0].split()[1:])


def looped_lines(host: Host) -> tuple[str, ...]:
    """Give the lines of the hosts file that lead names to loopback, as they stand there."""
    lines = (line.rstrip("\r") for line in _text(host, "/etc/hosts").split("\n"))
    return tuple(x for x in lines if re.match(r"\s*(127\.|::1\s)", x) and "\ufffd" not in x)


def _resolved(host: Host, name: str) -> tuple[str, ...]:
    lines = host.run("getent", "ahosts", name).out.splitlines()
    return tuple(dict.fromkeys(line.split()[0] for line in lines if line.strip()))


def free_space(host: Host, storage: str) -> tuple[str, int]:
    """Give the nearest folder above ``storage`` that exists, and the bytes free on its disk.

    A device and the place where it is mounted may have blanks in their names.
    """
    there = [storage, *(str(parent) for parent in PurePosixPath(storage).parents)]
    folder = next((each for each in there if host.folder(each) is not None), "/")
    last = host.run("df", "-P", "-B1", folder).out.splitlines()[-1:]
    found = re.search(r"\s\d+\s+\d+\s+(\d+)\s+(?:\d+%|-)\s", last[0]) if last else None
    return folder, int(found[1]) if found else 0


def _space(host: Host, storage: str) -> Space:
    folder, free = free_space(host, storage)
    return Space(folder=folder, writable=host.run("test", "-w", folder).ok, free=free)


def with_owners(host: Host, facts: Facts, answers: Answers, former: Answers | None) -> Facts:
    """Add whose files lie in the storage.

    Where our registry has been at work in it, the folders down to the images are looked at: all
    of it may be hundreds of thousands of files. In any other every file is.
    """
    storage = answers.registry.storage
    ours = former is not None and former.registry.storage == storage
    depth = ("-maxdepth", IMAGES_DEPTH) if ours else ()
    find = ("find", "-H", storage, "-mindepth", "1", *depth, "-printf", "%u\n")
    owners = host.run(*find).out.split()
    return replace(facts, space=replace(facts.space, owners=tuple(sorted(set(owners)))))


def _json(host: Host, *argv: str) -> Any:
    out = host.run(*argv).out.strip()
    return json.loads(out) if out else []


def _text(host: Host, path: str) -> str:
    return host.run("cat", path).out
