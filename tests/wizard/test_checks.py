"""What a check says of what it saw, where a real machine would take long to get there."""

from __future__ import annotations

import pytest

from tests.fake_host import FakeHost, says
from tests.given import ANSWERS, NOW
from wizard.changes.selinux import SelinuxBoolean
from wizard.checks import Scene, _why
from wizard.front import Reply

NAME = "httpd_can_network_connect"
SAID = {
    ("", "off"): "nginx is up, the registry behind it is not: see the check `runtime`",
    ("permissive", "off"): "nginx is up, the registry behind it is not: see the check `runtime`",
    ("enforcing", "off"): (
        "nginx is up, and SELinux keeps it from the registry: see the check `selinux`"
    ),
    ("enforcing", "on"): (
        "nginx is up, the registry behind it is not: see the check `runtime`;"
        " if that passed, SELinux may keep nginx from it: ausearch -m avc -ts recent"
    ),
}


@pytest.mark.parametrize(("selinux", "switch"), SAID)
def test_a_502_names_selinux_where_it_enforces(selinux: str, switch: str) -> None:
    scene = Scene(
        answers=ANSWERS,
        host=FakeHost({("getsebool", NAME): says(f"{NAME} --> {switch}\n")}),
        ca=b"",
        served=b"",
        local=(),
        resolved={},
        password="",
        now=NOW,
        selinux=selinux,
        allowances=(SelinuxBoolean(NAME),),
    )
    assert _why(scene, Reply(502, {}, b"")) == SAID[selinux, switch]
