"""What an arm costs the server while it is measured: CPU, and bytes in nginx's temp folders."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.bench.stand import Stand

Of = TypeVar("Of")
Costs = dict[str, list[float]]

TEMP = "var/lib/nginx"  # where Debian's nginx has its temp folders


@dataclass(frozen=True)
class Meter:
    stand: Stand
    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def over(
        self, arms: Mapping[str, Of], measure: Callable[[Of], float]
    ) -> dict[str, Callable[[], float]]:
        """Give the same measure of each arm, whose seconds of CPU are kept beside."""
        return {
            name: partial(self._metered, name, partial(measure, of)) for name, of in arms.items()
        }

    def _metered(self, name: str, measure: Callable[[], float]) -> float:
        before = self.stand.cpu()
        took = measure()
        self.spent[name].append(self.stand.cpu() - before)
        return took

    def per(self, rates: Mapping[str, list[float]], seconds: int, scale: float = 1) -> Costs:
        """Give the CPU of each piece of work, where so many a second were done for so long."""
        done = {name: [rate * seconds for rate in each] for name, each in rates.items()}
        return {
            name: [
                cpu * scale / work if work else inf
                for cpu, work in zip(each, done[name], strict=True)
            ]
            for name, each in self.spent.items()
        }


def temp_bytes(stand: Stand, work: Callable[[], float]) -> tuple[float, int]:
    """Give what the work gives, and how many bytes went into nginx's temp folders meanwhile.

    A file that is made changes its folder's time, even if it is gone at once: where no folder
    changed it is none. Else it is what nginx wrote to a disk, its log included.
    """
    folders, written = _folders(stand), _written(stand)
    given = work()
    return given, 0 if _folders(stand) == folders else _written(stand) - written


def _folders(stand: Stand) -> dict[str, int]:
    root = Path("/proc", str(stand.server.pid), "root", TEMP)
    every = (root, *(each for each in root.rglob("*") if each.is_dir()))
    return {str(each): each.stat().st_mtime_ns for each in every}


def _written(stand: Stand) -> int:
    """Give how many bytes the processes of nginx have written to disks (not to memory)."""
    service = stand.server.cgroup / "system.slice/nginx.service/cgroup.procs"
    accounts = (Path(f"/proc/{pid}/io").read_text() for pid in service.read_text().split())
    return sum(int(each.partition("\nwrite_bytes: ")[2].split()[0]) for each in accounts)
