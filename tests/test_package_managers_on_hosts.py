"""dnf, zypper and pacman for real, on Debian's builds of them and a repository of our own.

Command lines, exit codes and outputs are real; the packages are ours, and no other distribution
was run.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.hosts import image
from wizard.changes.packages import InstallPackages, RemovePackages, installed
from wizard.errors import WizardError
from wizard.hosts import File, Folder, Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.machine import Machine, Network
    from wizard.changes import Change
    from wizard.engine import Engine
    from wizard.hosts import Log

pytestmark = pytest.mark.host
RPM_SPEC = """Name: {name}
Version: 1.0
Release: 1
Summary: For a test
License: MIT
BuildArch: noarch
{requires}
%description
For a test.
%install
install -d %{{buildroot}}/etc/{name}
echo x > %{{buildroot}}/etc/{name}/settings
%files
%config(noreplace) /etc/{name}/settings
"""
PACMAN_INFO = """pkgname = {name}
pkgbase = {name}
pkgver = 1.0-1
pkgdesc = For a test
arch = any
size = 2
{requires}
"""
REQUIRES = {"rw-base": "", "rw-lib": "", "rw-web": "rw-lib"}
# An rpm database is never empty: rw-base is what else the machine has.
RPMS = """echo '%_dbpath /var/lib/rpm' > /root/.rpmmacros
for spec in /root/*.spec; do rpmbuild -bb --quiet --define '_rpmdir /srv/rpm' "$spec" || exit; done
createrepo_c -q /srv/rpm && rpm --force-debian -i /srv/rpm/noarch/rw-base-*.rpm || exit
printf '[ours]\\nname=ours\\nbaseurl=file:///srv/rpm\\ngpgcheck=0\\nenabled=1\\n' > /root/ours.repo
install -D -t /etc/yum.repos.d /root/ours.repo && install -D -t /etc/zypp/repos.d /root/ours.repo
"""
PACMAN = """for info in /root/*.info; do
    name=$(basename "$info" .info) && mkdir -p "/root/$name/etc/$name" || exit
    echo x > "/root/$name/etc/$name/settings" && cp "$info" "/root/$name/.PKGINFO" || exit
    tar -C "/root/$name" -czf "/srv/$name-1.0-1-any.pkg.tar.gz" .PKGINFO etc || exit
done
repo-add -q /srv/ours.db.tar.gz /srv/*.pkg.tar.gz || exit
printf '[options]\\nArchitecture = auto\\nSigLevel = Never\\n[ours]\\nServer = file:///srv\\n' \
    > /etc/pacman.conf
pacman -Sy
"""


@dataclass(frozen=True)
class Inside:
    """A test machine, with as much of a host as packages need."""

    machine: Machine
    name: str = "packagers"

    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
        done = self.machine.run(*argv, stdin=stdin, check=False, env={"LC_ALL": "C.UTF-8"})
        for line in done.stdout.splitlines() if log else ():
            log(line)  # type: ignore[misc]
        return Result(argv, done.returncode, done.stdout, done.stderr)

    def read(self, path: str) -> File | None:
        found = self.run("cat", path)
        return File(found.out.encode()) if found.ok else None

    def folder(self, path: str) -> Folder | None:
        return Folder() if self.run("test", "-d", path).ok else None

    def write(self, path: str, file: File) -> None:
        raise NotImplementedError

    def remove(self, path: str) -> None:
        raise NotImplementedError

    def make_folder(self, path: str, folder: Folder) -> None:
        raise NotImplementedError

    def remove_folder(self, path: str) -> bool:
        raise NotImplementedError

    def link(self, path: str) -> str:
        raise NotImplementedError

    def make_link(self, path: str, target: str) -> None:
        raise NotImplementedError

    def alone(self) -> AbstractContextManager[None]:
        return nullcontext()

    def engine(self) -> Engine:
        raise NotImplementedError


@pytest.fixture(scope="module")
def host(network: Network) -> Iterator[Inside]:
    machine = network.machine("packagers", image.root_file_system("packagers"))
    for name, needed in REQUIRES.items():
        spec = RPM_SPEC.format(name=name, requires=f"Requires: {needed}" if needed else "")
        info = PACMAN_INFO.format(name=name, requires=f"depend = {needed}" if needed else "")
        machine.put(f"/root/{name}.spec", spec)
        machine.put(f"/root/{name}.info", info)
    machine.run("sh", "-c", RPMS)
    machine.run("sh", "-c", PACMAN)
    yield Inside(machine)
    machine.destroy()


@pytest.mark.parametrize("manager", ["dnf", "zypper", "pacman"])
def test_packages_come_and_go(host: Inside, manager: str) -> None:
    wanted, lines = InstallPackages(("rw-web",), manager), list[str]()
    found = wanted.compare(host)
    assert found
    assert found.inverse == RemovePackages(("rw-lib", "rw-web"), manager)
    assert not installed(host, "rw-web", manager)
    wanted.apply(host, lines.append)
    assert any("rw-lib" in line for line in lines)
    assert wanted.compare(host) is None
    wanted.apply(host, print)
    gone: Change = found.inverse
    assert gone.compare(host)
    gone.apply(host, print)
    assert gone.compare(host) is None
    assert host.read("/etc/rw-web/settings") is None
    assert not installed(host, "rw-lib", manager)
    assert wanted.compare(host) == found


@pytest.mark.parametrize("manager", ["dnf", "zypper", "pacman"])
def test_a_package_that_does_not_exist_is_named(host: Inside, manager: str) -> None:
    with pytest.raises(WizardError, match="has a package called rw-nowhere") as failed:
        InstallPackages(("rw-web", "rw-nowhere"), manager).apply(host, print)
    assert failed.value.hint
    assert not installed(host, "rw-web", manager)


@pytest.mark.parametrize("manager", ["dnf", "zypper"])
def test_a_repository_that_is_away_is_not_taken_for_one_without_the_package(
    host: Inside, manager: str
) -> None:
    host.machine.run("mv", "/srv/rpm", "/srv/away")
    try:
        with pytest.raises(WizardError) as failed:
            InstallPackages(("rw-web",), manager).apply(host, print)
    finally:
        host.machine.run("mv", "/srv/away", "/srv/rpm")
    assert "reachable?" in failed.value.hint
