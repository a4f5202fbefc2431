"""Every benchmark, or those that are named: python -m tests.bench [--rounds N] [NAME …]."""

from __future__ import annotations

import argparse
from importlib import import_module

from tests.bench.measure import ROUNDS

BENCHES: dict[str, str] = {
    "first-paint": "tests.bench.first_paint",
    "first-run": "tests.bench.first_run",
    "second-run": "tests.bench.second_run",
    "clients": "tests.bench.clients",
    "growth": "tests.bench.growth",
    "pull": "tests.bench.pull",
    "push": "tests.bench.push",
    "blobs": "tests.bench.blobs",
    "manifests": "tests.bench.manifests",
    "docker": "tests.bench.engine",
    "big-layer": "tests.bench.big_layer",
}
"""Name and module; each has `bench(rounds)`, which gives what it measured piece by piece."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    if unknown := sorted(set(asked.names) - set(BENCHES)):
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    if asked.rounds < 1:
        parser.error(f"{asked.rounds} rounds measure nothing; for example: --rounds {ROUNDS}")
    for name in asked.names or BENCHES:
        for measured in import_module(BENCHES[name]).bench(asked.rounds):
            print(*measured.lines(), "", sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
