"""What answers on the zoo's doors that are no registry's, and a small DNS; it runs on the machine.

The DNS is a double: it knows the names it is told and nothing else, as one of a small network does.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TLS = "/srv/zoo/good.pem"
ABORT = struct.pack("ii", 1, 0)  # with it a close sends a reset


def banner(caller: socket.socket) -> None:
    caller.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")
    caller.recv(1024)


def silent(_: socket.socket) -> None:
    time.sleep(600)


def reset(caller: socket.socket) -> None:
    caller.recv(1024)
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)


def reset_later(caller: socket.socket) -> None:
    """Do the handshake as it should be, and let go of whoever then asks for something."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS)
    with context.wrap_socket(caller, server_side=True) as tls:
        tls.recv(1024)
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)


DOORS: dict[str, Callable[[socket.socket], None]] = {
    "banner": banner,
    "silent": silent,
    "reset": reset,
    "reset-later": reset_later,
}


def serve(door: str, port: int) -> None:
    with socket.create_server(("0.0.0.0", port)) as listening:
        while True:
            caller, _ = listening.accept()
            threading.Thread(target=met, args=(door, caller), daemon=True).start()


def met(door: str, caller: socket.socket) -> None:
    try:
        DOORS[door](caller)
    except OSError:
        pass  # whoever only looks leaves early
    finally:
        caller.close()


def name_server(known: dict[str, str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 53))
        while True:
            query, sender = udp.recvfrom(512)
            udp.sendto(answer(query, known), sender)


def answer(query: bytes, known: dict[str, str]) -> bytes:
    """Answer a query for one name: its A record, no record of other types, or no such name."""
    name, kind = question(query)
    address = known.get(name)
    found = ip_address(address).packed if address and kind == 1 else b""
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + found if found else b""
    flags = 0x8580 if address else 0x8583
    end = query.index(b"\0", 12) + 5
    return query[:2] + struct.pack("!HHHHH", flags, 1, bool(found), 0, 0) + query[12:end] + record


def question(query: bytes) -> tuple[str, int]:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels).lower(), int.from_bytes(query[at + 1 : at + 3])


if __name__ == "__main__":
    pairs = dict(each.split("=") for each in sys.argv[1:])
    for door in DOORS:
        port = int(pairs.pop(door))
        threading.Thread(target=serve, args=(door, port), daemon=True).start()
    name_server(pairs)
