"""A client while it is typed: the texts in its fields, and what is wrong with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from screens import words
from screens.form import as_text, as_value, reason
from wizard.answers import Client
from wizard.questions import Question, entries, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.errors import Problem

CLIENT_FIELDS = {name: e for name, e in entries(Client).items() if isinstance(e, Question)}


def as_typed(client: Client | None) -> dict[str, str]:
    """Give the texts that stand in the fields for a client; what is at its default is empty."""
    if client is None:
        return dict.fromkeys(CLIENT_FIELDS, "")
    values = {name: getattr(client, name) for name in CLIENT_FIELDS}
    return {
        name: "" if value == CLIENT_FIELDS[name].default else str(as_text(value))
        for name, value in values.items()
    }


def client_of(typed: Mapping[str, str]) -> tuple[Client, dict[str, str]]:
    """Give the client that these texts mean, and a sentence for each field that is wrong."""
    given = {name: text.strip() for name, text in typed.items() if text.strip()}
    table = {name: as_value(CLIENT_FIELDS[name], text) for name, text in given.items()}
    found: list[Problem] = []
    client = read(Client, table, "", found.append)
    wrong: dict[str, str] = {}
    for problem in found:
        name = re.sub(r"\[\d+\]$", "", problem.key)
        wrong.setdefault(name, reason(CLIENT_FIELDS[name], problem))
    return client, wrong


def client_problems(
    clients: tuple[Client, ...], former: str, typed: Mapping[str, str]
) -> dict[str, str]:
    """Say for each field why a client cannot be so, among those that are there."""
    client, wrong = client_of(typed)
    others = [each.host for each in clients if each.host != former]
    return ({"host": words.CLIENT_TWICE} if client.host in others else {}) | wrong


def with_client(clients: tuple[Client, ...], former: str, client: Client) -> tuple[Client, ...]:
    """Put a client in the place of the one of the ``former`` name, or at the end."""
    if not any(each.host == former for each in clients):
        return (*clients, client)
    return tuple(client if each.host == former else each for each in clients)


def client_line(client: Client, seen: str = "") -> str:
    """Give a client as a line: how it is reached, what is to trust there, what was seen of it."""
    port = f", {words.CLIENT_PORT.format(client.port)}" if client.port != 22 else ""
    trust = ", ".join(client.trust) or words.CLIENT_WHATEVER
    return words.CLIENT_ROW.format(
        client.host, f"{client.user}{port}", trust, f" ({seen})" if seen else ""
    )
