"""Load by wrk: many connections at once for some seconds. It takes any certificate, unlike curl."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.transfer import Client

if TYPE_CHECKING:
    from tests.bench.stand import Arm, Stand

SCRIPT = Path(__file__).with_name("load.lua")
# A round of five arms takes longer than a login is remembered: so its check always falls to the
# request before a load, not to every load, as it never would in half a minute of work.
SECONDS = 7
PATIENCE = 60  # seconds for one answer


@dataclass(frozen=True)
class Load:
    """What came of it."""

    requests: int
    bytes: int
    seconds: float
    refused: int  # answers of 400 and above
    lost: int  # whose connection broke, or that nothing answered
    slowest: float  # seconds

    @property
    def good(self) -> int:
        return self.requests - self.refused


def load(
    stand: Stand,
    by: Arm,
    connections: int,
    paths: list[str],
    *headers: str,
    seconds: int = SECONDS,
) -> Load:
    """Ask for these paths in turn; ends where none was answered rightly."""
    stand.quiet()
    Client(stand).curl(by, "", paths[0])
    listed = stand.folder / "paths"
    listed.write_text("".join(f"{each}\n" for each in paths))
    login = [f"Authorization: {by.login}"] if by.login else []
    argv = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", f"--timeout={PATIENCE}s"]
    argv += [word for each in (*headers, *login) for word in ("-H", each)]
    argv += ["-s", str(SCRIPT), stand.address(by), "--", str(listed)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    came = Load(**json.loads(done.stdout.splitlines()[-1]))
    if came.lost or came.requests == came.refused > 0:
        raise SystemExit(f"{by.name} did not answer: {came}")
    return came
