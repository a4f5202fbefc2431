"""What is installed here, as a few facts for people and for monitoring."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from wizard import pki
from wizard.changes.services import is_running
from wizard.client_session import CA, ClientSession
from wizard.clients.roster import read_roster
from wizard.errors import WizardError
from wizard.facts import read_facts
from wizard.names import RESERVED_USER, in_url
from wizard.nginx import nginx_of
from wizard.renewal import told
from wizard.running import look
from wizard.session import Session
from wizard.steps.front import pushing

if TYPE_CHECKING:
    from wizard.place import Place


def status(session: Place[Any, Any]) -> dict[str, object]:
    """Give the installation's state; ``installed`` alone where there is none."""
    if isinstance(session, ClientSession):
        return _of_client(session)
    return _of_server(session) if isinstance(session, Session) else {"installed": False}


def _of_client(session: ClientSession) -> dict[str, object]:
    former, pem = session.former(), session.read(CA)
    if not (former and pem):
        return {"installed": False}
    registry = former.registry
    return {
        "installed": True,
        "role": "client",
        "address": f"https://{in_url(registry.hostname, registry.https_port)}/",
        "ca_days_left": pki.days_left(pem, dt.datetime.now(dt.UTC)),
        "ca_fingerprint": pki.fingerprint(pem),
    }


def _of_server(session: Session) -> dict[str, object]:
    try:
        former = session.former()
        facts = read_facts(session.host, former) if former else None
        scene = session.scene(facts=facts)
    except WizardError:
        return {"installed": False}
    own = scene.installed()
    assert facts  # noqa: S101  (without an installation there is no scene)
    registry = own.answers.registry
    running, _, what = look(session.host, registry.runtime)
    service = nginx_of(own.answers, facts.distro).service
    return {
        "installed": True,
        "address": f"https://{in_url(registry.hostname, registry.https_port)}/",
        "nginx": "running" if is_running(session.host, service) else "stopped",
        "registry": "running" if running else "stopped",
        "runtime": what,
        "certificate_days_left": pki.days_left(own.served, scene.now),
        "renewal": told(session.host, facts.init),
        "ca_days_left": pki.days_left(scene.target.ca, scene.now),
        "ca_fingerprint": pki.fingerprint(scene.target.ca),
        "storage": registry.storage,
        "storage_free_bytes": facts.space.free,
        "users": [u.name for u in own.answers.users if u.name != RESERVED_USER],
        "users_who_push": [*pushing(own.answers)],
        "clients": [*read_roster(session.host)],
    }
