"""The session on a client itself: the same path, with the registry somewhere else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.changes.files import RemoveFile, WriteFile, unmasked
from wizard.checks import DEEP, PKI, Depth, Scene, target_of, verified
from wizard.choices import CHOICES, Choices, from_text, to_text
from wizard.clients import ca
from wizard.clients.checks import Login, check_programs
from wizard.clients.facts import ClientFacts, read_client
from wizard.clients.plan import ClientGiven, client_plan
from wizard.errors import ChecksFailed, WizardError
from wizard.events import Differs, Finished, Found, Tell
from wizard.given import addresses, dns_names
from wizard.names import in_url
from wizard.pki import describe
from wizard.place import Place, refuse
from wizard.plan import Step
from wizard.review import Item, review
from wizard.sheet import part
from wizard.steps.record import RECORD
from wizard.trial import Trial, read_as
from wizard.troubles import Ours
from wizard.troubles import found as troubles_found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.answers import Answers
    from wizard.catalog import Catalog
    from wizard.plan import Plan


CA = f"{PKI}/ca.crt"
HEAD = "# What registry-wizard was told; it lets another machine trust the same registry.\n"
# What a client is asked; the rest of the questions are a server's.
ANSWERED = (
    *("role", "registry.hostname", "registry.ip", "registry.https_port"),
    *("certificate.alt_names", "client"),
)


@dataclass(frozen=True)
class ClientSurvey:
    answers: Answers
    facts: ClientFacts
    found: tuple[Found, ...]
    ca: bytes

    @property
    def blockers(self) -> tuple[Found, ...]:
        return tuple(each for each in self.found if each.blocker)

    @property
    def described(self) -> tuple[tuple[str, str], ...]:
        """Give what was found here, for people."""
        registry = self.answers.registry
        return (
            ("System", f"{self.facts.os}, {self.facts.init}"),
            ("Registry", f"https://{in_url(registry.hostname, registry.https_port)}/"),
            ("To trust it", ", ".join(self.answers.client.trust or self.facts.found) or "nothing"),
        )


@dataclass(frozen=True)
class Here:
    """Everything that the plan on this machine is made from."""

    answers: Answers
    client: ClientGiven
    choices: Choices


@dataclass(frozen=True)
class ClientSession(Place[ClientSurvey, Here]):
    """The session on a client."""

    def survey(self, answers: Answers, tell: Tell) -> ClientSurvey:
        """Look at this machine and get the registry's CA. Raises Blocked where that cannot be."""
        self.refuse_other_role("client")
        self.look()
        pem = ca.obtain(answers, self.host)
        ours = _ours(answers, pem)
        facts = read_client(self.host, ours)
        found = (*_looks(answers, facts), *troubles_found(facts.troubles))
        for each in found:
            tell(each)
        return ClientSurvey(answers, facts, found, pem)

    def given(self, surveyed: ClientSurvey) -> Here:
        refuse(surveyed.blockers)
        answers = surveyed.answers
        kept = self.read(CHOICES)
        given = ClientGiven(
            _ours(answers, surveyed.ca),
            answers.registry.ip,
            surveyed.facts,
            self.host,
            answers.client.trust,
        )
        return Here(answers, given, from_text(kept.decode(errors="replace")) if kept else Choices())

    def review(self, here: Here) -> tuple[Item, ...]:
        return review(_our_plan(here), here.choices, self.hosts)

    def leave_out(self, here: Here, item: Item) -> Here:
        return replace(here, choices=here.choices.leave_out(item.key))

    def take_in(self, here: Here, item: Item) -> Here:
        return replace(here, choices=here.choices.take_in(item.key))

    def edit(self, here: Here, item: Item, text: str) -> Here:
        return replace(here, choices=here.choices.edit(_file(here, item), text))

    def attempt(self, here: Here, item: Item, text: str) -> Trial:
        change = _file(here, item)
        return read_as(change.path, unmasked(text, change.content, change.hidden))

    def texts(self, here: Here) -> Mapping[str, Callable[[], str]]:
        return {"answers": lambda: HEAD + part(here.answers, ANSWERED)}

    def plan(self, here: Here) -> Plan:
        return here.choices.applied(_our_plan(here))

    def differences(self, here: Here, tell: Tell) -> list[Differs]:
        return self.preview(self.plan(here), tell, self.hosts)

    def carry_out(self, here: Here, tell: Tell) -> int:
        """Apply the plan and look whether the registry can be used; give what was changed."""
        here.choices.refuse_stale(_our_plan(here))
        changed = self.apply(self.plan(here), tell)
        if not self.verify(tell):
            raise ChecksFailed(
                "All is applied, but a check failed", "see its remedy above; registry-wizard verify"
            )
        tell(
            Finished(changed, _how_to_use(here.answers) if changed else "Nothing had to be changed")
        )
        return changed

    def images(self) -> Catalog:
        """Raise WizardError: they are elsewhere."""
        former = self.former()
        if former is None:
            return super().images()
        at = in_url(former.registry.hostname, former.registry.https_port)
        raise WizardError(
            "The registry's images are on its server, and this machine is a client of it",
            f"https://{at}/ shows them in a browser, registry-wizard catalog on the server",
        )

    def verify(self, tell: Tell, depth: Depth = DEEP) -> bool:
        """Check the registry as it is seen from here, and its use by each program.

        Nothing is pushed from a client: there is no login on it.
        """
        former, given = self._client()
        target = target_of(former, given.ours.trust)
        now = dt.datetime.now(dt.UTC)
        looks = replace(depth, push=False)
        scene = Scene(target, self.host, now, self.environ, None, looks, known=True)
        return verified(scene, tell, check_programs(given, Login()))

    def _client(self) -> tuple[Answers, ClientGiven]:
        former, pem = self.former(), self.read(CA)
        if not (former and pem) or former.role != "client":
            raise WizardError(
                "This machine trusts no registry of ours yet",
                'registry-wizard --answers FILE with role = "client" sets that up',
            )
        ours = _ours(former, pem)
        facts = read_client(self.host, ours)
        trust = former.client.trust
        return former, ClientGiven(ours, former.registry.ip, facts, self.host, trust)


def _our_plan(here: Here) -> Plan:
    return (*client_plan(here.client), _record(here))


def _file(here: Here, item: Item) -> WriteFile:
    changes = (change for step in _our_plan(here) for change in step.changes)
    return next(c for c in changes if isinstance(c, WriteFile) and c.path == item.path)


def _record(here: Here) -> Step:
    side = replace(here.answers.client, ca_certificate=CA)
    text = HEAD + part(replace(here.answers, client=side), ANSWERED)
    pem = here.client.ours.trust
    kept = to_text(here.choices).encode()
    shown = "files that were left out, and files that were edited before they were written"
    return Step(
        id="record",
        title="Keep the answers and the CA",
        why="The next run begins where this one ended.",
        changes=(
            WriteFile(CA, pem, shown=describe(pem), needed=True),
            WriteFile(RECORD, text.encode(), 0o600, needed=True),
            WriteFile(CHOICES, kept, 0o600, shown=shown, needed=True)
            if here.choices
            else RemoveFile(CHOICES),
        ),
    )


def _looks(answers: Answers, facts: ClientFacts) -> tuple[Found, ...]:
    rows = (
        (not facts.root, True, "This is not root", "run it with sudo"),
        (
            not (answers.client.trust or facts.found),
            True,
            "Nothing here pulls images, and there is no store of CAs either",
            "install Docker or podman first, or ca-certificates for the system's own store",
        ),
        *(
            (
                name not in facts.found,
                name == "system",
                f"{name} is to trust the registry, and is not found here",
                "its files are written all the same, for when it is installed"
                if name != "system"
                else "install ca-certificates, or leave system out of client.trust",
            )
            for name in answers.client.trust
        ),
    )
    return tuple(Found(blocker=b, text=text, remedy=remedy) for bad, b, text, remedy in rows if bad)


def _ours(answers: Answers, pem: bytes) -> Ours:
    names = (*dns_names(answers), *addresses(answers))
    return Ours(names, answers.registry.https_port, pem)


def _how_to_use(answers: Answers) -> str:
    registry = answers.registry
    at = in_url(registry.hostname, registry.https_port)
    return (
        f"This machine trusts the registry https://{at}/\n"
        f"  docker login -u NAME {at}\n  docker pull {at}/IMAGE"
    )
