"""The table of distributions: what each calls the packages, users, files and services we need."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Distro:
    name: str
    manager: str  # of packages: apt | dnf | zypper | pacman | apk
    nginx: str
    conf_d: str
    default_site: str  # the site that comes with nginx and is switched off; empty: none to switch
    registry: str  # its package and its service; empty: the distribution has none
    registry_user: str
    registry_file: str  # the registry's own settings
    engine: tuple[str, ...]  # Docker Engine with its command; empty: the distribution has none
    compiler: tuple[str, ...]  # what nginx is built from source with
    anchors: str  # the folder of the system's trust store
    refresh: tuple[str, ...]  # the command that makes the store's bundle anew


DISTROS = {
    "debian": Distro(
        name="Debian",
        manager="apt",
        nginx="nginx",
        conf_d="/etc/nginx/conf.d",
        default_site="/etc/nginx/sites-enabled/default",
        registry="docker-registry",
        registry_user="docker-registry",
        registry_file="/etc/docker/registry/config.yml",
        engine=("docker.io",),
        compiler=("gcc", "make", "libc6-dev", "libpcre2-dev", "libssl-dev", "zlib1g-dev"),
        anchors="/usr/local/share/ca-certificates",
        refresh=("update-ca-certificates",),
    ),
}


def read_os_release(text: str) -> dict[str, str]:
    """Read os-release(5): shell-like assignments, quotes allowed around values."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}
