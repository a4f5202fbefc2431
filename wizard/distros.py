"""The table of distributions: what each calls the packages, users, files and services we need."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Distro:
    name: str
    nginx: str
    registry: str
    registry_user: str
    registry_file: str  # the registry's own settings
    default_site: str  # the site that comes with nginx and is switched off
    conf_d: str


DISTROS = {
    "debian": Distro(
        name="Debian",
        nginx="nginx",
        registry="docker-registry",
        registry_user="docker-registry",
        registry_file="/etc/docker/registry/config.yml",
        default_site="/etc/nginx/sites-enabled/default",
        conf_d="/etc/nginx/conf.d",
    ),
}


def read_os_release(text: str) -> dict[str, str]:
    """Read os-release(5): shell-like assignments, quotes allowed around values."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}
