"""What each package manager prints, and what is made of it; each output as it was really printed.

Only apk's are from its documentation, and dnf's second table is written as dnf wraps long names.
"""

from __future__ import annotations

import pytest

from tests.fake_host import FakeHost, says
from wizard.changes import packages
from wizard.changes.packagers import PACKAGERS
from wizard.changes.packages import InstallPackages, RemovePackages, installed, lock_holder
from wizard.errors import WizardError
from wizard.hosts import File, Folder
from wizard.progress import heard

DNF = """Dependencies resolved.
================================================================================
 Package               Architecture      Version          Repository       Size
================================================================================
Installing:
 rw-web                noarch            1.0-1            ours            6.0 k
Installing dependencies:
 rw-lib-of-a-very-long-name
                       noarch            1.0-1            ours            6.0 k
Upgrading:
 rw-old                noarch            1.0-2            ours            6.0 k

Transaction Summary
================================================================================
Install  2 Packages
"""
ZYPPER = """<install-summary download-size="12236" packages-to-change="3">
<to-upgrade><solvable type="package" name="rw-old" edition="1.0-2" arch="noarch"/></to-upgrade>
<to-install>
<solvable type="package" name="rw-lib" edition="1.0-1" arch="noarch" summary="For a test">
<description>For a test.</description></solvable>
<solvable type="package" name="rw-web" edition="1.0-1" arch="noarch" summary="For a test"/>
</to-install>
</install-summary>
"""
APK = """(1/3) Upgrading rw-old (1.0-r1 -> 1.0-r2)
(2/3) Installing rw-lib (1.0-r1)
(3/3) Installing rw-web (1.0-r1)
OK: 62 MiB in 91 packages
"""
PRINTED = {
    "dnf": (DNF, ("rw-lib-of-a-very-long-name", "rw-web")),
    "zypper": (ZYPPER, ("rw-lib", "rw-web")),
    "pacman": ("warning: rw-old is up to date\nnew rw-lib\nnew rw-web\n", ("rw-lib", "rw-web")),
    "apk": (APK, ("rw-lib", "rw-web")),
}
UNKNOWN = {
    "apt": (100, "", "E: Unable to locate package rw-nowhere\n"),
    "dnf": (
        1,
        "No match for argument: rw-nowhere\n",
        "Error: Unable to find a match: rw-nowhere\n",
    ),
    "zypper": (104, "", "No provider of 'rw-nowhere' found.\n"),
    "pacman": (1, "", "error: target not found: rw-nowhere\n"),
    "apk": (1, "", "ERROR: unable to select packages:\n  rw-nowhere (no such package):\n"),
}
AWAY = {
    "apt": "E: Failed to fetch http://mirror/x  Could not resolve 'mirror'\n",
    "dnf": "Error: Failed to download metadata for repo 'ours'\nNo match for argument: rw-web\n",
    "zypper": "Download (curl) error for 'http://mirror/x'\n",
    "pacman": "error: failed retrieving file 'rw-web.pkg.tar.zst' from mirror\n",
    "apk": "WARNING: opening https://mirror: temporary error (try again later)\n"
    "  rw-web (no such package):\n",
}
LINES = {
    "  Installing       : rw-lib-1.0-1.noarch                                1/2 ": 0.5,
    "(1/2) Installing: rw-lib-1.0-1.noarch [....done]": 0.5,
    "(2/2) installing rw-web...": 1.0,
    "(1/4) Installing pcre2 (10.43-r1)": 0.25,
    "[1/4] Installing rw-lib-0:1.0-1.noarch     100% |   1.2 MiB/s": 0.25,
}


def machine(manager: str) -> FakeHost:
    """Give a machine where nothing is installed yet and everything works."""
    words = PACKAGERS[manager]
    printed = PRINTED[manager][0]
    there = says(words.present)
    return FakeHost(
        commands={
            words.query: says("", 1),
            words.simulate: says(printed, 1 if manager == "dnf" else 0),
            words.install: says("(1/1) Installing rw-web ...\n"),
            words.remove: says(),
        },
        effects={
            words.install: {(*words.query, "rw-web"): there, (*words.query, "rw-lib"): there},
            words.remove: {(*words.query, each): says("", 1) for each in ("rw-web", "rw-lib")},
        },
    )


@pytest.mark.parametrize("manager", PRINTED)
def test_what_would_come_is_on_record_and_goes_again(manager: str) -> None:
    host, wanted = machine(manager), InstallPackages(("rw-web",), manager)
    found = wanted.compare(host)
    assert found
    assert found.inverse == RemovePackages(PRINTED[manager][1], manager)
    wanted.apply(host, print)
    assert wanted.compare(host) is None
    found.inverse.apply(host, print)
    assert not installed(host, "rw-web", manager)
    assert found.inverse.compare(host) is None
    assert "/usr/sbin/policy-rc.d" not in str(host.acts)


@pytest.mark.parametrize("manager", UNKNOWN)
def test_a_package_that_no_repository_has_is_named(manager: str) -> None:
    code, out, err = UNKNOWN[manager]
    host = FakeHost({PACKAGERS[manager].install: says(out, code, err)})
    with pytest.raises(WizardError, match=r"No repository .* called rw-nowhere$") as failed:
        InstallPackages(("rw-nowhere",), manager).apply(host, print)
    assert failed.value.hint == PACKAGERS[manager].where


@pytest.mark.parametrize("manager", AWAY)
def test_without_a_network_the_package_is_not_blamed(manager: str) -> None:
    host = FakeHost({PACKAGERS[manager].install: says("", 1, AWAY[manager])})
    with pytest.raises(WizardError) as failed:
        InstallPackages(("rw-web",), manager).apply(host, print)
    assert failed.value.hint == PACKAGERS[manager].unreachable


def test_arch_is_never_given_new_lists_alone() -> None:
    host = FakeHost({PACKAGERS["pacman"].install: says("", 1, "error: failed retrieving file\n")})
    with pytest.raises(WizardError):
        InstallPackages(("rw-web",), "pacman").apply(host, print)
    assert not [argv for argv in host.acts if "-Sy" in argv]


@pytest.mark.parametrize("code", [102, 106])
def test_zypper_may_have_something_to_say_about_what_it_did(code: int) -> None:
    host = machine("zypper")
    host.commands[PACKAGERS["zypper"].install] = says("", code)
    InstallPackages(("rw-web",), "zypper").apply(host, print)
    assert [argv[3:5] for argv in host.acts if "zypper" in argv] == [
        ("--non-interactive", "install")
    ]


def test_who_is_at_work_is_known_by_each_ones_own_sign() -> None:
    host = FakeHost({("cat", "/proc/31/comm"): says("zypper\n")}, folders={"/proc/31": Folder()})
    host.files["/run/zypp.pid"] = File(b"31\n")
    assert lock_holder(host, "zypper") == "zypper (pid 31)"
    host.files["/run/zypp.pid"] = File(b"")  # as it is left behind
    assert lock_holder(host, "zypper") == ""
    host.files["/run/zypp.pid"] = File(b"32\n")  # it ended without a word
    assert lock_holder(host, "zypper") == ""
    assert lock_holder(host, "pacman") == ""
    host.files["/var/lib/pacman/db.lck"] = File(b"")
    assert lock_holder(host, "pacman") == "whoever made /var/lib/pacman/db.lck"


def test_a_lock_that_is_never_given_back_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "LOCK_SECONDS", 0)
    with pytest.raises(WizardError, match="is still held"):
        InstallPackages(("rw-web",), "pacman").apply(machine("pacman"), print)


@pytest.mark.parametrize("line", LINES)
def test_how_far_it_is_is_read_from_its_lines(line: str) -> None:
    assert getattr(heard("packages", line), "share", None) == LINES[line]
