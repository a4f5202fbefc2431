"""A client's own session, on a machine made of tables: the CA, the plan, the record, undo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.given import ANSWERS as SERVER
from tests.given import given
from tests.wizard.clients.test_crew import machine
from wizard.answers import Answers, ClientSide, Registry
from wizard.client_session import CA, ClientSession
from wizard.clients import ca
from wizard.errors import Blocked, WizardError
from wizard.front import Reply
from wizard.hosts import File
from wizard.journal import Journal
from wizard.pem import certificates
from wizard.roles import open_session
from wizard.session import Session
from wizard.sheet import dump
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.events import Event

MADE = given()
PEM = MADE.pki.trust
DIGEST = next(iter(certificates(PEM)))
ANSWERS = Answers(
    role="client",
    registry=Registry(hostname="docker.benet.com", ip="192.168.1.107"),
    client=ClientSide(ca_certificate="/root/ca.crt"),
)


@pytest.fixture
def session(tmp_path: Path) -> ClientSession:
    host = machine("docker dockerd", "localhost")
    host.files["/root/ca.crt"] = File(PEM)
    return ClientSession({}, host, Journal(tmp_path))


def serves(monkeypatch: pytest.MonkeyPatch, body: bytes, status: int = 200) -> None:
    """Let the registry publish this as its CA; whether its certificate fits is not tried here."""
    monkeypatch.setattr(ca, "fetch_unverified", lambda *_: Reply(status, {}, body))
    monkeypatch.setattr(ca, "_proven", lambda *_: None)


def fetched(fingerprint: str) -> Answers:
    return replace(ANSWERS, client=ClientSide(ca_fingerprint=fingerprint))


def test_the_plan_is_shown_applied_and_taken_back(session: ClientSession) -> None:
    before = dict(session.host.files)  # type: ignore[attr-defined]
    told: list[Event] = []
    here = session.prepare(ANSWERS, told.append)
    plan = session.plan(here)
    assert [step.id for step in plan] == ["hosts", "trust docker", "record"]
    assert len(session.differences(here, told.append)) == 5
    assert session.apply(plan, told.append) == 5
    files = session.host.files  # type: ignore[attr-defined]
    assert files["/etc/docker/certs.d/docker.benet.com/ca.crt"].content == PEM
    assert files[CA].content == PEM
    kept = session.former()
    assert kept == replace(ANSWERS, client=ClientSide(ca_certificate=CA))
    assert session.apply(session.plan(session.prepare(kept, told.append)), told.append) == 0

    session.undo(session.undo_plan(packages=False), told.append)
    assert files == before


def test_a_fetched_ca_is_the_one_of_the_fingerprint(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    serves(monkeypatch, b"a word before\n" + PEM)
    assert session.survey(fetched(DIGEST), lambda _: None).ca == PEM
    with pytest.raises(Blocked, match=f"its SHA-256 is {DIGEST}, and client.ca_fingerprint says"):
        session.survey(fetched("0" * 64), lambda _: None)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (PEM + given(SERVER).pki.trust, 200, "holds 2 certificates"),
        (b"<html>", 200, "holds no certificates"),
        (MADE.pki.certificate, 200, "is another CA than the one expected"),
        (b"", 404, "publishes no CA there"),
    ],
)
def test_what_is_no_ca_is_refused(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch, body: bytes, status: int, words: str
) -> None:
    serves(monkeypatch, body, status)
    with pytest.raises(Blocked, match=words):
        session.survey(fetched(DIGEST), lambda _: None)


def test_a_servers_own_certificate_is_no_ca(session: ClientSession) -> None:
    session.host.files["/root/ca.crt"] = File(MADE.pki.certificate)  # type: ignore[attr-defined]
    with pytest.raises(Blocked, match="no CA's"):
        session.survey(ANSWERS, lambda _: None)
    del session.host.files["/root/ca.crt"]  # type: ignore[attr-defined]
    with pytest.raises(Blocked, match=r"There is no file /root/ca\.crt"):
        session.survey(ANSWERS, lambda _: None)


def test_where_nothing_can_trust_anything_nothing_is_done(session: ClientSession) -> None:
    bare = machine("", "localhost")
    bare.files["/root/ca.crt"] = File(PEM)
    with pytest.raises(Blocked, match="Nothing here pulls images"):
        replace(session, host=bare).prepare(ANSWERS, lambda _: None)


def test_a_server_does_not_become_a_client_by_mistake(
    session: ClientSession, tmp_path: Path
) -> None:
    session.host.files[RECORD] = File(dump(SERVER).encode())  # type: ignore[attr-defined]
    with pytest.raises(Blocked, match="set up as a server already"):
        session.survey(ANSWERS, lambda _: None)
    session.host.files[RECORD] = File(dump(ANSWERS).encode())  # type: ignore[attr-defined]
    with pytest.raises(Blocked, match="set up as a client already"):
        Session({}, session.host, Journal(tmp_path)).survey(SERVER, lambda _: None)


def test_a_client_that_is_none_has_nothing_to_verify(session: ClientSession) -> None:
    with pytest.raises(WizardError, match="trusts no registry of ours yet"):
        session.verify(lambda _: None)


def test_the_role_opens_its_session() -> None:
    assert isinstance(open_session({}, bool, "client"), ClientSession)
    assert isinstance(open_session({}, bool, "server"), Session)
