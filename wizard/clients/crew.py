"""Many clients at once, each on its own: one that fails stops no other."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from wizard import pki
from wizard.clients.checks import check_client
from wizard.clients.facts import read_client
from wizard.clients.plan import ClientGiven, remote_plan, step_id
from wizard.clients.roster import Entry
from wizard.errors import Interrupted, WizardError
from wizard.events import Checked, StepFailed, StepStarted
from wizard.executor import Executor
from wizard.given import Visit
from wizard.ssh import SshHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.answers import Client
    from wizard.clients.checks import Login
    from wizard.events import Event, Tell
    from wizard.executor import Ledger
    from wizard.hosts import Host
    from wizard.troubles import Ours

    Connect = Callable[[Client], Host]

T = TypeVar("T")
R = TypeVar("R")
AT_ONCE = 16
REACHED = "reached"


@dataclass(frozen=True)
class Crew:
    """Those who visit the clients of one registry."""

    ours: Ours
    ip: str
    connect: Connect

    def visit(self, clients: Iterable[Client]) -> tuple[Visit, ...]:
        """Look at each client and plan for it; whom nobody reaches has a problem instead."""
        return tuple(_each(self._visit, clients))

    def work(
        self, visits: Iterable[Visit], ledger: Ledger, tell: Tell, stopping: Callable[[], bool]
    ) -> dict[str, int | WizardError]:
        """Apply each plan; give how many changes were made by client, or why it failed.

        Raises Interrupted once all have come to rest where the user asked to stop.
        """
        told = _in_turn(tell)

        def work(visit: Visit) -> int | WizardError:
            try:
                return _work(visit, ledger, told, stopping)
            except WizardError as error:
                return error

        every = tuple(visits)
        ended = dict(zip((v.client.host for v in every), _each(work, every), strict=True))
        for end in ended.values():
            if isinstance(end, Interrupted):
                raise end
        return ended

    def verify(self, clients: Iterable[Client], login: Login, tell: Tell) -> tuple[Entry, ...]:
        """Look from each client whether it uses the registry; give what to keep of it."""
        told = _in_turn(tell)
        return tuple(_each(lambda client: self._verify(client, login, told), clients))

    def look(self, client: Client) -> ClientGiven:
        """Connect and read. Raises WizardError where that cannot be."""
        host = self.connect(client)
        facts = read_client(host, self.ours)
        return ClientGiven(self.ours, self.ip, facts, host, client.trust)

    def _visit(self, client: Client) -> Visit:
        try:
            given = self.look(client)
            plan = remote_plan(client.host, given)
        except WizardError as error:
            return Visit(client, problem=error)
        return Visit(client, plan, given.host, given.trusting)

    def _verify(self, client: Client, login: Login, tell: Tell) -> Entry:
        trusted = self.ours.trust
        entry = Entry(client, ca=pki.fingerprint(trusted), ca_until=self._until())
        failed: list[str] = []

        def hear(each: Checked) -> None:
            tell(replace(each, host=client.host))
            if each.verdict == "failed":
                failed.append(each.name)

        try:
            given = self.look(client)
            entry = replace(entry, os=given.facts.os, trusting=given.trusting)
            hear(Checked(REACHED, "passed", f"by SSH, {given.facts.os}"))
            for each in check_client(given, login, given.facts.ahead):
                hear(each)
        except WizardError as error:
            hear(Checked(REACHED, "failed", str(error), error.hint))
        return replace(entry, verified=_now(), good=not failed, failed=tuple(failed))

    def _until(self) -> str:
        return pki.ends(self.ours.trust).isoformat()


def connected(client: Client) -> SshHost:
    """Reach a client by SSH. Where nothing else is answered, ssh's own settings decide."""
    user = "" if client.user == "root" else client.user
    host = SshHost(client.host, user, 0 if client.port == 22 else client.port, client.host_key)
    host.connect()
    host.converse()
    return host


def _work(visit: Visit, ledger: Ledger, tell: Tell, stopping: Callable[[], bool]) -> int:
    if visit.problem or visit.host is None:
        problem = visit.problem or WizardError(f"{visit.client.host} was not reached")
        step = step_id(visit.client.host)
        tell(StepStarted(step, f"Reach {visit.client.host}"))
        tell(StepFailed(step, str(problem), problem.hint, problem.cause, problem.remedy))
        raise problem
    with visit.host.alone():
        return Executor({visit.client.host: visit.host}, ledger, tell, stopping).apply(visit.plan)


def _each(work: Callable[[T], R], every: Iterable[T]) -> list[R]:
    """Do the work for each at once, in their order; an error that is a bug comes out here."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, every))


def _in_turn(tell: Tell) -> Tell:
    """Let one speak at a time."""
    turn = threading.Lock()

    def told(event: Event) -> None:
        with turn:
            tell(event)

    return told


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
