"""What answers at a port, met for real on this machine's own loopback."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING

import pytest

from wizard import peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HTTP = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@contextlib.contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Answer every connection so, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    taken, _ = server.accept()
                except OSError:
                    return
                with taken, contextlib.suppress(OSError):
                    answer(taken)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def plain(taken: socket.socket) -> None:
    taken.recv(4096)
    taken.sendall(HTTP)


def banner(taken: socket.socket) -> None:
    taken.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    taken.recv(4096)


def reset(taken: socket.socket) -> None:
    taken.recv(1)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [(plain, "plain", "200"), (banner, "other", "SSH-2.0-OpenSSH_9.2"), (reset, "cut", "")],
)
def test_what_speaks_no_tls_is_recognised(
    answer: Callable[[socket.socket], None], kind: str, said: str
) -> None:
    with listening(answer) as port:
        met = peer.meet("127.0.0.1", port, "registry.example.com")
    assert (met.peer, met.kind) == (None, kind)
    assert said in met.said


def test_who_says_nothing_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "SECONDS", 0.3)
    with listening(lambda taken: (taken.recv(9999), taken.recv(1), None)[2]) as port:
        assert peer.meet("127.0.0.1", port, "registry.example.com").kind == "silent"


def test_a_port_where_nobody_listens_is_told_from_an_open_one() -> None:
    with listening(plain) as port:
        assert peer.reach("127.0.0.1", port) == "open"
    assert peer.reach("127.0.0.1", port) == "refused"


def test_plain_http_gives_status_and_headers() -> None:
    with listening(plain) as port:
        assert peer.ask_plainly("127.0.0.1", port, "a") == (200, {"content-length": "0"})
