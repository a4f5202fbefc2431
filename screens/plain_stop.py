"""What a signal means in plain mode: leave the questions, or stop after this change."""

from __future__ import annotations

import contextlib
import signal
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens import plain_words as words
from screens.plain_talk import Left, Talk, said_from_signal
from wizard.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@dataclass
class Stop:
    """While changes are made a signal is remembered; at all other times it leaves at once."""

    talk: Talk
    working: bool = False
    received: int = 0

    def asked(self) -> bool:
        return self.received != 0

    def heard(self, number: int, _: FrameType | None) -> None:
        if not self.working:
            raise Left(128 + number)
        self.received = number
        said_from_signal(self.talk, words.STOPPING)

    @contextlib.contextmanager
    def between_changes(self) -> Iterator[None]:
        """Let a signal stop what is within between two changes only."""
        self.working, self.received = True, 0
        try:
            yield
        except Interrupted:
            if self.received not in (0, signal.SIGINT):
                raise Left(128 + self.received) from None
            raise
        finally:
            self.working = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals over, and give them back at the end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        former = {number: signal.signal(number, self.heard) for number in SIGNALS}
        try:
            yield
        finally:
            for number, act in former.items():
                signal.signal(number, act)
