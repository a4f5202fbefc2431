"""The test hosts themselves: none of them outlives the run of tests that it was made for."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hosts.application import CHECKOUT

pytestmark = pytest.mark.host
TEST = """import time
from pathlib import Path
def test_that_takes_long(network, client):
    here = Path(__file__)
    link = Path("/sys/class/net", network.bridge, "ifindex").read_text().strip()
    here.with_name("partial").write_text(f"{link} {network.state} {client.pid}")
    here.with_name("partial").rename(here.with_name("said"))
    time.sleep(300)
"""


def test_an_ended_run_tidies_its_machines_away(tmp_path: Path) -> None:
    (tmp_path / "test_long.py").write_text(TEST)
    said = tmp_path / "said"
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "tests.hosts.fixtures"]
    argv += ["--rootdir", str(tmp_path), str(tmp_path / "test_long.py")]
    with (tmp_path / "out").open("w") as out:
        run = subprocess.Popen(argv, cwd=CHECKOUT, stdout=out, stderr=out)
    while not said.exists():
        assert run.poll() is None, (tmp_path / "out").read_text()
        time.sleep(0.1)
    link, state, pid = said.read_text().split()
    assert Path("/proc", pid).exists()
    assert link in links()
    run.terminate()
    assert run.wait(60) == pytest.ExitCode.INTERRUPTED
    until = time.monotonic() + 10
    while Path("/proc", pid).exists():  # ended, and not yet looked after by whoever inherited it
        assert time.monotonic() < until
        time.sleep(0.1)
    assert not Path(state).exists()
    assert link not in links()


def links() -> set[str]:
    """The numbers of this machine's links: the kernel gives none twice, as runs do their names."""
    found = set()
    for link in Path("/sys/class/net").iterdir():
        try:
            found.add((link / "ifindex").read_text().strip())
        except (FileNotFoundError, NotADirectoryError):  # another run's, just taken away; no link
            continue
    return found
