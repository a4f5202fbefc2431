"""One pull of a blob of a GiB, and the CPU that it takes the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import fronts
from tests.bench.measure import Measured, Target, taking_turns
from tests.bench.meter import Meter
from tests.bench.stand import arm, need, stand
from tests.bench.transfer import MIB, Client, Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stand import Arm

MIBS = 1024
OTHERS = (fronts.HOW_TO, fronts.TUNED, fronts.STATIC, fronts.DIRECT)


def bench(rounds: int) -> Iterator[Measured]:
    need("curl")
    with stand() as stood:
        client, meter = Client(stood), Meter(stood)
        content = Content.of(stood.folder / "blob", MIBS)
        digest = content.digest
        client.push(arm(fronts.DIRECT), "bench/pull", content.file, digest)

        def pull(by: Arm) -> float:
            client.curl(by, "", "/v2/")  # as every client does first: whose login is right is known
            return client.get(by, path(by, digest), MIBS * MIB)

        arms = (stood.ours, *map(arm, OTHERS))
        took = taking_turns(meter.over({each.name: each for each in arms}, pull), rounds)
    bars = (Target("ours", fronts.STATIC, 1.1), Target("ours", fronts.HOW_TO))
    yield Measured("Pull of 1 GiB", "s", took, bars)
    yield Measured("CPU of the server at it", "s", meter.spent, bars[1:])


def path(by: Arm, digest: str, name: str = "bench/pull") -> str:
    """Give where an arm has a blob: nginx alone has it under its file's name."""
    kept = digest.removeprefix("sha256:")
    if by.name == fronts.STATIC:
        return f"/sha256/{kept[:2]}/{kept}/data"
    return f"/v2/{name}/blobs/{digest}"
