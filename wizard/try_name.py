"""Whether a client that types a name will reach the registry and trust its certificate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from wizard.given import addresses, dns_names
from wizard.names import Refused, host, in_url, is_address

if TYPE_CHECKING:
    from wizard.answers import Answers

_TYPED = re.compile(r"(?:(https?)://)?(\[[^\]]*\]|[^/:\s]*|[0-9A-Fa-f:.]*)(?::(\d+))?(/.*)?")


@dataclass(frozen=True)
class Match:
    will: bool
    why: str


def try_name(typed: str, answers: Answers) -> Match:
    """Say whether what a client types will match the certificate of these answers, and why."""
    found = _TYPED.fullmatch(typed.strip())
    if not found or not found[2]:
        return Match(will=False, why="that is no name, address or URL")
    name, port = found[2].strip("[]"), int(found[3] or _usual(found[1]))
    if found[1] == "http":
        return Match(will=False, why="http:// is not encrypted; clients use https:// here")
    if port != answers.registry.https_port:
        at = in_url(name, answers.registry.https_port)
        return Match(will=False, why=f"nobody answers on port {port}; type {at}")
    return _address(name, answers) if is_address(name) else _name(name, answers)


def _usual(scheme: str | None) -> int:
    return 80 if scheme == "http" else 443


def _address(typed: str, answers: Answers) -> Match:
    if str(ip_address(typed)) in addresses(answers):
        return Match(will=True, why="this address is in the certificate")
    listed = ", ".join(addresses(answers)) or "none"
    return Match(will=False, why=f"this address is not in the certificate (in it: {listed})")


def _name(typed: str, answers: Answers) -> Match:
    try:
        name = host(typed.rstrip("."))
    except Refused as refused:
        return Match(will=False, why=f"{typed} {refused}")
    if name in dns_names(answers):
        return Match(will=True, why="this name is in the certificate")
    if name == answers.certificate.common_name.lower():
        return Match(will=False, why="it is the common name only, at which clients do not look")
    listed = ", ".join(dns_names(answers)) or "none"
    return Match(will=False, why=f"this name is not in the certificate (in it: {listed})")
