"""What spoils the trust in a registry's CA on any host: found, explained, with its repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.events import Checked, Found
from wizard.troubles import bundles, certs_d, folders, insecure, store
from wizard.troubles.trouble import ABOUTS, REPAIRED, Ours, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.hosts import Host

__all__ = ("Ours", "Trouble", "checked", "find_troubles", "found")


def find_troubles(host: Host, ours: Ours, seen: store.Seen | None = None) -> tuple[Trouble, ...]:
    """Look at everything on a host that decides whom it trusts; nothing is changed.

    ``seen`` is the store where somebody has looked at it already.
    """
    return (
        *bundles.find(seen or store.look(host), ours),
        *certs_d.find(folders.look(host, ours), ours),
        *insecure.find(insecure.look(host), ours),
    )


def checked(troubles: Iterable[Trouble]) -> Iterator[Checked]:
    """Give each trouble as a verdict, and one good word where a thing has none."""
    every = tuple(troubles)
    for about, fine in ABOUTS.items():
        its = [each for each in every if each.about == about]
        yield from (Checked(about, each.verdict, each.text, each.remedy) for each in its)
        if not its:
            yield Checked(about, "passed", fine)


def found(troubles: Iterable[Trouble]) -> Iterator[Found]:
    """Give each trouble as something to know before anything is touched."""
    for each in troubles:
        repaired = each.remedy == REPAIRED
        remedy = "this run repairs it and keeps a copy" if repaired else each.remedy
        yield Found(blocker=False, text=each.text, remedy=remedy)
