"""What answers at an address, seen without trusting any of it."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.clean import clean
from wizard.front import ended, read, trusting_all

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH_SECONDS = 3
SECONDS = 10
# What OpenSSL says where the other side speaks, but no TLS.
NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
# And where it speaks TLS, but none that this side takes.
OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
TOO_OLD = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "LEGACY_SIGALG")
# It says this for many reasons: no cipher in common, no such name, a certificate that it wants.
ANY_REASON = "HANDSHAKE_FAILURE"


@dataclass(frozen=True)
class Peer:
    """A server that finished a handshake."""

    sent: tuple[bytes, ...]  # its certificates as DER, its own first
    version: str
    cipher: str
    protocol: str  # that it chose by ALPN; empty: none


@dataclass(frozen=True)
class Meeting:
    """How a handshake ended: with a peer, or with what it was instead."""

    peer: Peer | None
    kind: str  # tls | old | plain | other | silent | cut
    said: str = ""


def reach(address: str, port: int) -> str:
    """Say what becomes of a connection: ``open``, ``refused``, ``silent``, or the error."""
    try:
        socket.create_connection((address, port), REACH_SECONDS).close()
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "silent"
    except OSError as error:
        return error.strerror or str(error)
    return "open"


def meet(address: str, port: int, name: str) -> Meeting:
    """Shake hands; where that fails, find out what speaks there instead."""
    try:
        return Meeting(_shake(address, port, name, _trusting_all()), "tls")
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).upper().replace(" ", "_")
        old = ANY_REASON in reason and accepts_old(address, port, name)
        if old or any(each in reason for each in TOO_OLD):
            return Meeting(None, "old", reason.replace("_", " ").lower())
        if any(each in reason for each in NO_TLS):
            return _instead(address, port)
        return Meeting(None, "cut", str(error.reason or error).replace("_", " ").lower())
    except TimeoutError:
        return Meeting(None, "silent")
    except OSError as error:
        return Meeting(None, "cut", error.strerror or str(error))


def accepts_old(address: str, port: int, name: str) -> str:
    """Give the oldest version below TLS 1.2 that a server takes; empty where it takes none.

    Each is tried by itself: who takes one of them need not take the other.
    """
    return next(filter(None, (_accepts(address, port, name, each) for each in OLD)), "")


def _accepts(address: str, port: int, name: str, version: ssl.TLSVersion) -> str:
    context = _trusting_all()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is the point
            context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
        return _shake(address, port, name, context).version
    except (OSError, ValueError):  # TLS' refusals; an OpenSSL that was built without them
        return ""


def ask_plainly(address: str, port: int, name: str = "") -> tuple[int, dict[str, str]]:
    """Ask for /v2/ over plain HTTP; give the status and the headers, their names in lower case.

    Raises OSError and http.client's errors.
    """
    connection = http.client.HTTPConnection(address, port, timeout=REACH_SECONDS)
    connection.connect()
    with ended(connection, SECONDS):
        connection.request("GET", "/v2/", headers={"Host": name} if name else {})
        reply = read(connection.getresponse())
        return reply.status, reply.headers


def ask_over_tls(address: str, port: int) -> int:
    """Ask for /v2/ without a certificate of one's own; give the status, or 0 if that is refused.

    Raises OSError where nothing listens, and http.client's errors.
    """
    context = trusting_all()
    connection = http.client.HTTPSConnection(address, port, timeout=REACH_SECONDS, context=context)
    try:
        connection.connect()
        with ended(connection, SECONDS):
            connection.request("GET", "/v2/")
            return read(connection.getresponse()).status
    except (ssl.SSLError, ConnectionResetError, BrokenPipeError):  # TLS 1.3 refuses late
        return 0


def _instead(address: str, port: int) -> Meeting:
    try:
        status, _ = ask_plainly(address, port)
    except http.client.BadStatusLine as error:
        return Meeting(None, "other", clean(str(error).strip(), 60))
    except (OSError, http.client.HTTPException):
        return Meeting(None, "other")
    return Meeting(None, "plain", str(status))


def _trusting_all() -> ssl.SSLContext:
    context = trusting_all()
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def _shake(address: str, port: int, name: str, context: ssl.SSLContext) -> Peer:
    with _connected(address, port, name, context) as tls:
        cipher = tls.cipher()
        return Peer(
            _chain(tls),
            tls.version() or "",
            cipher[0] if cipher else "",
            tls.selected_alpn_protocol() or "",
        )


@contextlib.contextmanager
def _connected(
    address: str, port: int, name: str, context: ssl.SSLContext
) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection((address, port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=name) as tls,
    ):
        yield tls


def _chain(tls: ssl.SSLSocket) -> tuple[bytes, ...]:
    """Give all that was sent. Public since Python 3.13; before that the same method is inside."""
    if hasattr(tls, "get_unverified_chain"):
        return tuple(tls.get_unverified_chain())
    inside: Any = tls._sslobj  # type: ignore[attr-defined]  # noqa: SLF001
    return tuple(ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in _sent(inside))


def _sent(inside: Any) -> tuple[Any, ...]:
    return tuple(inside.get_unverified_chain() or ())
