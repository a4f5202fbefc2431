"""What a client's own programs say about the registry, on a machine made of tables."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.fake_host import FakeHost, says
from tests.given import given
from tests.wizard.clients.test_crew import machine
from wizard.clients import checks
from wizard.clients.checks import Login, check_programs
from wizard.clients.facts import read_client
from wizard.clients.plan import ClientGiven
from wizard.troubles import Ours

if TYPE_CHECKING:
    import pytest

    from wizard.hosts import Log, Result

NAME, IP = "docker.benet.com", "192.168.1.107"
LOOKUP = "dial tcp: lookup {} on [::1]:53: read: connection refused"


class Late(FakeHost):
    """Its Docker has read /etc/hosts shortly before our line was put there."""

    failures: int
    of: str = NAME

    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
        if checks.USES["docker"] in "".join(argv[2:3]):
            self.failures -= 1
            if self.failures >= 0:
                return says(code=1, err=LOOKUP.format(self.of))
        return super().run(*argv, stdin=stdin, log=log)


def tried(monkeypatch: pytest.MonkeyPatch, failures: int, name: str = NAME) -> tuple[str, int]:
    """Let Docker be tried with that many failed lookups first; give its verdict and what is left.

    Time passes only while it waits.
    """
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda pause: now.__setitem__(0, now[0] + pause))
    made = machine("dockerd docker", "c", **{f"getent ahosts {NAME}": f"{IP} STREAM\n"})
    host = Late(commands=made.commands, files=made.files, folders=made.folders)
    host.failures, host.of = failures, name
    ours = Ours((NAME,), 443, given().pki.trust)
    case = ClientGiven(ours, IP, read_client(host, ours), host, ("docker",))
    assert case.facts.resolved == {NAME: (IP,)}
    (found,) = check_programs(case, Login())
    return found.verdict, host.failures


def test_docker_gets_the_time_to_read_the_hosts_file_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tried(monkeypatch, 9) == ("passed", -1)


def test_it_does_not_get_longer_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict, left = tried(monkeypatch, 100)
    assert (verdict, 80 < left < 95) == ("failed", True)


def test_a_name_that_leads_nowhere_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tried(monkeypatch, 100, "mirror.benet.com") == ("failed", 99)
