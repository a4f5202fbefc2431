"""What a client moves, by curl from outside the machine: blobs up and down, in seconds."""

from __future__ import annotations

import hashlib
import secrets
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.stand import Arm, Stand

MIB = 1 << 20
BYTES = "Content-Type: application/octet-stream"
# Docker does not know how long a layer is either, and does not wait to be asked for it.
STREAM = ("-X", "PATCH", "-H", BYTES, "-H", "Transfer-Encoding: chunked", "-H", "Expect:", "-T")


@dataclass(frozen=True)
class Content:
    """A file of random bytes, which is another one after each ``change``."""

    file: Path

    @classmethod
    def of(cls, file: Path, mib: int) -> Content:
        with file.open("wb") as stream:
            for _ in range(mib):
                stream.write(secrets.token_bytes(MIB))
        return cls(file)

    def change(self) -> None:
        with self.file.open("r+b") as stream:
            stream.write(secrets.token_bytes(64))

    @property
    def digest(self) -> str:
        with self.file.open("rb") as stream:
            return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


@dataclass(frozen=True)
class Client:
    """Talks to a stand's machine by its name, and trusts the installation's CA alone."""

    stand: Stand

    def curl(self, arm: Arm, told: str, path: str, *more: str) -> list[str]:
        """Ask, and give what curl tells of it by its own words, by default the status first."""
        tell = ("-o", "/dev/null", "-w", f"%{{http_code}} {told}")
        argv = self.command(arm, path, *tell, *more)
        done = subprocess.run(argv, check=False, capture_output=True)
        return done.stdout.decode().split()

    def command(self, arm: Arm, path: str, *more: str) -> list[str]:
        """Give the words with which curl asks."""
        argv = ["curl", "-sS", "--cacert", str(self.stand.ca)]
        argv += ["--connect-to", f"::{self.stand.server.ip}:"]
        argv += ["-H", f"Authorization: {arm.login}"] if arm.login else []
        return [*argv, *more, f"{arm.at}{path}"]

    def get(self, arm: Arm, path: str, size: int) -> float:
        """Give the seconds that so many bytes took; ends where they did not come."""
        status, got, took = self.curl(arm, "%{size_download} %{time_total}", path)
        if (status, got) != ("200", str(size)):
            raise SystemExit(f"{arm.name} answered {path} with {status} and {got} bytes")
        return float(took)

    def push(self, arm: Arm, name: str, content: Path, digest: str) -> float:
        """Push a blob as Docker does; give the seconds that its three requests took."""
        status, took = self.pushed(arm, name, content, digest)
        if status != "201":
            raise SystemExit(f"{arm.name} answered a push with {status}")
        return took

    def pushed(self, arm: Arm, name: str, content: Path, digest: str) -> tuple[str, float]:
        """Give the status with which a push ended, and the seconds that it took."""
        took, at = 0.0, f"/v2/{name}/blobs/uploads/"
        steps = (("202", "", ("-X", "POST")), ("202", "", (*STREAM, str(content))))
        for wanted, more, argv in (*steps, ("201", f"&digest={digest}", ("-X", "PUT"))):
            told = self.curl(arm, "%{time_total} %header{location}", at + more, *argv)
            took += float(told[1])
            if told[0] != wanted:
                return told[0], took
            at = told[2].removeprefix(arm.at)
        return "201", took
