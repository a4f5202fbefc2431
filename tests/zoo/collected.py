"""A registry of which garbage collection took a blob, and which has not noticed."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from tests.zoo.servers import IMAGES, PLACE
from wizard.changes.files import digest

if TYPE_CHECKING:
    from tests.zoo.world import Zoo
    from wizard.front import Front, Reply

NAME = "blobs-collected"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
COLLECT = f"docker-registry garbage-collect {PLACE}/collected.yml"


def collect(zoo: Zoo) -> None:
    """Push, delete, collect, and push another image with the layer that is cached and gone."""
    front, layer = zoo.front(NAME), secrets.token_bytes(4096)
    upload(front, layer)
    gone = manifest(front, layer)
    put(front, gone, "first")
    answered(front.ask("DELETE", f"/v2/team/app/manifests/sha256:{digest(gone)}"), 202)
    zoo.machine.run("sh", "-c", COLLECT)
    path = f"{IMAGES}/collected/docker/registry/v2/blobs/sha256/{digest(layer)[:2]}/{digest(layer)}"
    assert zoo.machine.run("test", "-e", path, check=False).returncode == 1
    # A client asks whether the layer is there, is told so, and does not send it again.
    answered(front.ask("HEAD", f"/v2/team/app/blobs/sha256:{digest(layer)}"), 200)
    put(front, manifest(front, layer), "second")


def manifest(front: Front, layer: bytes) -> bytes:
    """Push a config of its own; give the manifest of it and the layer."""
    content = json.dumps({"architecture": "amd64", "os": "linux", "id": secrets.token_hex(8)})
    upload(front, content.encode())
    config = blob("application/vnd.docker.container.image.v1+json", content.encode())
    layers = [blob("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)]
    record = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
    return json.dumps(record).encode()


def blob(media_type: str, held: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "size": len(held), "digest": f"sha256:{digest(held)}"}


def upload(front: Front, held: bytes) -> None:
    begun = answered(front.ask("POST", "/v2/team/app/blobs/uploads/"), 202)
    path = "/" + begun.headers["location"].split("/", 3)[3]
    stream = {"Content-Type": "application/octet-stream"}
    answered(front.ask("PUT", f"{path}&digest=sha256:{digest(held)}", held, stream), 201)


def put(front: Front, record: bytes, tag: str) -> None:
    path = f"/v2/team/app/manifests/{tag}"
    answered(front.ask("PUT", path, record, {"Content-Type": MANIFEST}), 201)


def answered(reply: Reply, status: int) -> Reply:
    assert reply.status == status, (reply.status, reply.body)
    return reply
