"""An explanation as people read it, and as one JSON object."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from wizard.clean import clean
from wizard.headless import as_lines
from wizard.verdicts import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.explain import Explained
    from wizard.explain.offer import Offer

SEND = (
    "the whole text as it was printed, with the command before it",
    "docker version (podman --version, skopeo --version)",
    "what `registry-wizard verify` says on the registry's server",
    "the end of /var/log/registry-wizard.log, if it came from registry-wizard itself",
)
"""What somebody needs who is to find out; passwords are to be taken out before."""


def as_text(found: Explained | None) -> str:
    lines = _known(found) if found else _unknown()
    return "".join(f"{clean(line)}\n" for line in lines)


def show(offer: Offer) -> None:
    """Print what the wizard would do here, as a dry run does."""
    if offer.problem:
        why = "\n".join(map(clean, offer.problem.split("\n")))
        sys.stdout.write(f"\nWhat the wizard would do here cannot be shown: {why}\n")
    elif offer.renews:
        sys.stdout.write("\nThe wizard can renew the certificate of this registry, if it is due.\n")
    elif not offer.differences:
        sys.stdout.write("\nTo run the wizard here again would change nothing.\n")
    else:
        sys.stdout.write("\nThe wizard would do this here:\n")
    for each in offer.differences:
        as_lines(each)


def as_json(found: Explained | None, offer: Offer | None) -> str:
    if found is None:
        return json.dumps({"known": False, "id": "", "send": SEND}) + "\n"
    said = found.failure.quoted
    record = {
        "known": True,
        "id": found.failure.known.id,
        "cause": found.failure.cause,
        "registry": said.at,
        "image": said.image,
        "role": found.role,
        "evidence": [
            {key: each for key, each in asdict(one).items() if key != "host"}
            for one in found.evidence
        ],
        "remedies": found.remedies,
        "offer": offer.record if offer else None,
    }
    return json.dumps(record) + "\n"


def _known(found: Explained) -> Iterator[str]:
    yield found.failure.cause
    if found.evidence:
        yield ""
        yield "Seen from this machine:"
    for each in found.evidence:
        yield f"  {MARKS[each.verdict]} {each.name}: {each.seen}"
    yield ""
    yield "What to do:"
    yield from (f"  -> {each}" for each in found.remedies)


def _unknown() -> Iterator[str]:
    yield "This text is not known here: nothing in it is what Docker, podman, containerd, curl,"
    yield "Python, a browser or a registry say when something is wrong with a registry."
    yield ""
    yield "To have it looked into, send (without passwords):"
    yield from (f"  {each}" for each in SEND)
