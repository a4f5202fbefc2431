"""The one path: survey, plan, preview, apply, verify; and undo, which is another plan."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard import pki
from wizard.answers import Answers, User, password_of
from wizard.changes.files import WriteFile, unmasked
from wizard.check_image import NoCheckImage
from wizard.checks import DEEP, Depth, Own, Scene, target_of, verified
from wizard.choices import CHOICES, Choices, from_text
from wizard.credentials import (
    ADMIN,
    ETC,
    Login,
    make_credentials,
    password_file,
)
from wizard.errors import BadUsage, Blocked, ChecksFailed, WizardError
from wizard.events import Differs, Finished, Found, Tell
from wizard.facts import (
    Detected,
    Facts,
    complete,
    detect,
    look_for_image,
    read_facts,
    resolve,
    with_owners,
)
from wizard.firewall_survey import look_at_firewall
from wizard.given import Given, Visit, addresses, dns_names
from wizard.join import join_of
from wizard.names import RESERVED_USER, in_url
from wizard.next_commands import NEXT_STEPS
from wizard.onboarding import clients_of, crew_of, onboard, verify_clients
from wizard.place import NOBODY, Place, refuse
from wizard.plan import Step
from wizard.renewal import program
from wizard.review import Item, review
from wizard.source_facts import Past, read_source
from wizard.steps import make_plan, our_plan, record
from wizard.steps.firewall import openings
from wizard.steps.selinux import allowances
from wizard.survey import described, ports, redirects, survey
from wizard.trial import Trial, attempt
from wizard.troubles import Ours, find_troubles
from wizard.troubles import found as troubles_found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wizard.answers import Client
    from wizard.catalog import Catalog
    from wizard.credentials import Credentials
    from wizard.plan import Plan

PKI = f"{ETC}/pki"
CLIENTS_LIST = "registry-wizard clients list shows all of them"


@dataclass(frozen=True)
class Survey:
    """What was found on the machine for these answers, before anything is made for them."""

    answers: Answers  # complete
    facts: Facts
    found: tuple[Found, ...]
    authority: pki.Authority
    former: Answers | None
    visits: tuple[Visit, ...] = ()

    @property
    def blockers(self) -> tuple[Found, ...]:
        return tuple(each for each in self.found if each.blocker)

    @property
    def described(self) -> tuple[tuple[str, str], ...]:
        reached = [
            f"{each.client.host} ({', '.join(each.trusting) or 'nothing there pulls images'})"
            for each in self.visits
            if not each.problem
        ]
        clients = (("Clients", ", ".join(reached)),) if reached else ()
        return (*described(self.answers, self.facts), *clients)


@dataclass(frozen=True)
class Session(Place[Survey, Given]):
    """The session on a server."""

    def detected(self) -> dict[str, Detected]:
        """Give what stands in for the answers that nobody has to give, and where it is from."""
        answers, former = Answers(), self.former()
        facts = read_facts(self.host, answers)
        return detect(look_for_image(self.host, facts, answers, former), former)

    def survey(self, answers: Answers, tell: Tell) -> Survey:
        return self._survey(answers, answers.clients, tell)

    def prepare_here(self, answers: Answers, tell: Tell) -> Given:
        """Gather all that a plan for this machine alone needs; nobody else is asked for anything.

        Whether an image that is not here could be pulled is not known then.
        """
        return self.given(self._survey(answers, (), tell, ask=False))

    def prepare_users(self, former: Answers, users: tuple[User, ...], gone: Iterable[str]) -> Given:
        """Gather what a plan for other users needs; ``gone`` were put into htpasswd by hand.

        What stands in the way of an installation, a full disk of images say, does not stand in
        the way of this. Raises Blocked where another wizard changed the answers meanwhile.
        """
        surveyed = self._survey(replace(former, users=users), (), lambda _: None, ask=False)
        if surveyed.former != former:
            raise Blocked(
                "Another registry-wizard has changed this machine meanwhile",
                "nothing was touched; begin again: it looks at the machine anew",
            )
        known = replace(former, users=(*former.users, *map(User, gone)))
        blockers = surveyed.found if not surveyed.facts.root else ()
        return self.given(replace(surveyed, former=known, found=blockers))

    def guests(self, answers: Answers, clients: tuple[Client, ...], tell: Tell) -> Given:
        """Gather all that a plan for these clients needs; of others nothing is looked at."""
        surveyed = self._survey(answers, clients, lambda _: None)
        for each in unreached(surveyed.visits):
            tell(each)
        return self.given(surveyed)

    def welcome(self, given: Given, tell: Tell) -> int:
        """Set up these clients and keep those in the answers that were reached."""
        onboarded = onboard(self, self.scene(), given.visits, tell)
        reached = {each.client.host: each.client for each in given.visits if not each.problem}
        former = self.former() or given.answers
        clients = {each.host: each for each in former.clients} | reached
        changed = onboarded.changed + self.keep(replace(former, clients=(*clients.values(),)), tell)
        onboarded.must()
        names = ", ".join(each.client.host for each in given.visits)
        tell(Finished(changed, f"The registry is trusted by {names}"))
        return changed

    def keep(self, answers: Answers, tell: Tell) -> int:
        """Keep these answers, which are complete; nothing else is done."""
        return self.apply((record.of(answers),), tell)

    def _survey(
        self, answers: Answers, clients: tuple[Client, ...], tell: Tell, *, ask: bool = True
    ) -> Survey:
        self.refuse_other_role("server")
        self.look()
        former = self.former()
        facts = read_facts(self.host, answers)
        facts = look_for_image(self.host, facts, answers, former, ask=ask)
        answers = complete(answers, facts, former)
        facts = resolve(self.host, facts, dns_names(answers))
        facts = with_owners(self.host, facts, answers, former)
        if facts.root:
            past = Past(former, self.journal.builds(), self.journal.brought())
            facts = replace(facts, source=read_source(self.host, answers, facts, past))
        authority, refusals = self._authority(answers, wanted_certificates(answers), facts)
        if not refusals:
            facts = replace(facts, troubles=find_troubles(self.host, _ours(answers, authority)))
        found = (*survey(answers, facts), *refusals, *troubles_found(facts.troubles))
        visits = self._visits(answers, clients, authority) if not refusals else ()
        found = (*found, *unreached(visits))
        for each in found:
            tell(each)
        return Survey(answers, facts, found, authority, former, visits)

    def given(self, surveyed: Survey) -> Given:
        """Gather all that a plan needs. Raise Blocked where something stands in the way."""
        answers, facts = surveyed.answers, surveyed.facts
        refuse(surveyed.blockers)
        if facts.distro is None:
            raise Blocked(f"This is {facts.os}, which is not known here yet")
        wanted = wanted_certificates(answers)
        return Given(
            answers=answers,
            facts=facts,
            distro=facts.distro,
            host=self.host,
            pki=pki.keep_or_issue(wanted, surveyed.authority, self.found_pair(), facts.now),
            credentials=self._credentials(answers, surveyed.former),
            brought=self.journal.brought(),
            program=program(),
            choices=self._choices(),
            latest=self.journal.latest(),
            unsettled=self.journal.unsettled_steps(),
            visits=surveyed.visits,
        )

    def review(self, given: Given) -> tuple[Item, ...]:
        """Give every change that is due, with its text and what was chosen of it."""
        here = review(our_plan(given), given.choices, self.hosts)
        elsewhere = (item for visit in given.visits for item in _items(visit))
        return (*here, *elsewhere)

    def leave_out(self, given: Given, item: Item) -> Given:
        return replace(given, choices=given.choices.leave_out(item.key))

    def take_in(self, given: Given, item: Item) -> Given:
        return replace(given, choices=given.choices.take_in(item.key))

    def edit(self, given: Given, item: Item, text: str) -> Given:
        """Write a file as ``text`` has it; our own text drops the edit."""
        return replace(given, choices=given.choices.edit(self._file(given, item), text))

    def attempt(self, given: Given, item: Item, text: str) -> Trial:
        """Try an edited file aside, before it is accepted."""
        change = self._file(given, item)
        return attempt(change, unmasked(text, change.content, change.hidden), given)

    def plan(self, given: Given) -> Plan:
        """Give everything that will be done, on this machine and on the clients."""
        return (*make_plan(given), *(step for visit in given.visits for step in visit.plan))

    def differences(self, given: Given, tell: Tell) -> list[Differs]:
        """Tell everything that would change, on this machine and on the clients."""
        hosts = {each.client.host: each.host for each in given.visits if each.host}
        return self.preview(self.plan(given), tell, self.hosts | hosts)

    def script(self, given: Given) -> str:
        """Give the plan as one POSIX shell script, without any secret in it."""
        from wizard.script import script  # noqa: PLC0415  (the one place that needs it)

        return script(given, make_plan(given))

    def texts(self, given: Given) -> Mapping[str, Callable[[], str]]:
        return {"answers": lambda: record.content(given), "script": lambda: self.script(given)}

    def carry_out(self, given: Given, tell: Tell) -> int:
        """Apply the plan, check the result and tell the end; give how many changes were made.

        Raises WizardError where a change fails, Interrupted between two changes, ChecksFailed
        where all is applied and a check fails.
        """
        ours = our_plan(given)
        given.choices.refuse_stale(ours)
        changed = self.apply(given.choices.applied(ours), tell)
        # Where nothing was changed, what was found a moment ago is how it is.
        if not verified(self.scene(facts=None if changed else given.facts), tell):
            raise ChecksFailed(
                "All is applied, but a check failed", "see its remedy above; registry-wizard verify"
            )
        if given.visits:
            onboarded = onboard(self, self.scene(), given.visits, tell)
            onboarded.must()
            changed += onboarded.changed
        tell(Finished(changed, how_to_use(given) if changed else "Nothing had to be changed"))
        return changed

    def verify(self, tell: Tell, depth: Depth = DEEP) -> bool:
        """Check the installation that is here; say whether no check failed."""
        return verified(self.scene(depth), tell)

    def verify_all(self, tell: Tell) -> bool:
        """Check the installation, and where that is right each client's use of it."""
        return self.verify(tell) and self.verify_clients(tell)

    def verify_clients(self, tell: Tell, names: tuple[str, ...] = ()) -> bool:
        """Try every client, or those of these names; say whether no check failed anywhere."""
        scene = self.scene()
        every = {each.host: each for each in clients_of(self, scene.installed().answers)}
        for name in names:
            if name not in every:
                raise BadUsage(f"{name} is no client of this registry", CLIENTS_LIST)
        wanted = [every[name] for name in names or every]
        return all(each.good for each in verify_clients(self, scene, wanted, tell))

    def undo_plan(self, *, packages: bool, host: str = "", storage: str = "") -> Plan:
        """Give the plan of inverses, after what a check that was cut off left in the storage."""
        plan = super().undo_plan(packages=packages, host=host, storage=storage)
        with contextlib.suppress(WizardError):  # a damaged record of the answers stops no undo
            former = self.former()
            left = NoCheckImage(former.registry.storage) if former and plan and not host else None
            if left and left.compare(self.host):
                return (Step("checks", "Checks", "A check was cut off.", (left,)), *plan)
        return plan

    def scene(self, depth: Depth = DEEP, facts: Facts | None = None) -> Scene:
        """Gather what the checks look at. Raise WizardError where nothing is installed."""
        former, ca = self.former(), self.read(f"{PKI}/ca.crt")
        served, password = self.read(f"{PKI}/server.crt"), self.read(password_file(RESERVED_USER))
        if not (former and ca and served and password):
            raise WizardError(
                NOBODY,
                "registry-wizard --answers FILE sets one up; verify --url HOST looks at any other",
            )
        facts = facts or read_facts(self.host, former)
        trust = pki.Pki(pki.Authority(ca, b""), served, b"").trust
        own = Own(
            answers=former,
            distro=facts.distro,
            served=served,
            journal=self.journal,
            init=facts.init,
            redirects=redirects(former, facts),
            local=facts.addresses,
            openings=openings(former, facts),
            shut=tuple(look_at_firewall(ports(former, facts), facts.firewall)),
            selinux=facts.selinux,
            allowances=allowances(former, facts),
        )
        target = target_of(former, trust, password.decode().strip())
        return Scene(target, self.host, facts.now, self.environ, own, depth, known=True)

    def images(self) -> Catalog:
        """Give what the images can be read from. Raise WizardError where that is not here."""
        from wizard.catalog import Catalog  # noqa: PLC0415  (the one place that needs it)

        former = self.former()
        if former is None:
            return super().images()
        registry = former.registry
        return Catalog(registry.storage, in_url(registry.hostname, registry.https_port))

    def fresh_admin(self, given: Given) -> str:
        """Give the admin's password if this run makes it: it is shown once."""
        made = given.credentials.admin_password
        return made if made and self.read(password_file(ADMIN)) is None else ""

    def _authority(
        self, answers: Answers, wanted: pki.Wanted, facts: Facts
    ) -> tuple[pki.Authority, tuple[Found, ...]]:
        """Give the CA to use (brought, kept or new) and what is wrong with it."""
        paths = (answers.authority.certificate, answers.authority.key)
        brought = all(paths)
        certificate, key = map(self.read, paths if brought else (f"{PKI}/ca.crt", f"{PKI}/ca.key"))
        if certificate is None or key is None:
            return pki.mint_authority(wanted, facts.now), ()
        authority = pki.Authority(certificate, key)
        remedy = (
            "bring another one, or leave both keys of [authority] out to have one made"
            if brought
            else "leave the new name out; a new CA means: undo, install anew, visit every client"
        )
        refusals = pki.problems(wanted, authority, facts.now)
        return authority, tuple(Found(blocker=True, text=t, remedy=remedy) for t in refusals)

    def _visits(
        self, answers: Answers, clients: tuple[Client, ...], authority: pki.Authority
    ) -> tuple[Visit, ...]:
        trust = pki.Pki(authority, b"", b"").trust
        return crew_of(self, answers, trust).visit(clients) if clients else ()

    def _file(self, given: Given, item: Item) -> WriteFile:
        changes = (change for step in our_plan(given) for change in step.changes)
        return next(c for c in changes if isinstance(c, WriteFile) and c.path == item.path)

    def _choices(self) -> Choices:
        kept = self.read(CHOICES)
        return from_text(kept.decode(errors="replace")) if kept else Choices()

    def found_pair(self) -> tuple[bytes, bytes] | None:
        """Give the server certificate and its key as they lie there, where both do."""
        certificate, key = self.read(f"{PKI}/server.crt"), self.read(f"{PKI}/server.key")
        return (certificate, key) if certificate and key else None

    def _credentials(self, answers: Answers, former: Answers | None) -> Credentials:
        logins = tuple(
            Login(user.name, password_of(user, self.environ), user.password_hash)
            for user in answers.users
        )
        forget = tuple(user.name for user in former.users) if former else ()
        return make_credentials(logins, forget, self.read)


def unreached(visits: Iterable[Visit]) -> Iterator[Found]:
    """Give everybody whom nobody reaches; that stops nobody else."""
    for each in visits:
        if each.problem:
            yield Found(blocker=False, text=str(each.problem), remedy=each.problem.hint)


def _items(visit: Visit) -> Iterator[Item]:
    """Give what is due on a client; it is done in whole or, off the list of clients, not at all."""
    if visit.host:
        for item in review(visit.plan, Choices(), {visit.client.host: visit.host}):
            key = f"{visit.client.host} {item.key}"
            yield replace(item, key=key, editable=False, optional=False)


def how_to_use(given: Given) -> str:
    registry = given.answers.registry
    at = in_url(registry.hostname, registry.https_port)
    names = [name for name in given.credentials.hashes if name != RESERVED_USER]
    return (
        f"The registry is at https://{at}/\n"
        f"  docker login -u {names[0] if names else 'NAME'} {at}\n"
        f"  docker tag IMAGE {at}/IMAGE && docker push {at}/IMAGE\n"
        "On each machine that is to use it, as root or with sudo:\n"
        f"  {join_of(given.answers, given.pki.trust).line}\n"
        f"All of it to copy: {NEXT_STEPS}"
    )


def _ours(answers: Answers, authority: pki.Authority) -> Ours:
    names = (*dns_names(answers), *addresses(answers))
    return Ours(names, answers.registry.https_port, pki.Pki(authority, b"", b"").trust)


def wanted_certificates(answers: Answers) -> pki.Wanted:
    return pki.Wanted(
        names=dns_names(answers),
        addresses=addresses(answers),
        common_name=answers.certificate.common_name,
        days=answers.certificate.days,
        ca_common_name=answers.authority.common_name,
        organization=answers.authority.organization,
        permitted=answers.authority.permitted,
    )
