"""An error text explained: its cause, what of it is seen on this machine, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING

from wizard.distros import known, read_os_release
from wizard.errors import WizardError
from wizard.explain import of_machine, of_network, of_nginx, of_trust
from wizard.explain.of_network import unseen
from wizard.explain.scene import Scene, names_of, on_record
from wizard.failures import Failure, recognise
from wizard.failures.ways import CONTAINER, EITHER, Ways, service
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wizard.events import Checked
    from wizard.hosts import Host

LOOKS: dict[str, Callable[[Scene], Iterator[Checked]]] = {
    each.__name__: each
    for each in (
        *(of_network.name, of_network.resolvers, of_network.reach, of_network.listeners),
        *(of_network.plain, of_network.answer, of_network.clock, of_network.proxies),
        *(of_trust.certificate, of_trust.registry, of_trust.places, of_trust.store),
        *(of_trust.troubles, of_trust.roots, of_trust.environment, of_trust.times, of_trust.file),
        *(of_machine.docker, of_machine.daemon, of_machine.user, of_machine.login),
        *(
            of_machine.space,
            of_machine.storage,
            of_machine.installed,
            of_nginx.proxy,
            of_machine.behind,
        ),
    )
}
"""Everything that a row of the table may ask to be looked at; nothing of it changes anything."""

AGAIN = f"registry-wizard --answers {RECORD}"
RENEW = "registry-wizard renew"
_AWAY = {
    **EITHER,
    "trust": "run on the registry's server `registry-wizard clients join`: it prints one line to"
    " paste here as root, which puts the CA where each program here looks; or there"
    " `registry-wizard clients add HOST` with this machine's address",
    "lead": "run on the registry's server `registry-wizard clients join`: the line that it prints,"
    " pasted here as root, puts {name} into /etc/hosts; by hand: a line with its address and name",
    "again": f"on a machine that the wizard has set up, run `{AGAIN}` again",
    "on_server": f"run `{AGAIN}` on the registry's server",
    "renew": f"run `{RENEW}` on the registry's server",
}
_HERE = {
    "trust": f"run `{AGAIN}` here again: it puts the CA back where each program looks",
    "lead": f"run `{AGAIN}` here again: it puts the line for {{name}} back into /etc/hosts",
    "again": f"run `{AGAIN}` here again",
}
WAYS = {
    "": _AWAY,
    "client": _AWAY | _HERE,
    "server": _AWAY | _HERE | {"on_server": f"run `{AGAIN}` here", "renew": f"run `{RENEW}` here"},
}
"""What this program does about a failure, by what the machine is to the registry."""


@dataclass(frozen=True)
class Explained:
    failure: Failure
    role: str  # of this machine to that registry: server, client, or empty
    evidence: tuple[Checked, ...]
    runs: Ways = field(default_factory=dict)  # what is done about the registry itself here

    @property
    def remedies(self) -> tuple[str, ...]:
        """Give what to do: first what was seen to be wrong here, then what helps in general."""
        seen = (each.remedy for each in self.evidence if each.verdict == "failed")
        more = (each.remedy for each in self.evidence if each.verdict != "failed")
        general = self.failure.remedies({**WAYS[self.role], **self.runs})
        return tuple(dict.fromkeys(filter(None, (*seen, *general, *more))))


def explain(text: str, host: Host, environ: Mapping[str, str]) -> Explained | None:
    """Say what a text means, with what is seen of it here; None where nothing of it is known."""
    former = on_record(host)
    failure = recognise(text, names_of(former) if former else ())
    if failure is None:
        return None
    scene = Scene(host, failure.quoted, environ, former)
    evidence = [each for look in failure.known.looks for each in _looked(look, scene)]
    return Explained(failure, scene.role, tuple(_once(evidence)), _runs(scene))


def _runs(scene: Scene) -> Ways:
    """Give the commands for the registry, where it is known how it runs: on its server."""
    if scene.record is None or scene.role != "server":
        return {}
    if scene.record.registry.runtime == "container":
        return CONTAINER
    distro = known(read_os_release(scene.host.run("cat", "/etc/os-release").out))
    return service(distro.registry_service) if distro else service()


def _looked(look: str, scene: Scene) -> Iterator[Checked]:
    """Look, or say what could not be looked at: an explanation fails for no reason of this kind."""
    try:
        yield from LOOKS[look](scene)
    except (OSError, HTTPException, WizardError, LookupError, TypeError, ValueError) as error:
        yield unseen(look, str(error) or type(error).__name__)


def _once(evidence: list[Checked]) -> Iterator[Checked]:
    """Leave out what is said again, and a second word on a file or folder of certs.d."""
    told: set[str] = set()
    for each in evidence:
        about = next((word for word in each.seen.split() if "/certs.d/" in word), each.seen)
        if about.rstrip(":,") not in told:
            yield each
        told.add(about.rstrip(":,"))
