"""Who may log in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.files import WriteFile
from wizard.credentials import ADMIN, ETC, HTPASSWD, password_file
from wizard.names import RESERVED_USER
from wizard.plan import Step

if TYPE_CHECKING:
    from wizard.given import Given


def plan(given: Given) -> Step:
    credentials = given.credentials
    changes = [
        WriteFile(
            HTPASSWD,
            credentials.htpasswd,
            0o640,
            group=given.distro.registry_user,
            secret=True,
            shown=f"bcrypt hashes for {', '.join(credentials.hashes)}",
        ),
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


def _secret(path: str, text: str, use: str) -> WriteFile:
    shown = f"128 random bits, {use}"
    return WriteFile(path, f"{text}\n".encode(), 0o600, secret=True, shown=shown)
