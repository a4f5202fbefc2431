"""How a client sees the registry: one TLS connection to one address, trusting only our CA."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import ssl
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 10
LARGEST = 64 * 1024  # bytes of what is fetched unverified
MOST = 8 * 1024 * 1024  # bytes of any answer: whoever sends more has something else in mind
PATIENCE = 60  # seconds for a whole request: a server that drips would hold on to it for ever
DATES = (9, 10)  # of OpenSSL: not yet valid, expired


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True)
class Front:
    """The registry under one name at one address."""

    name: str  # what the client typed: a DNS name or an address
    address: str
    port: int
    ca: bytes  # PEM; nothing else is trusted, the system's store neither
    user: str = ""
    password: str = field(default="", repr=False)
    strict: bool = True  # more so than Go: as Python 3.13 and others

    def anonymous(self) -> Front:
        return replace(self, user="", password="")

    def connect(self) -> ssl.SSLSocket:
        """Connect as Go's clients do: names from the alternative names only."""
        context = ssl.create_default_context(cadata=self.ca.decode())
        context.hostname_checks_common_name = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if self.strict:
            context.verify_flags |= ssl.VERIFY_X509_STRICT
        else:
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # which newer Pythons begin with
        return self._wrap(context)

    def why_untrusted(self) -> str:
        """Say why its CAs do not vouch for what is shown, whatever the names and dates in it are.

        Raises OSError where there is no handshake for another reason.
        """
        context = ssl.create_default_context(cadata=self.ca.decode())
        context.check_hostname = False
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        try:
            self._wrap(context).close()
        except ssl.SSLCertVerificationError as error:
            return "" if error.verify_code in DATES else error.verify_message
        return ""

    def connect_without_ca(self) -> None:
        """Connect trusting nobody; raises ssl.SSLCertVerificationError where all is well."""
        self._wrap(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)).close()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        limit: int = MOST,
    ) -> Reply:
        """Send one request; of the answer's body ``limit`` bytes are read at most.

        Raises OSError (TLS refusals among them) or http.client's errors, IncompleteRead where the
        answer breaks off.
        """
        connection = http.client.HTTPConnection(self.name, self.port, timeout=SECONDS)
        connection.sock = self.connect()
        with ended(connection, PATIENCE):
            connection.request(method, path, body or None, self.headers() | (headers or {}))
            return read(connection.getresponse(), limit)

    def _wrap(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        plain = socket.create_connection((self.address, self.port), SECONDS)
        try:
            return context.wrap_socket(plain, server_hostname=self.name)
        except BaseException:
            plain.close()
            raise

    def headers(self) -> dict[str, str]:
        """Give what each request says of its host and its user."""
        host = _host(self.name, self.port)
        if not self.user:
            return {"Host": host}
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Host": host, "Authorization": f"Basic {token}"}


def _host(name: str, port: int) -> str:
    bare = f"[{name}]" if ":" in name else name
    return bare if port == 443 else f"{bare}:{port}"


def trusting_all() -> ssl.SSLContext:
    """Give what takes any certificate: for looking at it, or at what is compared otherwise."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def fetch_unverified(address: str, port: int, name: str, path: str) -> Reply:
    """Fetch a small text without verifying who sends it; whoever calls this compares it.

    Raises OSError and http.client's errors.
    """
    context = trusting_all()
    connection = http.client.HTTPConnection(name, port, timeout=SECONDS)
    with (
        socket.create_connection((address, port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=name) as connection.sock,
        ended(connection, PATIENCE),
    ):
        connection.request("GET", path, headers={"Host": _host(name, port)})
        return read(connection.getresponse(), LARGEST)


@contextlib.contextmanager
def ended(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """Close it in the end, and after so many seconds whatever it is at."""
    late = threading.Timer(seconds, _hang_up, (connection.sock,))
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()
        connection.close()


def _hang_up(socket_: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        socket_.shutdown(socket.SHUT_RDWR)


def read(answer: http.client.HTTPResponse, limit: int = LARGEST) -> Reply:
    """Read an answer, but no more than this of its body; headers said twice are joined."""
    found: dict[str, str] = {}
    for name, text in answer.getheaders():
        key = name.lower()
        found[key] = f"{found[key]}, {text}" if key in found else text
    body = answer.read(limit)
    if len(body) < limit and answer.length:
        raise http.client.IncompleteRead(body, answer.length)
    return Reply(answer.status, found, body)


def reason(error: Exception) -> str:
    """Say in words what stopped a request."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    return str(error) or type(error).__name__
