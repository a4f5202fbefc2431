"""What the wizard would do about a failure on a machine that it has set up, as a plan."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from wizard.errors import WizardError
from wizard.explain import AGAIN, RENEW

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.events import Differs
    from wizard.explain import Explained
    from wizard.place import Place

# What running the wizard does, by what the machine is to the registry.
OURS = {"client": {"trust", "lead", "again"}}
OURS["server"] = OURS["client"] | {"on_server", "renew"}


@dataclass(frozen=True)
class Offer:
    """The plan as a dry run shows it, and what carries it out; or a renewal, which has no plan."""

    command: str
    session: Place[Any, Any] | None = None
    given: Any = None
    differences: tuple[Differs, ...] = ()
    problem: str = ""  # why there is no plan

    @property
    def renews(self) -> bool:
        return self.command == RENEW

    @property
    def record(self) -> dict[str, object]:
        differences = [asdict(each) for each in self.differences]
        return {"command": self.command, "differences": differences, "problem": self.problem}


def offer(found: Explained, open_place: Callable[[str], Place[Any, Any]]) -> Offer | None:
    """Plan what is ours to do here; None where nothing is. Nothing is touched."""
    ways = {way for each in found.failure.known.remedies for way in re.findall(r"\{(\w+)\}", each)}
    ours = ways & OURS.get(found.role, set())
    if not ours:
        return None
    if "renew" in ours:
        return Offer(RENEW)
    try:
        session = open_place(found.role)
        former = session.former()
        if former is None:
            return None
        given = session.prepare_here(former, lambda _: None)
        differences = tuple(session.differences(given, lambda _: None))
    except WizardError as error:
        return Offer(AGAIN, problem=str(error))
    return Offer(AGAIN, session, given, differences)
