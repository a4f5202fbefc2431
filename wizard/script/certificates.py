"""The CA and the server certificate by ``openssl``, with the very profile of ``wizard/pki``."""

from __future__ import annotations

import re
from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from wizard import pki
from wizard.given import addresses, dns_names
from wizard.pki.authority import BACKDATED, CA_LIFE, MAKER, NAME_ROOM
from wizard.pki.constraints import constrain
from wizard.render import render
from wizard.script.words import join, quote
from wizard.steps.authority import PKI

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.given import Given

# As strong as the curve that signs, like wizard/pki/leaf.py.
DIGESTS = {"ECDSA P-384": "sha384", "ECDSA P-521": "sha512"}
KEY_ID = "01234567"
UNIQUE = f" CA 2026-01-01 {KEY_ID}"  # as long as what makes the CA's name unlike any other's


def authority(given: Given) -> str:
    """Give the lines that make the CA where there is none, or take the brought one's key."""
    answers = given.answers.authority
    source = answers.key if answers.key != f"{PKI}/ca.key" else ""
    key = dict(pki.fields(given.pki.authority.certificate))["key"]
    return render(
        "script-ca.sh",
        brought=answers.certificate != "",
        root=given.pki.trust.decode(),
        source=quote(source) if source else "",
        no_source=quote(f"{source} cannot be read; the key of your CA should be there"),
        digest=DIGESTS.get(key, "sha256") if answers.certificate else "sha256",
        constraints=list(_constraints(given)),
        names=list(_numbered("", _kinds(given))),
        unnamed=_subject(given) == "/",
        ca_subject=_ca_subject(given),
        backdated=int(BACKDATED.total_seconds()),
        ca_days=CA_LIFE.days,
    ).decode()


def server(given: Given) -> str:
    """Give the lines that keep the server certificate while it is right, else issue it."""
    names, ips = dns_names(given.answers), addresses(given.answers)
    checks = [("-verify_hostname", each) for each in names] + [("-verify_ip", e) for e in ips]
    shown = ", ".join([*(f"DNS:{e}" for e in names), *(f"IP Address:{_long(e)}" for e in ips)])
    return render(
        "script-server.sh",
        brought=given.answers.authority.certificate != "",
        days=given.answers.certificate.days,
        subject=_subject(given),
        checks=[join(each) for each in checks],
        names_shown=quote(f"    {shown}"),
        sent_along=_after_the_first(given.pki.certificate.decode()),
    ).decode()


def _kinds(given: Given) -> Iterator[tuple[str, str]]:
    yield from (("DNS", each) for each in dns_names(given.answers))
    yield from (("IP", each) for each in addresses(given.answers))


def _constraints(given: Given) -> Iterator[str]:
    answers = given.answers
    limits = constrain((*dns_names(answers), *addresses(answers), *answers.authority.permitted))
    for prefix, subtrees in (
        ("permitted;", limits.permitted_subtrees),
        ("excluded;", limits.excluded_subtrees),
    ):
        kinds = [_subtree(each.value) for each in subtrees or ()]
        yield from _numbered(prefix, kinds)


def _subtree(value: object) -> tuple[str, str]:
    """A network as OpenSSL writes one: the address and the mask."""
    if isinstance(value, str):
        return "DNS", value
    network = ip_network(str(value))
    return "IP", f"{network.network_address}/{network.netmask}"


def _numbered(prefix: str, kinds: Iterable[tuple[str, str]]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for kind, value in kinds:
        seen[kind] += 1
        yield f"{prefix}{kind}.{seen[kind]} = {value}"


def _subject(given: Given) -> str:
    """Give the server certificate's subject; empty where a CN would be wrong or too long."""
    first = next(iter(dns_names(given.answers)), "")
    fitting = first if len(first) <= NAME_ROOM else ""
    name = given.answers.certificate.common_name or fitting
    return quote(f"/CN={_escaped(name)}" if name else "/")


def _ca_subject(given: Given) -> str:
    """A given name stays as it is; the key's id beside it keeps two generations apart."""
    answers = given.answers.authority
    begins = f"/O={_escaped(answers.organization or MAKER)}/CN="
    if answers.common_name:
        return f'{quote(f"{begins}{_escaped(answers.common_name)}/serialNumber=")}"$id"'
    first = next(value for _, value in _kinds(given))[: NAME_ROOM - len(UNIQUE)]
    return f'{quote(f"{begins}{first} CA ")}"$(date -u +%F) $id"'


def _escaped(text: str) -> str:
    """Take away what separates the parts of openssl's -subj."""
    return re.sub(r"([\\/+])", r"\\\1", text)


def _long(address: str) -> str:
    """Write an address as OpenSSL shows it: IPv6 in full, without leading zeros."""
    found = ip_address(address)
    if not isinstance(found, IPv6Address):
        return address
    return ":".join(f"{int(part, 16):X}" for part in found.exploded.split(":"))


def _after_the_first(pem: str) -> str:
    """Give the certificates that a server sends along with its own."""
    end = "-----END CERTIFICATE-----\n"
    return pem.partition(end)[2]
