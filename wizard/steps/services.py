"""The services, running and back after a restart of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.services import SYSTEMD, Service
from wizard.nginx import BUILT_SERVICE
from wizard.plan import Step
from wizard.source_facts import source_of
from wizard.steps.renewal import FORGIVE
from wizard.survey import REGISTRY_PORT

if TYPE_CHECKING:
    from wizard.given import Given
    from wizard.hosts import Argv

CONF = "/etc/nginx/nginx.conf"
# Every file with a server in it that nginx reads, but for these.
OTHER_SITES = """nginx -T 2>/dev/null | awk '
    $1 == "#" && $2 == "configuration" { file = substr($4, 1, length($4) - 1) }
    $1 == "server" && $2 ~ /^{/ { print file }' | grep -vxF "$1" | sort -u"""


def plan(given: Given) -> Step:
    return Step(
        id="services",
        title="Start the services",
        why="They come back by themselves when the machine restarts.",
        changes=(
            *_registry(given),
            *(Service(name, running=False, enabled=False) for name in _off(given)),
            Service(
                given.nginx.service,
                port=given.answers.registry.https_port,
                others=_other_sites(given),
            ),
        ),
        # At a start of the machine before these were up, the certificate could not be looked at.
        then=(FORGIVE,) if given.facts.init == SYSTEMD else (),
    )


def _other_sites(given: Given) -> Argv:
    """Ask a distribution's nginx for sites that are neither ours nor came with it."""
    if given.nginx.service == BUILT_SERVICE:
        return ()
    ours = (given.nginx.site, given.distro.nginx_conf, given.distro.default_site, CONF)
    return ("sh", "-c", OTHER_SITES, "sh", "\n".join(filter(None, ours)))


def _registry(given: Given) -> tuple[Service, ...]:
    """A container is started in a step of its own."""
    if given.contained:
        return ()
    return (Service(given.distro.registry_service, port=REGISTRY_PORT),)


def _off(given: Given) -> tuple[str, ...]:
    """Give the nginx that had the ports at an earlier answer, and is ours to stop."""
    if given.answers.proxy.install == "source":
        return (given.distro.nginx,) if given.distro.nginx in given.brought else ()
    return (BUILT_SERVICE,) if source_of(given.facts).unit else ()
