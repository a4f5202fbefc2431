"""What a manifest says of an image: its size, its platforms, when it was built."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.catalog.walk import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# The registry takes no larger manifest, and a layer that a tag leads to is not to be read whole.
LARGEST = 4 * 1024**2
ARTIFACT, BROKEN = "artifact", "broken"
# Where a manifest does not say what it is, by what it has.
INFERRED = {
    "manifests": "application/vnd.oci.image.index.v1+json",
    "layers": "application/vnd.oci.image.manifest.v1+json",
    "fsLayers": "application/vnd.docker.distribution.manifest.v1+json",
}
UNKNOWN = "unknown"  # the platform of what builders say of an image, which stands beside it


@dataclass(frozen=True)
class Image:
    """What a tag leads to; what cannot be read of it is left empty."""

    digest: str = ""
    size: int = 0  # bytes of all blobs that it names, each counted once
    platforms: tuple[str, ...] = ()
    created: str = ""  # as whoever built it says
    media_type: str = ""  # empty where no manifest can be read: it cannot be pulled

    @property
    def what(self) -> str:
        """Say in a word what it is where it runs on no platform."""
        return "" if self.platforms else (ARTIFACT if self.media_type else BROKEN)


@dataclass(frozen=True)
class Blobs:
    """The folder of all blobs."""

    root: str

    def document(self, digest: object) -> dict[str, Any]:
        """Read a blob that is JSON; an empty one where it is not there, or is not."""
        try:
            return _dict(json.loads(self.text(self._path(digest))))
        except (ValueError, RecursionError):
            return {}

    def size(self, digest: object) -> int:
        path = self._path(digest)
        try:
            return Path(path).stat().st_size if path else 0
        except OSError:
            return 0

    def text(self, path: str) -> str:
        """Read a file that is as small as it should be; nothing where that cannot be."""
        try:
            with Path(path).open("rb") as stream:
                content = stream.read(LARGEST + 1)
        except OSError:
            return ""
        return content.decode(errors="replace") if len(content) <= LARGEST else ""

    def _path(self, digest: object) -> str:
        kind, _, name = path_of(str(digest)).partition("/")
        return f"{self.root}/{kind}/{name[:2]}/{name}/data" if name else ""


@dataclass
class Part:
    """A manifest that names blobs, and what an index says of it."""

    descriptor: dict[str, Any]
    manifest: dict[str, Any]
    blobs: Blobs

    @cached_property
    def config(self) -> dict[str, Any]:
        """Give what an image says of itself."""
        if "history" in self.manifest:  # the first schema has it in the manifest, as a text
            return self.manifest | _parsed(_items(self.manifest, "history"))
        return self.blobs.document(_dict(self.manifest.get("config")).get("digest"))

    @property
    def platform(self) -> str:
        told = _dict(self.descriptor.get("platform"))
        found = told if told.get("os") else self.config
        parts = (found.get(key) for key in ("os", "architecture", "variant"))
        return "/".join(each for each in parts if isinstance(each, str) and each)

    @property
    def is_image(self) -> bool:
        return not self.platform.startswith(UNKNOWN)

    def sizes(self) -> Iterator[tuple[str, int]]:
        named = (*_items(self.manifest, "layers"), *_items(self.manifest, "blobs"))
        for each in (_dict(self.manifest.get("config")), *named):
            yield str(each.get("digest")), _count(each.get("size"))
        for each in _items(self.manifest, "fsLayers"):
            yield str(each.get("blobSum")), self.blobs.size(each.get("blobSum"))


def read_image(blobs: Blobs, digest: str) -> Image:
    """Read a manifest, and all that it names where it is an index."""
    manifest = blobs.document(digest)
    parts = tuple(_parts(blobs, digest, manifest))
    images = tuple(each for each in parts if each.is_image)
    said = (each.config.get("created") for each in images)
    return Image(
        digest=digest,
        size=sum(dict(pair for each in parts for pair in each.sizes()).values()),
        platforms=tuple(dict.fromkeys(filter(None, (each.platform for each in images)))),
        created=next((each for each in said if isinstance(each, str)), ""),
        media_type=_media_type(manifest),
    )


def _parts(blobs: Blobs, digest: str, manifest: dict[str, Any]) -> Iterator[Part]:
    """Give the manifest, or those that it names, which may be indexes as well."""
    waiting, seen = deque([(dict[str, Any](), manifest)]), {digest}
    while waiting:
        descriptor, found = waiting.popleft()
        if "manifests" not in found:
            yield Part(descriptor, found, blobs)
        for each in _items(found, "manifests"):
            if str(each.get("digest")) not in seen:
                seen.add(str(each.get("digest")))
                waiting.append((each, blobs.document(each.get("digest"))))


def _media_type(manifest: dict[str, Any]) -> str:
    said = manifest.get("mediaType")
    if isinstance(said, str) and said:
        return said
    return next((INFERRED[key] for key in INFERRED if key in manifest), "")


def _parsed(history: list[dict[str, Any]]) -> dict[str, Any]:
    """Give what the first schema says of the newest layer."""
    try:
        return _dict(json.loads(str(history[0].get("v1Compatibility")))) if history else {}
    except (ValueError, RecursionError):
        return {}


def _items(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = document.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _dict(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _count(found: object) -> int:
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0
