"""Which images there are: read from the registry's storage, as asking it for each costs a login."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.hosts import Host

TAGS = "_manifests/tags"
LINK = re.compile(rf"(?P<at>\d+)(?:\.\d+)? (?P<name>.+)/{TAGS}/(?P<tag>[^/]+)/current/link")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Tag:
    name: str
    updated: dt.datetime  # when it was last pushed


@dataclass(frozen=True)
class Repository:
    name: str
    tags: tuple[Tag, ...]  # the one that was pushed last is the first

    @property
    def updated(self) -> dt.datetime:
        return self.tags[0].updated


@dataclass(frozen=True)
class Image:
    """What a tag leads to; what cannot be read of it is left empty."""

    digest: str = ""
    size: int = 0  # bytes of all that a pull of it may fetch
    platforms: tuple[str, ...] = ()
    created: str = ""  # as whoever built it says


@dataclass(frozen=True)
class Catalog:
    """The storage folder of a registry, on its own server."""

    host: Host
    storage: str

    @property
    def root(self) -> str:
        return f"{self.storage}/docker/registry/v2"

    def repositories(self, text: str = "") -> tuple[Repository, ...]:
        """Give those whose name holds the text, or of whose tags ``name:tag`` does, by name.

        Capitals and small letters are the same. A repository without a tag is none to pull from.
        """
        every: dict[str, list[Tag]] = {}
        for name, tag in self._tags():
            if text.lower() in f"{name}:{tag.name}".lower():
                every.setdefault(name, []).append(tag)
        return tuple(Repository(name, _newest_first(every[name])) for name in sorted(every))

    def image(self, repository: str, tag: str) -> Image:
        """Look at what a tag leads to, for every platform of it."""
        link = f"{self.root}/repositories/{repository}/{TAGS}/{tag}/current/link"
        digest = self._text(link).strip()
        manifest = self._document(digest)
        inner = [each for each in _list(manifest, "manifests") if _is_of_platform(each)]
        parts = [self._document(str(each.get("digest", ""))) for each in inner] or [manifest]
        configs = [self._document(str(_dict(each, "config").get("digest", ""))) for each in parts]
        return Image(
            digest=digest,
            size=sum(map(_size, parts)),
            platforms=tuple(dict.fromkeys(filter(None, map(_platform, configs)))),
            created=next((str(each["created"]) for each in configs if "created" in each), ""),
        )

    def _tags(self) -> Iterator[tuple[str, Tag]]:
        where = f"{self.root}/repositories"
        links = ("-path", f"*/{TAGS}/*/current/link", "-type", "f")
        found = self.host.run("find", where, *links, "-printf", "%T@ %P\n")
        for line in found.out.splitlines():
            match = LINK.fullmatch(line)
            if match:
                at = dt.datetime.fromtimestamp(int(match["at"]), dt.UTC)
                yield match["name"], Tag(match["tag"], at)

    def _document(self, digest: str) -> dict[str, Any]:
        """Read a blob that is JSON; an empty one where it is not there, or is not."""
        if not DIGEST.fullmatch(digest):
            return {}
        name = digest.removeprefix("sha256:")
        try:
            found = json.loads(self._text(f"{self.root}/blobs/sha256/{name[:2]}/{name}/data"))
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _text(self, path: str) -> str:
        file = self.host.read(path)
        return file.content.decode(errors="replace") if file else ""


def _newest_first(tags: list[Tag]) -> tuple[Tag, ...]:
    return tuple(sorted(tags, key=lambda each: (-each.updated.timestamp(), each.name)))


def _list(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = document.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _dict(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _is_of_platform(descriptor: dict[str, Any]) -> bool:
    """Say whether it is an image; what builders say of one stands beside it, for no platform."""
    return _dict(descriptor, "platform").get("os") != "unknown"


def _size(manifest: dict[str, Any]) -> int:
    parts = [_dict(manifest, "config"), *_list(manifest, "layers")]
    return sum(each["size"] for each in parts if isinstance(each.get("size"), int))


def _platform(config: dict[str, Any]) -> str:
    parts = (config.get(key) for key in ("os", "architecture", "variant"))
    return "/".join(each for each in parts if isinstance(each, str) and each)
