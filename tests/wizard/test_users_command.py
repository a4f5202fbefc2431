"""The users command: what it does to the record and to htpasswd, and what it refuses."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import bcrypt
import pytest

from tests.fake_host import FakeHost, recorded, says
from wizard import known_users, users_command
from wizard.__main__ import main
from wizard.answers import PULL, PUSH, Answers, ClientSide, Registry, User
from wizard.ask_password import Source
from wizard.choices import CHOICES
from wizard.credentials import ADMIN, BETWEEN, HTPASSWD, entries, hash_password, password_file
from wizard.errors import BadUsage, Blocked, WizardError
from wizard.hosts import File
from wizard.journal import Journal
from wizard.next_commands import NEXT_STEPS
from wizard.session import Session
from wizard.sheet import dump
from wizard.steps import make_plan
from wizard.steps.record import RECORD
from wizard.users_command import Asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.events import Event

HASH, OTHER = hash_password("first one", 4), hash_password("other one", 4)
REGISTRY = Registry(hostname="docker.benet.com", ip="192.168.1.107", runtime="package")
ANSWERS = Answers(registry=REGISTRY, users=(User("first", password_hash=HASH),))
SITE = "/etc/nginx/conf.d/registry.conf"
WRITTEN = ("authority", "accounts", "proxy", "record")


def installed(folder: Path, answers: Answers = ANSWERS) -> Session:
    """Give a machine with all files of an installation that users are in."""
    host = recorded("debian-12")
    host.commands |= {("nginx",): says(), ("systemctl",): says()}
    session = Session({}, host, Journal(folder))
    plan = make_plan(session.prepare_here(answers, lambda _: None))
    session.apply(tuple(step for step in plan if step.id in WRITTEN), lambda _: None)
    host.acts.clear()
    return session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return installed(tmp_path)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Give what puts bytes on standard input."""

    def put(content: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


@pytest.fixture(autouse=True)
def _no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users_command, "logged", lambda tell: tell)


def given_file(folder: Path, password: str) -> Source:
    (folder / "password").write_text(password)
    return Source(str(folder / "password"))


def record(session: Session) -> dict[str, User]:
    former = session.former()
    assert former
    return {each.name: each for each in former.users}


def kept(session: Session) -> dict[str, str]:
    return entries(session.read(HTPASSWD) or b"")


def by_hand(session: Session, name: str, line: str = OTHER) -> None:
    host = session.host
    assert isinstance(host, FakeHost)
    file = host.files[HTPASSWD]
    host.files[HTPASSWD] = replace(file, content=file.content + f"{name}:{line}\n".encode())


def right(session: Session, name: str, password: str) -> bool:
    return bcrypt.checkpw(password.encode(), kept(session)[name].encode())


def add(session: Session, name: str, role: str = "", source: Source | None = None) -> list[Event]:
    told: list[Event] = []
    asked = Asked(name, role, source or Source())
    assert users_command.add(session, asked, told.append, dry_run=False) == 0
    return told


def remove(session: Session, *names: str) -> list[Event]:
    told: list[Event] = []
    assert users_command.remove(session, names, told.append, dry_run=False) == 0
    return told


def last(told: list[Event]) -> tuple[int, str]:
    event: Any = told[-1]
    return event.changed, event.message


def test_one_who_is_added_is_on_record_and_in_htpasswd(session: Session, tmp_path: Path) -> None:
    told = add(session, "anna", "pull", given_file(tmp_path, "her secret\n"))
    assert right(session, "anna", "her secret")
    assert record(session)["anna"] == User("anna", PULL, password_hash=kept(session)["anna"])
    assert last(told)[1] == "anna may pull"
    assert record(session)["first"].password_hash == HASH


def test_the_same_again_changes_nothing_and_says_so(session: Session, tmp_path: Path) -> None:
    source = given_file(tmp_path, "her secret")
    add(session, "anna", "pull", source)
    before = dict(session.host.files)  # type: ignore[attr-defined]
    assert last(add(session, "anna", "pull", source)) == (0, "anna may pull already")
    assert last(add(session, "anna")) == (0, "anna may pull already")
    assert session.host.files == before  # type: ignore[attr-defined]


def test_without_a_word_of_it_a_role_stays_and_a_new_one_may_push(
    session: Session, tmp_path: Path
) -> None:
    add(session, "anna", "", given_file(tmp_path, "her secret"))
    assert record(session)["anna"].role == PUSH
    add(session, "anna", "pull")
    add(session, "anna", "", given_file(tmp_path, "another one"))
    assert record(session)["anna"].role == PULL
    assert right(session, "anna", "another one")


def test_another_role_alone_keeps_the_hash_and_tells_nginx(session: Session) -> None:
    told = add(session, "first", "pull")
    assert (record(session)["first"].role, kept(session)["first"]) == (PULL, HASH)
    assert "~^first$" not in (session.read(SITE) or b"").decode()
    assert last(told)[1].startswith("first may pull, ")
    assert ("systemctl", "reload", "nginx") in session.host.acts  # type: ignore[attr-defined]


def test_another_password_alone_reloads_nothing(session: Session, tmp_path: Path) -> None:
    told: list[Event] = []
    asked = Asked("first", source=given_file(tmp_path, "another one"))
    users_command.passwd(session, asked, told.append, dry_run=False)
    assert right(session, "first", "another one")
    acts = session.host.acts  # type: ignore[attr-defined]
    assert {act[1] for act in acts if act[0] == "write"} == {HTPASSWD, RECORD}
    assert not [act for act in acts if act[0] == "systemctl" and "reload" in act]
    assert "first has another password, and may push" in last(told)[1]


def test_one_who_is_removed_is_gone_from_both(session: Session, tmp_path: Path) -> None:
    add(session, "anna", "", given_file(tmp_path, "her secret"))
    by_hand(session, "hand")
    told = remove(session, "anna", "hand")
    assert [*kept(session)] == ["first", "registry-wizard"]
    assert [*record(session)] == ["first"]
    assert last(told)[1].startswith("anna, hand are gone; whoever is logged in as before is ")


def test_whoever_was_put_in_by_hand_stays(session: Session, tmp_path: Path) -> None:
    by_hand(session, "hand")
    add(session, "anna", "", given_file(tmp_path, "her secret"))
    remove(session, "anna")
    assert kept(session)["hand"] == OTHER
    assert "hand" not in record(session)


def test_a_line_made_by_hand_is_taken_over_with_what_it_may(session: Session) -> None:
    by_hand(session, "hand")
    assert last(add(session, "hand"))[1] == "hand may pull"
    assert record(session)["hand"] == User("hand", PULL, password_hash=OTHER)
    add(session, "hand", "push")
    assert (record(session)["hand"].role, kept(session)["hand"]) == (PUSH, OTHER)


def test_a_line_that_is_no_bcrypt_is_taken_over_with_a_password_only(
    session: Session, tmp_path: Path
) -> None:
    by_hand(session, "old", "$apr1$abc$def")
    with pytest.raises(BadUsage, match=r"The line of old in .* is no bcrypt hash") as refused:
        add(session, "old")
    assert "$apr1$" not in str(refused.value)
    add(session, "old", "", given_file(tmp_path, "a new one"))
    assert right(session, "old", "a new one")


def test_another_password_takes_a_line_made_by_hand_over_and_says_so(
    session: Session, tmp_path: Path
) -> None:
    by_hand(session, "hand")
    told: list[Event] = []
    asked = Asked("hand", source=given_file(tmp_path, "a new one"))
    users_command.passwd(session, asked, told.append, dry_run=False)
    assert "put into htpasswd by hand, and is on record now" in last(told)[1]
    assert record(session)["hand"].role == PULL


def test_the_last_one_on_record_stays(session: Session) -> None:
    by_hand(session, "hand")
    with pytest.raises(BadUsage, match="Nobody on record would be left") as refused:
        remove(session, "first", "hand")
    assert "users add NAME" in refused.value.hint
    assert [*kept(session)] == ["first", "registry-wizard", "hand"]


def test_the_wizards_own_account_is_nobodys(session: Session, tmp_path: Path) -> None:
    own = "registry-wizard"
    for attempt in (
        lambda: add(session, own, "", given_file(tmp_path, "x")),
        lambda: remove(session, own),
        lambda: users_command.passwd(
            session, Asked(own, source=Source(generate=True)), print, dry_run=False
        ),
    ):
        with pytest.raises(BadUsage, match="the wizard's own account"):
            attempt()


def test_a_name_that_nobody_has_is_refused_with_those_there_are(session: Session) -> None:
    by_hand(session, "hand")
    with pytest.raises(BadUsage, match="There is no user anna") as refused:
        remove(session, "first", "anna")
    assert refused.value.hint == "there are: first, hand"


def test_admins_generated_password_goes_with_admin(tmp_path: Path) -> None:
    session = installed(tmp_path, replace(ANSWERS, users=()))
    path = password_file(ADMIN)
    made = (session.read(path) or b"").decode().strip()
    assert made
    add(session, "anna", "", given_file(tmp_path, "her secret"))
    assert session.read(path)
    remove(session, ADMIN)
    assert session.read(path) is None
    assert made not in (tmp_path / "journal.jsonl").read_text()
    assert b"docker login -u anna" in (session.read(NEXT_STEPS) or b"")


def test_another_password_of_admin_takes_the_file_with_the_former_one_away(tmp_path: Path) -> None:
    session = installed(tmp_path, replace(ANSWERS, users=()))
    asked = Asked(ADMIN, source=given_file(tmp_path, "another one"))
    users_command.passwd(session, asked, lambda _: None, dry_run=False)
    assert session.read(password_file(ADMIN)) is None


def test_a_record_without_users_has_admin_on_it(tmp_path: Path) -> None:
    session = installed(tmp_path, replace(ANSWERS, users=()))
    text = dump(replace(ANSWERS, users=()))
    session.host.write(RECORD, File(text.encode(), 0o600))
    add(session, "anna", "", given_file(tmp_path, "her secret"))
    assert [*record(session)] == [ADMIN, "anna"]


def test_a_dry_run_says_what_would_change_and_touches_nothing(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = dict(session.host.files)  # type: ignore[attr-defined]
    asked = Asked("anna", "push", Source(generate=True))
    told: list[Any] = []
    assert users_command.add(session, asked, told.append, dry_run=True) == 10
    assert [each.change for each in told[:-1]] == [
        f"write {HTPASSWD}",
        f"write {SITE}",
        f"write {RECORD}",
    ]
    assert session.host.files == before  # type: ignore[attr-defined]
    assert capsys.readouterr().out == ""
    same = Asked("first", "push")
    assert users_command.add(session, same, told.append, dry_run=True) == 0


def test_a_generated_password_is_shown_once_and_told_to_nobody_else(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    told = add(session, "robot", "", Source(generate=True))
    shown = capsys.readouterr().out
    made = shown.split()[-1]
    assert shown == f"\nPassword of robot, shown this once: {made}\n"
    assert right(session, "robot", made)
    assert made not in repr(told)


def test_with_json_a_generated_password_is_a_line_of_its_own(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    from wizard.headless import as_json  # noqa: PLC0415

    asked = Asked("robot", "pull", Source(generate=True))
    users_command.add(session, asked, as_json, dry_run=False)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {**told[-1], "password": ""} == {"event": "Password", "user": "robot", "password": ""}
    assert right(session, "robot", told[-1]["password"])


def test_a_password_comes_by_standard_input_without_its_line_break(
    session: Session, typed: Callable[[bytes], None]
) -> None:
    typed(b" with blanks \r\nnot this\n")
    add(session, "anna", "", Source("-"))
    assert right(session, "anna", " with blanks ")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"s3cret\x07\n", "control character"),
        (b"s3cret" * 13, "holds more than 72 bytes"),
        (b"s3cret\xff\n", "UTF-8"),
    ],
    ids=["nothing", "an empty line", "a bell", "too long", "no UTF-8"],
)
def test_what_is_no_password_is_refused_without_repeating_it(
    session: Session, typed: Callable[[bytes], None], content: bytes, why: str
) -> None:
    typed(content)
    with pytest.raises(BadUsage, match=f"--password-file -: .*{why}") as refused:
        add(session, "anna", "", Source("-"))
    assert "s3cret" not in f"{refused.value}{refused.value.hint}"
    assert "anna" not in kept(session)


def test_without_a_terminal_the_three_ways_are_named(
    session: Session, typed: Callable[[bytes], None]
) -> None:
    typed(b"")
    with pytest.raises(BadUsage, match="no terminal to ask for the password of anna") as refused:
        add(session, "anna")
    for way in ("--password-file FILE", "--password-file - ", "--generate"):
        assert way in refused.value.hint


@pytest.mark.parametrize("name", ["", "a:b", "a b", "#a", "a\n", "a\x1b[2J", "ü" * 128])
def test_a_name_that_cannot_log_in_is_refused_before_anything(
    session: Session, tmp_path: Path, name: str
) -> None:
    with pytest.raises(BadUsage) as refused:
        add(session, name, "", given_file(tmp_path, "x"))
    assert "\x1b" not in str(refused.value)
    assert session.host.acts == []  # type: ignore[attr-defined]


ODD = (
    "a'b",
    'a"b',
    "$(id)",
    "`id`",
    "a\\b",
    "a.*b",
    "{{a}}",
    "${a}",
    "-x",
    "ünï",
    "a" * 255,
)


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_added_listed_and_removed_as_they_are(
    session: Session, tmp_path: Path, name: str
) -> None:
    add(session, name, "push", given_file(tmp_path, "x y"))
    assert right(session, name, "x y")
    assert record(session)[name].role == PUSH
    rows = [json.loads(x) for x in known_users.listed(session, as_json=True).splitlines()]
    assert rows[1]["name"] == name
    remove(session, name)
    assert [*kept(session)] == ["first", "registry-wizard"]


def test_the_list_has_what_each_may_and_of_what_kind_its_hash_is(session: Session) -> None:
    by_hand(session, "old", "$apr1$abc$def")
    by_hand(session, "bare", "secret")
    lines = known_users.listed(session, as_json=False).splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "NAME", "first", "old", "bare", "registry-wizard"
    ]  # fmt: skip
    assert [*map(str.strip, filter(None, lines[1].split("  ")))] == [
        "first", "push", "bcrypt, cost 4", "on record"
    ]  # fmt: skip
    assert "not bcrypt: MD5" in lines[2]
    assert lines[2].endswith("by hand, in htpasswd")
    assert "secret" not in lines[3]
    assert lines[4].endswith("by the wizard itself")


def test_the_list_as_json_has_one_object_a_line(session: Session) -> None:
    by_hand(session, "old", "{SHA}abc")
    rows = [json.loads(line) for line in known_users.listed(session, as_json=True).splitlines()]
    assert rows[1] == {
        "name": "old",
        "role": "pull",
        "hash": "SHA-1",
        "cost": None,
        "by_hand": True,
        "own": False,
    }
    assert {tuple(row) for row in rows} == {tuple(rows[0])}


def test_a_line_changed_by_hand_of_one_on_record_is_told_and_is_as_before(
    session: Session, tmp_path: Path
) -> None:
    host = session.host
    assert isinstance(host, FakeHost)
    file = host.files[HTPASSWD]
    changed = file.content.replace(HASH.encode(), OTHER.encode())
    host.files[HTPASSWD] = replace(file, content=changed)
    told = add(session, "anna", "", given_file(tmp_path, "x"))
    first: Any = told[0]
    assert "The line of first in" in first.text
    assert kept(session)["first"] == HASH


def test_a_site_that_somebody_changed_is_not_written_over(session: Session, tmp_path: Path) -> None:
    host = session.host
    assert isinstance(host, FakeHost)
    host.files[SITE] = replace(host.files[SITE], content=host.files[SITE].content + b"# mine\n")
    with pytest.raises(Blocked, match=f"not as the wizard leaves them: {SITE}"):
        add(session, "anna", "push", given_file(tmp_path, "x"))
    add(session, "anna", "pull", given_file(tmp_path, "x"))  # for which nginx is told nothing
    assert (session.read(SITE) or b"").endswith(b"# mine\n")


def test_an_installation_of_another_version_is_not_half_changed(
    session: Session, tmp_path: Path
) -> None:
    session.host.remove(BETWEEN)
    with pytest.raises(Blocked, match="not as the wizard leaves them"):
        add(session, "anna", "push", given_file(tmp_path, "x"))
    assert "anna" not in kept(session)


def test_an_edited_site_whose_text_changed_since_is_told(session: Session, tmp_path: Path) -> None:
    edits = {SITE: {"base": "0" * 64, "text": "# mine\n"}}
    text = json.dumps({"left_out": [], "edits": edits})
    session.host.write(CHOICES, File(text.encode(), 0o600))
    with pytest.raises(WizardError, match="has changed since somebody edited it"):
        add(session, "anna", "push", given_file(tmp_path, "x"))


def test_what_another_wizard_did_meanwhile_is_not_lost(session: Session) -> None:
    former = session.former()
    assert former
    stale = replace(former, users=(*former.users, User("gone", password_hash=OTHER)))
    with pytest.raises(Blocked, match="changed this machine meanwhile"):
        session.prepare_users(stale, stale.users, ())


def test_where_there_is_no_registry_there_are_no_users(tmp_path: Path) -> None:
    empty = Session({}, FakeHost(), Journal(tmp_path))
    with pytest.raises(WizardError, match="no registry of ours on this machine"):
        known_users.listed(empty, as_json=False)


def test_on_a_client_it_is_said_where_users_are(tmp_path: Path) -> None:
    answers = Answers("client", REGISTRY, client=ClientSide(ca_fingerprint="ab" * 32))
    host = FakeHost(files={RECORD: File(dump(answers).encode(), 0o600)})
    with pytest.raises(Blocked, match="a client of a registry") as refused:
        known_users.listed(Session({}, host, Journal(tmp_path)), as_json=False)
    assert "docker.benet.com" in refused.value.hint


@pytest.mark.parametrize(
    "argv",
    [
        ("add", "anna", "--generate", "--password-file", "x"),
        ("add", "anna", "--role", "all"),
        ("add", "anna", "--password", "x"),
        ("remove",),
        (),
    ],
    ids=["two sources", "another role", "a password in argv", "nobody", "no verb"],
)
def test_the_command_line_refuses(argv: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["users", *argv])
    assert end.value.code == 2


def test_one_that_was_cut_off_before_its_end_goes_on(session: Session, tmp_path: Path) -> None:
    source, host = given_file(tmp_path, "x"), session.host
    assert isinstance(host, FakeHost)
    former = host.files[RECORD]
    add(session, "anna", "push", source)
    host.files[RECORD] = former
    assert last(add(session, "anna", "push", source))[0] == 1
    assert record(session)["anna"].password_hash == kept(session)["anna"]
