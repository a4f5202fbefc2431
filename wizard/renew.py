"""The server certificate alone made anew, where it is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.services import is_enabled, is_running
from wizard.errors import Blocked, WizardError
from wizard.events import Finished, Found, Line
from wizard.exchange import Exchange
from wizard.facts import read_facts
from wizard.join import CA
from wizard.log import logged
from wizard.nginx import Nginx, nginx_of
from wizard.place import NOBODY
from wizard.renewal import NEW_CA
from wizard.session import PKI, Session, wanted_certificates
from wizard.shown import fronts, shows
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

SET_UP = "registry-wizard --answers FILE sets one up"


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

    Raises Blocked where another wizard is at work, ChecksFailed where nobody sees the new one, and
    WizardError where the former certificate had to be put back, or nothing was touched.
    """
    session = _server(place)
    there = _look(session)
    _refuse_other_ca(session, there)
    for each in _short(there):
        tell(each)
    why = there.why or ("that was asked for" if force else "")
    if not (why or there.owed):
        tell(Finished(0, _not_due(there)))
        return 0
    tell = log(tell)
    made = _make(there, why, tell)
    changed = _exchange(session, there, made, tell).carry_out()
    tell(
        Finished(
            changed, f"nginx serves the certificate until {pki.ends(made.certificate):%Y-%m-%d}"
        )
    )
    return 0


def _server(place: Place[Any, Any]) -> Session:
    former = place.former()
    if former is None:
        raise WizardError(NOBODY, SET_UP)
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
        raise WizardError(NOBODY, SET_UP)
    return There(
        answers=answers,
        facts=read_facts(session.host, answers),
        ca=ca,
        key=session.read(f"{PKI}/ca.key"),
        pair=session.found_pair(),
        owed=authority.ID in session.journal.unsettled_steps(),
    )


def _refuse_other_ca(session: Session, there: There) -> None:
    """Raise WizardError where clients do not know the CA that lies here: nobody changes that."""
    trust, published = pki.Pki(pki.Authority(there.ca, b""), b"", b"").trust, session.read(CA)
    signed = not (there.pair and pki.by_another(there.pair[0], there.ca))
    if signed and published in (None, trust):
        return
    what = CA if signed else "the CA of the certificate that is served"
    raise WizardError(
        f"The CA was replaced: {PKI}/ca.crt is another one than {what}, so nothing was touched",
        "run the wizard again, then visit the clients",
    )


def _short(there: There) -> Iterator[Found]:
    """Say where the CA itself ends before a new certificate would."""
    left, days = pki.days_left(there.ca, there.now), there.answers.certificate.days
    if left < days:
        yield Found(
            blocker=False,
            text=f"The CA has {left} days left, and no certificate of it lasts longer"
            f" ({days} days are wanted)",
            remedy=NEW_CA,
        )


def _not_due(there: There) -> str:
    served = there.pair[0] if there.pair else b""
    left = pki.days_left(served, there.now)
    if pki.ends_with_its_ca(served, there.ca):
        return f"The certificate has {left} days left, and ends with its CA: only a new CA helps"
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


def _exchange(session: Session, there: There, made: pki.Pki, tell: Tell) -> Exchange:
    """Ask every name what it shows before anything is touched."""
    _refuse_broken(there)
    former = there.pair[0] if there.pair else b""
    asked = {
        front: shows(front, former)
        for front in fronts(there.answers, there.facts.addresses, made.trust)
    }
    return Exchange(
        session=session,
        nginx=there.nginx,
        made=made,
        witnesses=tuple(front for front, did in asked.items() if did),
        others=tuple(front for front, did in asked.items() if not did),
        gave_up=_gave_up(session, there),
        tell=tell,
    )


def _gave_up(session: Session, there: There) -> bool:
    """Say whether nginx is down over the pair; one that is not enabled was stopped on purpose."""
    service = there.nginx.service
    torn = not pki.belong_together(there.pair)
    return torn and is_enabled(session.host, service) and not is_running(session.host, service)


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
