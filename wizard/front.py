"""How a client sees the registry: one TLS connection to one address, trusting only our CA."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
from dataclasses import dataclass, field, replace

SECONDS = 10
LARGEST = 64 * 1024  # bytes of what is fetched unverified
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
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        """Send one request; raises OSError (TLS refusals among them) or http.client's errors."""
        connection = http.client.HTTPConnection(self.name, self.port, timeout=SECONDS)
        connection.sock = self.connect()
        try:
            connection.request(method, path, body or None, self.headers() | (headers or {}))
            reply = connection.getresponse()
            found = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, found, reply.read())
        finally:
            connection.close()

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


def fetch_unverified(address: str, port: int, name: str, path: str) -> Reply:
    """Fetch a small text without verifying who sends it; whoever calls this compares it.

    Raises OSError and http.client's errors.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((address, port), SECONDS) as plain:
        connection = http.client.HTTPConnection(name, port, timeout=SECONDS)
        connection.sock = context.wrap_socket(plain, server_hostname=name)
        try:
            connection.request("GET", path, headers={"Host": _host(name, port)})
            reply = connection.getresponse()
            found = {key.lower(): value for key, value in reply.getheaders()}
            return Reply(reply.status, found, reply.read(LARGEST + 1)[:LARGEST])
        finally:
            connection.close()


def reason(error: Exception) -> str:
    """Say in words what stopped a request."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    return str(error) or type(error).__name__
