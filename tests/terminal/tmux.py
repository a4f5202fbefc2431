"""A program in a tmux of its own: what a user of tmux or screen sees of it, and types at it."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.terminal.settings import environment
from tests.terminal.waiting import check, not_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.terminal.waiting import Wanted

OPTIONS = (
    ("-g", "default-shell", "/bin/sh"),
    ("-g", "status", "off"),
    ("-gw", "remain-on-exit", "on"),
    ("-gw", "remain-on-exit-format", ""),
)
LOOK_SECONDS = 0.02
# Says how the program ended; tmux 3.3a now and then leaves its child a zombie and never says.
TELL = """
import os, signal, sys
for each in (signal.SIGINT, signal.SIGQUIT):
    signal.signal(each, signal.SIG_IGN)
ended, *argv = sys.argv[1:]
code = os.spawnvp(os.P_WAIT, "env", ["env", "--default-signal", *argv])
with open(ended + ".new", "w") as file:
    file.write(str(code))
os.rename(ended + ".new", ended)
"""


def need_tmux() -> None:
    """Install tmux where it is missing; fail where that cannot be."""
    if not shutil.which("tmux"):
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "tmux"]
        subprocess.run(install, check=True)


class Tmux:
    """A server of its own name, in a folder of its own, with one window."""

    def __init__(self, env: dict[str, str]) -> None:
        need_tmux()
        self._environment = env
        self._name = f"registry-wizard-{os.getpid()}-{secrets.token_hex(4)}"
        self._folder = tempfile.TemporaryDirectory(prefix="registry-wizard-tmux-")
        self._ended = Path(self._folder.name) / "ended"

    @classmethod
    def start(
        cls,
        argv: Sequence[str],
        columns: int = 80,
        rows: int = 24,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Self:
        """Start a program in a window of this size; the variables in env come on top."""
        made = cls(environment(env))
        words: list[str] = []
        for option in OPTIONS:
            words += ["set-option", *option, ";"]
        words += ["new-session", "-d", "-x", str(columns), "-y", str(rows)]
        words += ["-c", str(cwd)] if cwd else []
        tell = (sys.executable, "-ISc", TELL, str(made._ended), *argv)
        made._tmux("start-server", ";", *words, f"exec {shlex.join(tell)}")
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, *keys: str) -> None:
        """Press keys by tmux's names for them: "Enter", "BTab", "F3", "C-c", "Escape"."""
        self._tmux("send-keys", "--", *keys)

    def type(self, text: str) -> None:
        # At the end of a word tmux takes ; for its own, and \; for the character.
        self._tmux("send-keys", "-l", "--", re.sub(";$", r"\;", text))

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        """Give the rows as they are now, without the blanks at their ends."""
        return self._tmux("capture-pane", "-p").removesuffix("\n")

    def wait_for(self, wanted: Wanted, seconds: float = 10) -> str:
        """Give the screen as soon as it shows a text, or makes a function of it true."""
        until, shown = time.monotonic() + seconds, check(wanted)
        while not shown(screen := self.screen()):
            if time.monotonic() > until:
                raise not_shown(wanted, f"in {seconds} s", screen)
            time.sleep(LOOK_SECONDS)
        return screen

    def wait(self, seconds: float = 10) -> int:
        """Give the program's exit code, negative if a signal killed it."""
        until = time.monotonic() + seconds
        while not (told := self._ended.read_text() if self._ended.exists() else ""):
            if time.monotonic() > until:
                raise AssertionError(f"The program has not ended in {seconds} s:\n{self.screen()}")
            time.sleep(LOOK_SECONDS)
        return int(told)

    def close(self) -> None:
        """End this server, and with it the window and the program."""
        self._tmux("kill-server")
        self._folder.cleanup()

    def _tmux(self, *words: str) -> str:
        argv = ("tmux", "-L", self._name, "-f", "/dev/null", *words)
        env = self._environment | {"TMUX_TMPDIR": self._folder.name}
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"tmux {shlex.join(words)}: {done.stderr.strip()}")
        return done.stdout
