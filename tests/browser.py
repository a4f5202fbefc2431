"""A real browser for the page: Debian's Chromium, sent to a test host, and axe-core to look on."""

from __future__ import annotations

import base64
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from playwright.sync_api import sync_playwright

from tests.hosts.image import CACHE, locked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
PACKAGES = ("chromium", "fonts-liberation", "fonts-dejavu-core")
AXE = "axe-core@4.14.1"
APT = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")


@contextmanager
def browser(name: str, ip: str, certificate: str) -> Iterator[Browser]:
    """Give a Chromium that finds this name there, and takes this one certificate's key on trust."""
    need_chromium()
    flags = [
        f"--host-resolver-rules=MAP {name} {ip}",
        f"--ignore-certificate-errors-spki-list={spki(certificate)}",
        "--no-proxy-server",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=flags, chromium_sandbox=False
        )
        try:
            yield started
        finally:
            started.close()


def need_chromium() -> None:
    """Install it where it is missing; fail where that cannot be."""
    if not Path(CHROMIUM).exists():
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run([*APT, *PACKAGES], check=True)


def axe() -> Path:
    """Give axe-core's one file, fetched once from npm; fail where that cannot be."""
    folder = CACHE / AXE.replace("@", "-")
    with locked(folder):
        if not folder.exists():
            if not shutil.which("npm"):
                subprocess.run([*APT, "npm"], check=True)
            partial = folder.with_suffix(".partial")
            npm = ["npm", "install", "--silent", "--no-save", "--prefix", str(partial), AXE]
            subprocess.run(npm, check=True)
            partial.rename(folder)
    return folder / "node_modules/axe-core/axe.min.js"


def violations(page: Page) -> list[str]:
    """Give what axe-core finds wrong with the page as it stands, a line each."""
    # Put in by the debugger, since the page's own policy lets no foreign script in.
    page.evaluate(axe().read_text())
    found: dict[str, Any] = page.evaluate("async () => await axe.run()")
    return [
        f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]
    ]


def spki(certificate: str) -> str:
    """Give the SHA-256 of a certificate's public key, as Chromium's option has it."""
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    der = key.public_bytes(serialization.Encoding.DER, form)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    return base64.b64encode(digest.finalize()).decode()
