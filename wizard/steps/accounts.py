"""Who may log in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.files import WriteFile
from wizard.changes.folders import MakeFolder
from wizard.changes.users import MakeUser
from wizard.credentials import ADMIN, ETC, FRONT_SECRET, HTPASSWD, MOUNTED, password_file
from wizard.names import RESERVED_USER
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.given import Given


def plan(given: Given) -> Step:
    credentials = given.credentials
    changes: list[Change] = [
        _secret(FRONT_SECRET, credentials.front_secret, "nginx knows its own questions by"),
        *_for_the_container(given),
        _htpasswd(given),
        _secret(password_file(RESERVED_USER), credentials.check_password, "for the checks"),
        _secret(f"{ETC}/http.secret", credentials.http_secret, "the registry signs uploads with"),
    ]
    if credentials.admin_password:
        changes.append(_secret(password_file(ADMIN), credentials.admin_password, "of user admin"))
    return Step(
        id="accounts",
        title="Set up who may log in",
        why="Without a login anybody in the network could push.",
        changes=tuple(changes),
    )


def _for_the_container(given: Given) -> tuple[Change, ...]:
    """Without its package there is no user that the registry runs as; and it sees one folder."""
    if not given.contained:
        return ()
    user = MakeUser(given.distro.registry_user, images=given.answers.registry.storage)
    return (user, MakeFolder(MOUNTED))


def _htpasswd(given: Given) -> WriteFile:
    return WriteFile(
        HTPASSWD,
        given.credentials.htpasswd,
        0o640,
        group=given.nginx_group,
        secret=True,
        shown=f"bcrypt hashes for {', '.join(given.credentials.hashes)}",
    )


def _secret(path: str, text: str, use: str) -> WriteFile:
    shown = f"128 random bits, {use}"
    return WriteFile(path, f"{text}\n".encode(), 0o600, secret=True, shown=shown)
