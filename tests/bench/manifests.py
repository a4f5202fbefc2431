"""Manifests a second with 64 connections: with a person's login, and where nobody is checked.

Nobody is checked by the same front with anonymous_pull, and by a tuned proxy before a registry
without users. That is asked as Docker asks, with the token that it was given.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tests.bench import fronts
from tests.bench.load import SECONDS, load
from tests.bench.measure import Measured, Target, taking_turns
from tests.bench.meter import Meter
from tests.bench.stand import LOGIN, arm, built, need
from tests.bench.transfer import MIB, Client, Content
from tests.hosts.network import network
from wizard.roundtrip import CONFIG, LAYER, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.stand import Arm, Stand

CONNECTIONS, LAYERS = 64, 10
REPOSITORY = "bench/manifests"
PATH = f"/v2/{REPOSITORY}/manifests/1"
ANONYMOUS = "ours, anonymous pull"
SAME = "the same front with a login"
WHILE = 40  # seconds; a login is forgotten meanwhile
BARS = (
    Target("ours", ANONYMOUS, 0.8, at_least=True),
    Target("ours", fronts.TUNED, 0.8, at_least=True),
    Target(SAME, ANONYMOUS),
    Target(fronts.CHECKED, fronts.TUNED),
)


def bench(rounds: int) -> Iterator[Measured]:
    need("curl", "wrk")
    with network() as made:
        stands = built(made), built(made, "open", "[access]\nanonymous_pull = true\n")
        size = min(map(_put, stands))
        meters = {each.server.name: Meter(each) for each in stands}
        asked: dict[str, Callable[[], float]] = {}
        for stood, by in _arms(*stands):
            ask = partial(_asked, stood, size=size)
            asked |= meters[stood.server.name].over({by.name: by}, ask)
        took = taking_turns(asked, rounds)
        note = _for_a_while(stands[0])
    yield Measured("Manifests with 64 connections", "1/s", took, BARS, (note,))
    costs = [each.per(took, SECONDS, 1000) for each in meters.values()]
    yield Measured("CPU of the server at it", "ms each", costs[0] | costs[1], BARS[2:3])


def _arms(closed: Stand, open_: Stand) -> Iterator[tuple[Stand, Arm]]:
    yield closed, closed.ours
    yield open_, replace(open_.ours, name=ANONYMOUS, login="Bearer anonymous")
    yield open_, replace(open_.ours, name=SAME)
    yield closed, arm(fronts.TUNED)
    yield closed, replace(arm(fronts.CHECKED), login=LOGIN)


def _asked(stand: Stand, by: Arm, size: int) -> float:
    came = load(stand, by, CONNECTIONS, [PATH], f"Accept: {MANIFEST}")
    if came.bytes < came.good * size:
        raise SystemExit(f"{by.name} answered with less than the manifest")
    return came.good / came.seconds


def _for_a_while(stand: Stand) -> str:
    """Say what became of requests while the login was forgotten, and checked again."""
    came = load(stand, stand.ours, CONNECTIONS, [PATH], f"Accept: {MANIFEST}", seconds=WHILE)
    met = "MISSED" if came.refused else "met"
    told = f"{came.good / came.seconds:.0f}/s, the slowest took {came.slowest:.2f} s"
    return f"ours for {WHILE} s: {told}, {came.refused} refused (wanted 0: {met})"


def _put(stand: Stand) -> int:
    """Put a manifest of ten layers there (one blob is all of them); give its size."""
    client, by = Client(stand), arm(fronts.DIRECT)
    content = Content.of(stand.folder / "blob", 1)
    client.push(by, REPOSITORY, content.file, content.digest)
    blob = {"mediaType": LAYER, "size": MIB, "digest": content.digest}
    made = {"schemaVersion": 2, "mediaType": MANIFEST, "config": blob | {"mediaType": CONFIG}}
    file = stand.folder / "manifest"
    file.write_text(json.dumps(made | {"layers": [blob] * LAYERS}))
    kind, body = f"Content-Type: {MANIFEST}", f"@{file}"
    (status,) = client.curl(by, "", PATH, "-X", "PUT", "-H", kind, "--data-binary", body)
    if status != "201":
        raise SystemExit(f"The manifest was answered with {status}")
    return file.stat().st_size
