"""Root file systems of test hosts, built by mmdebstrap from this machine's own Debian mirror."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "registry-wizard-tests"
CHECKOUT = Path(__file__).resolve().parents[2]
TOOLS = {"mmdebstrap": "mmdebstrap", "ip": "iproute2", "nsenter": "util-linux", "pgrep": "procps"}
BASE = "apt,passwd,mount,iproute2,procps,netbase,sudo,python3,python3-venv"
SYSTEMD = "systemd,systemd-sysv,dbus"
SYSVINIT = "sysvinit-core,orphan-sysvinit-scripts"
# What the wizard and its script would install lies in the package cache of these, so no network
# is needed.
SEED = "nginx docker-registry apache2-utils openssl docker.io"
DOCKER = "ca-certificates,curl,iptables,docker.io"
FIREWALLS = "ufw,firewalld,nftables,iptables"
PROFILES = {
    "server": f"{BASE},{SYSTEMD}",
    "server-sysv": f"{BASE},{SYSVINIT}",
    "server-docker": f"{BASE},{SYSTEMD},{DOCKER}",
    "server-firewall": f"{BASE},{SYSTEMD},{FIREWALLS}",
    "client": f"{BASE},{SYSTEMD},{DOCKER},openssl,skopeo",
}
MASKED = (
    "console-getty",
    "getty@tty1",
    "systemd-modules-load",
    "systemd-udevd",
    "systemd-timesyncd",
    "systemd-firstboot",
)
HOOKS = (
    'rm -f "$1"/var/cache/apt/archives/*.deb',
    f'chroot "$1" apt-get install -y -qq --no-install-recommends --download-only {SEED}',
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


def root_file_system(profile: str) -> Path:
    """Give the folder of a profile's image; build it where this week has none yet."""
    need_tools()
    mirrors = _sources()
    recipe = "\n".join((PROFILES[profile], *HOOKS, *mirrors, time.strftime("%G-%V")))
    folder = CACHE / f"{profile}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    with locked(folder):
        if not folder.exists():
            _build(profile, mirrors, folder)
    return folder


def application() -> Path:
    """Give an overlay's layer with the checkout's wheel installed for Debian 12's own Python."""
    wheels, base = _wheels(), root_file_system("server")
    folder = CACHE / f"application-{base.name}-{_digest(wheels)}"
    with locked(folder):
        if not folder.exists():
            _install(wheels, base, folder)
    shutil.rmtree(wheels)
    return folder


def _build(profile: str, mirrors: tuple[str, ...], folder: Path) -> None:
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    argv = ["mmdebstrap", "--mode=root", "--variant=apt", "--quiet", "--skip=cleanup/apt"]
    argv += ['--aptopt=APT::Install-Recommends "false"', '--aptopt=Acquire::Languages "none"']
    argv += [f"--dpkgopt=path-exclude=/usr/share/{each}/*" for each in ("man", "locale", "doc")]
    argv += [f"--include={PROFILES[profile]}", *(f"--customize-hook={hook}" for hook in HOOKS)]
    text = "\n".join(mirrors).encode()
    subprocess.run([*argv, "bookworm", str(partial), "-"], input=text, check=True)
    partial.rename(folder)


def _sources() -> tuple[str, ...]:
    """Read Debian's mirrors from this machine's own apt settings."""
    argv = ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(LABEL)", "Created-By: Packages"]
    lines = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()
    found = {label: uri for uri, _, label in (line.partition("|") for line in lines)}
    if "Debian" not in found:
        raise RuntimeError("No Debian mirror among this machine's apt sources: apt-get update")
    main = [f"deb {found['Debian']} {suite} main" for suite in ("bookworm", "bookworm-updates")]
    extra = [f"deb {found['Debian-Security']} bookworm-security main"]
    return tuple(main + (extra if "Debian-Security" in found else []))


def _wheels() -> Path:
    """Build the wheel aside, with what it needs for the hosts' Python, and give its folder."""
    pyproject = (CHECKOUT / "pyproject.toml").read_bytes()
    packages = CACHE / f"wheels-{hashlib.sha256(pyproject).hexdigest()[:12]}"
    built = CACHE / f"built-{os.getpid()}"
    shutil.rmtree(built, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(built), str(CHECKOUT)], check=True)
    with locked(packages):
        if not packages.exists():
            partial = packages.with_suffix(".partial")
            flags = ["--only-binary=:all:", "--python-version=3.11", "--implementation=cp"]
            wheel = next(built.glob("*.whl"))
            subprocess.run([*pip, "download", *flags, "-d", str(partial), str(wheel)], check=True)
            next(partial.glob("registry_wizard-*.whl")).unlink()
            partial.rename(packages)
    for each in packages.iterdir():
        shutil.copy(each, built)
    return built


def _install(wheels: Path, base: Path, folder: Path) -> None:
    partial, work, root = (folder.with_suffix(f".{each}") for each in ("partial", "work", "root"))
    for each in (partial, work, root):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
    options = f"lowerdir={base},upperdir={partial},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, str(root)], check=True)
    try:
        shutil.copytree(wheels, root / "wheels")
        script = (
            "python3 -m venv /opt/registry-wizard && /opt/registry-wizard/bin/pip install --quiet"
            " --no-index --find-links /wheels registry-wizard && rm -rf /wheels"
            " && ln -s /opt/registry-wizard/bin/registry-wizard /usr/local/bin/"
        )
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        subprocess.run(["chroot", str(root), "sh", "-c", script], check=True, env=environment)
    finally:
        subprocess.run(["umount", str(root)], check=True)
    for each in (work, root):
        shutil.rmtree(each)
    partial.rename(folder)


def _digest(folder: Path) -> str:
    """Digest what the wheels hold; a zip's own time stamps do not count."""
    import zipfile  # noqa: PLC0415

    found = hashlib.sha256()
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as opened:
            for each in sorted(opened.infolist(), key=lambda info: info.filename):
                found.update(f"{each.filename}:{each.CRC}".encode())
    return found.hexdigest()[:12]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one test run at a time build a thing; the others wait for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
