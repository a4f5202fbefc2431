"""SELinux' switches and labels, put as they must be, and as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fake_host import Answers, FakeHost, says
from wizard.changes.selinux import SelinuxBoolean, SelinuxFiles, SelinuxPort

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.hosts import Argv

HEAD = "SELinux Port Type              Proto    Port Number\n\n"
PORTS = (
    f"{HEAD}http_cache_port_t              tcp      8080, 8118, 8123, 10001-10010\n"
    "http_cache_port_t              udp      3130\n"
    "http_port_t                    tcp      80, 81, 443, 488, 8008, 8009, 8443, 9000\n"
    "ssh_port_t                     tcp      22\n"
    "unreserved_port_t              tcp      61001-65535, 1024-32767\n"
)
LIST, OWN = ("semanage", "port", "-l"), ("semanage", "port", "-l", "-C")
FILES = ("semanage", "fcontext", "-l", "-C")
LABEL = ("stat", "-c", "%C", "/opt/data/registry")
FOLDER = SelinuxFiles("/opt/data/registry", "container_file_t")
PATTERN = "/opt/data/registry(/.*)?"
LISTED = f"{PATTERN}      all files          system_u:object_r:container_file_t:s0 \n"
ADD_PORT: Argv = ("semanage", "port", "-a", "-t", "http_port_t", "-p", "tcp", "8444")
RESTORE: Argv = ("restorecon", "-R", "-F", "/opt/data/registry")


def boolean() -> FakeHost:
    get, put = ("getsebool", "httpd_can_network_connect"), ("setsebool", "-P")
    said: dict[str, Answers] = {
        word: {get: says(f"{get[1]} --> {word}\n")} for word in ("on", "off")
    }
    effects: dict[Argv, Answers] = {(*put, get[1], word): said[word] for word in said}
    return FakeHost({put: says()} | said["off"], effects)


def port() -> FakeHost:
    own = f"{HEAD}http_port_t                    tcp      8444\n"
    there = PORTS.replace("tcp      80, ", "tcp      8444, 80, ")
    former = {LIST: says(PORTS), OWN: says(HEAD)}
    return FakeHost(
        {("semanage",): says(), **former},
        {
            ADD_PORT: {LIST: says(there), OWN: says(own)},
            ("semanage", "port", "-d", "-p", "tcp", "8444"): former,
        },
    )


def folder() -> FakeHost:
    add = ("semanage", "fcontext", "-a", "-t", "container_file_t", PATTERN)
    return FakeHost(
        {
            ("semanage",): says(),
            FILES: says(),
            ("test", "-e"): says(),
            RESTORE: says(),
            LABEL: says("unconfined_u:object_r:usr_t:s0\n"),
        },
        {
            add: {FILES: says(LISTED), LABEL: says("system_u:object_r:container_file_t:s0\n")},
            ("semanage", "fcontext", "-d", PATTERN): {
                FILES: says(),
                LABEL: says("unconfined_u:object_r:usr_t:s0\n"),
            },
        },
    )


ROUND_TRIPS: dict[str, tuple[Change, FakeHost]] = {
    "boolean": (SelinuxBoolean("httpd_can_network_connect"), boolean()),
    "port": (SelinuxPort(8444), port()),
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


@pytest.mark.parametrize("number", [443, 8443, 8080])
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
