"""One push of a fresh blob of a GiB, and what of it goes into nginx's temp folders."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from tests.bench import fronts
from tests.bench.measure import Measured, Target, taking_turns
from tests.bench.meter import Meter, temp_bytes
from tests.bench.stand import arm, need, stand
from tests.bench.transfer import MIB, Client, Content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.stand import Arm, Stand

MIBS = 1024
REPOSITORY = "bench/push"
OTHERS = (fronts.HOW_TO, fronts.TUNED, fronts.DIRECT)
BARS = (Target("ours", fronts.DIRECT, 1.05), Target("ours", fronts.HOW_TO))


def bench(rounds: int) -> Iterator[Measured]:
    need("curl")
    with stand() as stood:
        meter = Meter(stood)
        pushes = Pushes(stood, Content.of(stood.folder / "blob", MIBS))
        arms = (stood.ours, *map(arm, OTHERS))
        took = taking_turns(meter.over({each.name: each for each in arms}, pushes.push), rounds)
    yield Measured("Push of 1 GiB", "s", took, BARS, tuple(pushes.told()))
    yield Measured("CPU of the server at it", "s", meter.spent, BARS[1:])


@dataclass(frozen=True)
class Pushes:
    stand: Stand
    content: Content
    temp: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def push(self, by: Arm) -> float:
        """Push what no registry has, keep the bytes in temp folders, and take it away again."""
        client, file = Client(self.stand), self.content.file
        self.content.change()
        digest = self.content.digest
        os.sync()
        client.curl(by, "", "/v2/")
        took, temp = temp_bytes(self.stand, lambda: client.push(by, REPOSITORY, file, digest))
        self.temp[by.name].append(temp)
        remove(self.stand, REPOSITORY, digest)
        return took

    def told(self) -> Iterator[str]:
        for name, each in self.temp.items():
            met = "" if name != "ours" else f" (wanted 0: {'MISSED' if any(each) else 'met'})"
            yield f"in nginx's temp folders, {name}: {median(each) / MIB:.0f} MiB{met}"


def remove(stand: Stand, repository: str, *digests: str) -> None:
    """Take a repository and its blobs off the disk, without a word to the registry."""
    at = f"{stand.storage}/docker/registry/v2"
    kept = (each.removeprefix("sha256:") for each in digests)
    blobs = (f"{at}/blobs/sha256/{each[:2]}/{each}" for each in kept)
    stand.server.run("rm", "-rf", f"{at}/repositories/{repository}", *blobs)
