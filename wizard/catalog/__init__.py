"""Which images there are: read from the registry's storage, as asking it for each costs a login."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from wizard.catalog.manifests import Blobs, Image, read_image
from wizard.catalog.walk import Tag, Walk, path_of
from wizard.errors import WizardError


@dataclass(frozen=True)
class Repository:
    name: str
    tags: tuple[Tag, ...]  # the one that was pushed last is the first

    def holding(self, text: str) -> Repository:
        """Give it with those tags of which ``name:tag`` holds the text, which is in small letters.

        Their capitals and small letters are the same.
        """
        if text in self.name:
            return self
        held = (each for each in self.tags if text in f"{self.name}:{each.name}".lower())
        return replace(self, tags=tuple(held))


@dataclass(frozen=True)
class Listing:
    """All repositories that can be pulled from, by name; and what could not be looked into."""

    at: str  # the registry, as it stands in front of an image's name
    repositories: tuple[Repository, ...]
    unread: tuple[str, ...] = ()

    @property
    def tags(self) -> int:
        return sum(len(each.tags) for each in self.repositories)

    @property
    def named(self) -> tuple[tuple[str, Tag], ...]:
        """Give every tag with the name of its repository."""
        return tuple((each.name, tag) for each in self.repositories for tag in each.tags)

    def holding(self, text: str) -> Listing:
        """Give those that hold a text in ``name:tag``; with the registry in front, too."""
        wanted = text.strip().lower().removeprefix(f"{self.at}/".lower())
        found = (each.holding(wanted) for each in self.repositories)
        return replace(self, repositories=tuple(each for each in found if each.tags))


@dataclass(frozen=True)
class Catalog:
    """The storage folder of a registry, on its own server."""

    storage: str
    at: str  # the registry, as it stands in front of an image's name
    known: dict[str, Image] = field(default_factory=dict, compare=False, repr=False)

    @property
    def root(self) -> str:
        return f"{self.storage}/docker/registry/v2"

    def read(self) -> Listing:
        """Read all names. Raises WizardError where the storage folder itself is not there."""
        walk, every = Walk(f"{self.root}/repositories"), dict[str, list[Tag]]()
        if not walk.can_enter(self.storage):
            raise WizardError(
                f"The registry's storage folder {self.storage} is not there",
                "is its disk mounted?",
            )
        for name, tag in walk.tags():
            every.setdefault(name, []).append(tag)
        found = (Repository(name, _newest_first(every[name])) for name in sorted(every))
        return Listing(self.at, tuple(found), tuple(walk.unread))

    def image(self, repository: str, tag: str) -> Image:
        """Look at what a tag leads to, for every platform of it."""
        manifests = f"{self.root}/repositories/{repository}/_manifests"
        blobs = Blobs(f"{self.root}/blobs")
        digest = blobs.text(f"{manifests}/tags/{tag}/current/link").strip()
        # Without this link the registry knows of no such manifest here, whatever the tag says.
        revision = path_of(digest)
        if not revision or not _is_there(f"{manifests}/revisions/{revision}/link"):
            return Image(digest)
        if digest not in self.known:
            self.known[digest] = read_image(blobs, digest)
        return self.known[digest]

    def pull(self, repository: str, tag: str) -> str:
        """Give the command that gets an image."""
        return f"docker pull {self.at}/{repository}:{tag}"


def _newest_first(tags: list[Tag]) -> tuple[Tag, ...]:
    return tuple(sorted(tags, key=lambda each: (-each.seconds, each.name)))


def _is_there(path: str) -> bool:
    try:
        return Path(path).is_file()
    except OSError:
        return False
