"""SELinux' switches and labels, put as they must be, and as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fake_host import Answers, FakeHost, recorded, says
from wizard.changes.selinux import SelinuxBoolean, SelinuxFiles, SelinuxPort, SelinuxRestored

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.hosts import Argv

# What a real machine said is in machines/debian-12-selinux.json; below are the lines by which its
# answers changed when something was changed there.
LIST, OWN = ("semanage", "port", "-l"), ("semanage", "port", "-l", "-C")
HEAD = "SELinux Port Type              Proto    Port Number\n\n"
FILES = ("semanage", "fcontext", "-l", "-C")
FILES_HEAD = "SELinux fcontext                                   type               Context\n\n"
LABEL = ("stat", "-c", "%C", "/opt/data/registry")
FOLDER = SelinuxFiles("/opt/data/registry", "httpd_sys_content_t")
PATTERN = "/opt/data/registry(/.*)?"
LISTED = (
    f"{FILES_HEAD}{PATTERN}                           all files         "
    " system_u:object_r:httpd_sys_content_t:s0 \n"
)
ADD_PORT: Argv = ("semanage", "port", "-a", "-t", "http_port_t", "-p", "tcp", "9999")
RESTORE: Argv = ("restorecon", "-R", "-F", "/opt/data/registry")
NAME = "httpd_can_network_connect"
SWITCH = SelinuxBoolean(NAME)
BOOLEANS, NOW = ("semanage", "boolean", "-l"), ("getsebool", NAME)


def enforcing() -> FakeHost:
    return recorded("debian-12-selinux")


def states(now: str, kept: str) -> Answers:
    said = enforcing().commands[BOOLEANS].out
    line = f"{NAME}      ({now:<5},{kept:>5})  Allow"
    return {
        BOOLEANS: says(said.replace(f"{NAME}      (off  ,  off)  Allow", line)),
        NOW: says(f"{NAME} --> {now}\n"),
    }


def boolean() -> FakeHost:
    host = enforcing()
    host.commands[("setsebool", "-P")] = says()
    host.effects = {("setsebool", "-P", NAME, word): states(word, word) for word in ("on", "off")}
    return host


def port() -> FakeHost:
    host = enforcing()
    former: Answers = {each: host.commands[each] for each in (LIST, OWN)}
    there = former[LIST].out.replace("tcp      80, ", "tcp      9999, 80, ")
    own = f"{HEAD}http_port_t                    tcp      9999\n"
    host.commands |= {("semanage",): says()}
    host.effects = {
        ADD_PORT: {LIST: says(there), OWN: says(own)},
        ("semanage", "port", "-d", "-p", "tcp", "9999"): former,
    }
    return host


def folder() -> FakeHost:
    add = ("semanage", "fcontext", "-a", "-t", "httpd_sys_content_t", PATTERN)
    return FakeHost(
        {
            ("semanage",): says(),
            FILES: says(),
            ("test", "-e"): says(),
            RESTORE: says(),
            LABEL: says("unconfined_u:object_r:usr_t:s0\n"),
        },
        {
            add: {FILES: says(LISTED), LABEL: says("system_u:object_r:httpd_sys_content_t:s0\n")},
            ("semanage", "fcontext", "-d", PATTERN): {
                FILES: says(),
                LABEL: says("unconfined_u:object_r:usr_t:s0\n"),
            },
        },
    )


ROUND_TRIPS: dict[str, tuple[Change, FakeHost]] = {
    "boolean": (SWITCH, boolean()),
    "port": (SelinuxPort(9999), port()),
    "files": (FOLDER, folder()),
}


@pytest.mark.parametrize("kind", ROUND_TRIPS)
def test_it_is_put_so_and_as_it_was(kind: str) -> None:
    change, host = ROUND_TRIPS[kind]
    found = change.compare(host)
    assert found
    assert found.inverse
    assert found.inverse.compare(host) is None
    change.apply(host, print)
    assert change.compare(host) is None
    assert found.inverse.compare(host)
    found.inverse.apply(host, print)
    assert found.inverse.compare(host) is None
    assert change.compare(host)


@pytest.mark.parametrize(
    ("now", "kept", "said", "back"),
    [
        ("on", "off", "on until the next start, then off", False),
        ("off", "on", "off until the next start, then on", True),
        ("off", "off", "off", False),
    ],
)
def test_a_switch_counts_when_it_is_so_now_and_after_the_next_start(
    now: str, kept: str, said: str, *, back: bool
) -> None:
    host = boolean()
    host.commands |= states(now, kept)
    found = SWITCH.compare(host)
    assert found
    assert found.text == f"{NAME}: on, was {said}"
    assert found.inverse == SelinuxBoolean(NAME, on=back)
    host.commands |= states("on", "on")
    assert SWITCH.compare(host) is None


def test_a_switch_is_looked_at_before_semanage_is_installed() -> None:
    host = FakeHost({NOW: says(f"{NAME} --> on\n")})
    assert SWITCH.compare(host) is None
    host.commands[NOW] = says(f"{NAME} --> off\n")
    assert SWITCH.compare(host)


def test_labels_that_came_from_elsewhere_are_put_right() -> None:
    key, was, wanted = "/etc/registry-wizard/pki/server.key", "user_home_t", "etc_t"
    context = "unconfined_u:object_r:{}:s0"
    line = f"Would relabel {key} from {context.format(was)} to {context.format(wanted)}\n"
    look: Argv = ("restorecon", "-n", "-v", "-R", "/etc/registry-wizard")
    mend: Argv = ("restorecon", "-R", "/etc/registry-wizard")
    host = FakeHost({look: says(line), mend: says()}, {mend: {look: says()}})
    change = SelinuxRestored("/etc/registry-wizard")
    found = change.compare(host)
    assert found
    assert found.inverse is None
    assert f"{key}: {context.format(wanted)}, was {context.format(was)}" in found.text
    change.apply(host, print)
    assert change.compare(host) is None


# By the policy httpd_t may bind http_cache_port_t, too.
@pytest.mark.parametrize("number", [443, 8443, 8080, 10001, 10005])
def test_a_port_of_web_servers_needs_no_label(number: int) -> None:
    assert SelinuxPort(number).compare(port()) is None


def test_a_port_with_another_label_is_given_ours_and_its_own_label_back() -> None:
    host = port()
    SelinuxPort(22).apply(host, print)
    assert host.acts[-1][:4] == ("semanage", "port", "-m", "-t")
    host.commands[OWN] = says(f"{HEAD}ssh_port_t                     tcp      2222\n")
    found = SelinuxPort(2222).compare(host)
    assert found
    assert found.inverse == SelinuxPort(2222, "ssh_port_t")


def test_a_span_of_the_policy_is_no_label_of_the_port() -> None:
    found = SelinuxPort(9998).compare(port())
    assert found
    assert found.text == "port 9998: http_port_t, was without"
    assert found.inverse == SelinuxPort(9998, "")


def test_files_get_their_label_again_where_they_lost_it() -> None:
    host = folder()
    host.commands[FILES] = says(LISTED)
    assert FOLDER.compare(host)
    FOLDER.apply(host, print)
    assert host.acts[-1] == RESTORE
    assert not [each for each in host.acts if "-a" in each]


def test_a_file_that_is_not_there_yet_is_labelled_when_it_comes() -> None:
    program = SelinuxFiles("/opt/nginx-1.30/sbin/nginx", "httpd_exec_t", folder=False)
    assert program.pattern == r"/opt/nginx-1\.30/sbin/nginx"
    host = FakeHost({("semanage",): says(), FILES: says(), ("test", "-e"): says("", 1)})
    program.apply(host, print)
    assert [each[0] for each in host.acts if each[0] == "restorecon"] == []
