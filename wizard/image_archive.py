"""What a file that should hold a container image holds: its reference, its layers, its machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.engine import docker_manifest
from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.hosts import Host

EXAMPLE = "docker save -o registry.tar registry:3.1.1, on a machine that has it"
NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
REGISTRY_PORT = "5000/tcp"


@dataclass(frozen=True)
class Archive:
    """An image in a file of docker save, or in an OCI archive."""

    reference: str  # as it is called there; made from its digest where it has no name
    named: bool
    layers: tuple[str, ...]  # digests of the layers unpacked, which every engine knows them by
    architecture: str
    manifest: bytes = b""  # what docker save would have put in; empty where it is in


def read_archive(host: Host, path: str, wanted: str = "") -> Archive:
    """Look into the file; ``wanted`` chooses where it holds several images.

    Raises WizardError with what is wrong with it.
    """
    names = _names(host, path)
    if "manifest.json" in names:
        return _docker_save(host, path, wanted)
    if "index.json" in names:
        return _oci(host, path, wanted)
    raise _refused(path, "holds no image: there is neither manifest.json nor index.json in it")


def _names(host: Host, path: str) -> frozenset[str]:
    """Read the archive to its end, so that one that was cut off is found out before it is used."""
    file = host.run("test", "-f", path)
    if not file.ok:
        raise _refused(path, "is not there")
    listed = host.run("tar", "-tf", path)
    if not listed.ok:
        cut = "Unexpected EOF" in listed.err
        why = "is cut off: its end is missing" if cut else "is no tar archive"
        raise _refused(path, why)
    return frozenset(line.removeprefix("./") for line in listed.out.splitlines())


def _docker_save(host: Host, path: str, wanted: str) -> Archive:
    entries = _json(host, path, "manifest.json")
    names = [tag for entry in entries for tag in entry.get("RepoTags") or ()]
    if len(entries) > 1 and wanted not in names:
        raise _refused(path, f"holds {len(entries)} images: {', '.join(names)}; save one alone")
    entry = next((e for e in entries if wanted in (e.get("RepoTags") or ())), entries[0])
    tags = entry.get("RepoTags") or ()
    name = wanted if wanted in tags else next(iter(tags), "")
    return _archive(path, _json(host, path, entry["Config"]), name)


def _oci(host: Host, path: str, wanted: str) -> Archive:
    entries = _json(host, path, "index.json")["manifests"]
    named = [(_called(entry), entry) for entry in entries]
    if len(entries) > 1 and wanted not in dict(named):
        names = ", ".join(name or "without a name" for name, _ in named)
        raise _refused(path, f"holds {len(entries)} images: {names}; save one alone")
    name, entry = next(((n, e) for n, e in named if n == wanted), named[0])
    layout = _json(host, path, _blob(entry["digest"]))
    if "manifests" in layout:  # an image for several kinds of machine
        layout = _json(host, path, _blob(_for_this_machine(host, path, layout)))
    found = _archive(path, _json(host, path, _blob(layout["config"]["digest"])), name)
    return Archive(
        found.reference,
        found.named,
        found.layers,
        found.architecture,
        docker_manifest(layout, found.reference),
    )


def _archive(path: str, image: dict[str, Any], name: str) -> Archive:
    """Judge the image's own description (OCI image-spec, config.md)."""
    settings = image.get("config") or {}
    starts = [*(settings.get("Entrypoint") or ()), *(settings.get("Cmd") or ())]
    speaks = REGISTRY_PORT in (settings.get("ExposedPorts") or {})
    if not speaks and not any("registry" in word for word in starts):
        raise _refused(path, f"is no registry: the image starts {' '.join(starts) or 'nothing'}")
    layers = tuple(image.get("rootfs", {}).get("diff_ids") or ())
    made_up = f"registry-wizard/registry:{layers[-1].rpartition(':')[2][:12]}" if layers else ""
    return Archive(name or made_up, bool(name), layers, image.get("architecture", ""))


def _called(entry: dict[str, Any]) -> str:
    """Give an image's full name; the OCI annotation may hold the tag alone."""
    notes = entry.get("annotations") or {}
    found = next((notes[key] for key in NAMES if notes.get(key)), "")
    name = str(found).removeprefix("docker.io/library/").removeprefix("docker.io/")
    return name if not name or ":" in name else f"registry:{name}"


def _for_this_machine(host: Host, path: str, index: dict[str, Any]) -> str:
    own = MACHINES.get(host.run("uname", "-m").out.strip(), "")
    for entry in index["manifests"]:
        if entry.get("platform", {}).get("architecture") == own:
            return str(entry["digest"])
    raise _refused(path, f"holds no image for this kind of machine ({own})")


MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "ppc64le": "ppc64le"}


def _blob(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/")


def _json(host: Host, path: str, name: str) -> Any:
    found = host.run("tar", "-xOf", path, name)
    if not found.ok:
        found = host.run("tar", "-xOf", path, f"./{name}")
    try:
        return json.loads(found.out)
    except ValueError:
        raise _refused(path, f"is damaged: {name} in it cannot be read") from None


def _refused(path: str, why: str) -> WizardError:
    return WizardError(f"{path} {why}", EXAMPLE)
