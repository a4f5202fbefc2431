"""nginx and the registry know each other by one key, which is kept while it is of use."""

from __future__ import annotations

import datetime as dt
import ssl
import subprocess
from pathlib import Path

import pytest

from wizard.pki import between
from wizard.pki.between import kept_or_made

NOW = dt.datetime.now(dt.UTC)


def test_it_is_made_once() -> None:
    made = kept_or_made(None, NOW)
    assert kept_or_made(made, NOW) == made
    assert kept_or_made(None, NOW) != made


OPENSSL = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days {days}"
    " -subj /CN=x -addext subjectAltName=DNS:{name} -keyout {to} -out {to}.crt"
)


def by_openssl(folder: Path, days: int, name: str) -> bytes:
    to = folder / "pair"
    argv = OPENSSL.format(days=days, name=name, to=to).split()
    subprocess.run(argv, check=True, capture_output=True)
    return Path(f"{to}.crt").read_bytes() + to.read_bytes()


def test_one_that_the_script_made_is_kept(tmp_path: Path) -> None:
    made = by_openssl(tmp_path, 36500, between.NAME)
    assert kept_or_made(made, dt.datetime.now(dt.UTC)) == made


@pytest.mark.parametrize("odd", ["cut", "no key", "another's key", "another's name"])
def test_one_that_is_of_no_use_is_made_anew(tmp_path: Path, odd: str) -> None:
    made, other = kept_or_made(None, NOW), kept_or_made(None, NOW)
    begins = b"-----BEGIN PRIVATE"
    certificate, _, key = made.partition(begins)
    spoilt = {
        "cut": made[:-60],
        "no key": certificate,
        "another's key": certificate + begins + other.partition(begins)[2],
        "another's name": by_openssl(tmp_path, 9, "example.com"),
    }
    assert key
    assert kept_or_made(spoilt[odd], NOW) not in (*spoilt.values(), made)


def test_one_that_is_over_is_made_anew(tmp_path: Path) -> None:
    made = by_openssl(tmp_path, 9, between.NAME)
    assert kept_or_made(made, NOW + dt.timedelta(days=8)) == made
    assert kept_or_made(made, NOW + dt.timedelta(days=10)) != made


def knows(folder: Path, pair: bytes, side: int) -> ssl.SSLContext:
    file = folder / "pair.pem"
    file.write_bytes(pair)
    context = ssl.SSLContext(side)
    context.load_cert_chain(file)
    context.load_verify_locations(file)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def shaken(server: ssl.SSLContext, client: ssl.SSLContext) -> bool:
    """Shake hands over two buffers, one step of each after the other."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=between.NAME),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for side in list(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
            sides.remove(side)
    return not sides


def test_both_sides_take_it_and_no_other(tmp_path: Path) -> None:
    ours, other = kept_or_made(None, NOW), kept_or_made(None, NOW)
    server = knows(tmp_path, ours, ssl.PROTOCOL_TLS_SERVER)
    assert shaken(server, knows(tmp_path, ours, ssl.PROTOCOL_TLS_CLIENT))
    assert not shaken(server, knows(tmp_path, other, ssl.PROTOCOL_TLS_CLIENT))
