"""nginx from source on a machine of tables: the order of acts, and what is left when one fails."""

from __future__ import annotations

import pytest

from tests.fake_host import FakeHost, says
from wizard.changes.built import STAMP, BuildNginx, RemoveBuild, stamped
from wizard.changes.compiling import SCRATCH, SOURCE
from wizard.errors import WizardError
from wizard.events import Line, Progress
from wizard.hosts import File, Folder
from wizard.progress import heard

SHA256 = "5e" * 32
BUILD = BuildNginx("1.26.3", "/a.tar.gz", SHA256, "/opt/nginx", ("--with-x", "--y=a b"), "rw", 443)
PROGRAM = "/opt/nginx/sbin/nginx"
CAGE = (
    *("unshare", "--net", "--", "setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups"),
    *("--no-new-privs", "--", "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", SOURCE),
)
MAKE = (*CAGE, "make", "-j4")
IS_ACTIVE = ("systemctl", "is-active", "--quiet", "rw")
RESTART = ("systemctl", "restart", "rw")
PORT = ("ss", "-Hltn", "sport = :443")
MADE = "cc -c -O2 \\\n\t-o objs/src/a.o \\\n\tsrc/a.c\ncc -c \\\n\t-o objs/src/b.o \\\n\tsrc/b.c\n"


def fresh() -> FakeHost:
    """Give a machine that has all it takes to build, and no nginx."""
    quiet = ("rm", "cp", "install", "mv", "ln", "unshare", "find")
    return FakeHost(
        {(each,): says() for each in quiet}
        | {
            ("id", "-g"): says("65534\n"),
            ("id", "-gn"): says("nogroup\n"),
            ("sha256sum",): says(f"{SHA256}  {SCRATCH}/nginx.tar.gz\n"),
            ("grep", "-c"): says("2\n"),
            ("nproc",): says("4\n"),
            ("test",): says("", 1),
            ("test", "-x", PROGRAM): says(),
            (f"{PROGRAM}.new",): says(),
            MAKE: says(MADE),
            IS_ACTIVE: says("", 3),
        },
        folders={each: Folder() for each in ("/", "/opt", "/run/systemd/system")},
    )


def running() -> FakeHost:
    """Give a machine on which a former build runs."""
    host = fresh()
    host.files[f"/opt/nginx/{STAMP}"] = File(b"# x\nversion 1.22.1\nsha256 aa\n")
    host.files["/opt/nginx/conf/nginx.conf"] = File(b"events {}\n")
    for each in ("", "/sbin", "/conf", "/logs"):
        host.folders[f"/opt/nginx{each}"] = Folder()
    host.commands |= {
        IS_ACTIVE: says(),
        RESTART: says(),
        ("systemctl", "is-enabled"): says(),
        ("systemctl", "start"): says(),
        PORT: says("LISTEN 0 511 0.0.0.0:443 0.0.0.0:*\n"),
    }
    return host


def words(host: FakeHost) -> list[str]:
    return [" ".join(argv) for argv in host.acts]


def test_it_is_built_once_and_its_stamp_is_written_last() -> None:
    host = fresh()
    found = BUILD.compare(host)
    assert found
    assert found.inverse == RemoveBuild("/opt/nginx", ("/opt/nginx",))
    assert f"nginx 1.26.3 from /a.tar.gz (SHA-256 {SHA256})" in found.text
    BUILD.apply(host, print)
    assert host.acts[-1] == ("write", f"/opt/nginx/{STAMP}")
    assert BUILD.compare(host) is None
    assert stamped(host.files[f"/opt/nginx/{STAMP}"].content.decode())["version"] == "1.26.3"


def test_the_archive_is_unpacked_and_built_as_nobody_without_a_network() -> None:
    host = fresh()
    BUILD.apply(host, print)
    caged = [argv[len(CAGE) :] for argv in host.acts if argv[: len(CAGE)] == CAGE]
    assert [each[0] for each in caged] == ["tar", "./configure", "make", "strip"]
    assert caged[1] == ("./configure", "--with-x", "--y=a b")
    assert host.folders[SCRATCH] == Folder(0o700, "nobody", "nogroup")


def test_where_no_network_can_be_taken_away_it_is_built_as_nobody_still() -> None:
    host = fresh()
    host.commands[("unshare",)] = says("", 1, "unshare failed: Operation not permitted\n")
    host.commands[("setpriv",)] = says()
    BUILD.apply(host, print)
    assert [argv[0] for argv in host.acts if "./configure" in argv] == ["setpriv"]


def test_it_says_how_far_it_is() -> None:
    host, lines = fresh(), list[str]()
    BUILD.apply(host, lines.append)
    told = [heard("build", line) for line in lines]
    assert [each for each in told if isinstance(each, Progress)] == [
        Progress("build", 0.5, "src/a.o"),
        Progress("build", 1.0, "src/b.o"),
    ]
    assert Line("build", "cc -c -O2 \\") in told


@pytest.mark.parametrize("fails", ["tar", "./configure", "make", "strip"])
def test_a_build_that_fails_says_why_and_leaves_nothing(fails: str) -> None:
    host = fresh()
    said = "".join(f"line {number}\n" for number in range(30)) + "no such library\n"
    host.commands[MAKE if fails == "make" else (*CAGE, fails)] = says(said, 2)
    with pytest.raises(WizardError, match=r"could not be built: .*\n(.*\n)*no such library") as why:
        BUILD.apply(host, print)
    assert "line 10\n" not in str(why.value)
    assert host.acts[-1] == ("rm", "-rf", SCRATCH)
    assert not any("install" in argv or "write" in argv for argv in host.acts)
    assert BUILD.compare(host)


def test_an_archive_that_changed_since_it_was_looked_at_is_not_unpacked() -> None:
    host = fresh()
    host.commands[("sha256sum",)] = says("bb  x\n")
    with pytest.raises(WizardError, match=f"/a.tar.gz has changed .* was {SHA256}, now bb"):
        BUILD.apply(host, print)
    assert not any("tar" in argv for argv in host.acts)
    assert host.acts[-1] == ("rm", "-rf", SCRATCH)


def test_the_former_one_is_kept_until_the_new_one_answers() -> None:
    host = running()
    found = BUILD.compare(host)
    assert found
    assert (found.verb, found.inverse) == ("update", None)
    assert "was nginx 1.22.1" in found.text
    BUILD.apply(host, print)
    order = [
        f"{PROGRAM}.new -t -q",
        f"ln -f {PROGRAM} {PROGRAM}.old",
        f"mv -f {PROGRAM}.new {PROGRAM}",
        "systemctl restart rw",
        f"remove {PROGRAM}.old",
    ]
    assert [each for each in words(host) if each in order] == order
    assert BUILD.compare(host) is None


def test_a_new_one_that_refuses_the_settings_never_takes_over() -> None:
    host = running()
    host.commands[(f"{PROGRAM}.new",)] = says("", 1, "nginx: [emerg] unknown directive\n")
    with pytest.raises(WizardError, match="unknown directive"):
        BUILD.apply(host, print)
    assert ("remove", f"{PROGRAM}.new") in host.acts
    assert RESTART not in host.acts
    assert b"1.22.1" in host.files[f"/opt/nginx/{STAMP}"].content


def test_a_new_one_that_does_not_run_makes_room_for_the_former() -> None:
    host = running()
    down = {IS_ACTIVE: says("", 3), PORT: says()}
    up = {IS_ACTIVE: says(), PORT: host.commands[PORT]}
    host.commands[RESTART] = says("", 1, "Job for rw.service failed\n")
    host.effects |= {RESTART: down, ("systemctl", "start", "rw"): up}
    with pytest.raises(WizardError, match=r"does not run: .* Job for rw\.service failed") as why:
        BUILD.apply(host, print)
    assert why.value.hint == "the former nginx is back in place, and runs"
    assert words(host)[-5:].count("systemctl start rw") == 1
    assert f"mv -f {PROGRAM}.old {PROGRAM}" in words(host)
    assert BUILD.compare(host)


def test_an_upgrade_that_was_cut_off_begins_with_the_former_one_again() -> None:
    host = running()
    host.commands[("test", "-e", f"{PROGRAM}.old")] = says()
    BUILD.apply(host, print)
    assert words(host)[1] == f"mv -f {PROGRAM}.old {PROGRAM}"


def test_what_was_built_goes_and_what_somebody_added_stays() -> None:
    host = fresh()
    find = ("find", "/opt/nginx/sbin/nginx")
    host.commands[find] = says("/opt/nginx/sbin/nginx\n")
    host.effects[("rm",)] = {find: says()}
    host.folders |= {"/opt/nginx": Folder()}
    host.files["/opt/nginx/html/theirs"] = File(b"")
    gone, lines = RemoveBuild("/opt/nginx", ("/opt/nginx",)), list[str]()
    assert gone.compare(host)
    gone.apply(host, lines.append)
    assert lines == ["/opt/nginx stays: it holds something else"]
    host.commands[("find", "/opt/nginx", "!")] = says("/opt/nginx/html/theirs\n")
    assert gone.compare(host) is None


def test_folders_that_a_cut_off_build_left_are_taken_back_too() -> None:
    host = fresh()
    host.folders |= {"/opt/nginx": Folder()}
    gone = RemoveBuild("/opt/nginx", ("/opt/nginx",))
    assert gone.compare(host)
    gone.apply(host, print)
    assert gone.compare(host) is None
    assert "/opt" in host.folders


def test_a_folder_that_was_there_before_stays() -> None:
    host = fresh()
    host.folders |= {"/opt/nginx": Folder()}
    assert RemoveBuild("/opt/nginx").compare(host) is None
