"""A push of fresh random bytes through the front, pulled back by digest and removed again."""

from __future__ import annotations

import gzip
import io
import json
import platform
import secrets
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wizard.changes.files import digest
from wizard.check_image import REPOSITORY
from wizard.errors import WizardError
from wizard.image_archive import MACHINES

if TYPE_CHECKING:
    from wizard.front import Front, Reply

# More than nginx's default limit of 1 MiB; fresh, since bytes that are there already prove nothing.
SIZE = 3 * 512 * 1024
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True)
class Image:
    """A small image that no registry has: what it pushed proves something, and may be removed."""

    layer: bytes
    content: bytes
    manifest: bytes

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(map(digest, (self.layer, self.content, self.manifest)))


class NotTaken(WizardError):
    """A part of an image that the registry refused, with its answer."""

    def __init__(self, what: str, reply: Reply) -> None:
        text = reply.body[:200].decode(errors="replace").strip()
        super().__init__(f"{what} was answered with {reply.status}: {text}")
        self.what, self.reply = what, reply


def fresh_image() -> Image:
    """Make an image of one file of random bytes, which every container runtime can unpack."""
    files = io.BytesIO()
    with tarfile.open(fileobj=files, mode="w") as archive:
        entry = tarfile.TarInfo("random")
        entry.size = SIZE
        archive.addfile(entry, io.BytesIO(secrets.token_bytes(SIZE)))
    layer = gzip.compress(files.getvalue(), compresslevel=0)  # random: nothing shrinks it
    record = {
        "architecture": MACHINES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(files.getvalue())}"]},
    }
    content = json.dumps(record).encode()
    return Image(layer, content, _manifest(layer, content))


def upload(front: Front) -> tuple[Reply, str]:
    """Begin an upload; give the reply and the path to go on at, empty where it leads elsewhere."""
    reply = front.ask("POST", f"/v2/{REPOSITORY}/blobs/uploads/")
    return reply, _path_here(front, reply.headers.get("location", ""))


def _path_here(front: Front, location: str) -> str:
    """Give the path of a Location on this very registry; empty for any other."""
    try:
        found = urlsplit(location)
        own = (found.scheme, found.hostname, found.port or 443)
        location.encode("ascii")
    except ValueError:  # a port said twice, for one, as a wrong header of nginx makes it
        return ""
    here = not found.netloc or own == ("https", front.name, front.port)
    query = f"?{found.query}" if found.query else ""
    return f"{found.path}{query}" if here and found.path else ""


def push(front: Front, image: Image) -> str:
    """Push the image without a tag; give the path of its manifest. Raises NotTaken."""
    path = f"/v2/{REPOSITORY}/manifests/sha256:{digest(image.manifest)}"
    for blob in (image.layer, image.content):
        _push(front, blob)
    _must(front.ask("PUT", path, image.manifest, {"Content-Type": MANIFEST}), 201, "the manifest")
    return path


def _push(front: Front, blob: bytes) -> None:
    reply, path = upload(front)
    _must(reply, 202, "an upload")
    join = "&" if "?" in path else "?"
    stream = {"Content-Type": "application/octet-stream"}
    put = front.ask("PUT", f"{path}{join}digest=sha256:{digest(blob)}", blob, stream)
    _must(put, 201, f"{len(blob)} bytes")


def _must(reply: Reply, status: int, what: str) -> None:
    if reply.status != status:
        raise NotTaken(what, reply)


def _manifest(layer: bytes, content: bytes) -> bytes:
    def blob(media_type: str, held: bytes) -> dict[str, object]:
        return {"mediaType": media_type, "size": len(held), "digest": f"sha256:{digest(held)}"}

    record = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blob(CONFIG, content),
        "layers": [blob(LAYER, layer)],
    }
    return json.dumps(record).encode()
