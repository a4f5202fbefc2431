"""What others put among a package's settings, with dpkg itself below a folder: nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from wizard.changes import aside
from wizard.hosts import ENVIRONMENT, LocalHost

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="no dpkg on this machine")

# As nginx-common's: it lists some files, makes a link that it does not list, and wipes it all.
CONTROL = "Package: rw-web\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n"
CONFFILES = ("/etc/rw/main.conf", "/etc/rw/available/default")
POSTINST = """#!/bin/sh
set -e
mkdir -p "$DPKG_ROOT/etc/rw/enabled"
ln -s /etc/rw/available/default "$DPKG_ROOT/etc/rw/enabled/default"
ln -s ../available/default "$DPKG_ROOT/etc/rw/enabled/also"
"""
POSTRM = """#!/bin/sh
set -e
[ "$1" != purge ] || rm -rf "$DPKG_ROOT/var/log/rw" "$DPKG_ROOT/etc/rw"
"""


@dataclass(frozen=True)
class Root:
    """A folder with a dpkg of its own."""

    path: Path
    told: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "DPKG_ROOT": str(self.path)}

    def dpkg(self, *words: str) -> None:
        force = ("--force-not-root", "--force-script-chrootless", "--log=/dev/null")
        subprocess.run(("dpkg", *force, *words), check=True, env=self.environment)

    def write(self, path: str | bytes, content: str = "somebody's\n") -> None:
        file = os.path.join(os.fsencode(self.path), os.fsencode(path))  # noqa: PTH118
        os.makedirs(os.path.dirname(file), exist_ok=True)  # noqa: PTH103, PTH120
        with open(file, "w") as stream:  # noqa: PTH123
            stream.write(content)

    def there(self, folder: str = "etc/rw") -> set[bytes]:
        """Give every file and every link below a folder."""
        top = os.fsencode(self.path / folder)
        return {
            os.path.relpath(os.path.join(where, name), top)  # noqa: PTH118
            for where, folders, files in os.walk(top)
            for name in (*folders, *files)
            if not os.path.isdir(found := os.path.join(where, name)) or os.path.islink(found)  # noqa: PTH112, PTH114, PTH118
        }

    def set_aside(self) -> None:
        aside.set_aside(LocalHost(self.environment), ("rw-web",), self.told.append)

    def bring_back(self) -> None:
        aside.bring_back(LocalHost(self.environment), self.told.append)

    def purge(self) -> None:
        self.set_aside()
        self.dpkg("--purge", "rw-web")
        assert self.there() == set()
        self.bring_back()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    """Give a folder in which the package is installed."""
    made, package = Root(tmp_path / "root"), tmp_path / "package"
    monkeypatch.setattr(aside, "ASIDE", str(made.path / "var/lib/registry-wizard/aside"))
    monkeypatch.setattr(aside, "KEPT", str(made.path / "var/lib/registry-wizard/kept"))
    made.write("var/lib/dpkg/status", "")
    for name in ("info", "updates", "triggers"):
        (made.path / "var/lib/dpkg" / name).mkdir()
    scripts = {"postinst": POSTINST, "postrm": POSTRM}
    control = {"control": CONTROL, "conffiles": "".join(f"{each}\n" for each in CONFFILES)}
    for name, text in (control | scripts).items():
        Root(package).write(f"DEBIAN/{name}", text)
    for name in scripts:
        (package / "DEBIAN" / name).chmod(0o755)
    for name in CONFFILES:
        Root(package).write(name[1:], "the package's\n")
    archive = str(tmp_path / "rw-web.deb")
    subprocess.run(("dpkg-deb", "--build", "--root-owner-group", package, archive), check=True)
    made.dpkg("--install", archive)
    return made


def test_nothing_is_brought_back_where_nobody_put_anything(root: Root) -> None:
    root.purge()
    assert root.there() == set()
    assert root.there("var/lib/registry-wizard") == set()
    assert root.told == []


def test_folders_that_are_there_keep_their_mode(root: Root) -> None:
    root.write("etc/rw/sites/mine")
    own = {"": 0o755, "etc": 0o751, "etc/rw": 0o750, "etc/rw/sites": 0o705}
    for name, mode in own.items():
        (root.path / name).chmod(mode)
    root.set_aside()
    root.dpkg("--purge", "rw-web")
    (root.path / "etc").mkdir(exist_ok=True)
    (root.path / "etc").chmod(0o711)  # somebody's, since
    root.bring_back()
    found = {name: (root.path / name).stat().st_mode & 0o7777 for name in own}
    assert found == own | {"etc": 0o711}


def test_names_of_any_bytes_come_back(root: Root) -> None:
    names = {b"caf\xe9.conf", b"two\nlines", b"-x", b"a b'\"$(c)", "größer".encode()}
    for name in names:
        root.write(b"etc/rw/" + name)
    root.purge()
    assert root.there() == names


def test_a_long_list_of_files_comes_back(root: Root) -> None:
    names = {f"{'x' * 200}-{number}".encode() for number in range(2000)}
    for name in names:
        root.write(b"etc/rw/" + name)
    listed = root.path / "var/lib/dpkg/info/rw-web.list"  # of the package, longer than an argument
    more = "".join(f"/usr/share/{'x' * 200}-{number}\n" for number in range(2000))
    listed.write_text(listed.read_text() + more)
    root.purge()
    assert root.there() == names


def test_links_of_others_come_back_and_the_packages_own_do_not(root: Root) -> None:
    root.write("etc/rw/available/mine")
    enabled = root.path / "etc/rw/enabled"
    (enabled / "mine").symlink_to("../available/mine")
    (enabled / "elsewhere").symlink_to("/srv/site.conf")
    root.purge()
    assert root.there() == {b"available/mine", b"enabled/mine", b"enabled/elsewhere"}
    assert (enabled / "mine").readlink() == Path("../available/mine")


def test_of_changed_settings_a_copy_is_kept_and_told(root: Root) -> None:
    root.write("etc/rw/main.conf", "changed\n")
    root.purge()
    kept = f"{aside.KEPT}/etc/rw/main.conf"
    assert Path(kept).read_text() == "changed\n"
    assert root.told == [f"/etc/rw/main.conf was changed: a copy of it is kept as {kept}"]
    assert root.there() == set()
    assert Path(aside.KEPT).stat().st_mode & 0o7777 == 0o700


def test_what_a_failed_purge_left_aside_and_what_came_since_both_come_back(root: Root) -> None:
    root.write("etc/rw/mine", "old\n")
    root.write("etc/rw/gone")
    root.set_aside()
    (root.path / "etc/rw/gone").unlink()  # the purge wiped it, and failed then
    root.write("etc/rw/mine", "new\n")
    root.write("etc/rw/newer")
    root.purge()
    assert root.there() == {b"mine", b"newer", b"gone"}
    assert (root.path / "etc/rw/mine").read_text() == "new\n"


def test_a_folder_that_is_a_link_now_gets_the_files_through_it(root: Root) -> None:
    root.write("etc/rw/sites/mine")
    root.set_aside()
    root.dpkg("--purge", "rw-web")
    (root.path / "srv").mkdir()
    (root.path / "etc/rw").mkdir(parents=True)
    (root.path / "etc/rw/sites").symlink_to(root.path / "srv")
    root.bring_back()
    assert (root.path / "srv/mine").read_text() == "somebody's\n"


def test_what_docker_holds_of_others_stays(root: Root) -> None:
    contrib = root.path / "usr/share/docker.io/contrib" / aside.NUKE
    copied = root.path / "var/lib/docker" / aside.NUKE
    for script in (contrib, copied):  # the second by a removal without a purge
        root.write(script.relative_to(root.path).as_posix(), "#!/bin/sh\n")
        script.chmod(0o755)
    aside.set_aside(LocalHost(root.environment), ("docker.io", "runc"), root.told.append)
    assert not os.access(contrib, os.X_OK)  # what decides whether it is copied: docker.io.prerm
    assert not copied.exists()  # what is run, where it is there: docker.io.postrm
