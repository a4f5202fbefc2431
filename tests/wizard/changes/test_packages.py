"""Packages: what apt would bring, what goes on record, and what must not be taken away."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost, recorded, says
from wizard.changes import Difference
from wizard.changes.packagers import APT, PACKAGERS
from wizard.changes.packages import (
    BRING_BACK,
    NOT_NOW,
    POLICY,
    InstallPackages,
    RemovePackages,
    lock_holder,
)
from wizard.errors import WizardError
from wizard.hosts import File

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.parametrize("left", ["installed", "config-files", "half-configured"])
def test_what_we_brought_goes_with_its_settings(left: str) -> None:
    host = fresh()
    host.commands[(*QUERY, "nginx")] = says(left)
    host.commands[("sh",)] = says()
    host.effects[(*APT, "purge", "nginx")] = {(*QUERY, "nginx"): says("", 1)}
    gone = RemovePackages(("nginx", "docker-registry"))
    assert gone.compare(host)
    gone.apply(host, print)
    # No policy while it goes, under which its service would not be stopped.
    assert POLICY not in host.files
    assert host.acts[-1] == (*APT, "purge", "nginx")
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


def test_what_comes_back_leaves_the_root_folder_as_it_is(tmp_path: Path) -> None:
    aside, root = tmp_path / "aside", tmp_path / "root"
    (aside / "etc/nginx").mkdir(parents=True)
    (aside / "etc/nginx/theirs").write_text("theirs")
    aside.chmod(0o700)
    root.mkdir(mode=0o755)
    subprocess.run(["sh", "-euc", BRING_BACK, "sh", str(aside), str(root)], check=True)
    assert (root / "etc/nginx/theirs").read_text() == "theirs"
    assert root.stat().st_mode & 0o777 == 0o755
    assert not aside.exists()
