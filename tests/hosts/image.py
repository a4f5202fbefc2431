"""Root file systems of test hosts, built by mmdebstrap from this machine's own Debian mirror."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "registry-wizard-tests"
TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "nft": "nftables",
    "nsenter": "util-linux",
    "pgrep": "procps",
    "mkfs.ext4": "e2fsprogs",
    "losetup": "mount",
}
BASE = "apt,passwd,mount,iproute2,procps,netbase,sudo,python3"
SERVER = f"{BASE},python3-venv,openssh-client"
CLIENT = f"{BASE},openssh-server,ca-certificates,openssl,curl"
SYSTEMD = "systemd,systemd-sysv,dbus"
DOCKER = "ca-certificates,openssl,curl,iptables,docker.io"
SYSVINIT = "sysvinit-core,orphan-sysvinit-scripts"
PACKAGERS = "dnf,zypper,rpm,createrepo-c,pacman-package-manager,makepkg,libarchive-tools"
FIREWALLS = "ufw,firewalld,nftables,iptables"
PODMAN = "podman,buildah,skopeo"
# What the wizard and its script would install lies in the package cache of the servers, so no
# network is needed. Debian 13's docker.io only recommends the docker command.
SEED = "nginx libnginx-mod-http-js docker-registry apache2-utils openssl ca-certificates iptables"
# What nginx is built from source with.
COMPILER = "gcc make libc6-dev libpcre2-dev libssl-dev zlib1g-dev"
# Set up on every client: an SSH server whose host keys each machine makes when it first boots (and
# wherever it has none), and who becomes root without a password, with this one, and not at all.
PASSWORD = "asks-for-this"
SSHD = f"""set -eu; etc=$1/etc
for user in ops asks plain; do chroot "$1" useradd -m -s /bin/bash $user; done
echo asks:{PASSWORD} | chroot "$1" chpasswd
rm "$etc"/ssh/ssh_host_*
echo "PermitRootLogin prohibit-password" > "$etc/ssh/sshd_config.d/tests.conf"
[ ! -f "$etc/inittab" ] || echo "ssh-keygen -A > /dev/null" >> "$etc/default/ssh"
mkdir -p "$etc/systemd/system/ssh.service.d"
echo "[Service]
ExecStartPre=
ExecStartPre=/usr/bin/ssh-keygen -A" > "$etc/systemd/system/ssh.service.d/host-keys.conf"
echo "ops ALL=(ALL:ALL) NOPASSWD: ALL" > "$etc/sudoers.d/ops"
echo "asks ALL=(ALL:ALL) ALL" > "$etc/sudoers.d/asks"
chmod 440 "$etc"/sudoers.d/*"""
# No mirror is reached from it and nothing lies in its package cache: what apt knows is no use.
FORGET = 'rm -r "$1"/var/cache/apt/*.bin "$1"/var/lib/apt/lists/*'


@dataclass(frozen=True)
class Profile:
    """What is installed on a kind of test host, what lies in its package cache, what is set up."""

    packages: str
    suite: str = "bookworm"
    seed: str = ""
    hooks: tuple[str, ...] = ()


def _client(packages: str, suite: str = "bookworm") -> Profile:
    return Profile(f"{CLIENT},{packages}", suite, hooks=(SSHD, FORGET))


PROFILES = {
    "server": Profile(f"{SERVER},{SYSTEMD}", seed=f"{SEED} docker.io"),
    "server-sysv": Profile(f"{SERVER},{SYSVINIT},cron", seed=f"{SEED} {COMPILER}"),
    "server-docker": Profile(f"{SERVER},{SYSTEMD},{DOCKER}", seed=SEED),
    "server-13": Profile(f"{SERVER},{SYSTEMD}", "trixie", seed=f"{SEED} docker.io docker-cli"),
    "client": _client(f"{SYSTEMD},{DOCKER},skopeo"),
    "client-13": _client(f"{SYSTEMD},{DOCKER},skopeo,docker-cli", "trixie"),
    "client-podman": _client(f"{SYSVINIT},{PODMAN}"),
    "client-containerd": _client(f"{SYSTEMD},containerd"),
    # Other families' package managers, which Debian has too, with what makes a repository for them.
    "packagers": Profile(f"{BASE},{SYSTEMD},{PACKAGERS}"),
    "server-build": Profile(f"{SERVER},{SYSTEMD}", seed=f"{SEED} {COMPILER}"),
    "server-firewall": Profile(f"{SERVER},{SYSTEMD},{FIREWALLS}", seed=SEED),
}
MASKED = (
    "console-getty",
    "getty@tty1",
    "systemd-modules-load",
    "systemd-udevd",
    "systemd-timesyncd",
    "systemd-firstboot",
)
CLEAR = 'rm -f "$1"/var/cache/apt/archives/*.deb'
HOOKS = (
    'rm -f "$1"/etc/hostname "$1"/etc/resolv.conf; : > "$1"/etc/machine-id',
    '[ ! -d "$1"/lib/systemd/system ] || for unit in ' + " ".join(MASKED) + "; do"
    ' ln -sf /dev/null "$1"/etc/systemd/system/$unit.service; done',
    '[ ! -f "$1"/etc/inittab ] || sed -i /getty/d "$1"/etc/inittab',
)


def need_tools() -> None:
    """Install what making hosts takes; fail with a sentence where that cannot be."""
    if os.geteuid() != 0:
        raise RuntimeError("Test hosts need root: namespaces, mounts, a bridge")
    missing = sorted({package for tool, package in TOOLS.items() if not shutil.which(tool)})
    if missing:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True
        )


def root_file_system(name: str) -> Path:
    """Give the folder of a profile's image; build it where this week has none yet."""
    need_tools()
    profile = PROFILES[name]
    mirrors = _sources(profile.suite)
    recipe = "\n".join((str(profile), *HOOKS, *mirrors, time.strftime("%G-%V")))
    folder = CACHE / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    with locked(folder):
        if not folder.exists():
            _build(profile, mirrors, folder)
    return folder


def unpacked(package: str) -> Path:
    """Give the folder with a package's files, from this machine's own mirror."""
    folder = CACHE / f"unpacked-{package}"
    with locked(folder):
        if not folder.exists():
            partial = folder.with_suffix(".partial")
            partial.mkdir(parents=True, exist_ok=True)
            subprocess.run(["apt-get", "-q", "download", package], check=True, cwd=partial)
            deb = next(partial.glob("*.deb"))
            subprocess.run(["dpkg-deb", "-x", str(deb), str(partial)], check=True)
            deb.unlink()
            partial.rename(folder)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one test run at a time build a thing; the others wait for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _build(profile: Profile, mirrors: tuple[str, ...], folder: Path) -> None:
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    argv = ["mmdebstrap", "--mode=root", "--variant=apt", "--quiet", "--skip=cleanup/apt"]
    argv += ['--aptopt=APT::Install-Recommends "false"', '--aptopt=Acquire::Languages "none"']
    argv += [f"--dpkgopt=path-exclude=/usr/share/{each}/*" for each in ("man", "locale", "doc")]
    argv += [f"--include={profile.packages}"]
    hooks = (CLEAR, *_seeding(profile.seed), *profile.hooks, *HOOKS)
    argv += [f"--customize-hook={hook}" for hook in hooks]
    text = "\n".join(mirrors).encode()
    subprocess.run([*argv, profile.suite, str(partial), "-"], input=text, check=True)
    partial.rename(folder)


def _seeding(packages: str) -> tuple[str, ...]:
    fetch = "apt-get install -y -qq --no-install-recommends --download-only"
    return (f'chroot "$1" {fetch} {packages}',) if packages else ()


def _sources(suite: str) -> tuple[str, ...]:
    return tuple(f"deb {mirror}" for mirror in debian_mirrors(suite))


def debian_mirrors(suite: str = "bookworm") -> tuple[str, ...]:
    """Read Debian's mirrors from this machine's own apt settings, as sources.list has them."""
    argv = ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(LABEL)", "Created-By: Packages"]
    lines = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()
    found = {label: uri for uri, _, label in (line.partition("|") for line in lines)}
    if "Debian" not in found:
        raise RuntimeError("No Debian mirror among this machine's apt sources: apt-get update")
    main = [f"{found['Debian']} {each} main" for each in (suite, f"{suite}-updates")]
    extra = [f"{found['Debian-Security']} {suite}-security main"]
    return tuple(main + (extra if "Debian-Security" in found else []))
