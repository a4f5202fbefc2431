"""Whether the container runtimes of this machine would take the certificate that is shown now."""

from __future__ import annotations

import ssl
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.checks.machine import looked_up
from wizard.checks.said import Look, aside, bad, doubt, good
from wizard.clients import containerd
from wizard.clients.facts import programs_of
from wizard.pem import certificates
from wizard.troubles.folders import CONTAINERS, DOCKER, IN_A_HOME

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.checks.scene import Scene

PROGRAMS = {
    "docker": ("dockerd",),
    "podman": ("podman", "skopeo", "buildah"),
    "containerd": ("containerd",),
}


def here(scene: Scene) -> Look:
    """Each has a folder of its own for this registry, and the system's store beside it."""
    found = programs_of(scene.host)
    programs = [name for name, any_of in PROGRAMS.items() if found & set(any_of)]
    if "docker" in programs:  # which brings a containerd along that asks no registry itself
        programs = [name for name in programs if name != "containerd"]
    for name in programs:
        folder, files = FILES[name](scene)
        why = _refusal(scene, files)
        if not why:
            yield good(f"{name} here trusts it ({folder})")
            continue
        remedy = f"put the CA there as ca.crt: {folder}/ca.crt"
        if name == "containerd":
            remedy = f"{folder}/hosts.toml needs `ca` below [host], and config_path its folder"
        yield (bad if scene.own else doubt)(f"{name} here refuses it: {why}", remedy)
    if not programs:
        yield aside("there is neither Docker nor podman nor containerd on this machine")


def _of_docker(scene: Scene) -> tuple[str, list[str]]:
    folder = f"{DOCKER}/{scene.target.at}"
    return folder, _certificates_in(scene, folder)


def _of_podman(scene: Scene) -> tuple[str, list[str]]:
    """It stops at the first of its three folders that exists, even an empty one."""
    home = scene.environ.get("HOME", "/root")
    bases = (f"{home}/{IN_A_HOME}", CONTAINERS, DOCKER)
    places = [f"{base}/{scene.target.at}" for base in bases]
    folder = next((each for each in places if scene.host.folder(each) is not None), places[-1])
    return folder, _certificates_in(scene, folder)


def _of_containerd(scene: Scene) -> tuple[str, list[str]]:
    """It reads hosts.toml in the folder that it was told of; without one *.crt, as Docker does."""
    settings = containerd.look(scene.host)
    folder = f"{settings.folder}/{scene.target.at}"
    if not settings.told:
        return folder, []
    file = scene.host.read(f"{folder}/hosts.toml")
    return folder, _named(file.content, scene) if file else _certificates_in(scene, folder)


FILES: dict[str, Callable[[Scene], tuple[str, list[str]]]] = {
    "docker": _of_docker,
    "podman": _of_podman,
    "containerd": _of_containerd,
}


def _named(content: bytes, scene: Scene) -> list[str]:
    """Give the CAs that hosts.toml names for this very host; 1.6 passes over any others."""
    try:
        hosts: Any = tomllib.loads(content.decode()).get("host", {})
        named = hosts.get(f"https://{scene.target.at}", {}).get("ca", [])
    except (ValueError, AttributeError):  # no TOML, no UTF-8, or no tables where they should be
        return []
    return [named] if isinstance(named, str) else [each for each in named if isinstance(each, str)]


def _certificates_in(scene: Scene, folder: str) -> list[str]:
    listed = scene.host.run("find", folder, "-maxdepth", "1", "-name", "*.crt")
    return listed.out.splitlines()


def _refusal(scene: Scene, paths: list[str]) -> str:
    """Say why a program that trusts these files and the system's store would refuse it."""
    files = (scene.host.read(path) for path in paths)
    held = b"".join(pem for file in files if file for pem in certificates(file.content).values())
    roots = looked_up(scene).first
    trusted = held + b"".join(roots.held.values() if roots else ())
    if not trusted:
        return "it knows no CA at all"
    try:
        replace(scene.front, ca=trusted, strict=False).connect().close()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return ""
