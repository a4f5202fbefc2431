"""A command run to its end while nobody listens, which costs less than being listened to."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from wizard.child import Child

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRACE = 2.0  # seconds: for what still comes out of a pipe once its command has ended


def quiet(
    argv: Sequence[str], stdin: bytes, environment: Mapping[str, str]
) -> tuple[int, bytes, bytes]:
    """Run a command in a session of its own; give its exit code and both its outputs."""
    with Child(argv, environment) as running:
        out, err = _outputs(running, stdin)
    return running.returncode, out, err


def _outputs(running: subprocess.Popen[bytes], stdin: bytes) -> tuple[bytes, bytes]:
    """Read until both pipes end: with the command, or later where a daemon of its has them too."""
    given: bytes | None = stdin
    while True:
        try:
            return running.communicate(given, GRACE)
        except subprocess.TimeoutExpired as so_far:
            given = None  # is on its way
            if running.poll() is not None:
                return so_far.output or b"", so_far.stderr or b""
