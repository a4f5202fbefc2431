"""A storage folder that images are put into as a registry does, for whoever reads it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.catalog import Catalog

if TYPE_CHECKING:
    from pathlib import Path

AT = "docker.benet.com"


@dataclass(frozen=True)
class Storage:
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "docker/registry/v2"

    @property
    def catalog(self) -> Catalog:
        return Catalog(str(self.folder), AT)

    def path(self, digest: str) -> Path:
        kind, _, name = digest.partition(":")
        return self.root / "blobs" / kind / name[:2] / name / "data"

    def raw(self, content: bytes) -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.path(digest).parent.mkdir(parents=True, exist_ok=True)
        self.path(digest).write_bytes(content)
        return digest

    def blob(self, document: Any) -> str:
        return self.raw(json.dumps(document).encode())

    def manifest(self, architecture: str, *sizes: int, **more: Any) -> str:
        """Put an image with a config of 100 bytes and layers of these sizes."""
        config = {"os": "linux", "architecture": architecture, "created": "2026-11-01T00:00:00Z"}
        layers = [{"size": size, "digest": f"layer of {size}"} for size in sizes]
        held = {"digest": self.blob({**config, **more}), "size": 100}
        return self.blob({"schemaVersion": 2, "config": held, "layers": layers})

    def index(self, *architectures: str) -> str:
        """Put an image for several platforms, of 1100 bytes each."""
        inner = [
            {"digest": self.manifest(each, 1000 + number), "platform": _platform(each)}
            for number, each in enumerate(architectures)
        ]
        return self.blob({"manifests": inner})

    def tag(self, repository: str, tag: str, digest: str, at: int = 1_700_000_000) -> None:
        """Let a tag lead to what the registry knows as a manifest of the repository."""
        manifests = self.root / "repositories" / repository / "_manifests"
        links = [manifests / "tags" / tag / "current/link"]
        if ":" in digest:
            links.append(manifests / "revisions" / digest.replace(":", "/") / "link")
        for link in links:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.write_text(digest)
            os.utime(link, (at, at))


def _platform(architecture: str) -> dict[str, str]:
    return {"os": "linux", "architecture": architecture}
