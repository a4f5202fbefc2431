"""What a trouble with trust is, and whose trust it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wizard import pki
from wizard.errors import WizardError
from wizard.names import in_url, is_address
from wizard.pem import certificates

if TYPE_CHECKING:
    from wizard.changes import Change

REPAIRED = "run registry-wizard again: it repairs this and keeps a copy"
STORE = "trust-system"
DOCKER = "trust-docker"
PODMAN = "trust-podman"
INSECURE = "insecure-registries"
ABOUTS = {
    STORE: "the system's own store of CAs is made of its sources alone",
    DOCKER: "what Docker reads for this registry is all of use",
    PODMAN: "nothing hides the CA from podman",
    INSECURE: "Docker checks the certificate of every name of this registry",
}
"""Each thing that is looked at, and what is seen where it has no trouble."""


@dataclass(frozen=True)
class Trouble:
    about: str
    where: str
    what: str
    why: str  # it hurts
    verdict: str = "failed"  # or warning
    changes: tuple[Change, ...] = ()  # that repair it; none: the trust step does, or a person
    remedy: str = REPAIRED

    @property
    def text(self) -> str:
        return f"{self.where}: {self.what}; {self.why}"


@dataclass(frozen=True)
class Ours:
    """A registry as a client knows it: its names and addresses, its port and its CA (PEM)."""

    names: tuple[str, ...]
    port: int
    trust: bytes
    also: frozenset[str] = frozenset()  # fingerprints of further CAs that lead to its certificate

    @property
    def at(self) -> tuple[str, ...]:
        """Give each name as it stands in an image's name, and on a folder of certs.d."""
        return tuple(in_url(name, self.port) for name in self.names)

    @property
    def dns(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if not is_address(name))

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if is_address(name))

    @cached_property
    def fingerprint(self) -> str:
        return next(iter(certificates(self.trust)))

    @cached_property
    def known(self) -> frozenset[str]:
        """Give the fingerprints of every CA that is right for it."""
        return self.also | {self.fingerprint}

    @cached_property
    def subject(self) -> str:
        return dict(pki.fields(self.trust))["subject"]


def told(pem: bytes) -> dict[str, str]:
    """Give what a certificate says, by title; nothing of one that cannot be understood."""
    try:
        return dict(pki.fields(pem))
    except WizardError:
        return {}


def file_stem(pem: bytes, digits: int = 8) -> str:
    """Name a file after its CA, such that two generations lie side by side."""
    called = re.search(r"CN=((?:[^,\\]|\\.)+)", told(pem).get("subject", ""))
    stem = re.sub(r"[^A-Za-z0-9.]+", "-", called[1] if called else "CA").strip("-.")[:48] or "CA"
    return f"{stem}-{next(iter(certificates(pem)))[:digits]}"
