"""Which files count for each runtime of a machine, met with a real server on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost, says
from tests.own_ca import own_ca
from tests.wizard.checks.test_hostile import HERE, LIFE, NOW, ROOT, reply, serving
from wizard.checks import Scene, Target
from wizard.checks.trusting import here
from wizard.hosts import File, Folder

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.checks.said import Said

STRANGER = own_ca(name="Stranger", life=LIFE)
CERTS_D = "/etc/containerd/certs.d"
TOLD = f'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "{CERTS_D}"\n'
RIGHT, WRONG = File(ROOT.pem), File(STRANGER.pem)


def looked(folder: Path, program: str, files: dict[str, File]) -> Said:
    """Look at a machine with this one program; @AT stands for the registry in its files' names."""
    with serving(lambda _: reply(), folder) as port:
        at = f"{HERE}:{port}"
        named = {
            path.replace("@AT", at): File(file.content.replace(b"@AT", at.encode()))
            for path, file in files.items()
        }
        commands = {("sh", "-c"): says(f"{program}\n"), ("containerd",): says("containerd v1.6.20")}
        crts = "".join(f"{path}\n" for path in named if path.endswith(".crt"))
        folders = {"/": Folder()} | {path.rpartition("/")[0]: Folder() for path in named}
        host = FakeHost({**commands, ("find",): says(crts)}, files=named, folders=folders)
        scene = Scene(Target((), (HERE,), port, ROOT.pem), host, NOW, {"HOME": "/root"})
        (said,) = here(scene)
    return said


def toml(ca: str) -> File:
    return File(f'server = "https://@AT"\n[host."https://@AT"]\n  ca = {ca}\n'.encode())


SETTINGS = {"/etc/containerd/config.toml": File(TOLD.encode())}
FOLDER = f"{CERTS_D}/@AT"
CASES: dict[str, tuple[str, dict[str, File], str]] = {
    "docker": ("dockerd", {"/etc/docker/certs.d/@AT/ca.crt": RIGHT}, "passed"),
    "docker, another CA": ("dockerd", {"/etc/docker/certs.d/@AT/ca.crt": WRONG}, "warning"),
    "docker, none": ("dockerd", {}, "warning"),
    "podman": ("podman", {"/etc/containers/certs.d/@AT/ca.crt": RIGHT}, "passed"),
    "containerd": (
        "containerd",
        SETTINGS | {f"{FOLDER}/hosts.toml": toml(f'"{FOLDER}/ca.crt"'), f"{FOLDER}/ca.crt": RIGHT},
        "passed",
    ),
    "containerd, a list": (
        "containerd",
        SETTINGS | {f"{FOLDER}/hosts.toml": toml('["/x.pem"]'), "/x.pem": RIGHT},
        "passed",
    ),
    "containerd, without hosts.toml": (
        "containerd",
        SETTINGS | {f"{FOLDER}/ca.crt": RIGHT},
        "passed",
    ),
    "containerd, ca at the root": (
        "containerd",
        SETTINGS | {f"{FOLDER}/hosts.toml": File(b'ca = "/x.pem"\n'), "/x.pem": RIGHT},
        "warning",
    ),
    "containerd, a broken hosts.toml": (
        "containerd",
        SETTINGS | {f"{FOLDER}/hosts.toml": File(b"host = 7\n[[["), f"{FOLDER}/ca.crt": RIGHT},
        "warning",
    ),
    "containerd, not told of the folder": (
        "containerd",
        {f"{FOLDER}/hosts.toml": toml('"/x.pem"'), "/x.pem": RIGHT},
        "warning",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_a_runtime_reads_counts(case: str, tmp_path: Path) -> None:
    program, files, verdict = CASES[case]
    said = looked(tmp_path, program, files)
    assert said.verdict == verdict, said
    assert said.seen.startswith({"dockerd": "docker"}.get(program, program))
