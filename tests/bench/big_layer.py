"""A layer of 6 GiB through a server whose nginx has 200 MiB for temporary files; once only."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from tests.bench import fronts
from tests.bench.measure import Measured
from tests.bench.meter import TEMP, temp_bytes
from tests.bench.push import remove
from tests.bench.stand import NAME, arm, need, stand
from tests.bench.transfer import Client, Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stand import Stand

GIBS, FREE = 6, 200
REPOSITORY = "bench/big"
LIMITS = {"0": "without a limit of size", "1m": "with nginx's own client_max_body_size"}
"""What the how-to's front is tried with."""


def bench(rounds: int) -> Iterator[Measured]:
    need("curl")
    with stand() as stood:
        if shutil.disk_usage(stood.folder).free < 2 * GIBS << 30:
            raise SystemExit(f"This benchmark needs {2 * GIBS} GiB free below {stood.folder}")
        content = _content(stood)
        stood.server.run("mount", "-t", "tmpfs", "-o", f"size={FREE}m", "tmpfs", f"/{TEMP}")
        notes = [*_how_to(stood, content)]
        fronts.configure(stood.server, NAME)
        took, found = _through(stood, content)
    title = f"A layer of {GIBS} GiB, {FREE} MiB free in nginx's temp folders"
    yield Measured(title, "s", took, (), (found, *notes))


def _content(stood: Stand) -> Content:
    """Make it of zeros, which cost no disk here, and of some random bytes in every GiB."""
    made = Content(stood.folder / "layer")
    with made.file.open("wb") as stream:
        for gib in range(1, GIBS + 1):
            stream.seek((gib << 30) - 64)
            stream.write(secrets.token_bytes(64))
    return made


def _through(stood: Stand, content: Content) -> tuple[dict[str, list[float]], str]:
    """Push it through ours and pull it back; give the seconds, and what came of it."""
    client, digest = Client(stood), content.digest
    pushed, temp = temp_bytes(
        stood, lambda: client.push(stood.ours, REPOSITORY, content.file, digest)
    )
    began = time.monotonic()
    came = _digest(client.command(stood.ours, f"/v2/{REPOSITORY}/blobs/{digest}"))
    pulled = time.monotonic() - began
    right = (came, temp) == (digest, 0)
    found = f"ours: 201, pulled back as {came[:19]}…, {temp} bytes of temporary files"
    remove(stood, REPOSITORY, digest)
    return {"push": [pushed], "pull": [pulled]}, f"{found} ({'met' if right else 'MISSED'})"


def _digest(argv: list[str]) -> str:
    """Give the digest of what a command prints."""
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as running:
        summed = subprocess.run(
            ["sha256sum"], stdin=running.stdout, check=True, capture_output=True, text=True
        )
    return f"sha256:{summed.stdout.split()[0]}"


def _how_to(stood: Stand, content: Content) -> Iterator[str]:
    for limit, told in LIMITS.items():
        fronts.configure(stood.server, NAME, limit)
        by = arm(fronts.HOW_TO)
        status, _ = Client(stood).pushed(by, REPOSITORY, content.file, content.digest)
        yield f"how-to, {told}: {status}"
