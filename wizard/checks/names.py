"""Looks at where the names lead: hosts file, DNS, and whether they agree."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from wizard.checks.said import Look, Unseen, aside, bad, doubt, good
from wizard.names import in_url

if TYPE_CHECKING:
    from wizard.checks.scene import Scene
    from wizard.hosts import Host

# A resolver that does not answer is not waited for longer than this.
SECONDS = "timeout:1 attempts:1"
HOSTS = "look at /etc/hosts and DNS"


def resolve(scene: Scene) -> Look:
    """Every name leads to the registry, whoever says so: hosts file or DNS."""
    for name in scene.target.names:
        found, ip = scene.resolved[name], scene.target.ip
        seen = f"{name} leads to {', '.join(found) or 'nowhere: no hosts file and no DNS knows it'}"
        looped = any(_is_loopback(each) for each in found)
        if not found:
            line = f"put it into DNS, or a line `{ip or 'ADDRESS'} {name}` into /etc/hosts"
            yield bad(seen, line)
        elif looped:
            why = "; that is loopback, where Docker verifies no certificate at all"
            yield bad(seen + why, f"take {name} off the loopback lines of /etc/hosts")
        elif ip and (ip not in found or (scene.own and not set(found) <= scene.rightly(name))):
            yield bad(seen, f"it should lead to {ip} only: {HOSTS}")
        else:
            yield good(seen)
    if not scene.target.names:
        yield good(f"{scene.target.name} is an address: there is no name to resolve")


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def dns(scene: Scene) -> Look:
    """What DNS alone says: other machines may have no line in their hosts file."""
    for name in scene.target.names:
        asked = by_dns(scene, name)
        right = scene.rightly(name)
        if asked is None:
            yield aside(f"DNS was not asked for {name}: getent here cannot ask it alone")
        elif not asked:
            yield good(f"DNS does not know {name}: each client needs its line in /etc/hosts")
        elif set(asked) & right or not right:
            yield good(f"DNS says {', '.join(asked)} for {name}{_called(scene)}")
        else:
            seen = f"DNS says {', '.join(asked)} for {name}, but here it is {', '.join(right)}"
            yield doubt(seen, "correct DNS: machines without a line in /etc/hosts go elsewhere")
    if not scene.target.names:
        yield good(f"{scene.target.name} is an address: DNS is not asked")


def _called(scene: Scene) -> str:
    """Say what the address is called in turn; registries work whatever that is."""
    found = scene.host.run("env", f"RES_OPTIONS={SECONDS}", "getent", "-s", "dns", "hosts",
                           *scene.doors[:1]) if scene.doors else None  # fmt: skip
    called = found.out.split()[1:2] if found and found.ok else []
    return f", and {called[0]} for {scene.doors[0]}" if called else ""


def by_dns(scene: Scene, name: str) -> tuple[str, ...] | None:
    """Give what DNS alone says for a name; None where it cannot be asked alone."""
    made: tuple[str, ...] | None = scene.once(("dns", name), lambda: _ask_dns(scene.host, name))
    return made


def _ask_dns(host: Host, name: str) -> tuple[str, ...] | None:
    asked = ("env", f"RES_OPTIONS={SECONDS}", "getent", "-s", "dns", "ahosts", name)
    found = host.run(*asked)
    if not found.ok and "sage" in found.err:  # a getent without -s, as musl's is
        return None
    return tuple(dict.fromkeys(line.split()[0] for line in found.out.splitlines() if line.strip()))


def tcp(scene: Scene) -> Look:
    """Every address takes connections; of several, clients may get to any."""
    target = scene.target
    if not scene.doors:
        raise Unseen(f"{target.name} leads nowhere")
    for address in scene.doors:
        where, how = in_url(address, target.port), scene.reached[address]
        where = where if target.port != 443 else f"{where}:443"
        seen, remedy = _REACHED.get(how, (f"{{}}: {how}", "look at the network in between"))
        if how == "open":
            yield good(seen.format(where))
        elif scene.open and how not in _REACHED:
            yield good(f"{where} is not reached from here ({how}); another address is")
        else:
            yield (doubt if scene.open else bad)(seen.format(where), remedy)


_REACHED = {
    "open": ("{} accepts connections", ""),
    "refused": (
        "{} refused the connection: the machine is there, and nothing listens on that port",
        "is nginx running there, on that port? systemctl status nginx",
    ),
    "silent": (
        "{} does not answer at all: a firewall drops it, or no machine is there",
        "open the port in the firewalls in between; is the machine up?",
    ),
}


def speaks(scene: Scene) -> Look:
    """TLS is spoken there, and not something else."""
    if not scene.open:
        raise Unseen("nothing answers there")
    met = {each: scene.met(scene.target.name, each) for each in scene.open}
    for address, found in met.items():
        if found.kind in _SPOKEN:
            seen, remedy = _SPOKEN[found.kind]
            yield bad(seen.format(in_url(address, scene.target.port), found.said), remedy)
    if not any(each.kind in _SPOKEN for each in met.values()):
        yield good(f"{scene.target.at} speaks TLS")


_PORT = "nginx needs `listen PORT ssl` there: is it the right port?"
_SPOKEN = {
    "plain": ("{} speaks plain HTTP, no TLS (it answers /v2/ with {})", _PORT),
    "other": ("{} speaks neither TLS nor HTTP (it says {!r})", _PORT),
    "silent": ("{} accepts connections and then says nothing", _PORT),
    "cut": (
        "{} ends the handshake of TLS: {}",
        "does it know this name (server_name), and want no client's certificate? its error log",
    ),
}
