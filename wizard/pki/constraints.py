"""What a CA may sign for: its name constraints, written and read (RFC 5280, 4.2.1.10)."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from collections.abc import Iterable

# A kind of name without any entry would be unrestricted, so each kind permits or excludes
# something. DNS is closed by a name that nobody has (RFC 6761), because cryptography takes the
# exclusion of "" for malformed.
NOBODY = x509.DNSName("none.invalid")
EVERY_NAME = x509.DNSName("")
EVERY_ADDRESS = (x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0")))
UNRESTRICTED = (
    (EVERY_NAME, "any DNS name"),
    (EVERY_ADDRESS[0], "any IPv4 address"),
    (EVERY_ADDRESS[1], "any IPv6 address"),
)


def constrain(allowed: Iterable[str]) -> x509.NameConstraints:
    """Permit these domains, addresses and networks and no others; a domain covers all below it."""
    permitted = dict.fromkeys(map(_subtree, allowed))
    versions = {each.value.version for each in permitted if isinstance(each, x509.IPAddress)}
    if not any(isinstance(each, x509.DNSName) for each in permitted):
        permitted[NOBODY] = None
    closed = [every for every in EVERY_ADDRESS if every.value.version not in versions]
    return x509.NameConstraints(list(permitted), closed or None)


def _subtree(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_network(text, strict=False))
    except ValueError:
        # Go and OpenSSL know a leading dot, RFC 5280 does not.
        return x509.DNSName(text.lower().removeprefix("."))


def permits(limits: x509.NameConstraints | None, name: x509.GeneralName) -> bool:
    """Say whether a CA with these constraints may sign for ``name``."""
    if limits is None:
        return True
    permitted = [each for each in limits.permitted_subtrees or () if type(each) is type(name)]
    excluded = limits.excluded_subtrees or ()
    within = not permitted or any(_covers(each, name) for each in permitted)
    return within and not any(_covers(each, name) for each in excluded)


def _covers(subtree: x509.GeneralName, name: x509.GeneralName) -> bool:
    if isinstance(subtree, x509.IPAddress) and isinstance(name, x509.IPAddress):
        return name.value in subtree.value  # type: ignore[operator]  # a network, in constraints
    if isinstance(subtree, x509.DNSName) and isinstance(name, x509.DNSName):
        domain = subtree.value.lower().removeprefix(".")
        return not domain or f".{name.value.lower()}".endswith(f".{domain}")
    return False


def scope(limits: x509.NameConstraints | None) -> str:
    """Say what a CA with these constraints may sign for: all that is permitted, but not …."""
    permitted = (limits and limits.permitted_subtrees) or ()
    excluded = (limits and limits.excluded_subtrees) or ()
    kinds = {type(each) for each in permitted}
    wide = [text for all_, text in UNRESTRICTED if type(all_) not in kinds and all_ not in excluded]
    whole = [all_ for all_, _ in UNRESTRICTED]
    may = [*map(_text, (each for each in permitted if each != NOBODY)), *wide]
    never = [f"but not {_text(each)}" for each in excluded if each not in whole]
    return ", ".join([*(may or ["nothing"]), *never])


def _text(subtree: x509.GeneralName) -> str:
    value = subtree.value
    if isinstance(subtree, x509.IPAddress) and value.num_addresses == 1:
        return str(value.network_address)
    return value.rfc4514_string() if isinstance(value, x509.Name) else str(value)
