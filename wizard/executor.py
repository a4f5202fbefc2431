"""The one executor: look, record, act, look again, change by change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wizard.errors import Interrupted, WizardError
from wizard.events import ChangeDone, StepDone, StepFailed, StepStarted, Stopped, Tell
from wizard.hosts import tidy
from wizard.progress import heard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.changes import Change
    from wizard.hosts import Host
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
        try:
            changed = sum(self._change(step, change) for change in step.changes)
            if changed or self.ledger.unsettled(step):
                self._then(step)
        except Interrupted:
            raise
        except WizardError as error:
            self.tell(StepFailed(step.id, str(error), error.hint))
            raise
        self.tell(StepDone(step.id, changed))
        return changed

    def _then(self, step: Step) -> None:
        for command in step.then:
            command.apply(self.hosts[step.host], self._log(step))
        self.ledger.settle(step)

    def _change(self, step: Step, change: Change) -> int:
        if self.stopping():
            self.tell(Stopped(step.id))
            raise Interrupted("Stopped as asked, between two changes", "run again to go on")
        host = self.hosts[step.host]
        found = change.compare(host)
        if found:
            self.ledger.record(step, change, found.inverse)
            change.apply(host, self._log(step))
            if change.compare(host):
                raise WizardError(
                    f"`{change.label}` ran without an error, yet the host is not so afterwards",
                    "something else may be changing the same thing; look, then run again",
                )
        self.ledger.done(step, change)
        self.tell(ChangeDone(step.id, change.label, changed=found is not None))
        return int(found is not None)

    def _log(self, step: Step) -> Callable[[str], None]:
        return lambda text: self.tell(heard(step.id, text))
