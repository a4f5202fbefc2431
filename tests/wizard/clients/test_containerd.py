"""containerd's settings: one line of ours, every other byte as it was."""

from __future__ import annotations

import tomllib

import pytest

from wizard.clients.containerd import CERTS_D, Containerd
from wizard.errors import WizardError
from wizard.hosts import File

GRPC = 'plugins."io.containerd.grpc.v1.cri"'
DEBIAN = f"""version = 2

[plugins]
  [{GRPC}]
    [{GRPC}.cni]
      bin_dir = "/usr/lib/cni"
      conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.internal.v1.opt"]
    path = "/var/lib/containerd"
"""


def folder(settings: bytes, plugin: str) -> str:
    found = tomllib.loads(settings.decode())["plugins"][plugin]["registry"]["config_path"]
    return str(found)


def test_without_settings_they_hold_the_one_key() -> None:
    old, new = Containerd(1).with_folder(), Containerd(2).with_folder()
    assert folder(old, "io.containerd.grpc.v1.cri") == CERTS_D
    assert folder(new, "io.containerd.cri.v1.images") == CERTS_D
    assert tomllib.loads(new.decode())["version"] == 3


def test_debians_settings_get_a_table_at_their_end() -> None:
    made = Containerd(1, File(DEBIAN.encode())).with_folder().decode()
    assert made.startswith(DEBIAN.rstrip())
    assert folder(made.encode(), "io.containerd.grpc.v1.cri") == CERTS_D


@pytest.mark.parametrize(
    "table",
    [
        f'[{GRPC}.registry]\n  config_path = ""\n[{GRPC}.x]\na = 1\n',
        f"[{GRPC}.registry] # ours\n",
        f'[ {GRPC}.registry ]\n  config_path = ""',
        f'[{GRPC.replace(chr(34), chr(39))}.registry]\n# nothing\n  config_path = ""\n',
    ],
)
def test_a_table_that_is_there_gets_the_line(table: str) -> None:
    before = f"version = 2\noom_score = 0 # mine\n{table}"
    found = Containerd(1, File(before.encode()))
    assert not found.told
    after = Containerd(1, File(found.with_folder()))
    assert (after.told, after.folder) == (True, CERTS_D)
    assert b"oom_score = 0 # mine\n" in after.settings


def test_a_folder_that_is_told_already_is_taken() -> None:
    text = f'version = 2\n[{GRPC}.registry]\nconfig_path = "/srv/certs.d:/etc/docker/certs.d"\n'
    found = Containerd(1, File(text.encode()))
    assert (found.told, found.folder) == (True, "/srv/certs.d")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'version = 2\n[{GRPC}.registry.mirrors."a"]\nendpoint = []\n', "mirrors or configs"),
        (f"version = 2\n{GRPC} = {{ registry = {{}} }}\n", "no place for a line of ours"),
        ("version = ", "no valid TOML"),
        ("oom_score = 0\n", "is of version 1"),  # as containerd takes it where none is said
        ("version = 1\n", "is of version 1"),
        ("version = 4\n", "is of version 4"),
    ],
)
def test_what_cannot_be_changed_safely_is_told(text: str, words: str) -> None:
    with pytest.raises(WizardError, match=words):
        Containerd(1, File(text.encode())).with_folder()
