"""What an explanation looks at: this machine, and the registry that the text is about."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from typing import TYPE_CHECKING

from wizard import pki
from wizard.checks import PKI
from wizard.errors import WizardError
from wizard.facts import resolve_names
from wizard.front import Front, fetch_unverified
from wizard.given import addresses, dns_names
from wizard.names import in_url, is_address
from wizard.peer import meet, reach
from wizard.pem import certificates
from wizard.place import former_answers
from wizard.troubles import Ours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.answers import Answers
    from wizard.failures import Quoted
    from wizard.hosts import Host

CA = f"{PKI}/ca.crt"


def on_record(host: Host) -> Answers | None:
    try:
        return former_answers(host)
    except WizardError:  # not root, or damaged: it is as if there were none
        return None


def names_of(answers: Answers) -> tuple[str, ...]:
    """Give every name and address that a registry has."""
    return (*dns_names(answers), *addresses(answers))


@dataclass(frozen=True)
class Scene:
    host: Host
    quoted: Quoted
    environ: Mapping[str, str]  # of whoever asks, not of the commands that are run
    former: Answers | None = None  # what this machine was set up with

    @property
    def record(self) -> Answers | None:
        """Give what this machine was set up with, unless the text is about another registry.

        Where the text names none there is nothing else to look at; that makes it no more ours.
        """
        found, said = self.former, self.quoted
        if found is None or not said.name:
            return found
        same = said.name in names_of(found) and said.port in (0, found.registry.https_port)
        return found if same else None

    @property
    def role(self) -> str:
        """Give what this machine is to the registry that the text names: empty where it names none.

        Else it is server or client, or empty for nothing of ours.
        """
        return self.record.role if self.record and self.quoted.name else ""

    @property
    def serves(self) -> bool:
        """Say whether the registry that is looked at was set up on this machine."""
        return self.record is not None and self.record.role == "server"

    @property
    def name(self) -> str:
        return self.quoted.name or (self.record.registry.hostname if self.record else "")

    @property
    def port(self) -> int:
        recorded = self.record.registry.https_port if self.record else 443
        return self.quoted.port or recorded

    @property
    def at(self) -> str:
        return in_url(self.name, self.port)

    @property
    def home(self) -> str:
        return self.environ.get("HOME", "/root")

    @cached_property
    def leads(self) -> tuple[str, ...]:
        """Give where the name leads from here, by hosts file and DNS."""
        if not self.name or is_address(self.name):
            return (self.name,) if self.name else ()
        return resolve_names(self.host, (self.name,))[self.name]

    @property
    def address(self) -> str:
        """Give where to look for the registry; empty where nothing says so."""
        recorded = (self.record.registry.ip,) if self.record else ()
        return next(filter(None, (*self.leads, *recorded, *self.quoted.dialled)), "")

    @cached_property
    def reached(self) -> str:
        return reach(self.address, self.port) if self.address else "unknown"

    @cached_property
    def here(self) -> bool:
        """Say whether the registry is on this very machine."""
        own = self.host.run("ip", "-o", "addr").out
        return self.serves or (self.address != "" and f" {self.address}/" in own)

    @cached_property
    def certificate(self) -> bytes:
        """Give the certificate that the registry shows, as PEM; empty where it shows none."""
        if self.reached != "open":
            return b""
        found = meet(self.address, self.port, self.name).peer
        return ssl.DER_cert_to_PEM_cert(found.sent[0]).encode() if found else b""

    @cached_property
    def published(self) -> bytes:
        """Give the CA that a registry of ours publishes; unverified, so it proves nothing."""
        if not self.certificate:
            return b""
        try:
            reply = fetch_unverified(self.address, self.port, self.name, "/ca.crt")
        except (OSError, HTTPException, ValueError):
            return b""
        found = certificates(reply.body) if reply.status == 200 else {}
        return next(iter(found.values())) if len(found) == 1 else b""

    @cached_property
    def authority(self) -> bytes:
        """Give the registry's CA: as it is on record here, else as the registry publishes it."""
        try:
            file = self.host.read(CA) if self.record else None
        except WizardError:
            file = None
        return file.content if file and certificates(file.content) else self.published

    @cached_property
    def ours(self) -> Ours | None:
        """Give the registry as a client knows it, where its CA is known."""
        if not self.name or not self.authority:
            return None
        try:
            pki.fields(self.authority)
        except WizardError:
            return None
        return Ours((self.name,), self.port, self.authority)

    def refusal(self, cas: bytes) -> str:
        """Say why these CAs do not vouch for what the registry shows; empty where they do.

        As strict as any client. Raises OSError where the registry cannot be asked.
        """
        held = b"".join(certificates(cas).values())
        if not held:
            return "it holds no PEM certificate"
        try:
            Front(self.name, self.address, self.port, held).connect().close()
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        except ssl.SSLError as error:
            return f"TLS with it fails ({error.reason or 'no reason given'})"
        return ""
