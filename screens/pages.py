"""The pages of questions, as data: what is asked together, in which order."""

from __future__ import annotations

from dataclasses import dataclass

from screens import words


@dataclass(frozen=True)
class Page:
    id: str
    title: str
    intro: str
    keys: tuple[str, ...] = ()  # of the questions, as in an answers file
    users: bool = False  # also asks who may log in
    tries_names: bool = False  # also lets a name be tried against the certificate


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
    Page("access", *words.PAGE_ACCESS, users=True),
)
# The first has one possible answer so far; the others are asked in an answers file only.
NOT_ASKED = (
    "role",
    "registry.runtime",
    "registry.image",
    "registry.image_archive",
    "proxy.install",
    "proxy.source_archive",
    "proxy.source_sha256",
    "proxy.prefix",
)
