"""Settings that switch the check of certificates off: taken out where they are ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fake_host import FakeHost, says
from tests.given import FACTS
from tests.wizard.troubles.tree import OURS
from wizard.changes.daemon import WithoutEntries, WithoutFlags
from wizard.choices import optional
from wizard.hosts import File, Folder
from wizard.troubles import Ours, Trouble, find_troubles, insecure
from wizard.troubles.insecure import covers

DAEMON = "/etc/docker/daemon.json"
DROP_IN = "/etc/systemd/system/docker.service.d/mine.conf"
COVERED = (
    "docker.benet.com",
    "Docker.Benet.com",
    "docker.benet.com:443",
    "docker.benet.com:5000",
    "https://docker.benet.com",
    "http://docker.benet.com:5000",
    "192.168.1.107",
    "192.168.1.107:443",
)
STRANGE = (
    "docker.benet.com:8082",
    "other.example",
    "my.docker.benet.com",
    "192.168.1.0/24",
    "192.168.1.10",
    "",
)


def machine(entries: list[Any] | None = None, files: dict[str, str] | None = None) -> FakeHost:
    host = FakeHost()
    if entries is not None:
        text = json.dumps({"insecure-registries": entries})
        host.files[DAEMON] = File(text.encode())
    host.files |= {path: File(text.encode()) for path, text in (files or {}).items()}
    return host


def running(host: FakeHost, **said: Any) -> FakeHost:
    host.folders["/run/systemd/system"] = Folder()
    host.commands |= {
        ("systemctl", "is-active", "--quiet", "docker"): says(),
        ("docker", "info"): says(json.dumps(said)),
    }
    return host


def only(host: FakeHost) -> Trouble:
    (found,) = find_troubles(host, OURS)
    return found


@pytest.mark.parametrize("entry", COVERED)
def test_an_entry_about_the_registry_is_ours(entry: str) -> None:
    assert covers(entry, OURS)
    found = only(machine(["other.example", entry]))
    assert found.text.startswith(f"{DAEMON}: {entry} in insecure-registries; Docker takes any")
    assert found.changes == (WithoutEntries(DAEMON, "insecure-registries", (entry,)),)
    assert all(map(optional, found.changes))


@pytest.mark.parametrize("entry", STRANGE)
def test_an_entry_about_another_one_is_not(entry: str) -> None:
    assert not covers(entry, OURS)


def test_an_ipv6_entry_is_known_with_and_without_brackets() -> None:
    ours = Ours(("2001:db8::1",), 8443, OURS.trust)
    for entry in ("2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:8443"):
        assert covers(entry, ours)
    assert not covers("[2001:db8::2]:8443", ours)


@pytest.mark.parametrize("entry", ["192.168.0.0/16", "192.168.1.107/32"])
def test_a_network_that_covers_it_is_told_only(entry: str) -> None:
    found = only(machine([entry]))
    assert f"the network {entry} is insecure for Docker, and 192.168.1.107 is in it" in found.text
    assert found.changes == ()
    assert found.remedy.startswith("narrow that network by hand")
    assert find_troubles(machine(["10.0.0.0/8", "127.0.0.0/8", "no/network"]), OURS) == ()


def test_flags_are_found_wherever_they_stand() -> None:
    flag = "--insecure-registry docker.benet.com"
    host = machine(files={"/etc/default/docker": f'DOCKER_OPTS="{flag}"\n'})
    host.files["/etc/sysconfig/docker"] = File(f"OPTIONS='{flag}'\n".encode())
    host.files[DROP_IN] = File(f"[Service]\nExecStart=dockerd {flag}\n".encode())
    host.folders["/run/systemd/system"] = Folder()
    unit = f"# /lib/systemd/system/docker.service\n[Service]\n\n# {DROP_IN}\n"
    host.commands[("systemctl", "cat", "docker.service")] = says(unit)
    found = find_troubles(host, OURS)
    assert [each.where for each in found] == [
        "/etc/default/docker",
        "/etc/sysconfig/docker",
        DROP_IN,
    ]
    for each in found:
        change = WithoutFlags(each.where, "--insecure-registry", ("docker.benet.com",))
        assert each.changes == (change,)
        assert optional(change)
        assert "`systemctl restart docker` is left to you" in each.text


BROKEN = {
    '{"insecure-registries": ["docker.benet.com"],\n}': "line 2, column 1: ",
    '["docker.benet.com"]': "line 1, column 1: this is no object",
    '{"insecure-registries": "docker.benet.com"}': "line 1, column 25: ",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_told_with_the_place_and_never_fixed(text: str) -> None:
    found = only(machine(files={DAEMON: text}))
    assert f"Docker cannot read it: {BROKEN[text]}" in found.text
    assert found.changes == ()
    assert found.remedy.startswith("mend it by hand")


def test_a_setting_in_two_places_stops_docker_and_is_told() -> None:
    host = machine(["a"], {"/etc/default/docker": "DOCKER_OPTS=--insecure-registry=b\n"})
    found = only(host)
    assert "in two places: insecure-registries in /etc/docker/daemon.json and" in found.text
    assert "Docker does not start when it is told twice" in found.text


def test_what_the_engine_still_does_is_told_where_no_file_says_so() -> None:
    known = {"docker.benet.com": {"Secure": False}, "docker.io": {"Secure": True}}
    found = only(running(machine(), IndexConfigs=known))
    assert "the engine that runs takes docker.benet.com for insecure" in found.text
    assert found.remedy.startswith("systemctl reload docker")
    both = running(machine(["docker.benet.com"]), IndexConfigs=known)
    assert only(both).where == DAEMON
    network = running(machine(), InsecureRegistryCIDRs=["192.168.0.0/16", "127.0.0.0/8"])
    assert "the network 192.168.0.0/16 is insecure" in only(network).text


@pytest.mark.parametrize("said", ["null", "", "{", "no engine"])
def test_an_engine_that_says_nothing_of_use_is_passed_over(said: str) -> None:
    host = running(machine())
    host.commands["docker", "info"] = says(said)
    assert find_troubles(host, OURS) == ()


def test_an_engine_that_does_not_run_is_not_asked() -> None:
    host = machine(["docker.benet.com"])
    insecure.look(host)
    assert ("docker", "info") not in {each[:2] for each in host.acts}


def test_a_machine_without_any_of_it_has_no_trouble() -> None:
    assert find_troubles(FakeHost(), OURS) == ()
    assert FACTS.troubles == ()
