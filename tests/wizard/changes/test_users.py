"""A system user: made where it is missing, and taken back just as far as it was made."""

from __future__ import annotations

import pytest

from tests.fake_host import FakeHost, says
from wizard.changes.users import MakeUser, RemoveUser

WWW = MakeUser("www")
PASSWD, GROUP = ("getent", "passwd", "www"), ("getent", "group", "www")


def machine(*there: tuple[str, ...]) -> FakeHost:
    """Give a machine with these entries, and tools that do as they are told."""
    tools = ("groupadd", "useradd", "userdel", "groupdel")
    entries = {
        each: says("www:x:999:\n") if each in there else says("", 2) for each in (PASSWD, GROUP)
    }
    return FakeHost(
        entries | {("test", "-x"): says()} | {(tool,): says() for tool in tools},
        {
            ("groupadd",): {GROUP: says("www:x:999:\n")},
            ("useradd",): {PASSWD: says("www:x:999:999::/nonexistent:/usr/sbin/nologin\n")},
            ("userdel",): {PASSWD: says("", 2)},
            ("groupdel",): {GROUP: says("", 2)},
        },
    )


@pytest.mark.parametrize(
    ("there", "inverse"),
    [
        ((), RemoveUser("www")),
        ((GROUP,), RemoveUser("www", group=False)),
        ((PASSWD,), RemoveUser("www", user=False)),
    ],
)
def test_what_was_missing_is_made_and_taken_back(
    there: tuple[tuple[str, ...], ...], inverse: RemoveUser
) -> None:
    host = machine(*there)
    found = WWW.compare(host)
    assert found
    assert found.inverse == inverse
    WWW.apply(host, print)
    assert WWW.compare(host) is None
    inverse.apply(host, print)
    assert inverse.compare(host) is None
    assert {each for each in (PASSWD, GROUP) if host.commands[each].ok} == set(there)


def test_a_user_that_is_there_is_used_as_it_is() -> None:
    host = machine(PASSWD, GROUP)
    assert WWW.compare(host) is None
    assert all(argv[0] == "getent" for argv in host.acts)


def test_busybox_does_it_in_its_own_words() -> None:
    host = machine()
    del host.commands[("test", "-x")]
    host.commands |= {("addgroup",): says(), ("adduser",): says()}
    host.effects = {
        ("addgroup",): {GROUP: says("www:x:999:\n")},
        ("adduser",): {PASSWD: says("www:x:999:999::/:/sbin/nologin\n")},
    }
    WWW.apply(host, print)
    assert WWW.compare(host) is None


def test_nobody_can_log_in_as_it() -> None:
    host = machine()
    WWW.apply(host, print)
    (add,) = (argv for argv in host.acts if argv[0] == "useradd")
    assert tuple(
        each for each in add if each in ("--system", "--no-create-home", "/usr/sbin/nologin")
    ) == ("--system", "--no-create-home", "/usr/sbin/nologin")
