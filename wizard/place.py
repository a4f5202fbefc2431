"""Where a session works: one machine and its journal, and the machines that are reached from it."""

from __future__ import annotations

import contextlib
import posixpath
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Generic, TypeVar

from wizard.answers import Answers, Client, parse
from wizard.changes.images import RemoveImages
from wizard.changes.packages import InstallPackages, RemovePackages, interrupted
from wizard.checks import DEEP
from wizard.clients import roster
from wizard.clients.crew import connected
from wizard.errors import BadUsage, Blocked, WizardError
from wizard.events import Differs, Finished, Found, Tell
from wizard.executor import Executor
from wizard.hosts import File, Host, LocalHost
from wizard.journal import Journal
from wizard.plan import Step, preview
from wizard.steps.record import RECORD
from wizard.undo import UndoJournal, made_storages, undo_plan, with_images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wizard.catalog import Catalog
    from wizard.changes import Change, Difference
    from wizard.checks import Depth
    from wizard.facts import Detected
    from wizard.plan import Plan
    from wizard.review import Item
    from wizard.trial import Trial


FINISH = Step("unfinished", "Packages", "An installation was cut off.", (InstallPackages(()),))
NOBODY = "There is no registry of ours on this machine"
STAYS = (
    "The images in {0} stay; whoever wants them deleted says so: registry-wizard undo --storage {0}"
)
KEPT = "The images in {0} stay; the folder was there before, so it is not on record any more"
MODES = {"answers": 0o600, "script": 0o700}  # of what is saved
S = TypeVar("S")  # what a survey found
G = TypeVar("G")  # what a plan is made from


@dataclass(frozen=True)
class Place(ABC, Generic[S, G]):
    """A session on a machine: the path from a survey to the checks, whatever the machine is."""

    environ: Mapping[str, str]
    host: Host = field(default_factory=LocalHost)
    journal: Journal = field(default_factory=Journal)
    stopping: Callable[[], bool] = lambda: False
    connect: Callable[[Client], Host] = connected

    @property
    def hosts(self) -> dict[str, Host]:
        return {self.host.name: self.host}

    @abstractmethod
    def survey(self, answers: Answers, tell: Tell) -> S:
        """Look at the machine; tell and give everything found, what stands in the way too."""

    @abstractmethod
    def given(self, surveyed: S) -> G:
        """Gather all that a plan needs. Raise Blocked where something stands in the way."""

    @abstractmethod
    def review(self, given: G) -> tuple[Item, ...]:
        """Give every change that is due, with its text and what was chosen of it."""

    @abstractmethod
    def plan(self, given: G) -> Plan:
        """Give everything that will be done, on this machine and on others."""

    @abstractmethod
    def leave_out(self, given: G, item: Item) -> G:
        """Choose that a change is not to be made."""

    @abstractmethod
    def take_in(self, given: G, item: Item) -> G:
        """Choose that a change which was left out is to be made."""

    @abstractmethod
    def edit(self, given: G, item: Item, text: str) -> G:
        """Write a file as ``text`` has it; our own text drops the edit."""

    @abstractmethod
    def attempt(self, given: G, item: Item, text: str) -> Trial:
        """Try an edited file aside, before it is accepted."""

    @abstractmethod
    def texts(self, given: G) -> Mapping[str, Callable[[], str]]:
        """Give what the plan can be saved as: ``answers``, and ``script`` where there is one."""

    @abstractmethod
    def differences(self, given: G, tell: Tell) -> list[Differs]:
        """Tell everything that would change; touch nothing."""

    @abstractmethod
    def carry_out(self, given: G, tell: Tell) -> int:
        """Apply the plan, check the result and tell the end; give how many changes were made.

        Raises WizardError where a change fails, Interrupted between two changes, ChecksFailed
        where all is applied and a check fails.
        """

    @abstractmethod
    def verify(self, tell: Tell, depth: Depth = DEEP) -> bool:
        """Check what is set up here; say whether no check failed."""

    def verify_all(self, tell: Tell) -> bool:
        """Check what is set up here and from here; say whether no check failed."""
        return self.verify(tell)

    def images(self) -> Catalog:
        """Give what the images can be read from. Raise WizardError where that is not here."""
        raise WizardError(NOBODY, "registry-wizard --answers FILE sets one up")

    def save(self, given: G, kind: str, path: str) -> None:
        """Keep the plan as a file, in one of its texts. Raise WizardError if that fails."""
        if not self.host.folder(str(PurePosixPath(path).parent)):
            raise WizardError(f"{path} could not be written: its folder is not there")
        self.host.write(path, File(self.texts(given)[kind]().encode(), MODES[kind]))

    def detected(self) -> dict[str, Detected]:
        """Give what stands in for the answers that nobody has to give, and where it is from."""
        return {}

    def prepare(self, answers: Answers, tell: Tell) -> G:
        """Survey and gather in one go, for whoever has nobody to ask in between."""
        return self.given(self.survey(answers, tell))

    def prepare_here(self, answers: Answers, tell: Tell) -> G:
        """Do so for what is to be shown only: no other machine is asked for anything."""
        return self.prepare(answers, tell)

    def fresh_admin(self, given: G) -> str:
        """Give the admin's password if this run makes it: it is shown once."""
        return ""

    def former(self) -> Answers | None:
        """Give the answers of what is set up here, if anything is."""
        return former_answers(self.host)

    def refuse_other_role(self, role: str) -> None:
        """Raise Blocked where this machine is something else already."""
        former = self.former()
        if former and former.role != role:
            raise Blocked(
                f"This machine is set up as a {former.role} already",
                f"its {former.role} answers are in {RECORD}; registry-wizard undo takes it back",
            )

    def preview(
        self, plan: Plan, tell: Tell, hosts: Mapping[str, Host] | None = None
    ) -> list[Differs]:
        """Tell every difference; touch nothing. Machines that are not given are reached first."""
        every = hosts or self.hosts | self.reach(plan)
        found = [self._differs(*each) for each in preview(plan, every)]
        for each in found:
            tell(each)
        return found

    def apply(self, plan: Plan, tell: Tell) -> int:
        """Make a plan for this machine true; give how many changes were made."""
        with self.journal.lock():
            return Executor(self.hosts, self.journal, tell, self.stopping).apply(plan)

    def undo_plan(self, *, packages: bool, host: str = "", storage: str = "") -> Plan:
        """Give what takes back all that is on record, or on one host; images only where asked.

        Raises BadUsage where ``storage`` is no storage folder of a registry of ours.
        """
        self.look()
        plan = undo_plan(self.journal, packages=packages, host=host)
        if host in ("", self.host.name) and interrupted(self.host):
            plan = (FINISH, *plan)
        if not storage:
            return plan
        folder = posixpath.normpath(storage)
        if folder not in self.storages():
            known = ", ".join(self.storages()) or "none"
            raise BadUsage(
                f"{storage} is not the storage folder on record, so nothing in it is deleted",
                f"on record: {known}",
            )
        images = RemoveImages(folder)
        images.refuse_links(self.host)
        return with_images(plan, images)

    def undo(self, plan: Plan, tell: Tell, *, part: bool = False) -> int:
        """Take back what a plan of inverses says, on whatever machine; give how much it was.

        A plan that is a ``part`` leaves the rest where it is.
        """
        hosts, storages = self.hosts | self.reach(plan), self.storages()
        with self.journal.lock(), contextlib.ExitStack() as alone:
            for name in dict.fromkeys(step.host for step in plan):
                alone.enter_context(hosts[name].alone())
            ledger = UndoJournal(self.journal, hosts)
            changed = Executor(hosts, ledger, tell, self.stopping).apply(plan)
            if plan and not part:
                self.journal.end_undo()
        self._strike(plan, part=part)
        stays = (*_needed(plan, hosts), *self.staying(storages))
        tell(Finished(changed, "\n".join((_undone(plan, part=part), *stays))))
        return changed

    def storages(self) -> tuple[str, ...]:
        """Give every folder that is on record as the storage of a registry here."""
        former = None
        with contextlib.suppress(WizardError):  # a damaged record of the answers stops no undo
            former = self.former()
        answered = (former.registry.storage,) if former and former.role == "server" else ()
        return tuple(dict.fromkeys((*answered, *made_storages(self.journal))))

    def staying(self, storages: Iterable[str]) -> tuple[str, ...]:
        """Give a sentence for each storage folder that holds images, which undo leaves alone."""
        found = [each for each in storages if RemoveImages(each).held(self.host)]
        known = self.storages()
        return tuple((STAYS if each in known else KEPT).format(each) for each in found)

    def reach(self, plan: Plan) -> dict[str, Host]:
        """Connect to every other machine of a plan, before anything is touched anywhere.

        Raises WizardError with the way out where one of them cannot be reached.
        """
        names = dict.fromkeys(step.host for step in plan if step.host != self.host.name)
        entries = roster.read_roster(self.host) if names else {}
        return {name: self._connect(name, entries) for name in names}

    def forget(self, name: str) -> None:
        """Close all that is on record about a machine that is gone for good."""
        with self.journal.lock():
            self.journal.forget(name)
        roster.strike(self.host, [name])

    def look(self) -> None:
        """Remember how far the journal is, if it can be read: a plan made now counts on that."""
        with contextlib.suppress(WizardError):  # whoever needs it is told
            self.journal.look()

    def read(self, path: str) -> bytes | None:
        file = self.host.read(path)
        return file.content if file else None

    def _connect(self, name: str, entries: Mapping[str, roster.Entry]) -> Host:
        try:
            return self.connect(entries[name].client if name in entries else Client(host=name))
        except WizardError as error:
            forget = f"registry-wizard clients remove {name} --force forgets it, if it is gone"
            raise type(error)(str(error), f"{error.hint}; {forget}") from None

    def _strike(self, plan: Plan, *, part: bool) -> None:
        """Drop the clients of the plan on which nothing of ours is left; at the end all of them."""
        gone = {step.host for step in plan} if part else roster.read_roster(self.host)
        roster.strike(self.host, set(gone) - set(self.journal.hosts()))

    def _differs(self, step: Step, change: Change, found: Difference) -> Differs:
        elsewhere = "" if step.host == self.host.name else step.host
        return Differs(step.id, change.label, found.verb, found.text, found.drift, elsewhere)


def _needed(plan: Plan, hosts: Mapping[str, Host]) -> Iterator[str]:
    """Give a sentence about packages that were to go and stay, as packages of others need them."""
    for step in plan:
        for each in step.changes:
            if isinstance(each, RemovePackages):
                yield from each.staying(hosts[step.host])


def _undone(plan: Plan, *, part: bool) -> str:
    if part:
        ids = ", ".join(step.id for step in plan)
        return f"Taken back: {ids}" if plan else "There is nothing to take back"
    return "All that was on record is taken back" if plan else "There is nothing to take back"


def former_answers(host: Host) -> Answers | None:
    """Give the answers of what is set up on a machine, if anything is."""
    file = host.read(RECORD)
    try:
        return parse(file.content.decode(), RECORD, {}) if file else None
    except UnicodeDecodeError:
        raise WizardError(
            f"{RECORD} is not UTF-8 text any more", "put it back from a copy"
        ) from None


def refuse(blockers: tuple[Found, ...]) -> None:
    """Raise Blocked where anything stands in the way, with all of it."""
    if blockers:
        text = "\n".join(f"  {each.text}\n    -> {each.remedy}" for each in blockers)
        things = "one thing stands" if len(blockers) == 1 else f"{len(blockers)} things stand"
        raise Blocked(f"{things} in the way; nothing was touched:\n{text}")
