"""How long the first picture takes against that of a bare Textual app; prints the ratio.

Run: python -m tests.benchmarks.first_paint [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.terminal import Pty

ROOT = Path(__file__).parents[2]
BARE = (
    "from textual.app import App\nfrom textual.widgets import Static\n"
    "class Bare(App):\n    def compose(self): yield Static('Begin')\nBare().run()"
)


def seconds(argv: tuple[str, ...]) -> float:
    start = time.monotonic()
    with Pty.start(argv, cwd=ROOT) as pty:
        pty.wait_for("Begin")
        return time.monotonic() - start


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    with tempfile.TemporaryDirectory() as folder:
        fronts = {
            "bare": (sys.executable, "-c", BARE),
            "wizard": (sys.executable, "-m", "tests.benchmarks.start", folder),
        }
        took: dict[str, list[float]] = {name: [] for name in fronts}
        for _ in range(rounds):
            for name, argv in fronts.items():
                took[name].append(seconds(argv))
    medians = {name: statistics.median(each) for name, each in took.items()}
    for name, median in medians.items():
        print(f"{name:8}{median * 1000:6.0f} ms (min {min(took[name]) * 1000:.0f})")  # noqa: T201
    print(f"ratio   {medians['wizard'] / medians['bare']:6.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
