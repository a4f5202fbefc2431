"""A command in a session of its own, which the terminal's ctrl+c does not reach."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Child(subprocess.Popen[bytes]):
    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], errors: int = subprocess.PIPE
    ) -> None:
        """Begin it with pipes to it and from it; ``errors`` is where its standard error goes."""
        super().__init__(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=dict(environment),
            start_new_session=True,
        )

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, however long: with a limit, Popen would look for it by sleeping."""
        return super().wait()
