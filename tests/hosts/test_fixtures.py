"""The test hosts themselves: none of them outlives the run of tests that it was made for."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.hosts.application import CHECKOUT
from tests.hosts.machine import run_ip

pytestmark = pytest.mark.host
TEST = """import time
from pathlib import Path
def test_that_takes_long(network, client):
    here = Path(__file__)
    here.with_name("partial").write_text(f"{network.bridge} {network.state} {client.pid}")
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
    bridge, state, pid = said.read_text().split()
    assert Path("/proc", pid).exists()
    run.terminate()
    assert run.wait(60) == pytest.ExitCode.INTERRUPTED
    until = time.monotonic() + 10
    while Path("/proc", pid).exists():  # ended, and not yet looked after by whoever inherited it
        assert time.monotonic() < until
        time.sleep(0.1)
    assert not Path(state).exists()
    assert run_ip("link", "show", bridge, check=False) != 0
