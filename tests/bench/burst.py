"""How fast a key is answered while 50,000 lines come in a burst, and how much memory it takes.

Run: python -m tests.bench.burst
"""

from __future__ import annotations

import signal
import statistics
import sys
import time
from pathlib import Path

from tests.terminal import Pty

MARK = "You have scrolled back"
ROOT = Path(__file__).parents[2]
LINES = 50_000
BURSTS, PAUSE = 3, 0.2  # seconds


def play() -> None:
    """Be the program: the screen at work, with an engine that prints as fast as it can."""
    import threading  # noqa: PLC0415

    from textual.app import App  # noqa: PLC0415

    from screens.progress import AtWork  # noqa: PLC0415
    from wizard.events import Line, StepStarted, Tell  # noqa: PLC0415

    go = threading.Event()

    def act(tell: Tell) -> None:
        tell(StepStarted("burst", "Print as fast as can be"))
        go.wait()
        for _ in range(BURSTS):
            for number in range(LINES):
                tell(Line("burst", f"{number:06} {'x' * 83}"))
            time.sleep(PAUSE)
        tell(Line("burst", "all is printed"))
        time.sleep(60)

    class Burst(App[None]):
        CSS_PATH = ROOT / "screens" / "app.tcss"

        def on_mount(self) -> None:
            steps = {"burst": "Print as fast as can be"}
            self.push_screen(AtWork("At work", steps, act, lambda: None, lambda _: None))

        def on_key(self) -> None:
            go.set()

    Burst().run()


def resident(pid: int) -> float:
    """Give the memory of a process in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def main() -> None:
    with Pty.start((sys.executable, "-m", "tests.bench.burst", "play"), cwd=ROOT) as pty:
        pty.wait_for("[>] Print")
        before = resident(pty.pid)
        pty.press("z")  # begins the burst
        took = []
        while "all is printed" not in pty.screen():
            took.append(pty.latency("f", lambda screen: MARK in screen))
            took.append(pty.latency("f", lambda screen: MARK not in screen))
        after = resident(pty.pid)
        pty.signal(signal.SIGKILL)
    median, late = statistics.median(took) * 1000, statistics.quantiles(took, n=100)[98] * 1000
    worst = f"worst {max(took) * 1000:.0f} ms of {len(took)}"
    print(f"key answered: median {median:.0f} ms, 99 of 100 in {late:.0f} ms, {worst}")  # noqa: T201
    grown = f"{after:.0f} MiB after {BURSTS} bursts of {LINES} lines"
    print(f"memory: {before:.0f} MiB before, {grown}")  # noqa: T201


if __name__ == "__main__":
    play() if sys.argv[1:] == ["play"] else main()
