"""Looks at the way to the registry: its name, its port, who listens, clocks and proxies."""

from __future__ import annotations

import ipaddress
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from wizard.checks.machine import excepted, proxied, variables
from wizard.clients.checks import SKEW_SECONDS
from wizard.events import Checked
from wizard.facts import HOSTS_MARKER, listening_here
from wizard.front import fetch_unverified
from wizard.hosts import NOT_FOUND
from wizard.names import in_url, is_address
from wizard.peer import ask_plainly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.explain.scene import Scene


def name(scene: Scene) -> Iterator[Checked]:
    """Where the name leads, and whether that is right."""
    if not scene.name or is_address(scene.name):
        return
    if not scene.leads:
        if scene.host.run("getent", "hosts", "localhost").code == NOT_FOUND:
            yield unseen("resolve", f"where {scene.name} leads: there is no getent here")
            return
        seen = f"{scene.name} leads nowhere: it is neither in /etc/hosts nor known to DNS"
        yield Checked("resolve", "failed", seen)
        return
    seen = f"{scene.name} leads to {', '.join(scene.leads)}"
    if any(ipaddress.ip_address(each.partition("%")[0]).is_loopback for each in scene.leads):
        why = ", this machine itself, where Docker verifies no certificate at all"
        right = scene.here and len(scene.leads) == 1
        remedy = "" if right else "take that line out of /etc/hosts if the registry is elsewhere"
        yield Checked("resolve", "warning", seen + why, remedy)
        return
    yield _as_it_should(scene, seen)


def _as_it_should(scene: Scene, seen: str) -> Checked:
    ip = scene.record.registry.ip if scene.record else ""
    if ip and ip not in scene.leads:
        remedy = f"make it lead to {ip}: the line `{ip} {scene.name} {HOSTS_MARKER}` in /etc/hosts"
        return Checked("resolve", "failed", f"{seen}; the registry is at {ip}", remedy)
    if ip and set(scene.leads) != {ip}:
        seen += f"; the registry is at {ip}, and nothing here says whether it is at the others"
        return Checked("resolve", "warning", seen)
    others = set(scene.quoted.dialled) - set(scene.leads) - set(_resolver(scene))
    if others:
        seen += f"; the text speaks of {', '.join(sorted(others))}"
    return Checked("resolve", "passed", seen)


def _resolver(scene: Scene) -> tuple[str, ...]:
    return (scene.quoted.resolver,)


def resolvers(scene: Scene) -> Iterator[Checked]:
    """Who is asked for names, and whether the hosts file has a line for this one."""
    file = scene.host.read("/etc/resolv.conf")
    lines = file.content.decode(errors="replace").splitlines() if file else []
    words = (line.split() for line in lines if line.startswith("nameserver"))
    servers = [each[1] for each in words if each[0] == "nameserver" and each[1:]]
    asked = f"DNS is asked at {', '.join(servers)}" if servers else "no DNS server is named"
    yield Checked("resolvers", "passed" if servers else "warning", f"/etc/resolv.conf: {asked}")
    hosts = scene.host.read("/etc/hosts")
    text = hosts.content.decode(errors="replace") if hosts else ""
    there = any(scene.name in line.partition("#")[0].split()[1:] for line in text.splitlines())
    verdict, word = ("passed", "has") if there else ("warning", "has no")
    yield Checked("hosts", verdict, f"/etc/hosts {word} line for {scene.name or 'the registry'}")


def reach(scene: Scene) -> Iterator[Checked]:
    """What becomes of a connection now."""
    if not scene.address:
        yield unseen("tcp", "nothing says at which address the registry is")
        return
    where = in_url(scene.address, scene.port).removesuffix(":443")
    where = where if scene.port != 443 else f"{where}:443"
    seen = _REACHED.get(scene.reached, f"{{}}: {scene.reached}").format(where)
    yield Checked("tcp", "passed" if scene.reached == "open" else "failed", seen)


_REACHED = {
    "open": "{} accepts a connection now: it was a passing state, or another machine's",
    "refused": "{} refuses: that machine is there, and nothing listens on that port",
    "silent": "{} does not answer at all: a firewall, or no machine",
}


def listeners(scene: Scene) -> Iterator[Checked]:
    """Who listens on that port, where the registry is on this machine."""
    if not scene.here:
        return
    here = listening_here(scene.host)
    holders = sorted({each.process for each in here if each.port == scene.port})
    if holders:
        seen = f"on this machine {', '.join(holders)} listens on port {scene.port}"
        yield Checked("listeners", "passed", seen)
        return
    others = sorted({each.port for each in here if "nginx" in each.process})
    more = f"; nginx listens on {', '.join(map(str, others))}" if others else ""
    seen = f"nothing listens on port {scene.port} of this machine{more}"
    yield Checked("listeners", "failed", seen)


def plain(scene: Scene) -> Iterator[Checked]:
    """Whether plain HTTP is answered there."""
    if scene.reached != "open":
        yield from reach(scene)
        return
    status, _ = ask_plainly(scene.address, scene.port)
    seen = f"{scene.at} answers plain HTTP with {status}"
    tls = "; it speaks TLS, too" if scene.certificate else "; it speaks no TLS"
    yield Checked("plain-http", "passed" if scene.certificate else "failed", seen + tls)


def answer(scene: Scene) -> Iterator[Checked]:
    """What /v2/ says without a login."""
    if not scene.certificate:
        yield from reach(scene)
        return
    reply = fetch_unverified(scene.address, scene.port, scene.name, "/v2/")
    ours = reply.headers.get("docker-distribution-api-version", "").startswith("registry/2")
    good = reply.status in (200, 401) and ours
    what = _STATUS.get(reply.status, "") if ours or reply.status > 499 else ": that is no registry"
    seen = f"https://{scene.at}/v2/ answers {reply.status}{what}"
    yield Checked("registry", "passed" if good else "failed", seen)


_STATUS = {
    200: ": the registry is there, and asks for no login",
    401: ": the registry is there, and asks for a login",
    502: ": nginx is there, and gets no answer from the registry",
    503: ": nginx is there, and gets no answer from the registry",
    504: ": nginx is there, and waits in vain for the registry",
}


def clock(scene: Scene) -> Iterator[Checked]:
    """How far this machine's clock is from the registry's."""
    if not scene.certificate:
        yield unseen("clock", "the registry's clock: it does not answer by TLS")
        return
    reply = fetch_unverified(scene.address, scene.port, scene.name, "/v2/")
    ahead = time.time() - parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    seen = (
        f"this clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the registry's"
    )
    good = abs(ahead) <= SKEW_SECONDS
    remedy = "" if good else "set the clock that is wrong: timedatectl set-ntp true"
    yield Checked("clock", "passed" if good else "failed", seen, remedy)


def proxies(scene: Scene) -> Iterator[Checked]:
    """Whether a proxy is set for this user or for Docker; which one is not said."""
    for where, words in variables(scene.host, scene.environ):
        if scene.name and proxied(words):
            past = excepted(scene.name, words.get("no_proxy", ""))
            said = "names" if past else "does not name"
            seen = f"{where} has a proxy set, and NO_PROXY {said} {scene.name}"
            yield Checked("proxy", "passed" if past else "failed", seen)


def unseen(name: str, what: str) -> Checked:
    """Say that something could not be looked at."""
    return Checked(name, "skipped", f"not looked at: {what}")
