"""A registry as a client knows it: names, addresses, a port, and whom it takes for its CA."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.errors import BadUsage
from wizard.given import addresses, dns_names
from wizard.names import RESERVED_USER, Refused, host, in_url, is_address

if TYPE_CHECKING:
    from wizard.answers import Answers

URL = re.compile(r"(?:(?P<scheme>[a-z]+)://)?(?P<host>\[[^\]]+\]|[^/:]+)(?::(?P<port>\d{1,5}))?/*")
EXAMPLE = "for example: registry-wizard verify --url registry.example.com:5000"


@dataclass(frozen=True)
class Target:
    """What is looked at. Without a CA of its own it is what this machine trusts anyway."""

    names: tuple[str, ...]  # DNS names, the first one is the one that is typed
    addresses: tuple[str, ...]  # those that clients use instead of a name
    port: int
    ca: bytes = b""  # PEM
    ip: str = ""  # where its names should lead, where that is known
    typed: str = ""  # what clients type, where that is not the first of them
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def every(self) -> tuple[str, ...]:
        return (*self.names, *self.addresses)

    @property
    def name(self) -> str:
        """Give what clients type."""
        return self.typed or self.every[0]

    @property
    def at(self) -> str:
        """Give it as it stands in an image's name."""
        return in_url(self.name, self.port)


def target_of(answers: Answers, ca: bytes, password: str = "") -> Target:
    """Give the registry that these answers describe."""
    registry = answers.registry
    return Target(
        dns_names(answers),
        addresses(answers),
        registry.https_port,
        ca,
        registry.ip,
        registry.hostname,
        RESERVED_USER if password else "",
        password,
    )


def target_at(url: str, ca: bytes, user: str, password: str) -> Target:
    """Give the registry at an address that somebody typed. Raises BadUsage."""
    found = URL.fullmatch(url.strip())
    if not found:
        raise BadUsage(f"{url!r} is no address of a registry: HOST or HOST:PORT", EXAMPLE)
    if found["scheme"] not in (None, "https"):
        why = f"{url}: a registry is looked at by HTTPS, not by {found['scheme']}"
        raise BadUsage(why, EXAMPLE)
    port = int(found["port"] or 443)
    if not 0 < port < 65536:
        raise BadUsage(f"{url}: there is no port {port}; ports go from 1 to 65535", EXAMPLE)
    name = _name(found["host"].strip("[]"))
    names, bare = ((), (name,)) if is_address(name) else ((name,), ())
    return Target(names, bare, port, ca, user=user, password=password)


def _name(text: str) -> str:
    """Give the name or address, in its shortest form; a short name will do as well, here."""
    if re.fullmatch(r"[A-Za-z0-9-]+", text):
        return text.lower()
    try:
        return host(text)
    except Refused as why:
        raise BadUsage(f"{text} {why}", EXAMPLE) from None
