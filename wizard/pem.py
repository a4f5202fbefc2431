"""Certificates in a text, told apart by their fingerprints; what they say is not read here."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")


def certificates(content: bytes) -> dict[str, bytes]:
    """Give every certificate by its fingerprint, each as a PEM text of its own, in their order.

    The fingerprint is SHA-256 of the DER, in lower case without colons. What is no PEM, and a block
    that is damaged, is passed over: a bundle may hold anything in between.
    """
    found: dict[str, bytes] = {}
    for block in _BLOCK.findall(content):
        try:
            der = base64.b64decode(b"".join(block.split()), validate=True)
        except binascii.Error:
            continue
        found.setdefault(hashlib.sha256(der).hexdigest(), _pem(der))
    return found


def digest_of(fingerprints: Iterable[str]) -> str:
    """Give one digest for a set of certificates, whatever order they come in."""
    return hashlib.sha256("\n".join(sorted(set(fingerprints))).encode()).hexdigest()


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"\n".join((b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""))
