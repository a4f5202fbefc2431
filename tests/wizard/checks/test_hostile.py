"""Answers that no registry gives: each is a verdict, none stops the checks or holds them up."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from tests.fake_host import FakeHost
from tests.own_ca import DAY, OwnCa, own_ca
from wizard import front
from wizard.checks import Scene, Target, check
from wizard.checks.scene import Depth

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.events import Checked

NOW = dt.datetime.now(dt.UTC)
HERE = "127.0.0.1"
LIFE = (NOW - DAY, NOW + 90 * DAY)
ROOT = own_ca(name="Root", life=LIFE)
LEAF = own_ca(
    x509.BasicConstraints(ca=False, path_length=None),
    x509.SubjectAlternativeName([x509.IPAddress(ip_address(HERE))]),
    name="leaf",
    issuer=ROOT,
    life=LIFE,
)
API = "Docker-Distribution-Api-Version: registry/2.0\r\n"
Answer = Callable[[str], bytes]


def reply(body: bytes = b"{}", status: str = "200 OK", more: str = API, length: str = "") -> bytes:
    size = length or str(len(body))
    head = f"HTTP/1.1 {status}\r\n{more}Content-Length: {size}\r\nConnection: close\r\n\r\n"
    return head.encode("latin-1") + body


def catalog(body: bytes) -> Answer:
    """Answer the list of repositories so, and all else as a registry without a login."""
    return lambda path: reply(body) if path.startswith("/v2/_catalog?n=100") else reply()


def tags(body: bytes) -> Answer:
    inner = catalog(b'{"repositories": ["a"]}')
    return lambda path: reply(body) if path.endswith("/tags/list") else inner(path)


def manifest(body: bytes) -> Answer:
    inner = tags(b'{"tags": ["1"]}')
    return lambda path: reply(body) if "/manifests/" in path else inner(path)


def upload(location: str) -> Answer:
    begun = reply(b"", "202 Accepted", f"{API}Location: {location}\r\n")
    return lambda path: begun if path.endswith("/uploads/") else reply()


ANSWERS: dict[str, Answer] = {
    "repositories are a number": catalog(b'{"repositories": 5}'),
    "a repository is a list": catalog(b'{"repositories": [[1]]}'),
    "a name that no URL holds": catalog('{"repositories": ["\u00e9 \\n"]}'.encode()),
    "tags are an object": tags(b'{"tags": {"a": 1}}'),
    "layers are nothing": manifest(b'{"layers": null, "config": 3}'),
    "an index of itself": manifest(b'{"manifests": [{"digest": "sha256:0"}]}'),
    "nested without end": lambda _: reply(b"[" * 100_000),
    "more than there is": catalog(b""),
    "a tebibyte is promised": lambda path: (
        reply(length=str(1 << 40)) if "_cat" in path else reply()
    ),
    "a port twice": upload("https://127.0.0.1:5000:5000/v2/x"),
    "a path that is no ASCII": upload("/v2/\u00e9"),
    "a date out of all time": lambda _: reply(more=f"{API}Date: Fri, 1 Jan 99999 0:0:0 +99999\r\n"),
    "no HTTP": lambda _: b"\x00" * 9999,
    "a document that is no object": lambda _: reply(b'{"errors": 7}', "500 No"),
    "escapes": lambda _: reply(b"", "302 Found", "Location: https://a/\x1b[2J?token=secret\r\n"),
    "folded": lambda _: reply(b"", "302 Found", "Location: https://a/\r\n\t  ok   api: forged\r\n"),
}


@contextlib.contextmanager
def serving(answer: Answer, folder: Path) -> Iterator[int]:
    """Answer each request over TLS so, until the block ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair = folder / "pair.pem"
    pair.write_bytes(LEAF.pem + LEAF.key_pem)
    context.load_cert_chain(pair)
    with socket.create_server((HERE, 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, context, answer), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _serve(server: socket.socket, context: ssl.SSLContext, answer: Answer) -> None:
    while True:
        try:
            taken, _ = server.accept()
        except OSError:
            return
        with taken, contextlib.suppress(OSError), context.wrap_socket(taken, True) as tls:  # noqa: FBT003
            asked = tls.recv(65536).decode("latin-1")
            tls.sendall(answer(asked.split(" ")[1] if " " in asked else ""))


def looked(port: int, ca: OwnCa = ROOT, *, push: bool = True) -> list[Checked]:
    target = Target((), (HERE,), port, ca.pem)
    return list(check(Scene(target, FakeHost(), NOW, {}, None, Depth(push=push))))


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_stops_the_checks(name: str, tmp_path: Path) -> None:
    with serving(ANSWERS[name], tmp_path) as port:
        found = looked(port)
    assert found[-1].name == "trust-here"
    verdicts = {each.name: each.verdict for each in found}
    assert verdicts["tls-trust"] in ("passed", "warning")
    said = "".join(each.seen + each.remedy for each in found)
    assert "secret" not in said
    assert said.replace("\t", " ").isprintable()


def test_a_server_that_drips_is_left_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "PATIENCE", 1)
    endless = reply(b"x" * 1000, more="X: " + "x" * 40 + "\r\n" + API, length=str(1 << 40))

    def dripping(_: str) -> bytes:
        time.sleep(1.2)
        return endless

    with serving(dripping, tmp_path) as port:
        found = {each.name: each.verdict for each in looked(port, push=False)}
    assert found["api"] == "failed"


def test_a_large_layer_is_not_fetched_to_see_its_first_byte(tmp_path: Path) -> None:
    whole = b"\0" * (64 * 1024 * 1024)
    layers = b'{"layers": [{"digest": "sha256:00"}]}'
    inner = manifest(layers)
    sent: list[int] = []

    def answer(path: str) -> bytes:
        if "/blobs/sha256:00" not in path:
            return inner(path)
        sent.append(1)
        return reply(whole)

    with serving(answer, tmp_path) as port:
        found = {each.name: each for each in looked(port, push=False)}
    assert sent
    assert found["blobs"].verdict == "passed"
