"""What a host, an address, a network or a person may be called; each refusal is a sentence."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Address: TypeAlias = IPv4Address | IPv6Address

RESERVED_USER = "registry-wizard"
"""The account with which the wizard logs in for its own checks."""

RUNTIMES = ("docker", "podman", "containerd", "k3s", "rke2", "system")
"""What on a machine can trust a registry, each in a place of its own."""

_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode's control characters, surrogates, and line and paragraph separators."""

_SHAPES = (
    (r"\A\Z", "is empty"),
    (r"://", "must be the bare name, without http:// or https:// in front"),
    (r"[\[\]]", "must be the bare IPv6 address, without brackets"),
    (r"%", "must be an address without a zone (%…), which means something on one machine only"),
    (r"/", "must be the bare name, without a path behind it"),
    (r"@", "must be the bare name, without a user in front"),
    (r"\A[^:]*:\d*\Z", "must be the bare name, without a port; that is the answer https_port"),
    (r"\s", "has a space in it, which no host name can have"),
    (r"_", "has an underscore in it; a host name has letters, digits, hyphens and dots only"),
    (r"\*", "has a wildcard in it; write each name out"),
    (r"\.\Z", "must end without the dot"),
    (r"\A\.|\.\.", "has an empty label: a dot in front, or two dots in a row"),
)
"""What people write around or into a host name, and what to tell them; the first match counts."""

_UNREACHABLE: tuple[tuple[Callable[[Address], bool], str], ...] = (
    (lambda ip: ip.is_loopback, "is a loopback address, which every machine takes for itself"),
    (lambda ip: ip.is_unspecified, "is the unspecified address, which is no machine's own"),
    (lambda ip: ip.is_multicast, "is a multicast address, which belongs to a group of machines"),
    (lambda ip: ip.is_link_local, "is a link-local address, which means nothing on other networks"),
    (lambda ip: ip.version == 4 and ip.is_reserved, "is in a range that no machine may use"),
    (lambda ip: ip.packed[:1] == b"\0" and ip.version == 4, "is in a range no machine may use"),
    (
        lambda ip: isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None,
        "is an IPv4 address inside an IPv6 address; write the IPv4 address alone",
    ),
)

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_IMAGE = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?/)?"
    r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
    r"(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?"
)
_WIDEST = {4: 8, 6: 7}
"""The prefix lengths of the widest private networks, 10.0.0.0/8 and fc00::/7."""


class Refused(ValueError):
    """A value that cannot be; ``str()`` says why, in a sentence that the value begins."""


def plain(text: str) -> str:
    """``text``, if it has no control characters."""
    if any(unicodedata.category(char) in _UNSEEN for char in text):
        raise Refused("has a control character in it, such as a line break")
    return text


def host(text: str) -> str:
    """A name or an address of a registry: names as A-labels, addresses in their shortest form."""
    found = _host(text)
    if "." not in found and ":" not in found:
        raise Refused(
            f"needs a dot, or must be an IP address: Docker takes {found}/app for an image"
            " on Docker Hub"
        )
    return found


def permitted(text: str) -> str:
    """A domain, an address or a network that a CA may sign for."""
    if "/" in plain(text) and "://" not in text:
        return _network(text)
    if text.startswith("."):
        raise Refused("must begin without the dot; a domain covers all names below it anyway")
    found = _host(text)
    if "." not in found and ":" not in found:
        raise Refused("is a whole top-level domain; write the domain that is yours")
    return found


def network(text: str) -> str:
    """An address or a network that requests come from, in its shortest form."""
    if "/" not in plain(text):
        return address(text) if text not in ("127.0.0.1", "::1") else text
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        raise Refused("is no network; that is an address, a slash and a number of bits") from None
    if found.num_addresses > 1 and str(found[0]) != str(ip_address(text.partition("/")[0])):
        raise Refused(f"is an address within the network {found}; write the one or the other")
    return str(found[0] if found.num_addresses == 1 else found)


def address(text: str) -> str:
    """An address at which other machines reach this one, in its shortest form."""
    _refuse_shape(text)
    try:
        return _reachable(ip_address(text))
    except Refused:
        raise
    except ValueError:
        raise Refused("is neither an IPv4 nor an IPv6 address") from None


def subject(text: str) -> str:
    """A part of a certificate's subject: 64 characters at most (RFC 5280, appendix A.1)."""
    if len(plain(text)) > 64:
        raise Refused(f"has {len(text)} characters; a certificate has room for 64")
    if text != text.strip():
        raise Refused("must begin and end without a space")
    return text


def image(text: str) -> str:
    """A reference to an image with a tag or a digest (distribution/reference's grammar)."""
    if not _IMAGE.fullmatch(plain(text)):
        raise Refused("is no reference to an image: name:tag, in lower case up to the colon")
    name, _, tag = text.rpartition("/")[2].partition("@")[0].partition(":")
    if "@" not in text and not tag:
        raise Refused(f"needs a tag or a digest, since {name}:latest may be another image tomorrow")
    return text


def sha256(text: str) -> str:
    """A SHA-256 as sha256sum prints it."""
    found = plain(text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", found):
        raise Refused("must be 64 hexadecimal digits, as sha256sum prints them")
    return found


def ssh_host(text: str) -> str:
    """What ssh is to connect to: a name of its settings, a DNS name, or an address."""
    _refuse_shape(text)
    if not re.fullmatch(r"[A-Za-z0-9:][A-Za-z0-9.:_-]*", text):
        raise Refused("must be a name or an address: letters, digits, dots, hyphens and colons")
    return text


def ssh_user(text: str) -> str:
    """A user of another machine, as useradd(8) allows them."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}", text):
        raise Refused("must be a user's name: letters, digits, dots, hyphens, at most 32")
    return text


def host_key(text: str) -> str:
    """The fingerprint of an SSH host key, as ssh-keygen -lf prints it."""
    if not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", text):
        raise Refused("must be SHA256: and 43 characters, as `ssh-keygen -lf FILE` prints it")
    return text


def fingerprint(text: str) -> str:
    """The SHA-256 of a certificate in 64 hex digits, without the colons that people write."""
    plain_digits = re.sub(r"[:\s]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", plain_digits):
        raise Refused(
            "must be 64 hex digits, as `openssl x509 -noout -fingerprint -sha256 -in ca.crt` prints"
        )
    return plain_digits


def runtime(text: str) -> str:
    """A kind of client whose trust can be set up."""
    if text not in RUNTIMES:
        raise Refused(f"must be one of {', '.join(RUNTIMES)}")
    return text


def user(text: str) -> str:
    """A name to log in with: what HTTP (RFC 7617) and the registry's htpasswd file can carry."""
    if not text:
        raise Refused("is empty")
    if ":" in text:
        raise Refused("has a colon in it, which separates name and password everywhere")
    if any(char.isspace() for char in text):
        raise Refused("has a space or another blank in it")
    if not text.isprintable():
        raise Refused("has a control character or another invisible one in it")
    return _user(text)


def _user(text: str) -> str:
    if text.startswith("#"):
        raise Refused("begins with #, which makes its line in the htpasswd file a comment")
    if len(text.encode()) > 255:
        raise Refused(f"has {len(text.encode())} bytes; 255 are the most")
    if text == RESERVED_USER:
        raise Refused("is the wizard's own account, which it uses for its checks")
    return text


def _host(text: str) -> str:
    _refuse_shape(text)
    try:
        found = ip_address(text)
    except ValueError:
        return _dns_name(text)
    return _reachable(found)


def _refuse_shape(text: str) -> None:
    why = next((why for shape, why in _SHAPES if re.search(shape, plain(text))), "")
    if why:
        raise Refused(why)


def _reachable(found: Address) -> str:
    why = next((why for wrong, why in _UNREACHABLE if wrong(found)), "")
    if why:
        raise Refused(why)
    return str(found)


def _network(text: str) -> str:
    """A network in its shortest form; one of a single address becomes that address."""
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        raise Refused("is no network; that is an address, a slash and a number of bits") from None
    if found.prefixlen < _WIDEST[found.version]:
        raise Refused("is wider than any private network, so not yours alone to sign for")
    if ip_network(text, strict=False).num_addresses == 1:
        return _reachable(found.network_address)
    if "/" + text.partition("/")[2] and ip_address(text.partition("/")[0]) != found[0]:
        raise Refused(f"is an address within the network {found}; write the one or the other")
    _reachable(found[0])
    return str(found)


def _dns_name(text: str) -> str:
    """A DNS name as A-labels (RFC 1123, section 2.1; RFC 5891)."""
    if len(text) > 253:
        raise Refused(f"has {len(text)} characters; a DNS name has 253 at most")
    name = _to_ascii(text)
    labels = name.split(".")
    for label in labels:
        _refuse_label(label)
    if _NUMERIC.fullmatch(labels[-1]):
        raise Refused("looks like an IP address, but is none")
    if labels[-1] == "localhost" or name == "localhost.localdomain":
        raise Refused("is a name for every machine itself, so it leads nowhere from another one")
    return name


def _refuse_label(label: str) -> None:
    if len(label) > 63:
        raise Refused(f"has a label of {len(label)} characters between its dots; 63 are the most")
    if not _LABEL.fullmatch(label):
        raise Refused(
            "is no host name: each part between its dots has letters, digits and hyphens only,"
            " and begins and ends with a letter or digit"
        )


def _to_ascii(text: str) -> str:
    if text.isascii() and "xn--" not in text.lower():
        return text.lower()
    import idna  # noqa: PLC0415  the tables are large, and few names need them

    try:
        return idna.encode(text, uts46=True).decode()
    except UnicodeError as error:
        raise Refused(f"is no international host name: {error}") from None


def is_address(text: str) -> bool:
    """Say whether this is an IP address rather than a name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def in_url(host_or_address: str, port: int = 443) -> str:
    """Give a host as it stands in a URL and in an image's name: brackets for IPv6, no ``:443``."""
    bare = f"[{host_or_address}]" if ":" in host_or_address else host_or_address
    return bare if port == 443 else f"{bare}:{port}"
