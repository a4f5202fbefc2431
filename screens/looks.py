"""What the questions may look at while they are asked; each takes the time it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from screens.glance import Glance, glance
from screens.known_clients import clients_now
from screens.offered import Offered, offered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.answers import Answers, Client
    from wizard.place import Place


@dataclass(frozen=True)
class Looks:
    glance: Callable[[str, Answers], Glance | None]  # at what an answer names
    reach: Callable[[Client], object]  # a client, by SSH; raises WizardError
    ca: Callable[[Answers], Offered] = offered  # that the registry sends
    known: Mapping[str, str] = field(default_factory=dict)  # how each client was last


def looks_of(place: Place[Any, Any]) -> Looks:
    return Looks(partial(glance, place.host), place.connect, known=clients_now(place.host))
