"""What to type and where things are once all is done, on a server and on a client."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screens import words
from wizard.client_session import Here
from wizard.credentials import ADMIN
from wizard.join import join_of
from wizard.next_commands import NEXT_STEPS, commands_on_client, next_commands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.given import Given
    from wizard.next_commands import NextCommand


@dataclass(frozen=True)
class Ending:
    commands: tuple[NextCommand, ...] = ()
    places: Mapping[str, str] = field(default_factory=lambda: dict(words.PLACE_ROWS))
    kept_at: str = NEXT_STEPS  # where the commands are to be found again; empty: nowhere
    here: str = "server"  # what this machine is


def ending(given: Given | Here) -> Ending:
    answers = given.answers
    if isinstance(given, Here):
        return Ending(commands_on_client(answers), dict(words.PLACE_ROWS_CLIENT), "", "client")
    user = answers.users[0].name if answers.users else ADMIN
    places = dict(words.PLACE_ROWS) | {words.PLACE_SITE: given.nginx.site}
    line = join_of(answers, given.pki.trust).line
    return Ending(next_commands(answers, user, line), places)
