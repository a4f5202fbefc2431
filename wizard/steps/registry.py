"""The registry's own settings and its storage folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.files import WriteFile
from wizard.changes.folders import MakeFolder
from wizard.changes.services import restart
from wizard.credentials import HTPASSWD
from wizard.plan import Step
from wizard.render import render

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    registry, user = given.answers.registry, given.distro.registry_user
    secret = given.credentials.http_secret
    content = render(
        "config.yml",
        storage=registry.storage,
        delete=registry.delete,
        secret=secret,
        htpasswd=HTPASSWD,
    )
    return Step(
        id="registry",
        title="Set up the registry",
        why="It listens on loopback only; nginx is the one way in.",
        changes=(
            MakeFolder(registry.storage, 0o750, user, user),
            WriteFile(given.distro.registry_file, content, 0o640, group=user, hidden=("secret",)),
        ),
        then=(restart(given.host, given.distro.registry),),
    )
