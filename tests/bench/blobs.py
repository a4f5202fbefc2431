"""Thirty-two clients at once that pull blobs of 8 MiB: GiB a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import fronts
from tests.bench.load import SECONDS, load
from tests.bench.measure import Measured, Target, taking_turns
from tests.bench.meter import Meter
from tests.bench.pull import path
from tests.bench.stand import arm, need, stand
from tests.bench.transfer import MIB, Client, Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stand import Arm

MIBS, COUNT, CONNECTIONS = 8, 32, 32
REPOSITORY = "bench/blobs"
OTHERS = (fronts.HOW_TO, fronts.TUNED, fronts.STATIC, fronts.DIRECT)
BARS = (
    Target("ours", fronts.HOW_TO, 1.6, at_least=True),
    Target("ours", fronts.STATIC, 0.88, at_least=True),
)


def bench(rounds: int) -> Iterator[Measured]:
    need("curl", "wrk")
    with stand() as stood:
        digests = list(_pushed(Client(stood), Content.of(stood.folder / "blob", MIBS)))

        def pull(by: Arm) -> float:
            paths = [path(by, each, REPOSITORY) for each in digests]
            came = load(stood, by, CONNECTIONS, paths)
            if came.bytes < came.requests * MIBS * MIB:
                raise SystemExit(f"{by.name} answered with less than the blobs")
            return came.bytes / (MIB << 10) / came.seconds

        arms = {each.name: each for each in (stood.ours, *map(arm, OTHERS))}
        meter = Meter(stood)
        took = taking_turns(meter.over(arms, pull), rounds)
    yield Measured("32 clients pulling 8 MiB blobs", "GiB/s", took, BARS)
    cost = meter.per(took, SECONDS)
    yield Measured("CPU of the server at it", "s/GiB", cost, (Target("ours", fronts.STATIC),))


def _pushed(client: Client, content: Content) -> Iterator[str]:
    """Push so many blobs; give the digest of each."""
    for _ in range(COUNT):
        content.change()
        client.push(arm(fronts.DIRECT), REPOSITORY, content.file, content.digest)
        yield content.digest
