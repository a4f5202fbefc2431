"""One pair in place of another: put there, looked at from outside, or taken back."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.changes.files import WriteFile
from wizard.changes.services import is_running, revive
from wizard.errors import ChecksFailed, WizardError
from wizard.events import Checked, Line
from wizard.executor import Executor
from wizard.shown import wrong
from wizard.steps import authority

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard import pki
    from wizard.events import Tell
    from wizard.front import Front
    from wizard.nginx import Nginx
    from wizard.plan import Step
    from wizard.session import Session

VERIFY = "registry-wizard verify says more"
IN_PLACE = "The new certificate is in place, but"


@dataclass(frozen=True)
class Exchange:
    session: Session
    nginx: Nginx
    made: pki.Pki  # what is to be served from now on
    witnesses: tuple[Front, ...]  # they show the former certificate, so they must show this one
    others: tuple[Front, ...]  # they show another one, or nothing, for reasons that are not ours
    gave_up: bool  # nginx did, on a key and a certificate that do not belong together
    tell: Tell

    def carry_out(self) -> int:
        """Put the pair in place, and the former one back where nginx does not come to serve it.

        Nobody stops it half way: what lies there then is a key without its certificate. Raises
        ChecksFailed where the new one stays, and yet nobody sees it.
        """
        step = authority.renewed(self.session.host, self.nginx, self.made)
        found = (change.compare(self.session.host) for change in step.changes)
        back = tuple(each.inverse for each in found if each and each.inverse)
        with self.session.journal.lock():
            try:
                return self._put(step)
            except ChecksFailed:
                raise
            except Exception as error:
                self._tell_back(self._put_back(replace(step, changes=back[::-1])), error)
                raise

    def _put(self, step: Step) -> int:
        changed = Executor(self.session.hosts, self.session.journal, self.tell).apply((step,))
        if self.gave_up:
            self._start()
        self._look()
        return changed

    def _start(self) -> None:
        try:
            revive(self.session.host, self.nginx.service, self._log)
        except WizardError as error:
            raise ChecksFailed(f"{IN_PLACE} {error}", self._by_hand) from error

    @property
    def _by_hand(self) -> str:
        return f"start it, then: registry-wizard verify (the service is {self.nginx.service})"

    def _look(self) -> None:
        """Look from outside at every name; raise WizardError where a witness does not show it."""
        if not (self.witnesses or self._runs()):
            raise self._stopped()
        for front in self.witnesses:
            self._must(front)
        self._look_at_others()

    def _look_at_others(self) -> None:
        """Tell what they show; where none of them shows it and there is no witness, raise."""
        seen = {front.name: wrong(front, self.made.certificate) for front in self.others}
        if not self.witnesses and all(seen.values()):
            said = "; ".join(f"{name} {what}" for name, what in seen.items())
            raise ChecksFailed(f"{IN_PLACE} nobody sees it: {said}", VERIFY)
        for name, what in sorted(seen.items(), key=lambda each: bool(each[1])):
            self._warn(name, what) if what else self._passed(name)

    def _warn(self, name: str, what: str) -> None:
        said = f"{name} {what}; it did not show the former one either"
        self.tell(Checked("served", "warning", said, VERIFY))

    def _must(self, front: Front) -> None:
        seen = wrong(front, self.made.certificate)
        if seen:
            raise WizardError(f"{front.name} {seen}", VERIFY) if self._runs() else self._stopped()
        self._passed(front.name)

    def _passed(self, name: str) -> None:
        self.tell(Checked("served", "passed", f"{name} shows it, trusted with our CA"))

    def _runs(self) -> bool:
        return is_running(self.session.host, self.nginx.service)

    def _stopped(self) -> ChecksFailed:
        return ChecksFailed(f"{IN_PLACE} nginx does not run, so nobody has seen it", self._by_hand)

    def _put_back(self, step: Step) -> str:
        """Make it as it was, and say how that went; empty where all is as it was anyway.

        It is on record already, so it takes no room on a disk that is full.
        """
        host = self.session.host
        try:
            due = [change for change in step.changes if change.compare(host)]
            for change in due:
                change.apply(host, self._log)
            for command in step.then if due else ():
                command.apply(host, self._log)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is told beside the first)
            said = f"The former certificate could not be put back: {error}"
            return "\n".join((said, *self._kept(step)))
        if due:
            with contextlib.suppress(WizardError):  # else nginx is told once more by the next run
                self.session.journal.settle(step)
        return "The former certificate is back in place" if due else ""

    def _kept(self, step: Step) -> Iterator[str]:
        """Say where a person finds what was there."""
        files = (change for change in step.changes if isinstance(change, WriteFile))
        for file in files:
            kept = self.session.journal.kept(file.content)
            if kept.exists():
                yield f"The former {file.path} is kept as {kept}"

    def _tell_back(self, said: str, error: Exception) -> None:
        """Tell it together with the error, or before one that is nobody's sentence."""
        if said and isinstance(error, WizardError):
            raise WizardError(f"{error}\n{said}", error.hint) from error
        if said:
            self._log(said)

    def _log(self, text: str) -> None:
        """Tell a line; whoever listened may have gone, which must not stop what is under way."""
        with contextlib.suppress(OSError):
            self.tell(Line(authority.ID, text))
