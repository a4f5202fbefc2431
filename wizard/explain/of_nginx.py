"""Looks at what nginx is told about the registry, where the registry is on this machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.events import Checked
from wizard.explain.of_network import unseen
from wizard.nginx import nginx_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.explain.scene import Scene

# What nginx must say for a registry, and how each is told.
SETTINGS = {
    "client_max_body_size": r"\bclient_max_body_size\s+([^;]{1,40});",
    "X-Forwarded-Proto": r"\bproxy_set_header\s+X-Forwarded-Proto\s+([^;]{1,80});",
    "Host": r"\bproxy_set_header\s+Host\s+([^;]{1,80});",
    "ssl_protocols": r"\bssl_protocols\s+([^;]{1,80});",
    "server_name": r"\bserver_name\s+([^;]{1,200});",
}
_SERVER = re.compile(r"^\s*server\s*\{", re.MULTILINE)


def proxy(scene: Scene) -> Iterator[Checked]:
    """What nginx is told on this machine, where the registry is here."""
    if not scene.here:
        yield unseen("nginx", f"its settings are on {scene.name or 'the server'}, not here")
        return
    program = nginx_of(scene.record, None).program if scene.record else "nginx"
    dump = scene.host.run(program, "-T")
    if not dump.ok:
        yield unseen("nginx", f"{program} -T says nothing to this user, or nginx is broken")
        return
    ours, rest = _parted(re.sub(r"(?m)(^|\s)#.*$", r"\1", dump.out), scene.port)
    for name, shape in SETTINGS.items():
        said = list(dict.fromkeys(re.findall(shape, ours) or re.findall(shape, rest)))
        seen = f"{name} is set to {'; '.join(said)[:300]}" if said else f"{name} is not set at all"
        yield Checked("nginx", "passed" if said else "warning", seen)


def _parted(text: str, port: int) -> tuple[str, str]:
    """Give the sites on that port, and what is said outside of any site: it holds for all."""
    sites, outside, end = [], [], 0
    for found in _SERVER.finditer(text):
        if found.start() >= end:
            outside.append(text[end : found.start()])
            end = _closed(text, found.end())
            sites.append(text[found.start() : end])
    listens = re.compile(rf"\blisten\s+(?:\S+:)?{port}\b")
    return "".join(filter(listens.search, sites)), "".join((*outside, text[end:]))


def _closed(text: str, begin: int) -> int:
    """Give where the block ends that was opened just before ``begin``."""
    depth = 1
    for brace in re.finditer(r"[{}]", text[begin:]):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return begin + brace.end()
    return len(text)
