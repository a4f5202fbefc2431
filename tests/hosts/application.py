"""The checkout's wheel, installed as a layer that lies over a test host's image."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.hosts.image import CACHE, locked, root_file_system

CHECKOUT = Path(__file__).resolve().parents[2]
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
# Each Debian's own Python, and a profile that has it.
PYTHONS = {"bookworm": ("3.11", "server"), "trixie": ("3.13", "server-13")}
VENV = "/opt/registry-wizard"
BINARIES = ("--only-binary=:all:", "--implementation=cp")
INSTALL = f"{VENV}/bin/pip install --quiet --no-index --no-deps"
NEEDED = f"python3 -m venv {VENV} && {INSTALL} /wheels/*.whl"
OURS = f"{INSTALL} /wheels/*.whl && ln -s {VENV}/bin/registry-wizard /usr/local/bin/"


def application(suite: str = "bookworm") -> Path:
    """Give an overlay's layer with the checkout's wheel installed for that Debian's own Python.

    What the wheel needs is a layer of its own first, as it takes long and seldom changes.
    """
    python, profile = PYTHONS[suite]
    base = root_file_system(profile)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="wheel-") as name:
        built = Path(name)
        subprocess.run([*PIP, "wheel", "--no-deps", "-w", name, str(CHECKOUT)], check=True)
        packages = _packages(python, next(built.glob("*.whl")))
        needed = _layer(f"needed-{base.name}-{packages.name}", base, packages, NEEDED)
        digest = _digest(needed.name, next(built.glob("*.whl")))
        return _layer(f"application-{suite}-{digest}", base, built, OURS, onto=needed)


def _packages(python: str, wheel: Path) -> Path:
    """Give a folder with a wheel of everything that ours needs under that Python."""
    pyproject = (CHECKOUT / "pyproject.toml").read_bytes()
    folder = CACHE / f"wheels-{python}-{hashlib.sha256(pyproject).hexdigest()[:12]}"
    with locked(folder):
        if not folder.exists():
            partial = _emptied(folder, "partial")
            _download(python, str(wheel), partial)
            (partial / wheel.name).unlink()
            partial.rename(folder)
    return folder


def foreign(name: str, command: str, suite: str = "bookworm") -> Path:
    """Give a layer with somebody else's program, and all that it needs, in a folder of its own."""
    python, profile = PYTHONS[suite]
    venv, wheels = f"/opt/{name}", CACHE / f"wheels-{python}-{name}"
    with locked(wheels):
        if not wheels.exists():
            partial = _emptied(wheels, "partial")
            _download(python, name, partial)
            partial.rename(wheels)
    install = f"{venv}/bin/pip install --quiet --no-index --no-deps /wheels/*.whl"
    script = f"python3 -m venv {venv} && {install} && ln -s {venv}/bin/{command} /usr/local/bin/"
    base = root_file_system(profile)
    return _layer(f"foreign-{base.name}-{name}", base, wheels, script)


def _download(python: str, what: str, folder: Path) -> None:
    flags = (*BINARIES, f"--python-version={python}", "-d", str(folder))
    subprocess.run([*PIP, "download", *flags, what], check=True)


def _layer(name: str, base: Path, wheels: Path, script: str, *, onto: Path | None = None) -> Path:
    """Give the layer that a script makes of these wheels over an image, or over a layer on it."""
    folder = CACHE / name
    with locked(folder):
        if not folder.exists():
            partial = _emptied(folder, "partial")
            if onto:
                subprocess.run(["cp", "-a", f"{onto}/.", str(partial)], check=True)
            _run_over(base, partial, wheels, script)
            partial.rename(folder)
    return folder


def _run_over(base: Path, partial: Path, wheels: Path, script: str) -> None:
    work, root = _emptied(partial, "work"), _emptied(partial, "root")
    options = f"lowerdir={base},upperdir={partial},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, str(root)], check=True)
    try:
        shutil.copytree(wheels, root / "wheels")
        argv = ["chroot", str(root), "sh", "-ec", f"{script} && rm -rf /wheels"]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        subprocess.run(argv, check=True, env=environment)
    finally:
        subprocess.run(["umount", str(root)], check=True)
    for each in (work, root):
        shutil.rmtree(each)


def _emptied(path: Path, ending: str) -> Path:
    folder = path.with_suffix(f".{ending}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _digest(start: str, wheel: Path) -> str:
    """Digest what a wheel holds, and a word; a zip's own time stamps do not count."""
    found = hashlib.sha256(start.encode())
    with zipfile.ZipFile(wheel) as opened:
        for each in sorted(opened.infolist(), key=lambda info: info.filename):
            found.update(f"{each.filename}:{each.CRC}".encode())
    return found.hexdigest()[:12]
