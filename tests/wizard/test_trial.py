"""An edited file of a built nginx is tried by that nginx, aside from what it serves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fake_host import FakeHost, says
from tests.given import FACTS, FROM_SOURCE, SOURCE, given
from wizard.changes.files import WriteFile
from wizard.steps import make_plan
from wizard.trial import SCRATCH, Trial, attempt

PROGRAM = "/opt/nginx/sbin/nginx"
CASE = given(FROM_SOURCE, replace(FACTS, source=SOURCE))
TEST = (PROGRAM, "-t", "-e", "stderr", "-p", SCRATCH, "-c", f"{SCRATCH}/nginx.conf")


def tried(path: str, host: FakeHost) -> tuple[Trial, dict[str, bytes]]:
    """Try one of our files as it is; give what was in its folder aside while it was tried."""
    changes = (change for step in make_plan(CASE) for change in step.changes)
    change = next(each for each in changes if isinstance(each, WriteFile) and each.path == path)
    trial = attempt(change, change.content, replace(CASE, host=host))
    prefix = f"{SCRATCH}/"
    return trial, {name.removeprefix(prefix): file.content for name, file in host.files.items()}


@pytest.mark.parametrize("name", ["site", "settings"])
def test_a_file_of_a_built_nginx_is_tried_by_it_alone(name: str) -> None:
    host = FakeHost({("rm",): says(), (PROGRAM,): says()})
    trial, files = tried(getattr(CASE.nginx, name), host)
    assert trial == Trial("", "nginx")
    assert host.acts[-2] == TEST
    # Not the logs, the process file or the site of the one that runs.
    assert not any(
        b"/opt/nginx" in each or b"/run/registry-wizard-nginx" in each for each in files.values()
    )
    assert host.acts[-1] == ("rm", "-rf", SCRATCH)


def test_what_it_refuses_is_said_by_line() -> None:
    host = FakeHost({("rm",): says(), (PROGRAM,): says()})
    said = f'nginx: [emerg] unknown directive "x" in {SCRATCH}/nginx.conf:7\n'
    host.commands[TEST] = says("", 1, said)
    assert tried(CASE.nginx.settings, host)[0].refusal == 'unknown directive "x" in line 7'


def test_before_it_is_built_its_site_is_tried_by_another_and_its_main_file_by_none() -> None:
    host = FakeHost({("rm",): says(), ("nginx",): says()})
    assert tried(CASE.nginx.site, host)[0] == Trial("", "nginx")
    assert host.acts[-2] == ("nginx", *TEST[1:])
    assert tried(CASE.nginx.settings, host)[0] == Trial("", "")
