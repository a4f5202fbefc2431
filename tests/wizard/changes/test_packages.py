"""Packages: what apt would bring, what goes on record, and what must not be taken away."""

from __future__ import annotations

import pytest

from tests.fake_host import FakeHost, recorded, says
from wizard.changes import Difference
from wizard.changes.packagers import APT, PACKAGERS, PURGE
from wizard.changes.packages import (
    MEND,
    NOT_NOW,
    POLICY,
    InstallPackages,
    RemovePackages,
    lock_holder,
)
from wizard.errors import WizardError
from wizard.hosts import File

WANTED = InstallPackages(("nginx", "docker-registry"))
INSTALL = (*APT, "install")
QUERY = ("dpkg-query", "-W", "-f", "${db:Status-Status}")


def fresh() -> FakeHost:
    """Give a machine on which apt works."""
    host = recorded("debian-12")
    host.commands |= {("env",): says("Setting up nginx ...\n"), ("dpkg",): says()}
    host.effects[INSTALL] = {(*QUERY, name): says("installed") for name in WANTED.names}
    return host


def test_on_record_is_what_apt_brings_and_not_what_it_upgrades() -> None:
    found = WANTED.compare(recorded("debian-12"))
    assert found
    assert found.inverse == RemovePackages(("docker-registry", "nginx", "nginx-common"))


def test_looking_installs_nothing() -> None:
    host = recorded("debian-12")
    WANTED.compare(host)
    assert {argv[:2] for argv in host.acts} == {("dpkg-query", "-W"), ("apt-get", "-s")}


def test_what_is_there_stays_as_it_is() -> None:
    host = fresh()
    host.commands |= host.effects[INSTALL]
    assert WANTED.compare(host) is None


def test_only_what_was_missing_is_asked_of_apt() -> None:
    host = fresh()
    host.commands |= {
        (*QUERY, "nginx"): says("installed"),
        ("apt-get", "-s"): says("Inst docker-registry (2.8.2 Debian:12 [amd64])\n"),
    }
    found = WANTED.compare(host)
    assert found
    assert found.inverse == RemovePackages(("docker-registry",))
    assert host.acts[-1][-1] == "docker-registry"


def test_services_wait_while_it_installs_and_lines_are_told() -> None:
    host, lines = fresh(), list[str]()
    WANTED.apply(host, lines.append)
    assert "Setting up nginx ..." in lines
    first, last = host.acts.index(("write", POLICY)), host.acts.index(("remove", POLICY))
    assert [argv[: len(INSTALL)] for argv in host.acts[first:last]].count(INSTALL) == 1
    assert POLICY not in host.files
    assert WANTED.compare(host) is None


def test_old_package_lists_are_refreshed_once_where_installing_fails() -> None:
    host = fresh()
    host.commands[INSTALL] = says("", 100, "E: Unable to locate package nginx\n")
    host.effects[(*APT, "update")] = {INSTALL: says()}
    WANTED.apply(host, print)
    assert [argv[len(APT)] for argv in host.acts if argv[0] == "env"] == [
        "install",
        "update",
        "install",
    ]


def test_a_mirror_that_is_away_is_an_error_that_says_so_and_services_may_start_again() -> None:
    host = fresh()
    host.commands[("env",)] = says("", 100, "E: Failed to fetch\n")
    with pytest.raises(WizardError, match="E: Failed to fetch") as failed:
        WANTED.apply(host, print)
    assert failed.value.hint == "see the lines above; is a mirror reachable?"
    assert POLICY not in host.files


def test_somebody_elses_policy_stays() -> None:
    host = fresh()
    host.files[POLICY] = theirs = File(b"#!/bin/sh\nexit 0\n", 0o755)
    WANTED.apply(host, print)
    assert host.files[POLICY] == theirs


def test_an_installation_that_was_cut_off_is_finished() -> None:
    host = fresh()
    host.commands |= host.effects[INSTALL]
    host.files[POLICY] = File(NOT_NOW, 0o755)
    found = WANTED.compare(host)
    assert found
    assert found.inverse is None
    WANTED.apply(host, print)
    assert WANTED.compare(host) is None


def test_what_is_to_stay_is_finished_before_all_else_is_taken_back() -> None:
    host = fresh()
    finish = InstallPackages(())
    assert finish.compare(host) is None
    host.files[POLICY] = File(NOT_NOW, 0o755)
    assert finish.compare(host) == Difference("run", "dpkg --configure -a", None)
    finish.apply(host, print)
    assert ("dpkg", "--configure", "-a") in host.acts
    assert finish.compare(host) is None


def test_what_cannot_be_finished_stops_no_undo_and_is_told() -> None:
    host, lines, finish = fresh(), list[str](), InstallPackages(())
    host.files[POLICY] = File(NOT_NOW, 0o755)
    audit = "The following packages have been unpacked but not yet configured: docker-registry\n"
    host.commands |= {
        ("dpkg", "--audit"): says(audit),
        ("apt-get", "-s", *MEND): says("Inst libfoo (1 Debian:12 [amd64])\n"),
        (*APT, *MEND): says("E: Failed to fetch\n", 100),
    }
    finish.apply(host, lines.append)
    assert (*APT, *MEND) in host.acts
    assert "E: Failed to fetch" in lines
    assert not [argv for argv in host.acts if argv[: len(INSTALL)] == INSTALL]
    assert not [argv for argv in host.acts if "update" in argv]
    assert finish.compare(host) is None


def test_nothing_is_mended_where_nothing_is_broken() -> None:
    host = fresh()
    host.files[POLICY] = File(NOT_NOW, 0o755)
    InstallPackages(()).apply(host, print)
    assert not [argv for argv in host.acts if argv[0] in ("env", "apt-get")]


def test_what_packages_of_others_need_stays_and_is_on_record() -> None:
    host = fresh()
    purge, ours = ("apt-get", "-s", *PURGE), ("docker-registry", "nginx", "nginx-common")
    for name in ours:
        host.commands[(*QUERY, name)] = says("installed")
    all_of_nginx = "Purg theirs [1]\nPurg nginx [1]\nPurg nginx-common [1]\n"
    host.commands |= {
        ("sh",): says(),
        purge: says(f"{all_of_nginx}Purg docker-registry [2]\n"),
        (*purge, "docker-registry"): says("Purg docker-registry [2]\n"),
        (*purge, "docker-registry", "nginx"): says("Purg theirs [1]\nPurg nginx [1]\n"),
        (*purge, "docker-registry", "nginx-common"): says(all_of_nginx),
        (*purge, "nginx", "nginx-common"): says(all_of_nginx),
        (*purge, "nginx"): says("Purg theirs [1]\nPurg nginx [1]\n"),
        (*purge, "nginx-common"): says(all_of_nginx),
    }
    host.effects[(*APT, *PURGE, "docker-registry")] = {(*QUERY, "docker-registry"): says("", 1)}
    gone, stays = RemovePackages(ours), "nginx, nginx-common: not removed, as needed by theirs"
    inverse = InstallPackages(("docker-registry",))
    assert gone.compare(host) == Difference("remove", f"docker-registry; {stays}", inverse)
    gone.apply(host, print)
    assert host.acts[-1] == (*APT, *PURGE, "docker-registry")
    assert gone.compare(host) is None
    assert gone.staying(host) == (stays,)
    assert gone.left(host) == RemovePackages(("nginx", "nginx-common"))


def test_docker_goes_without_what_it_holds() -> None:
    host = fresh()
    host.commands |= {
        (*QUERY, "docker.io"): says("installed"),
        ("apt-get", "-s", *PURGE): says("Purg docker.io [20.10]\n"),
    }
    found = RemovePackages(("docker.io",)).compare(host)
    assert found
    assert found.text == "docker.io; /var/lib/docker stays"


@pytest.mark.parametrize("left", ["installed", "config-files", "half-configured"])
def test_what_we_brought_goes_with_its_settings(left: str) -> None:
    host = fresh()
    host.commands[(*QUERY, "nginx")] = says(left)
    host.commands[("sh",)] = says()
    host.effects[(*APT, *PURGE, "nginx")] = {(*QUERY, "nginx"): says("", 1)}
    gone = RemovePackages(("nginx", "docker-registry"))
    assert gone.compare(host)
    gone.apply(host, print)
    # No policy while it goes, under which its service would not be stopped.
    assert POLICY not in host.files
    assert host.acts[-1] == (*APT, *PURGE, "nginx")
    assert gone.compare(host) is None


def test_the_holder_of_a_lock_is_named() -> None:
    host = FakeHost(
        {
            ("stat", "-c", "%i", PACKAGERS["apt"].locks[1]): says("4711\n"),
            ("cat", "/proc/locks"): says("1: POSIX  ADVISORY  WRITE 812 fe:01:4711 0 EOF\n"),
            ("cat", "/proc/812/comm"): says("unattended-upgr\n"),
        }
    )
    assert lock_holder(host) == "unattended-upgr (pid 812)"
    host.commands[("cat", "/proc/locks")] = says("1: FLOCK  ADVISORY  WRITE 812 fe:01:14711 0 EOF")
    assert lock_holder(host) == ""
