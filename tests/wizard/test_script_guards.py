"""Firewall and SELinux in the shell: lines that sh reads, and a file that comes out the same."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost
from wizard.changes.firewalld import FirewalldPort
from wizard.changes.last_line import LastLine
from wizard.changes.nftables import NftRule
from wizard.changes.selinux import SelinuxBoolean, SelinuxFiles, SelinuxPort, SelinuxRestored
from wizard.changes.ufw import UfwPort
from wizard.hosts import File
from wizard.script.kinds import in_shell
from wizard.script.made import Made

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.changes import Change

MADE = Made(init="systemd", files={}, trust="", copies={}, holes={})
LINE = NftRule("inet filter input", 443).line
SAID: dict[Change, str] = {
    UfwPort(443): "ufw allow 443/tcp comment registry-wizard",
    UfwPort(443, opened=False): "ufw delete allow 443/tcp",
    FirewalldPort("public", 443, permanent=True): (
        "firewall-cmd --permanent --zone=public --add-port=443/tcp"
    ),
    NftRule("inet filter input", 443): f"nft '{LINE}'",
    NftRule("inet filter input", 443, opened=False): "nft delete rule inet filter input handle",
    SelinuxBoolean("httpd_can_network_connect"): "setsebool -P httpd_can_network_connect on",
    SelinuxPort(8444): "semanage port -a -t http_port_t -p tcp 8444",
    SelinuxPort(8444, ""): "semanage port -d -p tcp 8444",
    SelinuxFiles("/opt/data", "container_file_t"): (
        "semanage fcontext -a -t container_file_t '/opt/data(/.*)?'"
    ),
    SelinuxRestored("/etc/registry-wizard"): "restorecon -R /etc/registry-wizard",
    SelinuxFiles("/opt/data", ""): "semanage fcontext -d '/opt/data(/.*)?'",
}


@pytest.mark.parametrize("change", SAID, ids=lambda change: change.label)
def test_the_shell_says_the_same(change: Change) -> None:
    text = in_shell(change, MADE)
    assert SAID[change] in text
    subprocess.run(["sh", "-n"], input=text.encode(), check=True)


@pytest.mark.parametrize("former", [b"flush ruleset\n", b"flush ruleset"])
@pytest.mark.parametrize("check", ["true", "false"])
def test_a_last_line_is_put_once_and_only_where_it_is_accepted(
    former: bytes, check: str, tmp_path: Path
) -> None:
    path = tmp_path / "nftables.conf"
    path.write_bytes(former)
    change = LastLine(str(path), LINE, check=(check,))
    words = 'keep() { cp "$1" "$1.kept"; }; back() { cp "$1.kept" "$1"; }; stop() { exit 1; }; '
    script = words + in_shell(change, MADE)
    for _ in range(2):
        done = subprocess.run(["sh", "-ec", script], check=False)
        assert done.returncode == (0 if check == "true" else 1)
    if check == "false":
        assert path.read_bytes() == former
        return
    host = FakeHost(files={change.path: File(path.read_bytes())})
    assert LastLine(change.path, LINE).compare(host) is None


def test_shellcheck_has_nothing_to_say(tmp_path: Path) -> None:
    if not shutil.which("shellcheck"):
        subprocess.run(["apt-get", "install", "-y", "-q", "shellcheck"], check=True)
    text = "\n".join(in_shell(change, MADE) for change in SAID)
    argv = ["shellcheck", "--shell=sh", "--exclude=SC2086,SC2015", "-"]
    subprocess.run(argv, input=text.encode(), check=True)
