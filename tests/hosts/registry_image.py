"""The registry's image, made of Debian's docker-registry; and archives that are none."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hosts import image

# As the image of the registry's authors starts: a settings file becomes `registry serve FILE`.
ENTRYPOINT = b"""#!/bin/sh
set -e
case "$1" in *.yaml|*.yml) set -- registry serve "$@" ;; esac
exec "$@"
"""
ELSEWHERE = {"2.8.2": "/etc/docker/registry/config.yml", "3.1.1": "/etc/distribution/config.yml"}
OPEN_TO_ALL = b"""version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5000"}
"""


@dataclass(frozen=True)
class Layer:
    tar: bytes

    @property
    def diff_id(self) -> str:
        return digest(self.tar)


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def docker_archive(version: str = "2.8.2") -> Path:
    """Give what docker save writes. 3.1.1 is Debian's binary too, with 3.x's way of starting."""
    return _cached(f"docker-{version}.tar", lambda: _docker_save(_layer(version), version))


def oci_archive(version: str = "3.1.1") -> Path:
    """Give an OCI archive: no manifest.json in it, layers compressed, the name an annotation."""
    return _cached(f"oci-{version}.tar", lambda: _oci(_layer(version), version))


def untagged() -> Path:
    return _cached("untagged.tar", lambda: _docker_save(_layer("2.8.2"), ""))


def no_registry() -> Path:
    """Give an image that calls itself one, and does something else."""
    layer = Layer(_tar({"bin/sh": _busybox(), "entrypoint.sh": b"#!/bin/sh\necho nothing here\n"}))
    return _cached("no-registry.tar", lambda: _docker_save(layer, "9.9.9"))


def another_program() -> Path:
    layer = Layer(_tar({"bin/sh": _busybox()}))
    start: dict[str, Any] = {"Cmd": ["/bin/sh"]}
    return _cached("another-program.tar", lambda: _docker_save(layer, "1", start))


def truncated() -> Path:
    whole = docker_archive().read_bytes()
    return _cached("truncated.tar", lambda: whole[: len(whole) * 2 // 3])


def no_image() -> Path:
    return _cached("no-image.tar", lambda: _tar({"README": b"not an image\n"}))


def _layer(version: str) -> Layer:
    binaries = image.unpacked("docker-registry")
    files = _libraries() | {
        "bin/sh": _busybox(),
        "bin/registry": (binaries / "usr/bin/docker-registry").read_bytes(),
        "entrypoint.sh": ENTRYPOINT,
        ELSEWHERE[version].lstrip("/"): OPEN_TO_ALL,
    }
    return Layer(_tar(files))


def _settings(version: str) -> dict[str, Any]:
    return {
        "Entrypoint": ["/entrypoint.sh"],
        "Cmd": [ELSEWHERE.get(version, ELSEWHERE["2.8.2"])],
        "ExposedPorts": {"5000/tcp": {}},
        "Volumes": {"/var/lib/registry": {}},
        "Env": ["PATH=/bin"],
    }


def _description(layer: Layer, settings: dict[str, Any]) -> bytes:
    record = {
        "architecture": _architecture(),
        "os": "linux",
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
        "history": [{"created": "2026-01-01T00:00:00Z"}],
    }
    return json.dumps(record).encode()


def _docker_save(layer: Layer, version: str, settings: dict[str, Any] | None = None) -> bytes:
    described = _description(layer, settings or _settings(version))
    name = f"{digest(described).partition(':')[2]}.json"
    tags = [f"registry:{version}"] if version else None
    manifest = [{"Config": name, "RepoTags": tags, "Layers": ["layer/layer.tar"]}]
    files = {name: described, "layer/layer.tar": layer.tar}
    return _tar(files | {"manifest.json": json.dumps(manifest).encode()})


def _oci(layer: Layer, version: str) -> bytes:
    described, packed = _description(layer, _settings(version)), gzip.compress(layer.tar, mtime=0)
    kind = "application/vnd.oci.image"
    manifest = _json(
        schemaVersion=2,
        mediaType=f"{kind}.manifest.v1+json",
        config=_blob(f"{kind}.config.v1+json", described),
        layers=[_blob(f"{kind}.layer.v1.tar+gzip", packed)],
    )
    entry = _blob(f"{kind}.manifest.v1+json", manifest)
    entry["annotations"] = {"org.opencontainers.image.ref.name": version}
    blobs = {_path(each): each for each in (described, packed, manifest)}
    return _tar(
        {"oci-layout": _json(imageLayoutVersion="1.0.0")}
        | {"index.json": _json(schemaVersion=2, manifests=[entry])}
        | blobs
    )


def _json(**values: Any) -> bytes:
    return json.dumps(values).encode()


def _blob(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": digest(content), "size": len(content)}


def _path(content: bytes) -> str:
    return "blobs/" + digest(content).replace(":", "/")


def _tar(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        folders = {str(each) for name in files for each in Path(name).parents} - {"."}
        for folder in sorted(
            {*folders, "tmp", "var/lib/registry"} if "bin/sh" in files else folders
        ):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def _libraries() -> dict[str, bytes]:
    """Give what Debian's binary is linked with; that of the registry's authors is static."""
    loader = Path("/lib64/ld-linux-x86-64.so.2")
    libc = Path("/lib/x86_64-linux-gnu/libc.so.6")
    return {str(each).lstrip("/"): each.resolve().read_bytes() for each in (loader, libc)}


def _busybox() -> bytes:
    return (image.unpacked("busybox-static") / "bin/busybox").read_bytes()


def _architecture() -> str:
    argv = ["dpkg", "--print-architecture"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


def _cached(name: str, make: Any) -> Path:
    path = image.CACHE / "archives" / name
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    path = path.with_name(f"{recipe}-{name}")
    with image.locked(path):
        if not path.exists():
            partial = path.with_suffix(".partial")
            partial.write_bytes(make())
            partial.rename(path)
    return path
