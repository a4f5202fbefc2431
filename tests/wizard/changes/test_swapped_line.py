"""A line of somebody else's file in other words, and back; names led away from loopback."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST
from tests.fake_host import FakeHost, says
from tests.given import ANSWERS, FACTS, given
from tests.wizard.test_script import in_shell, run
from wizard.changes.swapped_line import SwappedLine
from wizard.executor import Executor
from wizard.facts import looped_lines, marked_names
from wizard.hosts import File
from wizard.journal import Journal
from wizard.steps import hosts_line
from wizard.steps.hosts_line import unlooped
from wizard.undo import UndoJournal, undo_plan

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.hosts import Host
    from wizard.plan import Step

IP, NAME = "192.0.2.1", "docker.benet.com"
FORMER = (
    b"127.0.0.1 localhost\r\n127.0.1.1\tdocker.benet.com d # a/b & \\c\r\n# caf\xe9\n127.0.1.1 x"
)


def swapped(path: Path) -> SwappedLine:
    former = "127.0.1.1\tdocker.benet.com d # a/b & \\c"
    return SwappedLine(str(path), former.replace("127.0.1.1", IP), former)


def test_the_line_alone_changes_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(FORMER)
    change = swapped(path)
    found = change.compare(HOST)
    assert found
    assert found.inverse
    assert found.inverse.key == change.key
    change.apply(HOST, print)
    assert change.compare(HOST) is None
    assert path.read_bytes() == FORMER.replace(b"127.0.1.1\t", b"192.0.2.1\t")
    found.inverse.apply(HOST, print)
    assert path.read_bytes() == FORMER


def test_a_line_that_somebody_rewrote_since_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(b"127.0.1.1 docker.benet.com\n")
    assert swapped(path).compare(HOST) is None
    assert swapped(tmp_path / "nowhere").compare(HOST) is None


def test_what_an_earlier_run_put_there_leads_back_to_what_was_before(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("b\n")
    change = SwappedLine(str(path), "c", "b", back="a")
    found = change.compare(HOST)
    assert found
    assert found.inverse == SwappedLine(str(path), "a", "c")
    assert found.inverse.key == change.key
    as_before = SwappedLine(str(path), "a", "b", back="a").compare(HOST)
    assert as_before
    assert as_before.inverse is None


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("127.0.1.1 docker.benet.com docker", f"{IP} docker.benet.com docker"),
        ("127.0.1.1\tdocker\tdocker.benet.com # x", f"{IP}\tdocker\tdocker.benet.com"),
        ("::1 docker.benet.com", f"{IP} docker.benet.com"),
        ("127.0.1.1 Docker.BENET.com Docker", f"{IP} Docker.BENET.com Docker"),
        ("127.0.0.1 localhost docker.benet.com  d # x", "127.0.0.1 localhost  d"),
        ("127.0.0.1 localhost Docker.benet.com", "127.0.0.1 localhost"),
        ("127.0.0.1 docker.benet.com docker localhost", "127.0.0.1 localhost"),
        ("127.0.0.1 localhost docker", ""),
        ("::1 ip6-localhost docker.benet.com", "::1 ip6-localhost"),
        ("127.0.1.1 other # docker.benet.com", ""),
        ("127.0.1.1 docker.benet.com # registry-wizard", ""),
        ("127.0.0.1 localhost", ""),
    ],
)
def test_names_are_led_away_from_loopback_and_localhost_stays(line: str, wanted: str) -> None:
    said = f"{wanted} # registry-wizard: was {line}" if wanted else line
    assert unlooped(line, IP, (NAME, "other.example")) == said


NOW, LATER = "192.168.1.107", "192.168.1.200"


@dataclass
class Machine:
    """A machine with a hosts file, and the wizard that makes its plan for it and takes it back."""

    folder: Path
    content: bytes
    host: FakeHost = field(default_factory=FakeHost)

    def __post_init__(self) -> None:
        self.host.files["/etc/hosts"] = File(self.content)

    @property
    def lines(self) -> list[str]:
        return self.host.files["/etc/hosts"].content.decode().splitlines()

    @property
    def journal(self) -> Journal:
        return Journal(self.folder)

    def plan(self, ip: str = NOW, name: str = NAME) -> Step:
        self.host.commands["cat", "/etc/hosts"] = says("\n".join(self.lines) + "\n")
        looped, marked = looped_lines(self.host), marked_names(self.host)
        facts = replace(FACTS, looped=looped, marked_names=marked)
        answers = replace(ANSWERS, registry=replace(ANSWERS.registry, ip=ip, hostname=name))
        return hosts_line.plan(replace(given(answers, facts), latest=self.journal.latest()))

    def apply(self, ip: str = NOW, name: str = NAME) -> int:
        plan = self.plan(ip, name)
        return Executor({"localhost": self.host}, self.journal, print).apply((plan,))

    def undo(self) -> None:
        hosts: dict[str, Host] = {"localhost": self.host}
        Executor(hosts, UndoJournal(self.journal, hosts), print).apply(undo_plan(self.journal))
        assert undo_plan(self.journal) == ()


FILES = {
    "debian": b"127.0.0.1 localhost\r\n127.0.1.1\tdocker.benet.com docker # mine\r\nlast",
    "cloud-init": b"127.0.0.1 docker.benet.com docker\n::1 docker.benet.com docker\n",
    "anaconda": b"127.0.0.1 docker.benet.com docker localhost.localdomain localhost\n",
    "one as it will be": b"192.168.1.107 docker.benet.com d\n127.0.1.1 docker.benet.com d\n",
    "localhost alone": b"127.0.0.1 localhost\n127.0.0.1 localhost docker.benet.com\n",
    "either order": b"127.0.0.1 localhost docker.benet.com\n127.0.0.1 docker.benet.com localhost\n",
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
@pytest.mark.parametrize("ips", [(NOW,), (NOW, LATER), (NOW, LATER, NOW)], ids=len)
def test_names_follow_the_address_and_undo_gives_every_byte_back(
    ips: tuple[str, ...], content: bytes, tmp_path: Path
) -> None:
    machine, theirs = (
        Machine(tmp_path, content),
        {NOW} if content.startswith(NOW.encode()) else set(),
    )
    for ip in ips:
        assert machine.apply(ip) > 0
        assert machine.apply(ip) == 0
        led = {line.split()[0] for line in machine.lines if NAME in line.partition("#")[0]}
        assert led == {ip} | theirs
    machine.undo()
    assert machine.host.files["/etc/hosts"].content == content


def test_a_line_moved_for_a_former_name_stands_as_it_did(tmp_path: Path) -> None:
    content = b"127.0.0.1 localhost docker.benet.com\n"
    machine = Machine(tmp_path, content)
    machine.apply()
    machine.apply(LATER, "other.benet.com")
    assert machine.lines == [
        f"{LATER}\tother.benet.com\t# registry-wizard",
        "127.0.0.1 localhost docker.benet.com",
    ]
    machine.undo()
    assert machine.host.files["/etc/hosts"].content == content


def test_the_short_name_goes_along_and_the_full_one_stays_the_first(tmp_path: Path) -> None:
    machine = Machine(tmp_path, FILES["anaconda"])
    for _ in range(2):
        machine.apply()
        assert machine.lines[0] == f"{NOW}\t{NAME} docker\t# registry-wizard"
        assert machine.lines[1].startswith("127.0.0.1 localhost.localdomain localhost # ")


def test_the_script_does_the_same(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(FORMER)
    run(tmp_path, in_shell(swapped(path)))
    assert path.read_bytes() == FORMER.replace(b"127.0.1.1\t", b"192.0.2.1\t")
