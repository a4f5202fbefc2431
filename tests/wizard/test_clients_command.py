"""The clients command: what it refuses, and the table that it prints."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost
from tests.given import given
from wizard import clients_command
from wizard.__main__ import main
from wizard.answers import Answers, Client, Registry
from wizard.changes.files import RemoveFile, WriteFile
from wizard.clients import roster
from wizard.errors import BadAnswers, BadUsage, WizardError
from wizard.hosts import File
from wizard.join import join_of
from wizard.journal import Journal
from wizard.plan import Step
from wizard.refusals import Unreachable
from wizard.session import Session
from wizard.sheet import dump
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.events import Event

ANSWERS = Answers(
    registry=Registry(hostname="docker.benet.com", ip="192.168.1.107"),
    clients=(Client("a"), Client("b", "ops")),
)


def nobody(client: Client) -> FakeHost:
    raise Unreachable(f"{client.host} does not answer by SSH", "is it switched on?")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    host = FakeHost(files={RECORD: File(dump(ANSWERS).encode(), 0o600)})
    return Session({}, host, Journal(tmp_path), connect=nobody)


def test_where_there_is_no_registry_there_are_no_clients(tmp_path: Path) -> None:
    empty = Session({}, FakeHost(), Journal(tmp_path))
    with pytest.raises(WizardError, match="no registry of ours on this machine"):
        clients_command.listed(empty, as_json=False)


def test_the_list_has_who_is_answered_and_how_it_was_last(session: Session) -> None:
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3650, hours=1)).isoformat()
    trusting = ("docker", "system")
    good = roster.Entry(
        Client("a"), "Debian 12", trusting, "AB:CD:EF:01:23", until, "today", good=True
    )
    roster.enter(session.host, [good])
    lines = clients_command.listed(session, as_json=False).splitlines()
    assert lines[0].split("  ")[0] == "HOST"
    assert lines[1].split() == ["a", "docker,", "system", "AB:CD:EF:01", "3650", "today", "good"]
    assert lines[2].split() == ["b", "-", "-", "-", "never", "not", "tried", "yet"]
    rows = [json.loads(x) for x in clients_command.listed(session, as_json=True).splitlines()]
    assert [row["host"] for row in rows] == ["a", "b"]
    assert rows[0]["trusting"] == ["docker", "system"]
    assert set(rows[0]) == set(rows[1])


def test_who_is_no_client_cannot_be_removed_or_tried(session: Session) -> None:
    told: list[Event] = []
    with pytest.raises(BadUsage, match="c is no client of this registry"):
        clients_command.remove(session, ("a", "c"), told.append, force=True, dry_run=False)
    assert told == []


def test_a_client_that_cannot_be_named_is_refused_before_anything(session: Session) -> None:
    asked = clients_command.Asked(("x y",), "root", 22, "", ())
    with pytest.raises(BadAnswers, match=r"clients\[3\]\.host"):
        clients_command.add(session, asked, lambda _: None, dry_run=False)


def test_the_line_that_joins_is_pinned_by_the_scripts_digest(session: Session) -> None:
    with pytest.raises(WizardError, match=r"no .*ca\.crt on this machine"):
        clients_command.joining(session)
    trust = given().pki.trust
    session.host.files[clients_command.CA] = File(trust)  # type: ignore[attr-defined]
    shown = clients_command.joining(session)
    assert join_of(ANSWERS, trust).sha256 in shown
    assert "https://192.168.1.107/join.sh" in shown


def test_one_host_key_is_not_that_of_several_machines() -> None:
    with pytest.raises(BadUsage, match="key of one machine"):
        clients_command.Asked(("a", "b"), "root", 22, "SHA256:x", ()).clients()


def test_the_command_line_says_what_can_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["clients", "--help"])
    shown = capsys.readouterr().out
    assert all(verb in shown for verb in ("add", "remove", "list", "verify", "join"))
    with pytest.raises(SystemExit) as ended:
        main(["clients"])
    assert ended.value.code == 2


def test_a_client_that_was_taken_off_stays_off_whoever_fails_after_it(session: Session) -> None:
    gone: list[str] = []

    def taken(session: Session, name: str, *_: object, **__: object) -> int:
        if name == "b":
            raise WizardError("Somebody changed since what the wizard wrote")
        gone.append(name)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients_command, "_remove", taken)
        patch.setattr(clients_command, "logged", lambda tell: tell)
        with pytest.raises(WizardError, match="Somebody changed"):
            clients_command.remove(session, ("a", "b"), print, force=False, dry_run=False)
    former = session.former()
    assert former
    assert (gone, [each.host for each in former.clients]) == (["a"], ["b"])


def test_force_forgets_only_whom_nobody_reaches(session: Session) -> None:
    roster.enter(session.host, [roster.Entry(Client("a"))])
    step = Step("client a", "A client", "", (), host="a")
    session.journal.record(step, RemoveFile("/etc/x"), WriteFile("/etc/x", b"former"))

    def broken(client: Client) -> FakeHost:
        raise WizardError("/etc/hosts could not be read on a: I/O error")

    words = {"force": True, "dry_run": False}
    with pytest.raises(WizardError, match="I/O error"):
        clients_command.remove(replace(session, connect=broken), ("a",), print, **words)
    assert session.journal.hosts() == ("a",)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients_command, "logged", lambda tell: tell)
        clients_command.remove(session, ("a",), print, **words)
    assert session.journal.hosts() == ("localhost",)  # whose answers are kept without it
    assert roster.read_roster(session.host) == {}
