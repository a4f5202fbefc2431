"""The one executor: look, record, act, look again, change by change."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wizard.errors import Interrupted, WizardError
from wizard.events import ChangeDone, StepDone, StepFailed, StepStarted, Stopped, Tell
from wizard.failures import of_step
from wizard.failures.ways import STEP
from wizard.hosts import tidy
from wizard.progress import heard

LAST = 40  # lines of a step that are looked at where it fails

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wizard.changes import Change
    from wizard.hosts import Host, Log
    from wizard.plan import Plan, Step


class Ledger(Protocol):
    """What must be on disk around each act; the journal, forwards or backwards."""

    def record(self, step: Step, change: Change, inverse: Change | None) -> None: ...
    def done(self, step: Step, change: Change) -> None: ...
    def settle(self, step: Step) -> None: ...
    def unsettled(self, step: Step) -> bool: ...
    def folders(self, host: str) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Executor:
    hosts: Mapping[str, Host]
    ledger: Ledger
    tell: Tell
    stopping: Callable[[], bool] = lambda: False

    def apply(self, plan: Plan) -> int:
        """Make the plan true; give how many changes were made.

        Raises WizardError where a change fails, Interrupted where the user asked to stop.
        """
        for name in dict.fromkeys(step.host for step in plan):
            tidy(self.hosts[name], self.ledger.folders(name))
        return sum(self._step(step) for step in plan)

    def _step(self, step: Step) -> int:
        self.tell(StepStarted(step.id, step.title))
        last: deque[str] = deque(maxlen=LAST)
        log = self._log(step, last)
        try:
            changed = sum(self._change(step, change, log) for change in step.changes)
            if changed or self.ledger.unsettled(step):
                self._then(step, log)
        except Interrupted:
            raise
        except WizardError as error:
            interpret(error, last)
            self.tell(StepFailed(step.id, str(error), error.hint, error.cause, error.remedy))
            raise
        self.tell(StepDone(step.id, changed))
        return changed

    def _then(self, step: Step, log: Log) -> None:
        for command in step.then:
            command.apply(self.hosts[step.host], log)
        self.ledger.settle(step)

    def _change(self, step: Step, change: Change, log: Log) -> int:
        if self.stopping():
            self.tell(Stopped(step.id))
            raise Interrupted("Stopped as asked, between two changes", "run again to go on")
        host = self.hosts[step.host]
        found = change.compare(host)
        if found:
            self.ledger.record(step, change, found.inverse)
            change.apply(host, log)
            if change.compare(host):
                raise WizardError(
                    f"`{change.label}` ran without an error, yet the host is not so afterwards",
                    "something else may be changing the same thing; look, then run again",
                )
        self.ledger.done(step, change)
        self.tell(ChangeDone(step.id, change.label, changed=found is not None))
        return int(found is not None)

    def _log(self, step: Step, last: deque[str]) -> Log:
        def log(text: str) -> None:
            last.append(text)
            self.tell(heard(step.id, text))

        return log


def interpret(error: WizardError, last: Iterable[str]) -> None:
    """Put into an error what it means, if its words or the last lines before it are known."""
    found = of_step(str(error), "\n".join(last))
    if found:
        error.cause, error.remedy = found.cause, found.remedies(STEP)[0]
