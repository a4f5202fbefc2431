"""Looks at images: those that are there have all their parts, and a fresh one makes the trip."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wizard.changes.files import digest
from wizard.check_image import REPOSITORY, NoCheckImage
from wizard.checks.refused import meaning
from wizard.checks.said import LOGS, Look, Said, Unseen, aside, bad, doubt, good, verdict
from wizard.roundtrip import MANIFEST, SIZE, Image, NotTaken, fresh_image, push

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.checks.scene import Scene
    from wizard.front import Front, Reply

KINDS = (
    MANIFEST,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
# Redirects lead to an object store; a refusal of this login or of so many questions is no fault.
FINE = ("200", "206", "301", "302", "303", "307", "308", "401", "403", "429")
ACCEPT = {"Accept": ", ".join(KINDS)}
# Each answer costs the registry a check of the password, so only so much is looked at; which
# images are is left to chance, so that who looks every hour sees all of them in time.
SECONDS = 0.4
REPOSITORIES = 100
COLLECTED = (
    "what garbage collection removed is still taken for there: restart the registry, which"
    " forgets that, then push the image again"
)
PUSH_AGAIN = "push that image again from a machine that has it, or delete the tag"


def blobs(scene: Scene) -> Look:
    """A part of the images that are there: every blob of theirs can be had."""
    if not scene.may_enter:
        raise Unseen("there is no login to pull with")
    front, until = scene.front, time.monotonic() + SECONDS
    looked, wrong = 0, list[Said]()
    for name, blob in _parts(front):
        said = _of_blob(front, name, blob)
        looked, wrong = looked + 1, wrong + [said] * bool(said)  # type: ignore[list-item]
        if time.monotonic() > until or wrong:
            break
    yield from wrong or _whole(looked)


def _whole(looked: int) -> Look:
    if looked:
        yield good(f"{looked} blobs of images, taken at random, can all be had")
    else:
        yield aside("there is no image yet, or this login may see none")


def _of_blob(front: Front, name: str, blob: str) -> Said | None:
    """Ask for it as clients do before a push, then for its first byte."""
    path = f"/v2/{name}/blobs/{quote(blob, safe=':')}"
    head = front.ask("HEAD", path).status
    first = _first_byte(front, path)
    if first in FINE:
        return None
    seen = f"{name}: blob {blob[:19]}... is refused with {first}"
    if head == 200:
        return bad(f"{seen}, though the registry says that it is there (garbage collection?)",
                   COLLECTED)  # fmt: skip
    return bad(f"{seen}: an image that is listed cannot be pulled", PUSH_AGAIN)


def _first_byte(front: Front, path: str) -> str:
    """Give the status; a registry that still has it in mind promises it, and sends nothing."""
    try:
        reply = front.ask("GET", path, headers={"Range": "bytes=0-0"}, limit=1)
    except http.client.IncompleteRead:
        return "an answer that breaks off"
    return str(reply.status)


def _parts(front: Front) -> Iterator[tuple[str, str]]:
    """Give blobs of images by chance: a repository, one of its tags, a few of its layers."""
    names = _texts(_json(front.ask("GET", f"/v2/_catalog?n={REPOSITORIES}")).get("repositories"))
    for name in random.sample(names, len(names)):
        tags = _texts(_json(front.ask("GET", f"/v2/{quote(name)}/tags/list")).get("tags"))
        if tags:
            tag = random.choice(tags)  # noqa: S311
            yield from ((quote(name), each) for each in _layers(front, quote(name), tag))


def _layers(front: Front, name: str, reference: str) -> list[str]:
    """Give the blobs of an image; of one for several platforms, those of the first."""
    manifest = _manifest(front, name, reference)
    inner = _digests(manifest.get("manifests"))
    if inner:
        manifest = _manifest(front, name, inner[0])
    found = [*_digests(manifest.get("layers")), *_digests([manifest.get("config")])]
    return random.sample(found, len(found))


def _manifest(front: Front, name: str, reference: str) -> dict[str, Any]:
    return _json(
        front.ask("GET", f"/v2/{name}/manifests/{quote(reference, safe=':')}", headers=ACCEPT)
    )


def _digests(found: Any) -> list[str]:
    """Give the digests in a list of descriptors; those that lie elsewhere (urls) are left out."""
    every = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [str(each["digest"]) for each in every if "digest" in each and "urls" not in each]


def _texts(found: Any) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _json(reply: Reply) -> dict[str, Any]:
    try:
        found = json.loads(reply.body) if reply.status == 200 else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def pushed(scene: Scene) -> Look:
    """Fresh bytes are taken: what the registry has already would prove nothing."""
    try:
        _image_of(scene)
    except NotTaken as refused:
        said, remedy = meaning(refused.reply)
        yield bad(f"{refused.what}: refused with {refused.reply.status}{said}", remedy or LOGS)
        return
    yield good(f"{SIZE // 1024} KiB of fresh random bytes were taken")


def _image_of(scene: Scene) -> tuple[Image, str]:
    """Push the image of this check once; give it and the path of its manifest."""
    if not scene.may_enter:
        raise Unseen("there is no login to push with")

    def make() -> tuple[Image, str]:
        image: Image = scene.once("image", fresh_image)
        return image, push(scene.front, image)

    found: tuple[Image, str] = scene.once("pushed", make)
    return found


def pulled(scene: Scene) -> Look:
    image, path = _image_of(scene)
    manifest = scene.front.ask("GET", path, headers={"Accept": MANIFEST}).body
    back = scene.front.ask("GET", _blob(image)).body
    same = (manifest, back) == (image.manifest, image.layer)
    seen = "the same bytes came back by digest" if same else "other bytes came back"
    yield verdict(same, seen, LOGS)


def ranged(scene: Scene) -> Look:
    """A client that was cut off asks for the rest; before a push it asks by HEAD."""
    image, _ = _image_of(scene)
    head = scene.front.ask("HEAD", _blob(image))
    says = head.status, head.headers.get("content-length", "")
    if says != (200, str(len(image.layer))):
        remedy = f"clients ask so before each push: {LOGS}"
        yield bad(f"HEAD of a blob gives {says[0]}, {says[1] or 'no'} bytes", remedy)
        return
    part = scene.front.ask("GET", _blob(image), headers={"Range": "bytes=5-9"})
    if (part.status, part.body) == (206, image.layer[5:10]):
        yield good("HEAD says the size, and a part can be had: cut-off pulls go on")
    else:
        remedy = "nginx: no max_ranges 0, and Range passed on"
        yield doubt(f"a part of a blob is answered with {part.status}: pulls begin anew", remedy)


def deleted(scene: Scene) -> Look:
    """Take it away again; on its own server what that leaves on the disk is taken, too."""
    _, path = _image_of(scene)
    status = scene.front.ask("DELETE", path).status
    sweep(scene)  # at once: the fewer moments, the less a check that is killed leaves
    if scene.own is None:
        yield _left(status)
        return
    right = status == (202 if scene.own.answers.registry.delete else 405)
    seen = f"deleting gives {status}" + (", as answered" if right else "")
    yield verdict(right, seen, LOGS)


def _left(status: int) -> Said:
    if status == 202:
        return good(f"what was pushed is deleted; {REPOSITORY} may stay listed, empty")
    return good(f"deleting is not allowed ({status}): {SIZE // 1024} KiB stay in {REPOSITORY}")


def _blob(image: Image) -> str:
    return _path(digest(image.layer))


def _path(of: str) -> str:
    return f"/v2/{REPOSITORY}/blobs/sha256:{of}"


def sweep(scene: Scene, image: Image | None = None) -> None:
    """Take away what the checks wrote, and on its own server what one that was cut off left."""
    wrote: Image | None = image or scene.seen("image")
    if scene.own:
        storage = scene.own.answers.registry.storage
        digests = wrote.digests if wrote else ()
        NoCheckImage(storage, digests).apply(scene.host, lambda _: None)
    elif wrote:
        with contextlib.suppress(OSError, http.client.HTTPException, Unseen):
            for each in wrote.digests:  # where deleting is not allowed, that was told
                scene.front.ask("DELETE", _path(each))
