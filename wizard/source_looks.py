"""What stands in the way of building nginx from source, each with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.events import Found
from wizard.nginx import UNIT
from wizard.source_archive import WHERE_FROM
from wizard.source_facts import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.answers import Answers
    from wizard.facts import Facts

# 1.21.5 is the first that knows PCRE2 (nginx's CHANGES), which is what distributions have now; our
# file for nginx needs no more than 1.13.
OLDEST = (1, 21, 5)
SHOWN = 5


def looks(answers: Answers, facts: Facts) -> Iterator[Found]:
    if answers.proxy.install == "source" and facts.source:
        for look in (_init, _archive, _prefix, _ports, _room):
            yield from look(answers, facts)


def described_source(answers: Answers, facts: Facts) -> str:
    """Say which nginx is to be where; empty where none is built, or its archive is no good."""
    version = source_of(facts).archive.version
    if answers.proxy.install != "source" or not version:
        return ""
    return f"{version} in {answers.proxy.prefix}, built from {answers.proxy.source_archive}"


def _init(answers: Answers, facts: Facts) -> Iterator[Found]:
    if facts.init not in UNIT:
        yield _blocker(
            f"There is no service file here for a built nginx under {facts.init}",
            'answer proxy.install = "package"',
        )


def _archive(answers: Answers, facts: Facts) -> Iterator[Found]:
    archive, path = source_of(facts).archive, answers.proxy.source_archive
    wanted = answers.proxy.source_sha256
    if archive.problem:
        yield _blocker(f"The source archive {path} {archive.problem}", WHERE_FROM)
    elif wanted and wanted.lower() != archive.sha256:
        yield _blocker(
            f"The source archive {path} has the SHA-256 {archive.sha256}, not {wanted}",
            "fetch it again and compare; or answer proxy.source_sha256 with what is right",
        )
    if archive.version and archive.number < OLDEST:
        yield _blocker(
            f"The source archive {path} is of nginx {archive.version}, which is too old to be"
            " built with the libraries of today",
            f"{WHERE_FROM}, {'.'.join(map(str, OLDEST))} or newer",
        )


def _prefix(answers: Answers, facts: Facts) -> Iterator[Found]:
    names = source_of(facts).strangers
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield _blocker(
            f"{answers.proxy.prefix} holds what the wizard did not put there"
            f" ({', '.join(names[:SHOWN])}{more}) and never overwrites",
            "move it away, or answer proxy.prefix with another folder, for example /opt/nginx-own",
        )


def _ports(answers: Answers, facts: Facts) -> Iterator[Found]:
    port = answers.registry.https_port
    program = source_of(facts).stranger_on(port)
    if program:
        yield _blocker(
            f"Port {port} is held by {program}, which was here before the wizard, so the nginx"
            " built from source cannot have it",
            "stop and disable that one, or answer another registry.https_port, or keep it with"
            ' proxy.install = "package"',
        )


def _room(answers: Answers, facts: Facts) -> Iterator[Found]:
    for each in source_of(facts).short:
        yield _blocker(
            f"The disk at {each.folder} has {each.free >> 20} MiB free; building nginx takes"
            f" {each.needed >> 20}",
            "make room there, then run again",
        )


def _blocker(text: str, remedy: str) -> Found:
    return Found(blocker=True, text=text, remedy=remedy)
