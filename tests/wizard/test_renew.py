"""Renewing the certificate: when, what is touched, and that the former one comes back."""

from __future__ import annotations

import datetime as dt
import json
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost, recorded, says
from tests.own_ca import DAY, own_ca
from wizard import pki
from wizard.answers import Answers, Certificate, ClientSide, Registry
from wizard.client_session import ClientSession
from wizard.errors import Blocked, ChecksFailed, WizardError
from wizard.events import Checked, Event, Finished, Found, Line
from wizard.hosts import Argv, File, Log, Result
from wizard.join import CA as PUBLISHED
from wizard.journal import Journal
from wizard.lock import held
from wizard.renew import renew
from wizard.session import PKI, Session, wanted_certificates
from wizard.sheet import dump
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = dt.datetime.now(dt.UTC)
ACTIVE = ("systemctl", "is-active", "--quiet", "nginx")
ENABLED = ("systemctl", "is-enabled", "--quiet", "nginx")
RESET = ("systemctl", "reset-failed", "nginx")
START = ("systemctl", "start", "nginx")
CERTIFICATE, KEY, CA_KEY = f"{PKI}/server.crt", f"{PKI}/server.key", f"{PKI}/ca.key"


@dataclass
class Nginx:
    """A TLS server that takes a pair when it is reloaded, if that is one."""

    folder: Path
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    context: ssl.SSLContext | None = None
    default: ssl.SSLContext | None = None  # another site, for whoever names none

    def load(self, certificate: bytes, key: bytes) -> bool:
        paths = self.folder / "crt", self.folder / "key"
        for path, content in zip(paths, (certificate, key), strict=True):
            path.write_bytes(content)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with suppress(ssl.SSLError):
            context.load_cert_chain(*paths)
            context.sni_callback = self._site
            self.context = context
            return True
        return False

    def _site(self, asked: ssl.SSLObject, name: str, _: ssl.SSLContext) -> None:
        if not name and self.default:
            asked.context = self.default

    def serve(self) -> None:
        with suppress(OSError):  # until it is closed
            while True:
                taken, _ = self.listener.accept()
                assert self.context
                with taken, suppress(OSError):
                    self.context.wrap_socket(taken, server_side=True).close()


@dataclass
class Server(FakeHost):
    """A machine whose nginx really serves what its files say."""

    nginx: Nginx | None = None
    deaf: bool = False  # a reload succeeds and nothing comes of it
    broken: str = ""  # what nginx says of its files, whatever the pair is

    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
        self.acts.append(argv)
        if argv == ("nginx", "-t"):
            said = self.broken or ("" if self._takes(try_only=True) else f'[emerg] "{KEY}"')
            return says("", int(bool(said)), said)
        if argv == ("systemctl", "reload", "nginx"):
            return says("", int(not self._takes(try_only=self.deaf)))
        if argv == START and not self.deaf and self._takes(try_only=False):
            self.commands[ACTIVE] = says()
        return super().run(*argv, stdin=stdin, log=log)

    def _takes(self, *, try_only: bool) -> bool:
        assert self.nginx
        to = Nginx(self.nginx.folder, self.nginx.listener) if try_only else self.nginx
        return to.load(*(self.files[path].content for path in (CERTIFICATE, KEY)))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Give a machine with a CA of 300 days and a pair that is new."""
    monkeypatch.setattr("wizard.shown.SECONDS", 0.3)
    nginx = Nginx(tmp_path)
    host = recorded("debian-12")
    made = Server(**vars(host), nginx=nginx)
    made.commands |= {
        ("nginx", "-v"): says(),
        ("nginx", "-T"): says(),
        ("date", "+%s"): says(str(int(NOW.timestamp()))),
        ACTIVE: says(),
        ENABLED: says(),
    }
    registry = Registry("docker.benet.com", "192.168.1.107")
    there, connect = nginx.listener.getsockname(), socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda _, seconds: connect(there, seconds))
    made.files[RECORD] = File(dump(Answers(registry=registry)).encode(), 0o600)
    ca = own_ca(life=(NOW - 300 * DAY, NOW + 3000 * DAY))
    made.files |= {f"{PKI}/ca.crt": File(ca.pem), CA_KEY: File(ca.key_pem, 0o400)}
    age(made, 0)
    threading.Thread(target=nginx.serve, daemon=True).start()
    yield made
    nginx.listener.shutdown(socket.SHUT_RDWR)
    nginx.listener.close()


def age(server: Server, days: int) -> None:
    """Put a pair in place that was made so long ago, and serve it."""
    answers = Session({}, server).former()
    assert answers
    ca = pki.Authority(server.files[f"{PKI}/ca.crt"].content, server.files[CA_KEY].content)
    made = pki.issue(wanted_certificates(answers), ca, NOW - days * DAY)
    server.files |= {CERTIFICATE: File(made.certificate), KEY: File(made.key, 0o600)}
    assert server.run("systemctl", "reload", "nginx").ok
    server.acts.clear()


def again(server: Server, folder: Path, *, force: bool = False) -> tuple[int, list[Event]]:
    told: list[Event] = []
    session = Session({}, server, Journal(folder / "journal"))
    return renew(session, told.append, force=force, log=lambda tell: tell), told


def writes(server: Server) -> list[Argv]:
    return [each for each in server.acts if each[0] in ("write", "remove")]


def record(folder: Path) -> str:
    path = folder / "journal/journal.jsonl"
    return path.read_text() if path.exists() else ""


def test_before_time_nothing_is_touched(server: Server, tmp_path: Path) -> None:
    code, told = again(server, tmp_path)
    due = NOW + 199 * DAY * 2 / 3
    assert code == 0
    assert len(told) == 1
    assert isinstance(told[0], Finished)
    assert "The certificate has 198 days left; a new one is due on" in told[0].message
    assert f"{due:%Y-%m}" in told[0].message
    assert (writes(server), record(tmp_path)) == ([], "")
    assert not (tmp_path / "journal").exists()


@pytest.mark.parametrize(("days", "force"), [(140, False), (250, False), (0, True)])
def test_the_pair_alone_is_made_anew_and_seen_under_every_name(
    server: Server, tmp_path: Path, days: int, *, force: bool
) -> None:
    age(server, days)
    former = dict(server.files)
    code, told = again(server, tmp_path, force=force)
    assert code == 0
    issued = f"{PKI}/issued/{pki.serial(server.files[CERTIFICATE].content)}.crt"
    assert [path for _, path in writes(server)] == [KEY, CERTIFICATE, issued]
    assert {path: file for path, file in server.files.items() if former.get(path) != file} == {
        KEY: server.files[KEY],
        CERTIFICATE: server.files[CERTIFICATE],
        issued: File(server.files[CERTIFICATE].content),
    }
    assert server.files[KEY].mode == 0o600
    seen = [each.seen.split()[0] for each in told if isinstance(each, Checked)]
    assert seen == ["docker.benet.com", "192.168.1.107"]
    assert isinstance(told[-1], Finished)
    assert told[-1].changed == 3
    assert again(server, tmp_path)[1] == again(server, tmp_path)[1]
    assert "PRIVATE" not in record(tmp_path) + repr(told)


def test_a_run_that_was_cut_off_before_nginx_was_told_is_ended(
    server: Server, tmp_path: Path
) -> None:
    age(server, 140)
    session = Session({}, server, Journal(tmp_path / "journal"))
    server.commands[ACTIVE] = says("", 3)
    served = server.nginx and server.nginx.context
    with pytest.raises(ChecksFailed, match="nginx does not run"):
        renew(session, lambda _: None, force=False, log=lambda tell: tell)
    assert server.nginx
    assert server.nginx.context is served  # it was not told, and the pair stays
    line = record(tmp_path).splitlines()[-1]
    assert json.loads(line) == {"settled": "authority"}
    (tmp_path / "journal/journal.jsonl").write_text(record(tmp_path).removesuffix(f"{line}\n"))
    server.commands[ACTIVE] = says()
    pair = server.files[KEY], server.files[CERTIFICATE]
    code, told = again(server, tmp_path)
    assert code == 0
    assert told[0] == Line(
        "authority", "nginx has not been told of the certificate that lies there"
    )
    assert (server.files[KEY], server.files[CERTIFICATE]) == pair
    assert len(again(server, tmp_path)[1]) == 1


def test_a_name_that_another_site_answers_is_told_and_takes_nothing_back(
    server: Server, tmp_path: Path
) -> None:
    age(server, 140)
    other = own_ca()
    assert server.nginx
    site = Nginx(tmp_path, server.nginx.listener)
    assert site.load(other.pem, other.key_pem)
    server.nginx.default, former = site.context, server.files[CERTIFICATE]
    code, told = again(server, tmp_path)
    assert code == 0
    assert server.files[CERTIFICATE] != former
    assert [each.verdict for each in told if isinstance(each, Checked)] == ["passed", "warning"]
    assert isinstance(told[-2], Checked)
    assert told[-2].seen.startswith("192.168.1.107 shows a certificate that is refused:")
    assert told[-2].seen.endswith("; it did not show the former one either")


def test_where_nobody_saw_the_former_one_the_new_one_stays(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(server, 140)
    former = server.files[CERTIFICATE]

    def refuse(*_: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(ChecksFailed, match=r"nobody sees it: docker\.benet\.com cannot be reached"):
        again(server, tmp_path)
    assert server.files[CERTIFICATE] != former
    assert len(again(server, tmp_path)[1]) == 1


def test_an_nginx_that_gave_up_on_a_torn_pair_is_started_again(
    server: Server, tmp_path: Path
) -> None:
    tear(server)
    assert again(server, tmp_path)[0] == 0
    began = [each for each in server.acts if each in (RESET, START)]
    assert list(dict.fromkeys(began)) == [RESET, START]
    assert server.commands[ACTIVE].ok
    assert len(again(server, tmp_path)[1]) == 1


def tear(server: Server) -> None:
    """Leave a key without its certificate, and nginx down over it."""
    server.files[KEY] = File(own_ca().key_pem, 0o600)
    server.commands[ACTIVE] = says("", 3)
    assert server.nginx
    server.nginx.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # no handshake comes about


def test_one_that_was_stopped_on_purpose_is_left_alone(server: Server, tmp_path: Path) -> None:
    tear(server)
    server.commands[ENABLED] = says("", 1)
    with pytest.raises(ChecksFailed, match="nginx does not run"):
        again(server, tmp_path)
    assert START not in server.acts
    assert pki.belong_together((server.files[CERTIFICATE].content, server.files[KEY].content))


def test_where_it_does_not_start_the_new_pair_stays(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tear(server)
    monkeypatch.setattr("wizard.changes.services.START_SECONDS", 0)
    server.deaf = True
    with pytest.raises(ChecksFailed, match=r"in place, but nginx did not start nginx:"):
        again(server, tmp_path)
    assert pki.belong_together((server.files[CERTIFICATE].content, server.files[KEY].content))


def test_a_ca_that_somebody_replaced_is_not_taken_up(server: Server, tmp_path: Path) -> None:
    former = server.files[f"{PKI}/ca.crt"]
    server.files[PUBLISHED] = former
    assert again(server, tmp_path)[0] == 0
    server.files[PUBLISHED] = File(own_ca().pem)
    with pytest.raises(WizardError, match=f"another one than {PUBLISHED}, so") as refused:
        again(server, tmp_path, force=True)
    assert refused.value.hint == "run the wizard again, then visit the clients"
    ca = own_ca(life=(NOW - DAY, NOW + 3000 * DAY))
    server.files |= {
        f"{PKI}/ca.crt": File(ca.pem),
        CA_KEY: File(ca.key_pem),
        PUBLISHED: File(ca.pem),
    }
    with pytest.raises(WizardError, match=r"The CA was replaced: .* of the certificate") as refused:
        again(server, tmp_path)
    assert (type(refused.value), writes(server)) == (WizardError, [])


def test_a_key_without_its_certificate_is_replaced(server: Server, tmp_path: Path) -> None:
    server.files[KEY] = File(own_ca().key_pem, 0o600)
    code, told = again(server, tmp_path)
    assert code == 0
    assert "the server's key does not belong to the certificate" in repr(told[0])


def test_where_nginx_is_broken_already_nothing_is_touched(server: Server, tmp_path: Path) -> None:
    age(server, 140)
    server.broken = "[warn] old\n[emerg] unexpected } in /etc/nginx/conf.d/other.conf:1"
    with pytest.raises(
        WizardError, match=r"nothing was touched: \[emerg\] unexpected }"
    ) as refused:
        again(server, tmp_path)
    assert refused.value.exit_code == 1
    assert (writes(server), record(tmp_path)) == ([], "")


@pytest.mark.parametrize(
    ("days", "seen"),
    [(140, "still shows another"), (250, "shows a certificate that is refused: .* has expired")],
)
def test_what_nginx_does_not_show_is_taken_back_byte_for_byte(
    server: Server, tmp_path: Path, days: int, seen: str
) -> None:
    age(server, days)
    former = dict(server.files)
    server.deaf = True
    with pytest.raises(WizardError, match=rf"docker\.benet\.com {seen}") as refused:
        again(server, tmp_path)
    assert "The former certificate is back in place" in str(refused.value)
    assert refused.value.exit_code == 1
    assert server.files == former
    server.deaf = False
    assert again(server, tmp_path)[0] == 0


def test_what_nginx_refuses_in_between_is_taken_back(server: Server, tmp_path: Path) -> None:
    age(server, 140)
    former = dict(server.files)

    class Breaks(Server):
        def write(self, path: str, file: File) -> None:
            super().write(path, file)
            self.broken = "" if self.files[CERTIFICATE] == former[CERTIFICATE] else "[emerg] no"

    breaking = Breaks(**vars(server))
    with pytest.raises(WizardError, match="The former certificate is back in place"):
        again(breaking, tmp_path)
    assert breaking.files == former


def test_on_a_disk_that_is_full_the_former_pair_is_put_back(server: Server, tmp_path: Path) -> None:
    age(server, 140)
    former = dict(server.files)

    class Full(Server):
        def write(self, path: str, file: File) -> None:
            if path == CERTIFICATE and file != former[CERTIFICATE]:
                raise WizardError(f"{path} could not be written: No space left on device")
            super().write(path, file)

    full = Full(**vars(server))
    with pytest.raises(WizardError, match=r"No space left .*\nThe former certificate is back"):
        again(full, tmp_path)
    assert full.files == former
    lines = [json.loads(line) for line in record(tmp_path).splitlines()]
    assert [line.get("did") or line.get("settled") for line in lines] == [
        f"write {KEY}",
        f"write {CERTIFICATE}",
        "authority",
    ]


def test_whatever_ends_it_half_way_the_former_pair_is_put_back(
    server: Server, tmp_path: Path
) -> None:
    age(server, 140)
    former, told = dict(server.files), []

    def tell(event: Event) -> None:
        told.append(event)
        if server.files[KEY] != former[KEY]:
            raise BrokenPipeError("nobody listens any more")

    session = Session({}, server, Journal(tmp_path / "journal"))
    with pytest.raises(BrokenPipeError, match="nobody listens"):
        renew(session, tell, force=False, log=lambda tell: tell)
    assert server.files == former
    assert told[-1] == Line("authority", "The former certificate is back in place")


def test_where_it_cannot_be_put_back_it_says_where_the_former_key_is(
    server: Server, tmp_path: Path
) -> None:
    age(server, 140)
    former = dict(server.files)

    class Stuck(Server):
        def write(self, path: str, file: File) -> None:
            if path == CERTIFICATE or file == former[KEY]:
                raise WizardError(f"{path} could not be written: Read-only file system")
            super().write(path, file)

    with pytest.raises(WizardError, match=r"could not be put back: .* Read-only") as refused:
        again(Stuck(**vars(server)), tmp_path)
    said = f"The former {KEY} is kept as "
    kept = [line for line in str(refused.value).splitlines() if line.startswith(said)]
    assert len(kept) == 1
    assert Path(kept[0].removeprefix(said)).read_bytes() == former[KEY].content


def test_where_nothing_was_written_nothing_is_put_back(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(server, 140)

    def full(*_: object) -> None:
        raise WizardError("The journal cannot be written: No space left on device")

    monkeypatch.setattr(Journal, "record", full)
    with pytest.raises(WizardError) as refused:
        again(server, tmp_path)
    assert str(refused.value) == "The journal cannot be written: No space left on device"
    assert writes(server) == []


def test_another_wizard_is_waited_for_with_its_name(server: Server, tmp_path: Path) -> None:
    age(server, 140)
    (tmp_path / "journal").mkdir()
    with held(tmp_path / "journal/lock"), pytest.raises(Blocked, match="is at work here") as found:
        again(server, tmp_path)
    assert found.value.exit_code == 3
    assert writes(server) == []


def test_without_the_key_of_the_ca_it_says_who_could_sign(server: Server, tmp_path: Path) -> None:
    server.files.pop(CA_KEY)
    assert again(server, tmp_path)[0] == 0  # nothing has to be signed yet
    server.files[KEY] = File(own_ca().key_pem, 0o600)
    with pytest.raises(WizardError, match=f"{CA_KEY} is not there"):
        again(server, tmp_path)
    assert writes(server) == []


def test_a_ca_that_ends_before_a_certificate_would_is_told(server: Server, tmp_path: Path) -> None:
    ca = own_ca(life=(NOW - 300 * DAY, NOW + 100 * DAY))
    server.files |= {f"{PKI}/ca.crt": File(ca.pem), CA_KEY: File(ca.key_pem, 0o400)}
    age(server, 0)
    code, told = again(server, tmp_path, force=True)
    assert code == 0
    short = [each.text for each in told if isinstance(each, Found)]
    assert len(short) == 1
    assert "no certificate of it lasts longer (199 days are wanted)" in short[0]
    code, told = again(server, tmp_path)  # a further one would end no later
    assert [type(each) for each in told] == [Found, Finished]
    assert isinstance(told[1], Finished)
    assert told[1].message == (
        "The certificate has 100 days left, and ends with its CA: only a new CA helps"
    )


def test_other_days_that_were_answered_are_what_the_next_run_brings(
    server: Server, tmp_path: Path
) -> None:
    answers = Session({}, server).former()
    assert answers
    shorter = replace(answers, certificate=Certificate(days=30))
    server.files[RECORD] = File(dump(shorter).encode(), 0o600)
    assert again(server, tmp_path)[0] == 0
    assert pki.days_left(server.files[CERTIFICATE].content, NOW) == 29


def test_where_there_is_none_there_is_nothing_to_renew(tmp_path: Path) -> None:
    with pytest.raises(WizardError, match="no registry of ours on this machine") as refused:
        renew(Session({}, FakeHost(), Journal(tmp_path)), print, force=True)
    assert refused.value.exit_code == 1


def test_a_client_has_no_certificate_of_its_own(tmp_path: Path) -> None:
    registry, ca = (
        Registry("docker.benet.com", "192.168.1.107"),
        ClientSide(ca_fingerprint="9f" * 32),
    )
    answers = Answers(role="client", registry=registry, client=ca)
    host = FakeHost(files={RECORD: File(dump(answers).encode())})
    with pytest.raises(Blocked, match="a client of a registry") as refused:
        renew(ClientSession({}, host, Journal(tmp_path)), print, force=False)
    assert "docker.benet.com" in refused.value.hint
