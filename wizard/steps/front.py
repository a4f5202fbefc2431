"""What nginx decides by: who may do what from where, and what it remembers of a login."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING

from wizard.answers import PUSH, User
from wizard.changes.files import WriteFile
from wizard.changes.folders import MakeFolder
from wizard.credentials import ADMIN, BETWEEN
from wizard.given import addresses
from wizard.names import in_url
from wizard.nginx import FRONT_FOLDER, LOGINS
from wizard.render import render
from wizard.steps.registry import BETWEEN_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.answers import Answers
    from wizard.changes import Change
    from wizard.given import Given

PRIVATE = f"{FRONT_FOLDER}/secret.conf"
REMEMBERED = 30  # seconds; a password that was changed, or a user who is gone, is good for so long
# Of a repository's name, as the OCI distribution specification has it.
PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
LOOPBACK = ("127.0.0.0/8", "::1")


def files(given: Given) -> tuple[Change, ...]:
    """Give what the site includes, which only root may read."""
    own = given.credentials
    secret = render("secret.conf", secret=own.front_secret)
    shown = "what nginx knows its own questions by"
    return (
        MakeFolder(FRONT_FOLDER, 0o700),
        WriteFile(BETWEEN, own.between, 0o600, secret=True, shown=BETWEEN_SHOWN),
        WriteFile(PRIVATE, secret, 0o600, secret=True, shown=shown),
        *(_hashing() if given.remembers else ()),
    )


def _hashing() -> tuple[Change, ...]:
    """Give what stands for a login that is remembered."""
    key = render("key.conf", folder=FRONT_FOLDER)
    return (
        WriteFile(f"{FRONT_FOLDER}/key.js", render("key.js", remembered=REMEMBERED)),
        WriteFile(f"{FRONT_FOLDER}/key.conf", key),
    )


def access(given: Given) -> dict[str, object]:
    """Give what the site says of users, places and logins."""
    answers = given.answers
    anonymous = answers.access.anonymous_pull
    at = in_url(answers.registry.hostname, answers.registry.https_port)
    token = f'Bearer realm="https://{at}/-/token",service="{at}"'
    return {
        "pushing": [pattern(name) for name in pushing(answers)],
        "elsewhere": "far" if answers.access.push_from else "near",
        "places": tuple(places(answers)),
        "anonymous": anonymous,
        "challenge": token if anonymous else 'Basic realm="registry"',
        "remembered": REMEMBERED if given.remembers else 0,
        "logins": LOGINS,
        "between": BETWEEN,
        "storage": answers.registry.storage if given.serves else "",
        "part": PART,
    }


def pushing(answers: Answers) -> tuple[str, ...]:
    """Give the names of those who may push."""
    every = answers.users or (User(ADMIN),)
    return tuple(each.name for each in every if each.role == PUSH)


def pattern(name: str) -> str:
    """Give a regular expression for a name, as it stands in quotes in nginx's settings."""
    return re.escape(name).replace("\\", "\\\\").replace('"', '\\"')


def places(answers: Answers) -> Iterator[tuple[str, str]]:
    """Give networks and what they are: near where pushes are taken from, here if on this machine.

    nginx goes by the narrowest network that an address is in.
    """
    asked = answers.access.push_from
    own = addresses(answers)
    yield from ((each, "near") for each in asked if each not in (*own, *LOOPBACK))
    at_home = any(_within(each, asked) for each in own)
    for each in (*own, *LOOPBACK):
        near = not asked or _within(each, asked) or (each in LOOPBACK and at_home)
        yield each, "here near" if near else "here far"


def _within(address: str, networks: tuple[str, ...]) -> bool:
    """Say whether an address or a network lies in one of these."""
    found = ip_network(address)
    return any(
        found.version == each.version and found.subnet_of(each)  # type: ignore[arg-type]
        for each in map(ip_network, networks)
    )
