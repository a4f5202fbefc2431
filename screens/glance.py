"""What a look at this machine adds to an answer while it is typed: room, a file, its sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens import words
from wizard.clean import clean
from wizard.errors import WizardError
from wizard.facts import free_space
from wizard.file_look import sha256_of, size_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.answers import Answers
    from wizard.hosts import Host

UNITS = ("bytes", "KiB", "MiB", "GiB")
STEP = 1024
GIB = STEP**3
# A look may come with each key: a larger file is no archive of nginx and takes too long to read.
LARGEST_SUMMED = 64 * STEP**2
DIGITS = 16  # of a sum, which tell it from any other


@dataclass(frozen=True)
class Glance:
    """A sentence, and whether it is good news."""

    text: str
    good: bool = True


def glance(host: Host, key: str, answers: Answers) -> Glance | None:
    """Look at what the answer to a question names; None where there is nothing to say."""
    try:
        return GLANCES[key](host, answers) if key in GLANCES else None
    except WizardError:  # it is only a help; what is wrong there is said at the survey
        return None


def _room(host: Host, answers: Answers) -> Glance:
    folder, free = free_space(host, answers.registry.storage)
    return Glance(words.FREE_SPACE.format(free / GIB, clean(folder)))


def _image(host: Host, answers: Answers) -> Glance | None:
    return _file(host, answers.registry.image_archive)


def _source(host: Host, answers: Answers) -> Glance | None:
    return _file(host, answers.proxy.source_archive)


def _ca(host: Host, answers: Answers) -> Glance | None:
    return _file(host, answers.client.ca_certificate)


def _file(host: Host, path: str) -> Glance | None:
    if not path:
        return None
    size = size_of(host, path)
    if size is None:
        return Glance(words.FILE_NOT_THERE, good=False)
    return Glance(words.FILE_THERE.format(readable(size)))


def _sum(host: Host, answers: Answers) -> Glance | None:
    wanted, path = answers.proxy.source_sha256, answers.proxy.source_archive
    size = size_of(host, path) if wanted and path else None
    found = sha256_of(host, path) if size is not None and size <= LARGEST_SUMMED else ""
    if not found:
        return None
    if found == wanted:
        return Glance(words.SUM_IS)
    return Glance(words.SUM_IS_NOT.format(found[:DIGITS]), good=False)


def readable(size: int) -> str:
    """Give a number of bytes in the unit that people would use."""
    power = min(max(size.bit_length() - 1, 0) // 10, len(UNITS) - 1)
    return f"{size / STEP**power:.{power and 1}f} {UNITS[power]}"


GLANCES: dict[str, Callable[[Host, Answers], Glance | None]] = {
    "registry.storage": _room,
    "registry.image_archive": _image,
    "client.ca_certificate": _ca,
    "proxy.source_archive": _source,
    "proxy.source_sha256": _sum,
}
