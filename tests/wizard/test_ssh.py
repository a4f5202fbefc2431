"""SshHost: the words that ssh is given, and a sentence for each way in which it fails."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from wizard import client_lock, ssh
from wizard.errors import WizardError
from wizard.hosts import ENVIRONMENT, File, Folder, LocalHost, Log, Result
from wizard.refusals import UnknownHostKey, Unreachable
from wizard.ssh import SshHost
from wizard.talk import Talk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.hosts import Argv

KEY = "SHA256:" + "A" * 43
DENIED = "ops@10.0.0.9: Permission denied (publickey)."
UNKNOWN = (
    "No ED25519 host key is known for 10.0.0.9 and you have requested strict checking.\n"
    "Host key verification failed."
)


@dataclass(frozen=True)
class Wire(LocalHost):
    """This machine as the other end: what ssh would run there is run in a shell here."""

    refuses: str = ""  # what ssh says instead of connecting
    sudo: str = ""  # what sudo says instead of running anything
    shown: str = KEY
    uid: str = "0"
    cut: bool = False  # the connection is gone
    greets: str = ""  # what its shell prints before each command
    said: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
        self.said.append(argv)
        if argv[0] == "ssh-keygen":
            listed = f"256 {self.shown} 10.0.0.9 (ED25519)\n" if self.shown else ""
            return Result(argv, 0, listed, "")
        failed = {"-O": "no such master", "StrictHostKeyChecking=accept-new": DENIED}
        if not self.shown:
            failed["StrictHostKeyChecking=accept-new"] = self.refuses
        if self.refuses:
            failed["-N"] = self.refuses
        if self.cut:
            failed["ssh"] = "client_loop: send disconnect: Broken pipe"
        said = next((text for word, text in failed.items() if word in argv), None)
        if said is not None or "-N" in argv:
            return Result(argv, 255 if said else 0, "", said or "")
        return self._there(argv, stdin)

    def _there(self, argv: tuple[str, ...], stdin: bytes) -> Result:
        line = argv[-1].removeprefix("exec ")
        if line.startswith("sudo ") and self.sudo:
            return Result(argv, 1, "", self.sudo)
        if line.endswith(" id -u"):
            return Result(argv, 0, f"{self.uid}\n", "")
        words = ("sh", "-c", line.removeprefix("sudo -n -- "))
        done = subprocess.run(words, input=stdin, capture_output=True, check=False)
        out = f"{self.greets}\n" * bool(self.greets) + done.stdout.decode()
        return Result(argv, done.returncode, out, done.stderr.decode())


@pytest.fixture(autouse=True)
def sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "SOCKETS", tmp_path / "sockets")


def host(**more: object) -> SshHost:
    return SshHost("10.0.0.9", local=Wire(**more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "sentence", "hint"),
    [
        (DENIED, "does not let root in with the keys", "ssh-copy-id root@10.0.0.9"),
        (f"@ REMOTE HOST IDENTIFICATION HAS CHANGED! @\n{UNKNOWN}", "another SSH host key", "-R"),
        ("ssh: connect to host 10.0.0.9 port 22: Connection refused", "accepts no SSH", "sshd"),
        ("ssh: connect to host 10.0.0.9 port 22: No route to host", "no way to 10.0.0.9", "cable"),
        ("ssh: connect to host 10.0.0.9 port 22: Connection timed out", "not answer", "firewall"),
        ("ssh: Could not resolve hostname x: Name or service not known", "leads nowhere", "DNS"),
        ("kex_exchange_identification: read: Connection reset by peer", "reset by peer", "try:"),
    ],
)
def test_each_refusal_is_a_sentence_with_a_way_out(said: str, sentence: str, hint: str) -> None:
    with pytest.raises(Unreachable) as caught:
        host(refuses=said).connect()
    assert sentence in str(caught.value)
    assert hint in caught.value.hint


def test_an_unknown_host_key_is_told_with_its_fingerprint() -> None:
    with pytest.raises(UnknownHostKey) as caught:
        host(refuses=UNKNOWN).connect()
    assert caught.value.fingerprint == KEY
    assert KEY in str(caught.value)
    assert f'host_key = "{KEY}"' in caught.value.hint


def test_another_key_than_the_answered_one_is_refused() -> None:
    wanted = "SHA256:" + "B" * 43
    with pytest.raises(Unreachable, match=f"shows the SSH host key {KEY}, and host_key says"):
        SshHost("10.0.0.9", host_key=wanted, local=Wire()).connect()


def test_the_answered_key_is_the_only_one_believed() -> None:
    wire = Wire()
    SshHost("10.0.0.9", host_key=KEY, local=wire).connect()
    opened = next(words for words in wire.said if "-N" in words)
    known = next(word for word in opened if word.startswith("UserKnownHostsFile="))
    assert "known_hosts" not in known.partition("=")[2]
    assert "StrictHostKeyChecking=yes" in opened


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("sudo: a password is required", "sudo on 10.0.0.9 asks this user for a password"),
        ("ops is not in the sudoers file.", "cannot become root on 10.0.0.9: ops is not in"),
    ],
)
def test_who_cannot_become_root_is_told_why(said: str, sentence: str) -> None:
    with pytest.raises(Unreachable, match=sentence):
        host(uid="1000", sudo=said).connect()


def test_a_lost_connection_is_told_as_one() -> None:
    there = host(cut=True)
    there.used = time.monotonic()
    with pytest.raises(Unreachable, match="was lost: client_loop: send disconnect: Broken pipe"):
        there.run("true")


def test_a_connection_that_ended_for_want_of_use_is_opened_again_with_the_same_key() -> None:
    wire = Wire()
    there = SshHost("10.0.0.9", host_key=KEY, local=wire)
    there.connect()
    there.used = time.monotonic() - 61
    wire.said.clear()
    assert there.run("echo", "again").out == "again\n"
    opened = next(words for words in wire.said if "-N" in words)
    known = next(word for word in opened if word.startswith("UserKnownHostsFile="))
    assert "known_hosts" not in known.partition("=")[2]
    wire.said.clear()
    there.run("true")
    assert len(wire.said) == 1
    assert "ProxyCommand=false" in wire.said[0]  # by that connection, or not at all


def test_an_unknown_jump_host_is_told_as_one() -> None:
    with pytest.raises(Unreachable, match="is not known here: a jump"):
        host(refuses="Host key verification failed.", shown="").connect()


def test_a_shell_that_greets_is_told_of_before_anything_is_read() -> None:
    with pytest.raises(Unreachable, match="prints a text before every command: Welcome"):
        host(greets="Welcome\nback").connect()


def test_what_stat_and_base64_say_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    greeted = host(greets="Welcome")
    with pytest.raises(WizardError, match=r"which answers: Welcome"):
        greeted.read(str(tmp_path / "file"))
    with pytest.raises(WizardError, match=r"which answers: Welcome"):
        greeted.folder(str(tmp_path))


def test_users_ports_and_ssh_settings() -> None:
    wire = Wire()
    SshHost("web1", "ops", 2222, local=wire).run("true")
    words = wire.said[-1]
    assert words[-2:] == ("web1", words[-1])
    assert words[words.index("-l") : words.index("-l") + 2] == ("-l", "ops")
    assert words[words.index("-p") : words.index("-p") + 2] == ("-p", "2222")
    SshHost("web1", local=wire).run("true")
    assert "-l" not in wire.said[-1]
    assert "-p" not in wire.said[-1]


def test_words_reach_the_other_end_as_they_are() -> None:
    odd = "a b'c\"d$(reboot)\n;`x` \\ é"
    assert host().run("printf", "%s|", odd, "-n", "").out == f"{odd}|-n||"
    assert host().run("no-such-command").code == 127


def test_files_and_folders_there(tmp_path: Path) -> None:
    path, there = str(tmp_path / "a file"), host()
    assert there.read(path) is None
    content = bytes(range(256)) * 3
    there.write(path, File(content, 0o640, "root", "root"))
    assert there.read(path) == File(content, 0o640, "root", "root")
    there.make_link(f"{path}.link", path)
    assert there.link(f"{path}.link") == path
    there.write(f"{path}.link", File(b"through", 0o600))
    assert (there.link(f"{path}.link"), there.read(path)) == (path, File(b"through", 0o600))
    there.remove(path)
    assert there.read(path) is None
    folder = str(tmp_path / "a folder")
    assert there.folder(folder) is None
    there.make_folder(folder, Folder(0o750))
    assert there.folder(folder) == Folder(0o750)
    assert there.remove_folder(folder)
    assert there.remove_folder(folder)
    assert there.folder(folder) is None
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a file.link"]


def test_a_write_that_breaks_off_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("former")

    class Half(SshHost):
        def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
            return super().run(*argv, stdin=stdin[: len(stdin) // 2], log=log)

    with pytest.raises(WizardError, match="the connection broke off"):
        Half("10.0.0.9", local=Wire()).write(str(path), File(b"x" * 1000))
    assert path.read_text() == "former"
    assert [each.name for each in tmp_path.iterdir()] == ["hosts"]


def test_what_cannot_be_written_is_told_with_the_machines_name(tmp_path: Path) -> None:
    with pytest.raises(WizardError, match=r"could not be written on 10\.0\.0\.9: .*No such file"):
        host().write(str(tmp_path / "nowhere/file"), File(b""))
    with pytest.raises(WizardError, match="invalid user"):
        host().write(str(tmp_path / "file"), File(b"", owner="nobody-of-this-name"))
    assert list(tmp_path.iterdir()) == []


@dataclass(frozen=True)
class Narrow(Wire):
    """What sshd's MaxSessions lets through: so many commands at once."""

    most: int = 1
    held: list[int] = field(default_factory=list)

    @contextlib.contextmanager
    def beside(self, *argv: str, beat: float = 0) -> Iterator[str]:
        self.held.append(1)
        yield "free"
        self.held.clear()

    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
        if len(self.held) < self.most or argv[-1] == "10.0.0.9":  # else there is a command
            return super().run(*argv, stdin=stdin, log=log)
        return Result(argv, 255, "", "session request failed: Session open refused by peer")


@pytest.mark.parametrize(("most", "held"), [(1, []), (10, [1])])
def test_a_lock_that_would_take_the_only_session_is_given_up(most: int, held: list[int]) -> None:
    wire = Narrow(most=most)
    there = SshHost("10.0.0.9", local=wire)
    with there.alone():
        assert (there.run("echo", "at work").out, wire.held) == ("at work\n", held)
    assert wire.held == []


def test_a_session_that_is_refused_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Narrow(held=[1])
    monkeypatch.setattr(time, "sleep", lambda _: wire.held.clear())
    assert SshHost("10.0.0.9", local=wire).run("echo", "later").out == "later\n"


SHELLS = pytest.mark.parametrize("shell", [("dash",), ("bash",), ("busybox", "sh")])


@SHELLS
def test_a_shell_gives_each_commands_code_and_both_outputs_as_they_are(shell: Argv) -> None:
    talk = Talk(shell, ENVIRONMENT)
    try:
        assert talk.ask("sh -c 'echo out; echo err >&2; exit 3'") == (3, b"out\n", b"err\n")
        assert talk.ask(r"printf '\377\000 no end'") == (0, b"\xff\0 no end", b"")
        assert talk.ask("printf %s 'two\nlines'") == (0, b"two\nlines", b"")
        assert talk.ask("cat") == (0, b"", b"")
        killed = talk.ask("sh -c 'kill -9 $$'")
        assert killed
        assert killed[0] == 137
        much = talk.ask("sh -c 'yes out | head -n 99999; yes err | head -n 99999 >&2'")
        assert much == (0, b"out\n" * 99999, b"err\n" * 99999)
        missing = talk.ask("no-such-command")
        assert missing
        assert missing[0] == 127
    finally:
        talk.hang_up()


def test_a_shell_that_is_gone_says_so() -> None:
    talk = Talk(("sh", "-c", "read -r line; exit 0"), ENVIRONMENT)
    assert (talk.ask("true"), talk.ask("true")) == (None, None)
    talk.hang_up()


def test_what_only_looks_goes_by_the_shell_and_by_itself_where_that_is_gone() -> None:
    wire = Wire()
    there = SshHost("10.0.0.9", local=wire, talk=Talk(("sh",), ENVIRONMENT))
    there.used = time.monotonic()
    assert there.run("echo", "it's").out == "it's\n"
    assert wire.said == []
    assert there.run("cat", stdin=b"given").out == "given"
    assert len(wire.said) == 1
    there.hang_up()
    there.talk = Talk(("false",), ENVIRONMENT)
    assert there.run("echo", "again").out == "again\n"
    assert len(wire.said) == 2
    assert not there.hang_up()


def test_a_shell_gives_way_where_sessions_are_few() -> None:
    there = SshHost("10.0.0.9", local=Narrow(held=[1]), talk=Talk(("sh",), ENVIRONMENT))
    there.used = time.monotonic()
    given_back = there.hang_up

    def hang_up() -> bool:
        there.local.held.clear()  # type: ignore[attr-defined]
        return given_back()

    there.hang_up = hang_up  # type: ignore[method-assign]
    assert there.run("cat", stdin=b"given").out == "given"
    assert there.talk is None


@dataclass(frozen=True)
class Locked:
    """The script that holds the lock, in a shell here, with a file of its own."""

    path: Path
    shell: tuple[str, ...]

    def held(
        self, name: str, number: str, seconds: str = "60", beat: float = 60
    ) -> contextlib.AbstractContextManager[str]:
        script = client_lock.LOCK.replace("/run/registry-wizard.lock", str(self.path))
        script = script.replace("/var/lib/registry-wizard/lock", f"{self.path}.none")
        words = (*self.shell, "-c", script, "sh", name, number, seconds)
        return LocalHost().beside(*words, beat=beat)

    @property
    def free(self) -> bool:
        return LocalHost().run("flock", "-n", str(self.path), "true").ok


@pytest.fixture(params=[("dash",), ("bash",), ("busybox", "sh")], ids=["dash", "bash", "busybox"])
def locked(request: pytest.FixtureRequest, tmp_path: Path) -> Locked:
    return Locked(tmp_path / "lock", request.param)


def test_a_lock_is_held_as_long_as_there_are_signs_of_life(locked: Locked) -> None:
    with locked.held("me", "x", "1", beat=0.2) as said:
        assert said == "free"
        time.sleep(2.5)
        assert not locked.free
        assert locked.path.read_text().startswith("me x ")
    assert locked.free
    assert locked.path.read_text() == ""
    with locked.held("me", "x", "0.5"):
        time.sleep(1.5)
        assert locked.free


def test_a_lock_gives_way_to_its_own_server_alone(locked: Locked) -> None:
    with locked.held("me", "x") as first, locked.held("you", "y") as other:
        assert (first, other) == ("free", "held me")
        with locked.held("me", "x") as second:
            assert second == "free"
            assert not locked.free
        assert locked.free


def test_a_server_that_is_its_own_client_has_its_lock_already(locked: Locked) -> None:
    with locked.held("me", client_lock.own_id()) as said:
        assert (said, locked.path.exists()) == ("free", False)


def test_copies_of_one_machine_are_told_apart_by_their_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = client_lock.own_id()
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(nodename="copy"))
    assert client_lock.own_id() != own
