"""What an error text means: recognised by one table, for whoever prints or shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

from wizard.failures import certificates, http, images, network, steps, tls
from wizard.failures.cause import ROOT, Cause
from wizard.failures.foreign import about_a_registry, ours_alone, shows_one
from wizard.failures.quoted import Quoted, lines_of, quoted
from wizard.failures.ways import SERVER

if TYPE_CHECKING:
    from wizard.failures.ways import Ways

__all__ = ("CAUSES", "Cause", "Failure", "Quoted", "of_step", "recognise", "remedy_of")

CAUSES: tuple[Cause, ...] = tuple(
    cause for rows in (certificates, tls, network, images, http) for cause in rows.CAUSES
)


@dataclass(frozen=True)
class Failure:
    """A cause, with what the text says about it."""

    known: Cause
    quoted: Quoted

    @property
    def cause(self) -> str:
        said = self._filled(self.known.cause, {})
        # A name at the beginning stays as it is written.
        return said[0].upper() + said[1:] if said.startswith("the registry") else said

    def remedies(self, ways: Ways) -> tuple[str, ...]:
        """Give what to do; ``ways`` says what this program does about it on the machine asked."""
        filled = {way: self._filled(text, {}) for way, text in ways.items()}
        return tuple(self._filled(each, filled) for each in self.known.remedies)

    def _filled(self, sentence: str, ways: Ways) -> str:
        return sentence.format_map({**self._words, **ways})

    @cached_property
    def _words(self) -> dict[str, str]:
        """Give a word for every place in a sentence, whether or not the text says one."""
        said = self.quoted
        port = said.port or (443 if said.name else 0)
        return {
            "at": said.at or "the registry",
            "place": said.at or "REGISTRY",
            "host": said.name or "REGISTRY",
            "name": said.name or "the registry",
            "image": said.image or "of that name",
            "door": f"port {port}" if port else "that port",
            "names": f" ({', '.join(said.names[:9])})" if said.names else "",
            "refused": said.refused or said.name or "this one",
            "resolver": f" {said.resolver}" if said.resolver else "",
            "authority": f" ({said.authority})" if said.authority else "",
            "path": f" ({said.path})" if said.path else "",
        }


def recognise(text: str, own: tuple[str, ...] = ()) -> Failure | None:
    """Find the cause that explains the whole text, or None where nothing of it is known.

    Nothing is known of what git, apt and their like say about servers that are no registries;
    ``own`` are the names of the registry that is on record here.
    """
    lines = lines_of(text)
    kept = ours_alone(lines, own)
    found = _explaining(kept, CAUSES, bare=about_a_registry(kept))
    # Beside the words of such a program what names no registry is that program's, too.
    return found if found and (kept == lines or shows_one(found)) else None


def remedy_of(text: str, ways: Ways = SERVER) -> str:
    """Give the first thing to do about what an exception said that came of asking a registry.

    It is one line, and empty where nothing of the text is known.
    """
    found = _explaining(lines_of(text), CAUSES, bare=True)
    return found.remedies(ways)[0] if found else ""


def of_step(said: str, before: str) -> Failure | None:
    """Find why a step failed: by the words of the error, else by a root in the lines before it.

    Other lines before it may be of what went on all the same.
    """
    roots = tuple(each for each in steps.CAUSES if each.rank == ROOT)
    words = lines_of(steps.without_warnings(said))
    return _explaining(words, steps.CAUSES) or _explaining(lines_of(before), roots)


def _explaining(lines: str, causes: tuple[Cause, ...], *, bare: bool = False) -> Failure | None:
    """Find the one cause that explains the others.

    A root explains what is definite, which explains a symptom; among equals what came first in the
    text explains what came after it, and at the same place the more specific row is right.
    """
    searched = ((cause, _pattern(cause, bare).search(lines)) for cause in causes)
    found = [(cause, match) for cause, match in searched if match]
    if not found:
        return None
    cause, match = min(found, key=lambda each: (each[0].rank, each[1].start()))
    line = lines[lines.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0]
    # A row names what it takes for the registry, where its words speak of another one, too.
    words = match[0] if any(match.groupdict().values()) else line
    said = quoted(lines, line, words)
    return Failure(cause, replace(said, port=0) if cause.loses_port else said)


@cache
def _pattern(cause: Cause, bare: bool) -> re.Pattern[str]:  # noqa: FBT001  (cache's key)
    said = (*cause.said, *cause.bare) if bare else cause.said
    return re.compile("|".join(f"(?:{each})" for each in said), re.MULTILINE)
