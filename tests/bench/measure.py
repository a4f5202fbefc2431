"""Measurements: arms that take turns, what each took, and the ratios that count."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROUNDS = 7


@dataclass(frozen=True)
class Target:
    """A bar for the median of one arm over that of another."""

    over: str
    under: str
    bar: float | None = None  # none: on record only
    at_least: bool = False  # where more is better

    def told(self, took: Mapping[str, list[float]]) -> str:
        ratio = median(took[self.over]) / median(took[self.under])
        told = f"{self.over} / {self.under} = {ratio:.2f}"
        if self.bar is None:
            return told
        met = ratio >= self.bar if self.at_least else ratio <= self.bar
        wanted = f"at {'least' if self.at_least else 'most'} {self.bar:g}"
        return f"{told} ({wanted}: {'met' if met else 'MISSED'})"


@dataclass(frozen=True)
class Measured:
    """What every arm gave in each round, in one unit."""

    title: str
    unit: str
    took: Mapping[str, list[float]]
    targets: tuple[Target, ...]
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Give a table: min, median and max of each arm, and the ratios below."""
        rounds = max(map(len, self.took.values()))
        wide = max(map(len, self.took))
        yield f"{self.title} ({self.unit}; {rounds} rounds)"
        yield f"  {'':{wide}}  {'min':>9} {'median':>9} {'max':>9}"
        for name, each in self.took.items():
            figures = " ".join(f"{one:9.3f}" for one in (min(each), median(each), max(each)))
            yield f"  {name:{wide}}  {figures}"
        yield from (f"  {each.told(self.took)}" for each in self.targets)
        yield from (f"  {each}" for each in self.notes)


def taking_turns(
    arms: Mapping[str, Callable[[], float]], rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """Measure A B C, A B C …, so that what changes on the machine meanwhile meets all alike."""
    took: dict[str, list[float]] = {name: [] for name in arms}
    for _ in range(rounds):
        for name, measure in arms.items():
            took[name].append(measure())
    return took
