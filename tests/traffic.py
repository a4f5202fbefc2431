"""A client from another machine: each request over a TLS connection of its own, our CA alone."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import bcrypt
from cryptography import x509

from tests.installation import CA
from wizard.roundtrip import MANIFEST, Image, _manifest

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

PATIENCE = 60  # seconds: many clients on few cores
USER, PASSWORD = "visitor", secrets.token_urlsafe(8)


Headers = Mapping[str, str]
NOTHING: Headers = {}


class Answered(Exception):
    """A request was answered otherwise than it should have been."""

    def __init__(self, what: str, status: int, body: bytes) -> None:
        super().__init__(f"{what}: {status} {body[:200]!r}")
        self.status = status
        self.body = body


@dataclass(frozen=True)
class Visitor:
    """Who uses the registry by its address; raises OSError and http.client's errors."""

    address: str
    trust: ssl.SSLContext
    login: str = field(repr=False)

    @classmethod
    def of(cls, server: Machine) -> Visitor:
        trust = ssl.create_default_context(cadata=server.run("cat", CA).stdout)
        return cls(server.ip, trust, basic(USER, PASSWORD))

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Headers = NOTHING
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        talk = http.client.HTTPSConnection(self.address, timeout=PATIENCE, context=self.trust)
        try:
            talk.request(method, path, body or None, {"Authorization": self.login, **headers})
            reply = talk.getresponse()
            return reply.status, reply.headers, reply.read()
        finally:
            talk.close()

    def must(
        self,
        status: int,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Headers = NOTHING,
    ) -> tuple[http.client.HTTPMessage, bytes]:
        seen, found, content = self.ask(method, path, body, headers)
        if seen != status:
            raise Answered(f"{method} {path}", seen, content)
        return found, content

    def push_blob(self, name: str, blob: bytes) -> None:
        found, _ = self.must(202, "POST", f"/v2/{name}/blobs/uploads/")
        self.must(201, "PUT", f"{found['Location']}&digest={digest(blob)}", blob)

    def push(self, image: Image, name: str, tag: str) -> None:
        """Push it under a tag; once this returns, the registry has said that it has it."""
        for blob in (image.layer, image.content):
            self.push_blob(name, blob)
        kind = {"Content-Type": MANIFEST}
        self.must(201, "PUT", f"/v2/{name}/manifests/{tag}", image.manifest, kind)

    def pull(self, image: Image, name: str, tag: str) -> None:
        """Pull by the tag, and each blob by its digest; raises AssertionError for other bytes."""
        kind = {"Accept": MANIFEST}
        found, manifest = self.must(200, "GET", f"/v2/{name}/manifests/{tag}", headers=kind)
        assert (found["Docker-Content-Digest"], manifest) == (
            digest(image.manifest),
            image.manifest,
        )
        for blob in (image.layer, image.content):
            _, back = self.must(200, "GET", f"/v2/{name}/blobs/{digest(blob)}")
            assert digest(back) == digest(blob)

    def serial(self) -> int:
        """Give the serial number of the certificate that a new connection is shown."""
        talk = http.client.HTTPSConnection(self.address, timeout=PATIENCE, context=self.trust)
        talk.connect()
        try:
            seen = talk.sock.getpeercert(binary_form=True) or b""
            return x509.load_der_x509_certificate(seen).serial_number
        finally:
            talk.close()


def image(mib: int) -> Image:
    """Make an image of so many random bytes: for registries, which do not look into a layer."""
    layer = secrets.token_bytes(mib * 1024 * 1024)
    content = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {}}).encode()
    return Image(layer, content, _manifest(layer, content))


def user() -> str:
    """Give the answer that lets the visitor in, by a hash that costs next to nothing.

    The registry reckons it at every request, and with an ordinary one would do little else.
    """
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    return f'[[users]]\nname = "{USER}"\npassword_hash = "{hashed}"\n'


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
