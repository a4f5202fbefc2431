"""What the engine tells in its own thread, handed to the screen in batches."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from wizard.errors import WizardError
from wizard.events import Event, Line, Tell

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# What a screen's log holds; older lines are in the log file.
MOST_LINES = 5000
# So many lines wait at most; whoever prints more waits, which leaves the processor to the keys.
WAITING = 1000
BATCH = 250
PATIENCE = 0.5  # seconds; after that the screen is taken for stuck, and the oldest line goes


class Told:
    """Events that wait for the screen, in order; memory stays bounded."""

    def __init__(self) -> None:
        self._room = threading.Condition()
        self._events: deque[Event] = deque()
        self._lines = 0
        self._dropped = 0
        self._closed = False

    def tell(self, event: Event) -> None:
        with self._room:
            if isinstance(event, Line):
                self._make_room()
                self._lines += 1
            self._events.append(event)

    def take(self) -> tuple[list[Event], int]:
        """Give the next of what waits, and how many lines were dropped before these."""
        with self._room:
            some = [self._events.popleft() for _ in range(min(BATCH, len(self._events)))]
            self._lines -= sum(isinstance(event, Line) for event in some)
            dropped, self._dropped = self._dropped, 0
            self._room.notify_all()
        return some, dropped

    @property
    def empty(self) -> bool:
        return not self._events

    def close(self) -> None:
        """Let nobody wait any more: the screen is gone."""
        with self._room:
            self._closed = True
            self._room.notify_all()

    def _make_room(self) -> None:
        if self._lines >= WAITING and not self._closed:
            self._room.wait_for(lambda: self._lines < WAITING or self._closed, PATIENCE)
        if self._lines >= WAITING:
            oldest = next(each for each in self._events if isinstance(each, Line))
            self._events.remove(oldest)
            self._lines -= 1
            self._dropped += 1


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

    def ended(self) -> bool:
        """Say whether it is done. Raises what it ended with, if that is a bug."""
        if self.done and self.bug:
            raise self.bug
        return self.done

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
