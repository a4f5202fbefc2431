"""The pages of questions, as data: what is asked together, in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screens import words

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Page:
    id: str
    title: str
    intro: str
    keys: tuple[str, ...] = ()  # of the questions, as in an answers file
    # What is asked only while another answer is one of these; else it would mean nothing.
    when: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    table: str = ""  # first asks for these, of which there may be many: users, clients
    tries_names: bool = False  # also lets a name be tried against the certificate
    fetches_ca: bool = False  # fetches the CA and shows it, where nothing says which it is


CONTAINED = ("registry.runtime", ("auto", "container"))
SOURCE = ("proxy.source_archive", "proxy.source_sha256", "proxy.prefix")

PAGES = (
    Page("name", *words.PAGE_NAME, ("registry.hostname",)),
    Page(
        "address",
        *words.PAGE_ADDRESS,
        ("registry.ip", "registry.https_port", "registry.http_redirect"),
    ),
    Page(
        "certificate",
        *words.PAGE_CERTIFICATE,
        ("certificate.alt_names", "certificate.common_name", "certificate.days"),
        tries_names=True,
    ),
    Page(
        "authority",
        *words.PAGE_AUTHORITY,
        (
            "authority.permitted",
            "authority.common_name",
            "authority.organization",
            "authority.certificate",
            "authority.key",
        ),
    ),
    Page("registry", *words.PAGE_REGISTRY, ("registry.storage", "registry.delete")),
    Page(
        "runtime",
        *words.PAGE_RUNTIME,
        ("registry.runtime", "registry.image", "registry.image_archive"),
        dict.fromkeys(("registry.image", "registry.image_archive"), CONTAINED),
    ),
    Page(
        "proxy",
        *words.PAGE_PROXY,
        ("proxy.install", *SOURCE),
        dict.fromkeys(SOURCE, ("proxy.install", ("source",))),
    ),
    Page(
        "access",
        *words.PAGE_ACCESS,
        ("access.anonymous_pull", "access.push_from"),
        table="users",
    ),
    Page("clients", *words.PAGE_CLIENTS, table="clients"),
)
CLIENT_PAGES = (
    Page(
        "which",
        *words.PAGE_WHICH,
        ("registry.hostname", "registry.ip", "registry.https_port", "certificate.alt_names"),
    ),
    Page("ca", *words.PAGE_CA, ("client.ca_certificate", "client.ca_fingerprint"), fetches_ca=True),
    Page("trust", *words.PAGE_TRUST, ("client.trust",)),
)
PAGES_OF = {"server": PAGES, "client": CLIENT_PAGES}
KEYS_OF = {
    role: frozenset(key for page in pages for key in page.keys) for role, pages in PAGES_OF.items()
}
WHEN = {key: wanted for page in PAGES for key, wanted in page.when.items()}
NOT_ASKED = ("role",)  # on no page: it says which pages there are
