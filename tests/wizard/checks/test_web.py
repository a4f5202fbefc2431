"""What a check says of what it saw, where a real machine would take long to get there."""

from __future__ import annotations

import pytest

from tests.fake_host import FakeHost, says
from tests.given import ANSWERS, NOW
from wizard.changes.selinux import SelinuxBoolean
from wizard.checks import Own, Scene, target_of
from wizard.checks.web import _why
from wizard.front import Reply
from wizard.journal import Journal

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
    host = FakeHost({("getsebool", NAME): says(f"{NAME} --> {switch}\n")})
    switched = (SelinuxBoolean(NAME),)
    own = Own(ANSWERS, None, b"", Journal(), "", selinux=selinux, allowances=switched)
    scene = Scene(target_of(ANSWERS, b""), host, NOW, own=own)
    assert _why(scene, Reply(502, {}, b"")) == SAID[selinux, switch]
