"""Everything that a plan is made from, gathered once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.choices import Choices
from wizard.names import is_address
from wizard.nginx import Nginx, nginx_of

if TYPE_CHECKING:
    from wizard.answers import Answers, Client
    from wizard.changes import Change
    from wizard.credentials import Credentials
    from wizard.distros import Distro
    from wizard.errors import WizardError
    from wizard.facts import Facts
    from wizard.hosts import Argv, Host
    from wizard.pki import Pki
    from wizard.plan import Plan


@dataclass(frozen=True)
class Visit:
    """Another machine that is to trust the registry: its plan, or why nobody reaches it."""

    client: Client
    plan: Plan = ()
    host: Host | None = None
    trusting: tuple[str, ...] = ()
    problem: WizardError | None = None


@dataclass(frozen=True)
class Given:
    answers: Answers  # complete: nothing left to detect
    facts: Facts
    distro: Distro
    host: Host  # for its init system's words; a step changes nothing through it
    pki: Pki
    credentials: Credentials
    brought: frozenset[str]  # packages that the wizard itself installed earlier
    program: Argv  # the words that run this very program
    choices: Choices = Choices()
    latest: tuple[Change, ...] = ()  # what takes back what earlier runs did last to each thing
    unsettled: frozenset[str] = frozenset()  # steps whose `then` is still due
    visits: tuple[Visit, ...] = ()  # to the clients

    @property
    def contained(self) -> bool:
        return self.answers.registry.runtime == "container"

    @property
    def remembers(self) -> bool:
        """Whether nginx can remember a right login without keeping it, for which it needs njs."""
        packaged = self.answers.proxy.install == "package"
        # Under SELinux nginx may not make a folder of its own in /run.
        confined = self.facts.selinux != ""
        return packaged and self.distro.njs != "" and self.facts.modules and not confined

    @property
    def serves(self) -> bool:
        """Whether nginx may read the storage folder, and send layers without the registry.

        Where it has other people's sites, too, whatever runs for them as nginx's user could then
        read every layer. Under SELinux it would need to be told so.
        """
        # What came with an nginx of ours is switched off, if a run that was killed has not done so.
        off = {self.distro.default_site} if self.distro.nginx in self.brought else set()
        alone = all(each.file in {self.nginx.site, *off} for each in self.facts.sites)
        return not self.facts.selinux and (alone or self.facts.bare)

    @property
    def nginx_group(self) -> str:
        """Give the group as which nginx serves, and reads htpasswd."""
        packaged = self.answers.proxy.install == "package"
        return (packaged and self.facts.nginx_group) or self.nginx.user

    @property
    def nginx(self) -> Nginx:
        return nginx_of(self.answers, self.distro)


def dns_names(answers: Answers) -> tuple[str, ...]:
    """Give every DNS name of the registry, the hostname first."""
    every = (answers.registry.hostname, *answers.certificate.alt_names)
    return tuple(dict.fromkeys(name for name in every if not is_address(name)))


def addresses(answers: Answers) -> tuple[str, ...]:
    """Give every address of the registry, the one clients use first."""
    registry = answers.registry
    every = (registry.hostname, registry.ip, *answers.certificate.alt_names)
    return tuple(dict.fromkeys(each for each in every if is_address(each)))
