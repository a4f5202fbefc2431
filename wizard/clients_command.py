"""The clients of a registry on the command line: add, remove, list and verify."""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard import answers as questions
from wizard.answers import Answers, Client
from wizard.clean import clean
from wizard.client_session import CA
from wizard.clients import roster
from wizard.errors import BadUsage, ChecksFailed, WizardError
from wizard.events import Finished, Tell
from wizard.headless import NOTHING_TO_CHANGE, THERE_ARE_CHANGES, as_lines, refuse_drift
from wizard.join import SCRIPT, join_of
from wizard.log import logged
from wizard.onboarding import row
from wizard.place import NOBODY
from wizard.refusals import UnknownHostKey, Unreachable
from wizard.session import CLIENTS_LIST
from wizard.sheet import dump

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.session import Session

COLUMNS = {
    "host": "HOST",
    "trusting": "TRUSTING",
    "ca": "CA",
    "days": "DAYS LEFT",
    "verified": "LAST VERIFIED",
    "how": "HOW",
}


@dataclass(frozen=True)
class Asked:
    """What the command line said of the clients to add."""

    hosts: tuple[str, ...]
    user: str
    port: int
    host_key: str
    trust: tuple[str, ...]

    def clients(self) -> tuple[Client, ...]:
        if self.host_key and len(self.hosts) > 1:
            raise BadUsage(
                "--host-key is the key of one machine, and several are named",
                "add them one by one, or put them into an answers file",
            )
        every = (Client(h, self.user, self.port, self.host_key, self.trust) for h in self.hosts)
        return tuple(every)


def add(session: Session, asked: Asked, tell: Tell, *, dry_run: bool) -> int:
    """Visit the new clients alone; the others and this machine stay as they are."""
    former = _installed(session)
    new = _known(session, former, asked.clients(), tell)
    given = session.guests(_checked(former, new), new, tell)
    hosts = {each.client.host: each.host for each in given.visits if each.host}
    plan = tuple(step for visit in given.visits for step in visit.plan)
    differences = session.preview(plan, tell, hosts)
    if dry_run:
        tell(Finished(0, f"{len(differences)} changes would be made; nothing was touched"))
        return THERE_ARE_CHANGES if differences else NOTHING_TO_CHANGE
    session.welcome(given, logged(tell))
    return 0


def remove(
    session: Session, names: tuple[str, ...], tell: Tell, *, force: bool, dry_run: bool
) -> int:
    """Take back exactly what was put there; a machine that is gone is forgotten by force."""
    former = _installed(session)
    known = {each.host for each in former.clients} | set(roster.read_roster(session.host))
    for name in names:
        if name not in known:
            raise BadUsage(f"{name} is no client of this registry", CLIENTS_LIST)
    code = NOTHING_TO_CHANGE
    for name in names:
        code = max(code, _remove(session, name, tell, force=force, dry_run=dry_run))
        if not dry_run:
            left = tuple(each for each in former.clients if each.host != name)
            former = replace(former, clients=left)
            session.keep(former, logged(tell))
    return code


def listed(session: Session, *, as_json: bool) -> str:
    """Give who is on the roster, and who is answered and was never reached."""
    former = _installed(session)
    entries = roster.read_roster(session.host)
    every = {c.host: roster.Entry(c) for c in former.clients} | entries
    if as_json:
        return "".join(json.dumps(row(entry)) + "\n" for entry in every.values())
    if not every:
        return "No client is on record; registry-wizard clients add HOST adds one\n"
    return "".join(_table([COLUMNS, *map(_cells, every.values())]))


def joining(session: Session) -> str:
    """Give the line to paste on a machine that this server cannot reach, and the way without it."""
    former, ca = _installed(session), session.read(CA)
    if ca is None:
        raise WizardError(f"There is no {CA} on this machine", "run the wizard again: it is kept")
    here = join_of(former, ca)
    return (
        "On each machine that is to use the registry, as root or with sudo:\n\n"
        f"  {here.line}\n\n"
        f"Without a network: copy {SCRIPT} there and run it, sh join.sh.\n"
        "sh join.sh --remove takes it back; --help says what else it can do.\n"
    )


def verify(session: Session, names: tuple[str, ...], tell: Tell) -> int:
    good = session.verify_clients(tell, names)
    if tell is as_lines:
        sys.stdout.write(f"\n{listed(session, as_json=False)}")
    if not good:
        raise ChecksFailed("A check failed on a client", "see its remedy above")
    return 0


def _remove(session: Session, name: str, tell: Tell, *, force: bool, dry_run: bool) -> int:
    plan = session.undo_plan(packages=False, host=name)
    try:
        differences = session.preview(plan, tell)
    except Unreachable:
        if not force or dry_run:
            raise
        session.forget(name)
        tell(Finished(0, f"{name} is forgotten; what was put there is still there"))
        return NOTHING_TO_CHANGE
    if dry_run:
        return THERE_ARE_CHANGES if differences else NOTHING_TO_CHANGE
    refuse_drift(differences, force=force)
    session.undo(plan, logged(tell), part=True)
    session.forget(name)
    return NOTHING_TO_CHANGE


def _installed(session: Session) -> Answers:
    former = session.former()
    if former is None:
        raise WizardError(
            NOBODY,
            "clients are added on the server; registry-wizard --answers FILE sets one up",
        )
    return former


def _checked(former: Answers, new: tuple[Client, ...]) -> Answers:
    """Put the clients to the same questions as those of an answers file."""
    kept = tuple(each for each in former.clients if each.host not in {c.host for c in new})
    return questions.parse(dump(replace(former, clients=(*kept, *new))), "the command line", {})


def _known(
    session: Session, former: Answers, clients: tuple[Client, ...], tell: Tell
) -> tuple[Client, ...]:
    """Ask whoever sits at the terminal about host keys that nobody knows yet."""
    _checked(former, clients)
    if not sys.stdin.isatty():
        return clients
    return tuple(_asked_about(session, each) for each in clients)


def _asked_about(session: Session, client: Client) -> Client:
    try:
        session.connect(client)
    except UnknownHostKey as unknown:
        sys.stdout.write(f"{clean(str(unknown))}\nIs it the right one? Type yes to go on: ")
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() == "yes":
            return replace(client, host_key=unknown.fingerprint)
        raise
    except WizardError:
        return client  # the visit says so, for each of them
    return client


def _cells(entry: roster.Entry) -> dict[str, str]:
    days = entry.days_left(dt.datetime.now(dt.UTC))
    how = "good" if entry.good else (", ".join(entry.failed) or "not tried yet")
    return {
        "host": entry.client.host,
        "trusting": ", ".join(entry.trusting) or "-",
        "ca": entry.ca[:11] or "-",
        "days": "-" if days is None else str(days),
        "verified": entry.verified or "never",
        "how": how,
    }


def _table(rows: list[dict[str, str]]) -> Iterator[str]:
    widths = {key: max(len(each[key]) for each in rows) for key in COLUMNS}
    for each in rows:
        yield "  ".join(each[key].ljust(widths[key]) for key in COLUMNS).rstrip() + "\n"
