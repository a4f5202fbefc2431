"""What is worth knowing about the distribution itself: whether it is known, and how well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.distros import names
from wizard.events import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.answers import Answers
    from wizard.distros import Distro
    from wizard.facts import Facts

BY_HAND = {
    "apt": "apt-get install",
    "dnf": "dnf install",
    "zypper": "zypper install",
    "pacman": "pacman -S",
    "apk": "apk add",
}
UNTRIED = "is planned from documentation, not run in our tests"


def look_at_distro(answers: Answers, facts: Facts) -> Iterator[Found]:
    if facts.distro is None:
        yield Found(
            blocker=True,
            text=f"This is {facts.os}, which is not known here yet",
            remedy=f"use one of {names()}, or one that calls itself like them (ID_LIKE)",
        )
        return
    yield from _how_well(facts, facts.distro)
    yield from _tools(facts, facts.distro)
    if answers.proxy.install == "package":
        yield from _site(facts)


def _how_well(facts: Facts, distro: Distro) -> Iterator[Found]:
    if distro.like:
        text = f"{facts.os} is planned by likeness with {distro.like}, not run in our tests"
    else:
        text = f"{facts.os} {UNTRIED}"
    if not distro.tried:
        yield Found(blocker=False, text=text, remedy="look at the review closely")


def _tools(facts: Facts, distro: Distro) -> Iterator[Found]:
    """Without these it would look as if this machine had no address, and every port were free."""
    if facts.without:
        yield Found(
            blocker=True,
            text=f"{' and '.join(facts.without)} of {distro.iproute} cannot be used here, so"
            " nothing is known about addresses and ports",
            remedy=f"install it ({BY_HAND[distro.manager]} {distro.iproute}), then run again",
        )


def _site(facts: Facts) -> Iterator[Found]:
    """Never an edit inside somebody's nginx.conf: its owner adds the line."""
    if facts.unread:
        folder = facts.unread.rpartition("/")[0]
        yield Found(
            blocker=True,
            text=f"nginx here reads no file in {folder}, where our site would stand",
            remedy=f"add `include {folder}/*.conf;` to the http block of its nginx.conf",
        )
