"""What the engine tells in its own thread, handed to the screen in batches."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, Generic, TypeVar

from wizard.errors import WizardError
from wizard.events import Event, Line, Tell

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# More than a screen's log holds; older lines that nobody has fetched yet are in the log file.
MOST_LINES = 5000


@dataclass
class Told:
    """Events that wait for the screen; of lines the newest only, so that memory stays bounded."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _events: list[tuple[int, Event]] = field(default_factory=list)
    _lines: deque[tuple[int, Event]] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    _count: int = 0
    _dropped: int = 0

    def tell(self, event: Event) -> None:
        with self._lock:
            self._count += 1
            if isinstance(event, Line):
                self._dropped += len(self._lines) == MOST_LINES
                self._lines.append((self._count, event))
            else:
                self._events.append((self._count, event))

    def take(self) -> tuple[list[Event], int]:
        """Give all that waits, in order, and how many lines were dropped before these."""
        with self._lock:
            events, lines, dropped = self._events, list(self._lines), self._dropped
            self._events, self._dropped = [], 0
            self._lines.clear()
        return [event for _, event in merge(events, lines, key=itemgetter(0))], dropped


@dataclass
class Work(Generic[T]):
    """The engine at work in a thread of its own, which outlives the screen if it must."""

    act: Callable[[Tell], T]
    told: Told = field(default_factory=Told)
    result: T | None = None
    error: WizardError | None = None
    bug: BaseException | None = None
    _thread: threading.Thread | None = None

    def start(self) -> Work[T]:
        self._thread = threading.Thread(target=self._run, name="engine")
        self._thread.start()
        return self

    @property
    def done(self) -> bool:
        return self._thread is not None and not self._thread.is_alive()

    @property
    def busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> None:
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            self.result = self.act(self.told.tell)
        except WizardError as error:
            self.error = error
        except BaseException as bug:  # noqa: BLE001  (raised again where it can be shown)
            self.bug = bug
