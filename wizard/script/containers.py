"""Images, containers and their users in the shell, by docker's own command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.containers import DIGEST, SPEC
from wizard.engine import ENVIRONMENT
from wizard.script.words import fed, join, quote

if TYPE_CHECKING:
    from wizard.changes.containers import (
        FetchImage,
        RemoveContainer,
        RemoveImage,
        RunContainer,
        StopContainer,
    )
    from wizard.changes.images import RemoveImages
    from wizard.script.made import Made

HARDENED = (
    "--restart=unless-stopped",
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--log-driver=json-file",
    "--log-opt=max-size=10m",
    "--log-opt=max-file=3",
    *(f"--env={name}={text}" for name, text in ENVIRONMENT.items()),
)


def fetch_image(change: FetchImage, made: Made) -> str:
    there = f"{join(('docker', 'image', 'inspect', change.reference))} > /dev/null 2>&1"
    return f"{there} || {{\n    changed=yes\n{_indented(_fetch(change))}\n}}"


def _fetch(change: FetchImage) -> str:
    if not change.archive:
        return join(("docker", "pull", change.reference))
    load = join(("docker", "load", "-i", change.archive))
    if not change.named:
        tag = f'docker tag "$loaded" {quote(change.reference)}'
        return f"loaded=$({load} | sed -n 's/^Loaded image ID: //p')\n{tag}"
    if not change.manifest:
        return load
    lines = (
        "copy=$(mktemp /var/tmp/registry-wizard.XXXXXX)",
        f'cp {quote(change.archive)} "$copy"',
        fed('cat > "$work/manifest.json"', change.manifest + b"\n", {}),
        'tar -C "$work" -rf "$copy" manifest.json',
        'docker load -i "$copy"',
        'rm -f "$copy"',
    )
    return "\n".join(lines)


def remove_image(change: RemoveImage, made: Made) -> str:
    return f"{join(('docker', 'image', 'rm', change.reference))} || : # a container may use it"


def remove_images(change: RemoveImages, made: Made) -> str:
    """Delete nothing where a link leads elsewhere."""
    root = quote(change.root)
    return f'[ "$(readlink -f {root})" != {root} ] || find -P {root} -xdev -depth -delete'


def run_container(change: RunContainer, made: Made) -> str:
    name, user = quote(change.name), quote(change.user)
    label = quote(f'{{{{index .Config.Labels "{SPEC}"}}}}')
    now = f'"$(docker container inspect -f {label} {name} 2> /dev/null)"'
    digest = f"$(docker image inspect -f '{{{{.Id}}}}' {quote(change.image)})"
    words = [
        f"docker create --name {name}",
        f'--user "$(id -u {user}):$(id -g {user})"',
        f'--label {SPEC}="$spec" --label {DIGEST}="{digest}"',
        *HARDENED,
        *(f"--volume={quote(mount)}" for mount in change.mounts),
        *(f"--publish={quote(port)}" for port in change.ports),
        f"{quote(change.image)} {join(change.command)} > /dev/null",
    ]
    create = " \\\n        ".join(words)
    port = change.ports[0].split(":")[-2]
    said = quote(f"{change.name} does not listen on port {port}; docker logs {change.name}")
    return (
        f"spec={quote(change.spec)}\n"
        f'if [ {now} != "$spec" ]; then\n'
        f"    changed=yes\n    docker rm -f {name} > /dev/null 2>&1 || :\n    {create}\nfi\n"
        f"docker start {name} > /dev/null\nsoon listens {port} || stop {said}"
    )


def stop_container(change: StopContainer, made: Made) -> str:
    return f"{join(('docker', 'stop', change.name))} || :"


def remove_container(change: RemoveContainer, made: Made) -> str:
    return f"{join(('docker', 'rm', '-f', change.name))} > /dev/null 2>&1 || :"


def _indented(text: str) -> str:
    """Indent what is no here-document, whose lines must stay as they are."""
    return text if "<<" in text else "\n".join(f"    {line}" for line in text.splitlines())
