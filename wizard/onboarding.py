"""Clients set up, tried and taken off from their server; what came of it is kept on the roster."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.changes.files import digest
from wizard.check_image import REPOSITORY
from wizard.checks import sweep
from wizard.clients import roster
from wizard.clients.checks import Login
from wizard.clients.crew import Crew
from wizard.errors import ChecksFailed, ClientsFailed, WizardError
from wizard.given import addresses, dns_names
from wizard.names import in_url
from wizard.roundtrip import fresh_image, push
from wizard.troubles import Ours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.answers import Answers, Client
    from wizard.checks import Scene
    from wizard.events import Tell
    from wizard.given import Visit
    from wizard.place import Place


@dataclass(frozen=True)
class Onboarded:
    """What came of one round of visits."""

    changed: int
    failed: dict[str, WizardError]  # whose plan could not be carried out
    doubtful: tuple[str, ...]  # who was set up and fails a check

    def must(self) -> None:
        """Raise ClientsFailed where anybody was not set up, ChecksFailed where a check failed."""
        if self.failed:
            lines = "\n".join(f"  {error}\n    -> {error.hint}" for error in self.failed.values())
            count = f"{len(self.failed)} client{'s' * (len(self.failed) > 1)}"
            raise ClientsFailed(
                f"{count} could not be set up; all else is done:\n{lines}",
                "running again goes on with them and leaves the others as they are",
            )
        if self.doubtful:
            raise ChecksFailed(
                f"Set up, but a check failed on {', '.join(self.doubtful)}",
                "see its remedy above; registry-wizard clients verify",
            )


def crew_of(place: Place[Any, Any], answers: Answers, ca: bytes) -> Crew:
    """Give those who visit the clients of the registry that these answers describe."""
    names = (*dns_names(answers), *addresses(answers))
    registry = answers.registry
    return Crew(Ours(names, registry.https_port, ca), registry.ip, place.connect)


def onboard(place: Place[Any, Any], scene: Scene, visits: Iterable[Visit], tell: Tell) -> Onboarded:
    """Carry out every plan and try the result; the server stands already."""
    every, crew = tuple(visits), crew_of(place, scene.installed().answers, scene.target.ca)
    reached = [each.client for each in every if not each.problem]
    # On the roster before anything is touched, so that undo knows the way to each.
    known = roster.read_roster(place.host)
    roster.enter(place.host, [roster.Entry(c) for c in reached if c.host not in known])
    with place.journal.lock():
        ended = crew.work(every, place.journal, tell, place.stopping)
    done = [client for client in reached if isinstance(ended[client.host], int)]
    entries = verify_clients(place, scene, done, tell)
    return Onboarded(
        changed=sum(end for end in ended.values() if isinstance(end, int)),
        failed={name: end for name, end in ended.items() if isinstance(end, WizardError)},
        doubtful=tuple(each.client.host for each in entries if not each.good),
    )


def verify_clients(
    place: Place[Any, Any], scene: Scene, clients: Iterable[Client], tell: Tell
) -> tuple[roster.Entry, ...]:
    """Let each client log in and pull fresh bytes by digest; keep on the roster how it went."""
    every = tuple(clients)
    if not every:
        return ()
    crew = crew_of(place, scene.installed().answers, scene.target.ca)
    with _offered(scene) as login:
        entries = crew.verify(every, login, tell)
    roster.enter(place.host, entries)
    return entries


@contextlib.contextmanager
def _offered(scene: Scene) -> Iterator[Login]:
    """Have an image in the registry that nobody has seen before, as long as it is tried."""
    image = fresh_image()
    registry = scene.installed().answers.registry
    try:
        push(scene.front, image)
        at = in_url(registry.hostname, registry.https_port)
        reference = f"{at}/{REPOSITORY}@sha256:{digest(image.manifest)}"
        yield Login(reference, password=scene.target.password)
    finally:
        sweep(scene, image)


def clients_of(place: Place[Any, Any], answers: Answers) -> tuple[Client, ...]:
    """Give every client that is answered, and those that were set up and answered no more."""
    answered = {each.host: each for each in answers.clients}
    entered = roster.read_roster(place.host)
    return tuple((({n: e.client for n, e in entered.items()}) | answered).values())


def row(entry: roster.Entry) -> dict[str, object]:
    """Give what is known about a client as a flat record, for people and for monitoring."""
    return {
        "host": entry.client.host,
        "user": entry.client.user,
        "os": entry.os,
        "trusting": list(entry.trusting),
        "ca_fingerprint": entry.ca,
        "ca_days_left": entry.days_left(dt.datetime.now(dt.UTC)),
        "verified": entry.verified,
        "good": entry.good,
        "failed": list(entry.failed),
    }
