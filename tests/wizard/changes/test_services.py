"""Services, by systemd, OpenRC and init scripts: up means that the port listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost, says
from wizard.changes import services
from wizard.changes.services import Service, last_words, reload, restart
from wizard.errors import WizardError
from wizard.hosts import Folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.changes.commands import Command
    from wizard.hosts import Argv, Host

NGINX = Service("nginx", port=443)
RUNNING = {
    "systemd": ("systemctl", "is-active", "--quiet", "nginx"),
    "init scripts": ("service", "nginx", "status"),
    "OpenRC": ("rc-service", "nginx", "status"),
}
ENABLED = {
    "systemd": ("systemctl", "is-enabled", "--quiet", "nginx"),
    "init scripts": ("find", "/etc/rc2.d", "-name", "S[0-9][0-9]nginx"),
    "OpenRC": ("test", "-L", "/etc/runlevels/default/nginx"),
}
VERBS: dict[str, list[Argv]] = {
    "systemd": [("systemctl", "enable", "nginx"), ("systemctl", "start", "nginx")],
    "init scripts": [("update-rc.d", "nginx", "enable"), ("service", "nginx", "start")],
    "OpenRC": [("rc-update", "add", "nginx", "default"), ("rc-service", "nginx", "start")],
}
PORT = ("ss", "-Hltn", "sport = :443")
INITS = sorted(VERBS)


def stopped(init: str) -> FakeHost:
    """Give a machine with nginx stopped and off, which does as it is told."""
    enable, start = VERBS[init]
    up = {RUNNING[init]: says(), PORT: says("LISTEN 0 511 0.0.0.0:443 0.0.0.0:*\n")}
    host = FakeHost(
        commands={RUNNING[init]: says("", 3), ENABLED[init]: says("", 1), PORT: says()}
        | {argv: says() for argv in (enable, start)},
        effects={enable: {ENABLED[init]: says("/etc/rc2.d/S01nginx\n")}, start: up},
    )
    host.folders |= {sign: Folder() for sign, of in services.SIGNS.items() if of == init}
    return host


def test_the_tables_name_the_same_inits() -> None:
    assert set(RUNNING) == set(ENABLED) == set(VERBS)


@pytest.mark.parametrize("init", INITS)
def test_a_service_is_enabled_and_started_once(init: str) -> None:
    host = stopped(init)
    found = NGINX.compare(host)
    assert found
    assert found.text == "nginx: running and enabled, was stopped and not enabled"
    off = Service("nginx", running=False, enabled=False, expect=(True, True))
    assert found.inverse == off
    NGINX.apply(host, print)
    assert NGINX.compare(host) is None
    NGINX.apply(host, print)
    assert [argv for argv in host.acts if argv in VERBS[init]] == VERBS[init]


@pytest.mark.parametrize("init", INITS)
def test_running_without_its_port_is_not_up(init: str) -> None:
    host = stopped(init)
    host.commands |= {RUNNING[init]: says(), ENABLED[init]: says("S01nginx")}
    assert NGINX.compare(host)
    assert Service("nginx").compare(host) is None


@pytest.mark.parametrize("state", ["activating", "reloading", "deactivating"])
def test_a_unit_that_dies_again_and_again_is_not_stopped_until_it_is_told_to(state: str) -> None:
    stop, show = ("systemctl", "stop", "nginx"), ("systemctl", "show", "-p", "ActiveState")
    host = stopped("systemd")
    host.commands |= {show: says(f"{state}\n"), stop: says()}
    host.effects[stop] = {show: says("failed\n")}
    off = Service("nginx", running=False, enabled=False)
    found = off.compare(host)
    assert found
    assert found.text == "nginx: stopped and not enabled, was starting or stopping"
    assert found.inverse == Service("nginx", running=False, enabled=False, expect=(False, False))
    off.apply(host, print)
    assert stop in host.acts
    assert off.compare(host) is None


@pytest.mark.parametrize("init", INITS)
def test_a_service_that_does_not_come_up_is_an_error_with_its_last_words(
    init: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "START_SECONDS", 0)
    host = stopped(init)
    host.effects.clear()
    host.commands |= {("journalctl",): says("bind() failed\n"), ("tail",): says("bind() failed\n")}
    with pytest.raises(WizardError, match=r"nginx did not listen on port 443:\nbind\(\) failed"):
        NGINX.apply(host, print)


def test_the_last_words_are_looked_up_where_the_init_keeps_them() -> None:
    for init, program in (("systemd", "journalctl"), ("init scripts", "tail")):
        host = stopped(init)
        last_words(host, "nginx")
        assert host.acts[-1][0] == program


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("due", [reload, restart])
def test_nothing_is_reloaded_that_does_not_run(
    init: str, due: Callable[[Host, str], Command]
) -> None:
    host = stopped(init)
    assert due(host, "nginx").apply(host, print) is False
    assert host.acts == [RUNNING[init]]
    host.commands |= {RUNNING[init]: says(), due(host, "nginx").argv: says()}
    assert due(host, "nginx").apply(host, print) is True


def test_a_reload_that_fails_is_an_error() -> None:
    host = stopped("systemd")
    host.commands |= {
        RUNNING["systemd"]: says(),
        ("systemctl", "reload", "nginx"): says("", 1, "Job for nginx.service failed\n"),
    }
    with pytest.raises(WizardError, match=r"Job for nginx\.service failed"):
        reload(host, "nginx").apply(host, print)


def test_an_init_script_that_is_gone_already_has_nothing_to_enable() -> None:
    host = stopped("init scripts")
    former = Service("nginx", running=False, enabled=True)
    assert former.compare(host) is None
    host.commands[("test", "-e", "/etc/init.d/nginx")] = says()
    assert former.compare(host)
