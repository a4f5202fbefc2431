"""The table of distributions: what each calls the packages, users, files and services we need.

Debian's rows are installed for real in our tests. Every other row is put together from the build
recipes and the documentation named beside it, and was not run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


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
    registry_unit: str = ""  # its service, where that is not called like the package
    registry_process: str = "registry"  # its program, as the kernel and ss name it
    nginx_user: str = "nginx"
    njs: str = ""  # the package with nginx's JavaScript; empty: none that we know of
    nginx_conf: str = ""  # ours in whole, where the one that nginx brings reads no folder
    iproute: str = "iproute2"  # has ip and ss
    htpasswd: str = "apache2-utils"  # has htpasswd, for the script
    gnu: tuple[str, ...] = ()  # has GNU's date and such, and useradd, where the base system has not
    tried: bool = False  # our tests install it for real
    like: str = ""  # the ID_LIKE that led to this row

    @property
    def registry_service(self) -> str:
        return self.registry_unit or self.registry

    @property
    def site(self) -> str:
        """Give the path of our own site."""
        return f"{self.conf_d}/registry.conf"


OURS = "docker-registry"  # the user that we make where no package brings one

# Read and run on the test hosts.
DEBIAN = Distro(
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
    registry_process="docker-registry",
    nginx_user="www-data",
    njs="libnginx-mod-http-js",
    tried=True,
)

# From trixie on docker.io only recommends the package that has the docker command.
DEBIAN_13 = replace(DEBIAN, engine=("docker.io", "docker-cli"))

# Ubuntu takes nginx, docker-registry and ca-certificates over from Debian; its own docker.io has
# the docker command in it. Engine, package manager and init of 24.04 were seen on a test machine.
UBUNTU = replace(DEBIAN, name="Ubuntu", njs="", tried=False)
UBUNTU_24 = replace(UBUNTU, njs=DEBIAN.njs)  # Ubuntu's package list: not in 22.04

# nginx: Fedora's nginx.spec (user nginx, /etc/nginx/conf.d; the default server stands in nginx.conf
# itself, so there is no site to switch off). Registry: Fedora's docker-distribution.spec, 2.8.1 in
# Fedora 41 (docker-distribution.service without User=, so root; /usr/bin/registry;
# /etc/docker-distribution/registry/config.yml). Engine: moby-engine of Fedora's own repository;
# docker-cli beside it was not verified. Trust: update-ca-trust(8).
FEDORA = Distro(
    name="Fedora",
    manager="dnf",
    nginx="nginx",
    conf_d="/etc/nginx/conf.d",
    default_site="",
    registry="docker-distribution",
    registry_user="root",
    registry_file="/etc/docker-distribution/registry/config.yml",
    engine=("moby-engine", "docker-cli"),
    compiler=("gcc", "make", "glibc-devel", "pcre2-devel", "openssl-devel", "zlib-devel"),
    anchors="/etc/pki/ca-trust/source/anchors",
    refresh=("update-ca-trust", "extract"),
    iproute="iproute",
    htpasswd="httpd-tools",
)

# As Fedora, but: docker-distribution was in EL 7's extras and is in none of EL 8, 9 and 10 (found
# in no listing of theirs, nor in EPEL's); Docker Engine is not in EL either, which has podman.
RHEL = replace(FEDORA, name="RHEL", registry="", registry_user=OURS, registry_file="", engine=())

# nginx as in Fedora (not verified). Engine: docker-engine, with the docker command in it
# (openEuler's Container User Guide, 20.03 LTS SP1). No registry package was found.
OPENEULER = replace(RHEL, name="openEuler", engine=("docker-engine",))

# nginx: openSUSE's nginx.spec and nginx-1.6.1-default_config.patch (nginx.conf reads
# vhosts.d/*.conf and has a default server of its own, on port 80). Registry: distribution.spec and
# system-user-registry.conf (registry.service, user registry, /etc/registry/config.yml; up to Leap
# 15.3 the package was docker-distribution-registry, which the new one provides); on SLES it is in
# the Containers module (SUSE's openQA test of it), docker too. Trust: README of
# openSUSE/ca-certificates.
SUSE = Distro(
    name="SUSE Linux Enterprise",
    manager="zypper",
    nginx="nginx",
    conf_d="/etc/nginx/vhosts.d",
    default_site="",
    registry="distribution-registry",
    registry_user="registry",
    registry_file="/etc/registry/config.yml",
    engine=("docker",),
    compiler=("gcc", "make", "glibc-devel", "pcre2-devel", "libopenssl-devel", "zlib-devel"),
    anchors="/etc/pki/trust/anchors",
    refresh=("update-ca-certificates",),
    registry_unit="registry",
)

# nginx: Arch's PKGBUILD (user http; the nginx.conf is upstream's, which reads no folder; the unit
# gives pid and error_log itself). No registry in the official repositories was found. Trust:
# mkcert's table of trust stores (trust extract-compat). Packages' names: Arch's package list.
ARCH = Distro(
    name="Arch Linux",
    manager="pacman",
    nginx="nginx",
    conf_d="/etc/nginx/conf.d",
    default_site="",
    registry="",
    registry_user=OURS,
    registry_file="",
    engine=("docker",),
    compiler=("gcc", "make", "pcre2", "openssl", "zlib"),
    anchors="/etc/ca-certificates/trust-source/anchors",
    refresh=("trust", "extract-compat"),
    nginx_user="http",
    nginx_conf="/etc/nginx/nginx.conf",
    htpasswd="apache",
)

# nginx: aports' main/nginx (user nginx; Dockerfiles on Alpine 3.19 show that nginx.conf reads
# http.d/*.conf; what its default.conf serves on port 80 is not in our way). Registry: aports'
# community/docker-registry (2.8.3 in Alpine 3.24; user docker-registry,
# /etc/docker-registry/config.yml; its OpenRC script logs to /var/log/docker-registry.log). Trust:
# as Debian's, whose tool it is (not verified). The base system's ip, date and head are busybox's,
# which lack what we use.
ALPINE = Distro(
    name="Alpine Linux",
    manager="apk",
    nginx="nginx",
    conf_d="/etc/nginx/http.d",
    default_site="",
    registry="docker-registry",
    registry_user="docker-registry",
    registry_file="/etc/docker-registry/config.yml",
    engine=("docker",),
    compiler=("gcc", "make", "musl-dev", "linux-headers", "pcre2-dev", "openssl-dev", "zlib-dev"),
    anchors="/usr/local/share/ca-certificates",
    refresh=("update-ca-certificates",),
    registry_process="docker-registry",
    gnu=("coreutils", "findutils", "shadow"),
)

DISTROS = {
    "debian": DEBIAN,
    "raspbian": replace(DEBIAN, name="Raspberry Pi OS", tried=False),  # 32 bit; 64 bit says debian
    "ubuntu": UBUNTU,
    "fedora": FEDORA,
    "rhel": RHEL,
    "centos": replace(RHEL, name="CentOS Stream"),
    "rocky": replace(RHEL, name="Rocky Linux"),
    "almalinux": replace(RHEL, name="AlmaLinux"),
    "openEuler": OPENEULER,
    "opensuse-leap": replace(SUSE, name="openSUSE Leap"),
    "opensuse-tumbleweed": replace(SUSE, name="openSUSE Tumbleweed"),
    "sles": SUSE,
    "arch": ARCH,
    "alpine": ALPINE,
}
# From which version on a row is another one.
NEWER = {
    "debian": (13, DEBIAN_13),
    "raspbian": (13, replace(DEBIAN_13, tried=False)),
    "ubuntu": (24, UBUNTU_24),
}
TRIED = {"debian": ("12", "13")}
# What ID_LIKE may name besides the above (os-release(5): the closest relative comes first).
KIN = DISTROS | {"suse": SUSE, "opensuse": DISTROS["opensuse-leap"]}


def known(release: dict[str, str]) -> Distro | None:
    """Give the row for what os-release says, by ID and VERSION_ID; else by the closest ID_LIKE."""
    own, version = release.get("ID", ""), release.get("VERSION_ID", "")
    if own in DISTROS:
        return replace(_of(own, version), tried=version in TRIED.get(own, ()))
    likes = (each for each in release.get("ID_LIKE", "").split() if each in KIN)
    like = next(likes, "")
    return replace(KIN[like], tried=False, like=KIN[like].name) if like else None


def names() -> str:
    """Give every distribution that there is a row for, as a list for people."""
    return ", ".join(dict.fromkeys(row.name for row in DISTROS.values()))


def read_os_release(text: str) -> dict[str, str]:
    """Read os-release(5): shell-like assignments, quotes allowed around values."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def _of(name: str, version: str) -> Distro:
    """Give a distribution's row for a version; who says none (testing, unstable) is newest."""
    since, newer = NEWER.get(name, (0, DISTROS[name]))
    major = version.partition(".")[0]
    return newer if not major.isdigit() or int(major) >= since else DISTROS[name]
