"""An image of ten layers of random bytes that no registry has, as Docker and skopeo read it."""

from __future__ import annotations

import gzip
import json
import secrets

from tests.hosts.registry_image import _tar, digest
from wizard.roundtrip import CONFIG, LAYER, MANIFEST

LAYERS, MIBS = 10, 30


def docker_archive(reference: str) -> bytes:
    """Give what docker save writes."""
    layers = _layers()
    manifest = [{"Config": "image.json", "RepoTags": [reference], "Layers": [*layers]}]
    files = {"image.json": _described(layers), "manifest.json": json.dumps(manifest).encode()}
    return _tar(layers | files)


def folder() -> bytes:
    """Give a tar of what skopeo calls dir: whatever is pushed, under its digest."""
    layers = _layers()
    described = _described(layers)
    packed = [gzip.compress(each, 0) for each in layers.values()]
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _blob(CONFIG, described),
        "layers": [_blob(LAYER, each) for each in packed],
    }
    blobs = {digest(each).removeprefix("sha256:"): each for each in (described, *packed)}
    own = {"version": b"Directory Transport Version: 1.1\n"}
    return _tar(blobs | own | {"manifest.json": json.dumps(manifest).encode()})


def _layers() -> dict[str, bytes]:
    return {
        f"{n}/layer.tar": _tar({f"file{n}": secrets.token_bytes(MIBS << 20)}) for n in range(LAYERS)
    }


def _described(layers: dict[str, bytes]) -> bytes:
    rootfs = {"type": "layers", "diff_ids": [digest(each) for each in layers.values()]}
    record = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}
    return json.dumps(record).encode()


def _blob(kind: str, content: bytes) -> dict[str, object]:
    return {"mediaType": kind, "size": len(content), "digest": digest(content)}
