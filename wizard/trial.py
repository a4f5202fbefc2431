"""Whether an edited file would be taken, tried aside before it is accepted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.credentials import ETC, PAIR
from wizard.hosts import File, Folder
from wizard.nginx import FRONT_FOLDER, LOGINS, PID_FILE

if TYPE_CHECKING:
    from wizard.changes.files import WriteFile
    from wizard.given import Given

SCRATCH = "/run/registry-wizard-trial"
PKI = f"{ETC}/pki"
# What the site includes has secrets in it, and njs may not be here yet: these stand in for it.
INCLUDED = {
    "secret.conf": b'map "" $registry_wizard_secret { default ""; }\n',
    "key.conf": b'map "" $registry_wizard_key { default ""; }\n',
}
# A whole of its own around the file; nginx makes its folders for temporary files even in a test.
AROUND = """error_log stderr;
pid {folder}/pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
# A machine without a way out may have the package in apt's cache.
UNPACK = """cd "$1" || exit
cp /var/cache/apt/archives/"$2"_*.deb . 2>/dev/null || apt-get -q download "$2" || exit
for package in "$2"_*.deb; do dpkg-deb -x "$package" . || exit; done
"""


@dataclass(frozen=True)
class Trial:
    """What came of it: an empty ``refusal`` where it was taken, or could not be tried."""

    refusal: str
    tried_by: str  # empty: nobody could


def attempt(change: WriteFile, content: bytes, given: Given) -> Trial:
    """Try ``content`` as what the file of ``change`` would hold."""
    if change.path in (given.nginx.site, given.nginx.settings):
        return _by_nginx(change.path, content, given)
    return read_as(change.path, content)


def read_as(path: str, content: bytes) -> Trial:
    """Try to read it as what it should be by its name; of most files nothing can be said."""
    return _as_yaml(content) if path.endswith((".yml", ".yaml")) else Trial("", "")


def _as_yaml(content: bytes) -> Trial:
    import yaml  # noqa: PLC0415  (loaded where somebody really edits such a file)

    try:
        whole = yaml.safe_load(content)
    except yaml.YAMLError as error:
        return Trial(f"this is no YAML: {error}", "a YAML reader")
    refusal = "" if isinstance(whole, dict) else "this is no list of keys and values"
    return Trial(refusal, "a YAML reader")


def _by_nginx(path: str, content: bytes, given: Given) -> Trial:
    """Let nginx test the file in a folder of its own, with our certificate in it."""
    host = given.host
    host.run("rm", "-rf", SCRATCH)
    host.make_folder(SCRATCH, Folder(0o700))
    try:
        program = _nginx(path, given)
        if not program:
            return Trial("", "")
        host.write(f"{SCRATCH}/server.crt", File(given.pki.certificate, 0o600))
        host.write(f"{SCRATCH}/server.key", File(given.pki.key, 0o600))
        host.make_folder(f"{SCRATCH}/logs", Folder(0o700))
        for name, text in _files(path, content, given).items():
            host.write(f"{SCRATCH}/{name}", File(text))
        argv = (program, "-t", "-e", "stderr", "-p", SCRATCH, "-c", f"{SCRATCH}/nginx.conf")
        tested = host.run(*argv)
        return Trial("" if tested.ok else _sentence(tested.err), "nginx")
    finally:
        host.run("rm", "-rf", SCRATCH)


def _files(path: str, content: bytes, given: Given) -> dict[str, bytes]:
    """Give the files for a whole of its own, by name."""
    if path == given.nginx.site:
        site = content.replace(LOGINS.encode(), f"{SCRATCH}/logins".encode())
        for ours in (PKI, FRONT_FOLDER):
            site = site.replace(ours.encode(), SCRATCH.encode())
        around = {"nginx.conf": AROUND.format(folder=SCRATCH).encode(), "site.conf": site}
        return around | INCLUDED | {PAIR: given.credentials.between}
    whole = content
    for ours in (given.answers.proxy.prefix, PID_FILE):
        whole = whole.replace(ours.encode(), SCRATCH.encode())
    return {"nginx.conf": whole, "mime.types": b"types {}\n"}


def _nginx(path: str, given: Given) -> str:
    """Give an nginx to ask: this installation's, this machine's, else its package's, unpacked.

    A whole main file is for the installation's own, which has the folders it names.
    """
    host, own, whole = given.host, given.nginx.program, path == given.nginx.settings
    for program in (own,) if whole else (own, "nginx"):
        if host.run(program, "-v").ok:
            return program
    if whole:
        return ""
    got = host.run("sh", "-c", UNPACK, "sh", SCRATCH, given.distro.nginx).ok
    return f"{SCRATCH}/usr/sbin/nginx" if got else ""


def _sentence(said: str) -> str:
    """Give the first complaint, without the folder that nobody has seen."""
    lines = [line for line in said.splitlines() if "[emerg]" in line] or said.splitlines()[-1:]
    text = re.sub(r".*\[emerg\] (\d+#\d+: )?", "", lines[0]) if lines else "no reason given"
    for name in ("site.conf", "nginx.conf"):
        text = text.replace(f"{SCRATCH}/{name}:", "line ").replace(f"{SCRATCH}/{name}", "it")
    return text
