"""What is installed here, as a few facts for people and for monitoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.services import is_running
from wizard.errors import WizardError
from wizard.facts import read_facts
from wizard.names import RESERVED_USER, in_url
from wizard.nginx import nginx_of
from wizard.running import look

if TYPE_CHECKING:
    from wizard.session import Session


def status(session: Session) -> dict[str, object]:
    """Give the installation's state; ``installed`` alone where there is none."""
    try:
        scene = session.scene()
    except WizardError:
        return {"installed": False}
    registry = scene.answers.registry
    running, _, what = look(session.host, registry.runtime)
    facts = read_facts(session.host, scene.answers)
    service = nginx_of(scene.answers, facts.distro).service
    return {
        "installed": True,
        "address": f"https://{in_url(registry.hostname, registry.https_port)}/",
        "nginx": "running" if is_running(session.host, service) else "stopped",
        "registry": "running" if running else "stopped",
        "runtime": what,
        "certificate_days_left": pki.days_left(scene.served, scene.now),
        "ca_days_left": pki.days_left(scene.ca, scene.now),
        "ca_fingerprint": pki.fingerprint(scene.ca),
        "storage": registry.storage,
        "storage_free_bytes": facts.space.free,
        "users": [u.name for u in scene.answers.users if u.name != RESERVED_USER],
    }
