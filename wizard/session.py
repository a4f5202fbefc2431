"""The one path: survey, plan, preview, apply, verify; and undo, which is another plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wizard import pki
from wizard.answers import Answers, parse, password_of
from wizard.changes.files import WriteFile, unmasked
from wizard.checks import Scene, check
from wizard.choices import CHOICES, Choices, from_text
from wizard.credentials import (
    ADMIN,
    ETC,
    Login,
    make_credentials,
    password_file,
)
from wizard.errors import Blocked, ChecksFailed, WizardError
from wizard.events import Differs, Finished, Found, Tell
from wizard.executor import Executor
from wizard.facts import (
    CERTS_D,
    Detected,
    Facts,
    complete,
    detect,
    look_for_image,
    read_facts,
    resolve,
)
from wizard.firewall_survey import look_at_firewall
from wizard.given import Given, addresses, dns_names
from wizard.hosts import File, Host, LocalHost
from wizard.journal import Journal, UndoJournal
from wizard.names import RESERVED_USER, in_url
from wizard.next_commands import NEXT_STEPS
from wizard.plan import Plan, preview
from wizard.review import Item, review
from wizard.script import script
from wizard.source_facts import Past, read_source
from wizard.steps import make_plan, our_plan, record
from wizard.steps.firewall import openings
from wizard.steps.record import RECORD
from wizard.steps.selinux import allowances
from wizard.survey import described, ports, survey
from wizard.trial import Trial, attempt
from wizard.troubles import Ours, find_troubles
from wizard.troubles import found as troubles_found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.credentials import Credentials

PKI = f"{ETC}/pki"


@dataclass(frozen=True)
class Session:
    environ: Mapping[str, str]
    host: Host = field(default_factory=LocalHost)
    journal: Journal = field(default_factory=Journal)
    stopping: Callable[[], bool] = lambda: False

    @property
    def hosts(self) -> dict[str, Host]:
        return {self.host.name: self.host}

    def former(self) -> Answers | None:
        """Give the answers of the installation that is here, if there is one."""
        text = self.read(RECORD)
        return parse(text.decode(), RECORD, {}) if text else None

    def detected(self) -> dict[str, Detected]:
        """Give what stands in for the answers that nobody has to give, and where it is from."""
        answers, former = Answers(), self.former()
        facts = read_facts(self.host, answers)
        return detect(look_for_image(self.host, facts, answers, former), former)

    def survey(self, answers: Answers, tell: Tell) -> Survey:
        """Look at the machine; tell and give everything found, what stands in the way too."""
        former = self.former()
        facts = read_facts(self.host, answers)
        facts = look_for_image(self.host, facts, answers, former)
        answers = complete(answers, facts, former)
        facts = resolve(self.host, facts, dns_names(answers))
        if facts.root:
            past = Past(former, self.journal.builds(), self.journal.brought())
            facts = replace(facts, source=read_source(self.host, answers, facts, past))
        authority, refusals = self._authority(answers, wanted_certificates(answers), facts)
        if not refusals:
            facts = replace(facts, troubles=find_troubles(self.host, _ours(answers, authority)))
        found = (*survey(answers, facts), *refusals, *troubles_found(facts.troubles))
        for each in found:
            tell(each)
        return Survey(answers, facts, found, authority, former)

    def given(self, surveyed: Survey) -> Given:
        """Gather all that a plan needs. Raise Blocked where something stands in the way."""
        answers, facts = surveyed.answers, surveyed.facts
        _refuse(surveyed.blockers)
        if facts.distro is None:
            raise Blocked(f"This is {facts.os}, which is not known here yet")
        wanted = wanted_certificates(answers)
        return Given(
            answers=answers,
            facts=facts,
            distro=facts.distro,
            host=self.host,
            pki=pki.keep_or_issue(wanted, surveyed.authority, self._found_pair(), facts.now),
            credentials=self._credentials(answers, surveyed.former),
            brought=self.journal.brought(),
            choices=self._choices(),
            latest=self.journal.latest(),
            unsettled=self.journal.unsettled_steps(),
        )

    def prepare(self, answers: Answers, tell: Tell) -> Given:
        """Survey and gather in one go, for whoever has nobody to ask in between."""
        return self.given(self.survey(answers, tell))

    def review(self, given: Given) -> tuple[Item, ...]:
        """Give every change that is due, with its text and what was chosen of it."""
        return review(our_plan(given), given.choices, self.hosts)

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
        return make_plan(given)

    def script(self, given: Given) -> str:
        """Give the plan as one POSIX shell script, without any secret in it."""
        return script(given, make_plan(given))

    def save(self, given: Given, kind: str, path: str) -> None:
        """Keep the plan as a file: ``answers`` or ``script``. Raise WizardError if that fails."""
        texts = {"answers": lambda: record.content(given), "script": lambda: self.script(given)}
        mode = {"answers": 0o600, "script": 0o700}[kind]
        if not self.host.folder(str(PurePosixPath(path).parent)):
            raise WizardError(f"{path} could not be written: its folder is not there")
        self.host.write(path, File(texts[kind]().encode(), mode))

    def carry_out(self, given: Given, tell: Tell) -> int:
        """Apply the plan, check the result and tell the end; give how many changes were made.

        Raises WizardError where a change fails, Interrupted between two changes, ChecksFailed
        where all is applied and a check fails.
        """
        given.choices.refuse_stale(our_plan(given))
        changed = self.apply(make_plan(given), tell)
        if not self.verify(tell):
            raise ChecksFailed(
                "All is applied, but a check failed", "see its remedy above; registry-wizard verify"
            )
        tell(Finished(changed, how_to_use(given) if changed else "Nothing had to be changed"))
        return changed

    def preview(self, plan: Plan, tell: Tell) -> list[Differs]:
        """Tell every difference; touch nothing."""
        found = [
            Differs(step.id, change.label, each.verb, each.text, each.drift)
            for step, change, each in preview(plan, self.hosts)
        ]
        for each in found:
            tell(each)
        return found

    def apply(self, plan: Plan, tell: Tell) -> int:
        with self.journal.lock():
            return Executor(self.hosts, self.journal, tell, self.stopping).apply(plan)

    def undo_plan(self, *, packages: bool) -> Plan:
        return self.journal.undo_plan(packages=packages)

    def undo(self, plan: Plan, tell: Tell) -> int:
        with self.journal.lock():
            ledger = UndoJournal(self.journal)
            changed = Executor(self.hosts, ledger, tell, self.stopping).apply(plan)
        said = "All that was on record is taken back" if plan else "There is nothing to take back"
        tell(Finished(changed, said))
        return changed

    def verify(self, tell: Tell) -> bool:
        """Check the installation that is here; say whether no check failed."""
        found = []
        for each in check(self.scene()):
            tell(each)
            found.append(each)
        return all(each.verdict != "failed" for each in found)

    def scene(self) -> Scene:
        """Gather what the checks look at. Raise WizardError where nothing is installed."""
        former, ca = self.former(), self.read(f"{PKI}/ca.crt")
        served, password = self.read(f"{PKI}/server.crt"), self.read(password_file(RESERVED_USER))
        if not (former and ca and served and password):
            raise WizardError(
                "There is no registry of ours on this machine",
                "registry-wizard --answers FILE sets one up",
            )
        facts = resolve(self.host, read_facts(self.host, former), dns_names(former))
        trust = pki.Authority(ca, b"")
        return Scene(
            answers=former,
            host=self.host,
            ca=pki.Pki(trust, served, b"").trust,
            served=served,
            local=facts.addresses,
            resolved=facts.resolved,
            password=password.decode().strip(),
            now=facts.now,
            troubles=find_troubles(self.host, _ours(former, trust)),
            openings=openings(former, facts),
            shut=tuple(look_at_firewall(ports(former, facts), facts.firewall)),
            selinux=facts.selinux,
            allowances=allowances(former, facts),
        )

    def read(self, path: str) -> bytes | None:
        file = self.host.read(path)
        return file.content if file else None

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

    def _file(self, given: Given, item: Item) -> WriteFile:
        changes = (change for step in our_plan(given) for change in step.changes)
        return next(c for c in changes if isinstance(c, WriteFile) and c.path == item.path)

    def _choices(self) -> Choices:
        kept = self.read(CHOICES)
        return from_text(kept.decode(errors="replace")) if kept else Choices()

    def _found_pair(self) -> tuple[bytes, bytes] | None:
        certificate, key = self.read(f"{PKI}/server.crt"), self.read(f"{PKI}/server.key")
        return (certificate, key) if certificate and key else None

    def _credentials(self, answers: Answers, former: Answers | None) -> Credentials:
        logins = tuple(
            Login(user.name, password_of(user, self.environ), user.password_hash)
            for user in answers.users
        )
        forget = tuple(user.name for user in former.users) if former else ()
        return make_credentials(logins, forget, self.read)


@dataclass(frozen=True)
class Survey:
    """What was found on the machine for these answers, before anything is made for them."""

    answers: Answers  # complete
    facts: Facts
    found: tuple[Found, ...]
    authority: pki.Authority
    former: Answers | None

    @property
    def blockers(self) -> tuple[Found, ...]:
        return tuple(each for each in self.found if each.blocker)

    @property
    def described(self) -> tuple[tuple[str, str], ...]:
        return described(self.answers, self.facts)


def _refuse(blockers: tuple[Found, ...]) -> None:
    if blockers:
        text = "\n".join(f"  {each.text}\n    -> {each.remedy}" for each in blockers)
        things = "one thing stands" if len(blockers) == 1 else f"{len(blockers)} things stand"
        raise Blocked(f"{things} in the way; nothing was touched:\n{text}")


def how_to_use(given: Given) -> str:
    registry = given.answers.registry
    at = in_url(registry.hostname, registry.https_port)
    names = [name for name in given.credentials.hashes if name != RESERVED_USER]
    return (
        f"The registry is at https://{at}/\n"
        f"  docker login -u {names[0] if names else 'NAME'} {at}\n"
        f"  docker tag IMAGE {at}/IMAGE && docker push {at}/IMAGE\n"
        f"Clients need the CA: {PKI}/ca.crt -> {CERTS_D}/{at}/ca.crt\n"
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
