"""The server certificate alone made anew: put in place, looked at from outside, or taken back."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.services import is_running
from wizard.errors import Blocked, ChecksFailed, WizardError
from wizard.events import Checked, Finished, Found, Line
from wizard.executor import Executor
from wizard.facts import read_facts
from wizard.log import logged
from wizard.nginx import Nginx, nginx_of
from wizard.session import PKI, Session, wanted_certificates
from wizard.shown import fronts, wrong
from wizard.steps import authority

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from typing import Any

    from wizard.answers import Answers
    from wizard.events import Tell
    from wizard.facts import Facts
    from wizard.pki.server import Pair
    from wizard.place import Place
    from wizard.plan import Step

NOBODY = (
    "There is no registry of ours on this machine",
    "registry-wizard --answers FILE sets one up",
)


@dataclass(frozen=True)
class There:
    """What lies on the server."""

    answers: Answers
    facts: Facts
    ca: bytes
    key: bytes | None  # of the CA; not needed as long as nothing is due
    pair: Pair | None
    owed: bool  # nginx was not told of it: a run was cut off

    @property
    def wanted(self) -> pki.Wanted:
        return wanted_certificates(self.answers)

    @property
    def nginx(self) -> Nginx:
        return nginx_of(self.answers, self.facts.distro)

    @property
    def now(self) -> dt.datetime:
        return self.facts.now

    @property
    def why(self) -> str:
        """Say why a new certificate is due; empty where none is."""
        return pki.reason_to_issue(self.wanted, pki.Authority(self.ca, b""), self.pair, self.now)


def renew(
    place: Place[Any, Any],
    tell: Tell,
    *,
    force: bool,
    log: Callable[[Tell], Tell] = logged,
) -> int:
    """Renew the certificate where it is due, or where that is asked for; give the exit code.

    Raises Blocked where another wizard is at work, ChecksFailed where nginx does not run, and
    WizardError where the former certificate had to be put back, or nothing was touched.
    """
    session = _server(place)
    there = _look(session)
    for each in _short(there):
        tell(each)
    why = there.why or ("that was asked for" if force else "")
    if not (why or there.owed):
        tell(Finished(0, _not_due(there)))
        return 0
    tell = log(tell)
    made = _make(there, why, tell)
    changed = _replace(session, there, made, tell)
    tell(
        Finished(
            changed, f"nginx serves the certificate until {pki.ends(made.certificate):%Y-%m-%d}"
        )
    )
    return 0


def _server(place: Place[Any, Any]) -> Session:
    former = place.former()
    if former is None:
        raise WizardError(*NOBODY)
    if not isinstance(place, Session) or former.role != "server":
        raise Blocked(
            "This machine is a client of a registry: it has no certificate of its own",
            f"registry-wizard renew belongs on the server, {former.registry.hostname}",
        )
    return place


def _look(session: Session) -> There:
    session.look()
    answers, ca = session.former(), session.read(f"{PKI}/ca.crt")
    if not (answers and ca):
        raise WizardError(*NOBODY)
    return There(
        answers=answers,
        facts=read_facts(session.host, answers),
        ca=ca,
        key=session.read(f"{PKI}/ca.key"),
        pair=session.found_pair(),
        owed=authority.ID in session.journal.unsettled_steps(),
    )


def _short(there: There) -> Iterator[Found]:
    """Say where the CA itself ends before a new certificate would."""
    left, days = pki.days_left(there.ca, there.now), there.answers.certificate.days
    if left < days:
        yield Found(
            blocker=False,
            text=f"The CA has {left} days left, and no certificate of it lasts longer"
            f" ({days} days are wanted)",
            remedy="a new CA means: undo, install anew, visit every client",
        )


def _not_due(there: There) -> str:
    served = there.pair[0] if there.pair else b""
    left = pki.days_left(served, there.now)
    return f"The certificate has {left} days left; a new one is due on {pki.due(served):%Y-%m-%d}"


def _make(there: There, why: str, tell: Tell) -> pki.Pki:
    """Give the pair that is to be served: a new one in memory, or the one that is there."""
    if not why and there.pair:
        tell(Line(authority.ID, "nginx has not been told of the certificate that lies there"))
        return pki.Pki(pki.Authority(there.ca, b""), *there.pair)
    tell(Line(authority.ID, f"A new certificate is due: {why}"))
    if there.key is None:
        raise WizardError(
            f"{PKI}/ca.key is not there, and no one else can sign a new certificate ({why})",
            f"put the CA's key back as {PKI}/ca.key, then: registry-wizard renew",
        )
    return pki.issue(there.wanted, pki.Authority(there.ca, there.key), there.now)


def _replace(session: Session, there: There, made: pki.Pki, tell: Tell) -> int:
    """Put a pair in place, and the former one back where nginx does not serve it.

    Nobody stops it half way: what lies there then is a key without its certificate.
    """
    _refuse_broken(there)
    step = authority.renewed(session.host, there.nginx, made)
    found = (change.compare(session.host) for change in step.changes)
    back = tuple(each.inverse for each in found if each and each.inverse)
    with session.journal.lock():
        try:
            changed = Executor(session.hosts, session.journal, tell).apply((step,))
            _served(session, there, made, tell)
        except ChecksFailed:
            raise
        except WizardError as error:
            if not back:
                raise
            raise _put_back(session, replace(step, changes=back[::-1]), error, tell) from error
    return changed


def _refuse_broken(there: There) -> None:
    """Raise WizardError where nginx would not take any certificate; one of ours may be why."""
    said = there.facts.nginx_problem
    if said and f'"{PKI}/' not in said:
        raise WizardError(
            f"nginx's own settings are broken, so nothing was touched: {_worst(said)}",
            "mend them until `nginx -t` is content, then: registry-wizard renew",
        )


def _worst(said: str) -> str:
    """Give the line that ended nginx's test; warnings may stand before it."""
    lines = said.splitlines()
    return next((line for line in lines if "[emerg]" in line), lines[0])


def _put_back(session: Session, step: Step, error: WizardError, tell: Tell) -> WizardError:
    """Make it as it was. That is on record already, so it takes no room on a disk that is full."""

    def log(text: str) -> None:
        tell(Line(step.id, text))

    try:
        for change in step.changes:
            change.apply(session.host, log)
        for command in step.then:
            command.apply(session.host, log)
    except WizardError as again:
        return WizardError(f"{error}\nThe former certificate could not be put back: {again}")
    with contextlib.suppress(WizardError):  # else nginx is told once more by the next run
        session.journal.settle(step)
    return WizardError(f"{error}\nThe former certificate is back in place", error.hint)


def _served(session: Session, there: There, made: pki.Pki, tell: Tell) -> None:
    """Look from outside at every name. Raises WizardError where one shows another certificate."""
    for front in fronts(there.answers, there.facts.addresses, made.trust):
        seen = wrong(front, made.certificate)
        if seen and not is_running(session.host, there.nginx.service):
            raise ChecksFailed(
                "The new certificate is in place, but nginx does not run, so nobody has seen it",
                f"start it, then: registry-wizard verify (the service is {there.nginx.service})",
            )
        if seen:
            raise WizardError(f"{front.name} {seen}", "registry-wizard verify says more")
        tell(Checked("served", "passed", f"{front.name} shows it, trusted with our CA"))
