"""A program on a terminal of its own: typed at, read, signalled, and looked after when it ends."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import termios
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.terminal.answers import in_band
from tests.terminal.keys import encode
from tests.terminal.modes import XTERM, Modes
from tests.terminal.output import Output
from tests.terminal.paper import Paper
from tests.terminal.settings import Settings, environment, settings_of
from tests.terminal.waiting import check, not_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.terminal.waiting import Wanted

# The terminal becomes the program's controlling one, the program its foreground; and no signal is
# ignored only because whoever started the tests had it so, as shells do for jobs in the background.
START = ("setsid", "--ctty", "env", "--default-signal")
# Textual takes what follows an escape within 100 ms for the rest of a sequence.
ESCAPE_SECONDS = 0.15
KEEP = 4 << 20


class Pty:
    """A terminal of xterm's kind, and the one program started on it."""

    def __init__(self, columns: int, rows: int, supports: frozenset[int]) -> None:
        self._master, self._slave = os.openpty()
        termios.tcsetwinsize(self._slave, (rows, columns))
        self.before = self.settings()
        # Written behind all output once the program has ended, and shown by no terminal.
        self._end = f"\x1b_{secrets.token_hex(8)}\x1b\\".encode()
        self._modes = Modes(supports)
        self._output = Output(self._master, Paper(columns, rows), self._modes, self._end)
        self._escaped = 0.0

    @classmethod
    def start(
        cls,
        argv: Sequence[str],
        columns: int = 80,
        rows: int = 24,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        *,
        keep: int | None = KEEP,
        supports: frozenset[int] = XTERM,
    ) -> Self:
        """Start a program; remember so many of the bytes it writes, all of them for None.

        The variables in env are added to the tests' own. `supports` are the modes the terminal says
        it knows when asked: more than xterm's for a newer one.
        """
        made = cls(columns, rows, supports)
        made._start(argv, environment(env), cwd)
        made._output.start(keep)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def press(self, *keys: str) -> None:
        """Press keys one after the other: "tab", "f3", "ctrl+c", "shift+tab", "a"."""
        for each in keys:
            time.sleep(max(0.0, self._escaped + ESCAPE_SECONDS - time.monotonic()))
            os.write(self._master, encode(each))
            self._escaped = time.monotonic() if each == "esc" else 0.0

    def type(self, text: str) -> None:
        self.press(*({"\n": "enter", "\t": "tab"}.get(each, each) for each in text))

    def resize(self, columns: int, rows: int) -> None:
        """Drag the window's corner: SIGWINCH, and a report for a program that turned those on."""
        self._output.resize(columns, rows)
        termios.tcsetwinsize(self._slave, (rows, columns))
        if self._modes.on(2048):
            os.write(self._master, in_band(columns, rows))

    def signal(self, number: int) -> None:
        """Send a signal to the program alone; where it runs inside a machine, to it there."""
        os.kill(_innermost(self._process.pid), number)

    def hang_up(self) -> None:
        """Close the window, or lose the line: SIGHUP, and errors for who still reads or writes."""
        program = _innermost(self._process.pid)
        self._output.stop()
        os.close(self._master)
        self._master = -1
        if program != self._process.pid:
            # Linux tells a session's leader alone; a login shell there would pass it on.
            os.kill(program, signal.SIGHUP)

    def screen(self) -> str:
        """Give the rows as they are now, without the blanks at their ends."""
        return self._output.screen()

    def line(self, number: int) -> str:
        """Give one row, counted from 0; from the bottom if negative."""
        return self.screen().split("\n")[number]

    def wait_for(self, wanted: Wanted, seconds: float = 10) -> str:
        """Give the screen as soon as it shows a text, or makes a function of it true."""
        shown, screen = check(wanted), ""
        for screen in self._output.looks(time.monotonic() + seconds):
            if shown(screen):
                return screen
        raise not_shown(wanted, self._why(seconds), screen)

    def latency(self, key: str, wanted: Wanted, seconds: float = 10) -> float:
        """Press a key; give the seconds until the output arrived that makes the screen show it."""
        shown = check(wanted)
        if shown(before := self._output.watch(shown)):
            raise AssertionError(f"This was there before {key} was pressed:\n{before}")
        pressed = time.monotonic()
        self.press(key)
        for _ in self._output.looks(pressed + seconds):
            if came := self._output.came():
                return came - pressed
        raise not_shown(wanted, f"after {key} {self._why(seconds)}", self.screen())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def wait(self, seconds: float = 10) -> int:
        """Give the exit code, negative if a signal killed it, once all it wrote has arrived."""
        if not self._output.wait_over(seconds):
            raise AssertionError(f"The program has not ended in {seconds} s:\n{self.screen()}")
        return self._process.wait()

    def raw(self) -> bytes:
        """Give the bytes as written; the last of them, if not all are kept."""
        return self._output.raw()

    def settings(self) -> Settings:
        return settings_of(self._slave)

    def modes(self) -> tuple[str, ...]:
        """Name the modes that the output has left on: "alternate screen", "cursor hidden"."""
        return self._output.modes()

    def leftovers(self) -> tuple[str, ...]:
        """Name all that is not as the program found it: modes, and fields of stty's settings."""
        return self.modes() + self.before.changed(self.settings())

    def clean(self) -> bool:
        return not self.leftovers()

    def close(self) -> None:
        """End the program and its foreground, if they still run, and give the terminal back."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._seeing_off.join()
        self._output.stop()
        for each in {self._master, self._slave} - {-1}:
            os.close(each)
        self._master = self._slave = -1

    def _start(self, argv: Sequence[str], env: dict[str, str], cwd: Path | None) -> None:
        end = self._slave
        self._process = subprocess.Popen(
            (*START, *argv), stdin=end, stdout=end, stderr=end, env=env, cwd=cwd
        )
        self._seeing_off = threading.Thread(target=self._see_off)
        self._seeing_off.start()
        # Before that, ctrl+c would be a character that nobody has asked for.
        while self._process.poll() is None and os.tcgetpgrp(self._master) != self._process.pid:
            time.sleep(0.001)

    def _see_off(self) -> None:
        """Mark the end of the output: nothing that the program wrote can come after it."""
        self._process.wait()
        try:
            for flow in (termios.TCOOFF, termios.TCOON):  # someone may have pressed ctrl+s
                termios.tcflow(self._slave, flow)
            os.write(self._slave, self._end)
        except (OSError, termios.error):  # hung up: nobody reads any more
            self._output.set_over()

    def _why(self, seconds: float) -> str:
        code = self._process.poll()
        return f"in {seconds} s" if code is None else f"and the program has ended with {code}"


def _innermost(pid: int) -> int:
    """Find the program behind nsenter, which waits for it and passes no signal on."""
    process = Path(f"/proc/{pid}")
    children = (process / f"task/{pid}/children").read_text().split()
    if children and (process / "comm").read_text().strip() == "nsenter":
        return _innermost(int(children[0]))
    return pid
