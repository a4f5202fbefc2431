"""Plain mode: the questions, the review and the work as lines, typed at by a script."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bcrypt
import pytest

from screens import plain
from screens.form import Form
from screens.lessons import LESSONS
from screens.pages import CLIENT_PAGES, PAGES
from screens.plain_questions import CLIENTS, STOPS, TRY, USERS
from screens.plain_talk import Talk
from screens.plain_work import Work
from tests.fake_host import FakeHost, recorded, says
from tests.given import HASH, given
from tests.screens.stage import nobody, opener
from tests.terminal import Pty
from tests.wizard.clients.test_crew import machine
from wizard import draft, sheet
from wizard.answers import Answers, Client, ClientSide, Proxy, Registry, User
from wizard.clients import ca, roster
from wizard.events import Checked, Found, Line, Progress, StepDone, StepFailed, StepStarted
from wizard.front import Reply
from wizard.hosts import File
from wizard.journal import Journal
from wizard.pki import fingerprint
from wizard.refusals import UnknownHostKey
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.events import Event, Tell
    from wizard.hosts import Host

WHY = "This is plain mode, because a test asked for it."
SECRET = "correct horse battery"
PEM = given().pki.trust
# The lines that keep every answer as it is, up to each place.
ASKED = [stop.key for stop in STOPS if Form().asks(stop.key)]


def to(key: str) -> list[str]:
    return [""] * ASKED.index(key)


TO_ADDRESS, TO_TRY, TO_USERS = [""], to(TRY), to(USERS)
TO_CLIENTS = to(CLIENTS)
TO_SURVEY, TO_REVIEW = [*TO_CLIENTS, ""], [*TO_CLIENTS, "", ""]
CONFIG, NGINX, ANSWERS = "config.yml", "registry.conf", "answers.toml"


@dataclass
class Terminal:
    """Types its lines one after the other, a function where a line depends on what was said."""

    host: FakeHost
    folder: Path
    said: str = ""
    connect: Callable[[Client], Host] = nobody
    events: list[Event] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)
    stop: bool = False
    role: str = "server"  # what it says this machine is to be; empty: that is in its lines

    def run(self, *lines: Any, secrets: tuple[str, ...] = ()) -> int:
        typed, hidden = list(lines), list(secrets)
        self.said = ""

        def read(prompt: str) -> str:
            self.write(f"{prompt}\n")  # what is typed ends its line
            return self.role if prompt.startswith("Role [") and self.role else _next(typed)

        def secret(prompt: str) -> str:
            self.write(f"{prompt}\n")
            return _next(hidden)

        journal = Journal(self.folder)
        opened = opener(self.environ, self.host, journal, self.connect, lambda: self.stop)
        return plain.run(opened, WHY, read, secret, self.write, self.log)

    def write(self, text: str) -> None:
        self.said += text

    def log(self, tell: Tell) -> Tell:
        return lambda event: (self.events.append(event), tell(event))[1]  # type: ignore[func-returns-value]

    @property
    def words(self) -> str:
        """What was said, without the line breaks of a narrow terminal."""
        return " ".join(self.said.split())

    @property
    def form(self) -> Form:
        """What was kept for the next start."""
        form = Form()
        assert form.restore(draft.kept(self.host))
        return form

    def number(self, name: str) -> str:
        """Give the number under which a file stands in the last list."""
        found: list[str] = re.findall(rf"(?m)^ *(\d+)\. .*{re.escape(name)}", self.said)
        return found[-1]

    def on(self, word: str, name: str) -> Callable[[], str]:
        """Give a line with the number that the file has by the time it is typed."""

        def line() -> str:
            return f"{word} {self.number(name)}".strip()

        return line


def _next(lines: list[Any]) -> str:
    if not lines:
        raise EOFError
    line = lines.pop(0)
    if isinstance(line, BaseException):
        raise line
    return str(line() if callable(line) else line)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "1000")
    return Terminal(recorded("debian-12"), tmp_path / "journal")


def editor(tmp_path: Path, *scripts: str) -> str:
    """Give an editor that does what the next of these scripts of sed says each time it runs."""
    program, count = tmp_path / "editor", tmp_path / "count"
    cases = "\n".join(f"{n}) sed -i '{script}' \"$1\" ;;" for n, script in enumerate(scripts, 1))
    rights = f'stat -c "%a" "$1" "$(dirname "$1")" > {tmp_path}/rights'
    body = f"echo x >> {count}\n{rights}\ncase $(wc -l < {count}) in\n{cases}\nesac\n"
    program.write_text(f"#!/bin/sh\n{body}")
    program.chmod(0o755)
    return str(program)


def test_it_says_why_it_is_plain_and_leads_through_every_page(terminal: Terminal) -> None:
    terminal.run(*TO_SURVEY)
    assert WHY in terminal.said
    for number, page in enumerate(PAGES, 1):
        assert f"Page {number} of {len(PAGES)}: {page.title}" in terminal.said
    assert "Name [server.benet.com: this machine's own full name]: " in terminal.said
    assert "HTTPS port [443: the default]: " in terminal.said
    assert "System: Debian GNU/Linux 12 (bookworm), systemd" in terminal.said


def test_the_end_of_input_keeps_the_answers_and_says_so(terminal: Terminal) -> None:
    assert terminal.run("docker.benet.com", "192.168.1.107") == 130
    assert "Your answers are kept" in terminal.said
    assert terminal.form.typed == {
        "registry.hostname": "docker.benet.com",
        "registry.ip": "192.168.1.107",
    }


@pytest.mark.parametrize("leaving", ["quit", KeyboardInterrupt()])
def test_quit_and_ctrl_c_keep_the_answers(terminal: Terminal, leaving: object) -> None:
    assert terminal.run("docker.benet.com", leaving) == 130
    assert terminal.said.rstrip().endswith("offers them again.")
    assert terminal.form.text("registry.hostname") == "docker.benet.com"
    assert terminal.host.files[draft.DRAFT].mode == 0o600


def test_back_goes_to_the_question_before_across_pages(terminal: Terminal) -> None:
    terminal.run("one.benet.com", "<", "two.benet.com", "", "back", "back", "three.benet.com")
    assert terminal.form.text("registry.hostname") == "three.benet.com"
    assert "Name [two.benet.com]: " in terminal.said


def test_back_is_possible_while_the_answer_is_wrong(terminal: Terminal) -> None:
    terminal.run("", "nonsense", "<", "docker.benet.com", "")
    assert "is neither an IPv4 nor an IPv6 address" in terminal.said
    assert terminal.form.typed == {
        "registry.hostname": "docker.benet.com",
        "registry.ip": "nonsense",
    }
    assert terminal.said.count("Address [nonsense]: ") == 3  # Enter keeps no wrong one


def test_back_before_the_first_question_asks_again_what_it_is_to_be(terminal: Terminal) -> None:
    terminal.role = ""
    terminal.run("<", "neither", "", "<", "1", "docker.benet.com")
    assert "This is the first question." in terminal.said
    assert "Type one of these, or its number: server, client." in terminal.said
    assert terminal.said.count("Role [server]: ") == 4
    assert terminal.form.text("registry.hostname") == "docker.benet.com"


def test_help_teaches_and_asks_again(terminal: Terminal) -> None:
    terminal.run("?")
    assert LESSONS["registry.hostname"] in terminal.words
    assert terminal.said.count("Name [server.benet.com") == 2


def test_a_wrong_answer_says_why_and_asks_again(terminal: Terminal) -> None:
    terminal.run(*TO_ADDRESS, "", "eighty", "70000", "8443", "maybe", "no")
    assert "must be a whole number" in terminal.words
    assert "must be from 1 to 65535" in terminal.words
    assert "Type yes or no." in terminal.said
    assert terminal.form.completed().registry.https_port == 8443
    assert not terminal.form.completed().registry.http_redirect


def test_a_dash_goes_back_to_the_default(terminal: Terminal) -> None:
    terminal.run(*TO_ADDRESS, "", "8443", "no", "<", "<", "-", "-", "")
    assert terminal.form.completed().registry == Registry()


def test_a_choice_is_made_by_its_word_or_number_and_explained(terminal: Terminal) -> None:
    terminal.run(*to("registry.runtime"), "4", "docker", "2", "<", "package", "<", "?")
    assert "  1. auto       whichever of the two fits this machine\n" in terminal.said
    assert "Runtime [auto: the default]: " in terminal.said
    assert terminal.said.count("Type one of these, or its number: auto, container, package.") == 2
    assert "Runtime [container]: " in terminal.said
    assert "Runtime [package]: " in terminal.said
    assert LESSONS["registry.runtime"] in terminal.words


def test_what_means_nothing_is_not_asked_in_either_direction(terminal: Terminal) -> None:
    terminal.run(
        *to("registry.runtime"), "package", "", "<", "<", "<", "", "auto", "registry:3.0.0"
    )
    assert terminal.said.count("Image [") == 1
    assert "Image archive [empty]: " in terminal.said
    assert "Source archive" not in terminal.said
    assert "Prefix" not in terminal.said


def test_nginx_from_source_asks_for_its_archive_and_looks_at_it(terminal: Terminal) -> None:
    path, found = "/root/nginx-1.30.0.tar.gz", "9f2c" * 16
    terminal.host.commands["stat",] = says("regular file 1253740\n")
    terminal.host.commands["sha256sum",] = says(f"{found}  {path}\n")
    lines = ("source", "", "", "", path, "0" * 64, "<", found, "", "<", "<")
    terminal.run(*to("proxy.install"), *lines)
    assert "One thing does not fit yet. Source archive: is needed to build" in terminal.words
    assert "  It is there: 1.2 MiB.\n" in terminal.said
    assert "The archive's is another one: 9f2c9f2c9f2c9f2c..." in terminal.said
    assert "It is the archive's." in terminal.said
    assert terminal.form.completed().proxy == Proxy("source", path, found)


def test_a_file_that_is_not_there_is_told_and_taken(terminal: Terminal) -> None:
    terminal.run(*to("registry.image_archive"), "/root/registry.tar", "")
    assert "There is no such file on this machine yet." in terminal.said
    assert terminal.form.completed().registry.image_archive == "/root/registry.tar"


def test_a_dash_takes_a_choice_back(terminal: Terminal) -> None:
    terminal.run(*to("proxy.install"), "source", "<", "-", "add")
    assert terminal.form.completed().proxy == Proxy()
    assert "User name: " in terminal.said


def test_what_contradicts_something_is_said_once_all_of_it_is_there(terminal: Terminal) -> None:
    terminal.run(*TO_ADDRESS, "", "80", "", "", "no", "docker.benet.com")
    assert "One thing does not fit yet. HTTPS port: is the port of the redirect" in terminal.words
    assert terminal.form.problems() == {}
    assert terminal.form.text("certificate.alt_names") == "docker.benet.com"


def test_a_contradiction_between_pages_can_be_mended_on_either(terminal: Terminal) -> None:
    terminal.run("10.0.0.1", "10.0.0.2", "", "", "", "-", "", "", "docker.benet.com")
    assert "Name: is another address than registry.ip" in terminal.words
    assert terminal.form.problems() == {}
    assert terminal.form.text("certificate.alt_names") == "docker.benet.com"


def test_a_name_can_be_tried_against_the_certificate(terminal: Terminal) -> None:
    terminal.run("docker.benet.com", *TO_TRY[1:], "?", "docker.benet.com", "other.com")
    assert "docker.benet.com: will work; this name is in the certificate." in terminal.words
    assert "other.com: will not work; this name is not in the certificate" in terminal.words


def test_the_draft_is_offered_at_the_next_start(terminal: Terminal) -> None:
    terminal.run("docker.benet.com", "")
    terminal.run("yes", "", "")
    assert "answers from an earlier start" in terminal.said
    assert "Name [docker.benet.com]: " in terminal.said
    terminal.run("no")
    assert "Name [server.benet.com: this machine's own full name]: " in terminal.said


@pytest.mark.parametrize("lines", [(), ("quit",), ("no",), ("yes",), ("yes", "", "", "quit")])
def test_a_draft_is_lost_by_no_way_of_leaving(terminal: Terminal, lines: tuple[str, ...]) -> None:
    kept = {"typed": {"registry.hostname": "docker.benet.com"}, "users": [], "clients": []}
    draft.keep(terminal.host, kept)
    assert terminal.run(*lines) == 130
    assert draft.kept(terminal.host) == kept


def test_a_wrong_answer_of_a_draft_is_not_taken_by_enter(terminal: Terminal) -> None:
    draft.keep(terminal.host, {"typed": {"registry.ip": "nonsense"}, "users": []})
    terminal.run("", "", "", "10.0.0.1", "")
    assert terminal.form.text("registry.ip") == "10.0.0.1"


def test_of_a_password_its_hash_alone_is_kept(terminal: Terminal) -> None:
    terminal.run(*TO_USERS, "add", "anna", "", "", secrets=("?", SECRET, "typo", SECRET, SECRET))
    (anna,) = terminal.form.users
    assert bcrypt.checkpw(SECRET.encode(), anna.password_hash.encode())
    assert "the two passwords differ" in terminal.said
    assert SECRET not in terminal.said
    assert SECRET not in repr(terminal.host.files)


def test_an_empty_password_has_one_made_and_shown_once(terminal: Terminal) -> None:
    terminal.run(*TO_USERS, "add", "ci", "", "", secrets=("",))
    shown = re.findall(r"(?m)^    (\S{22})$", terminal.said)
    (ci,) = terminal.form.users
    assert len(shown) == 1
    assert bcrypt.checkpw(shown[0].encode(), ci.password_hash.encode())


def test_blanks_around_a_password_belong_to_it(terminal: Terminal) -> None:
    terminal.run(*TO_USERS, "add", "anna", "", "", secrets=(" a ", " a "))
    assert bcrypt.checkpw(b" a ", terminal.form.users[0].password_hash.encode())


def test_users_are_refused_changed_and_removed(terminal: Terminal) -> None:
    lines = ("add", "a:b", "anna", "", "add", "anna", "<", "password 1", "remove 7", "remove 1", "")
    terminal.run(*TO_USERS, *lines, secrets=("one", "one", "two", "two"))
    assert "has a colon in it" in terminal.words
    assert "anna is the name of another user already" in terminal.words
    assert "There is no user of that number." in terminal.said
    assert "anna is taken out." in terminal.said
    assert draft.kept(terminal.host) == {}


def test_a_role_is_asked_shown_and_changed_and_stays_with_another_password(
    terminal: Terminal,
) -> None:
    lines = ("add", "anna", "?", "all", "pull", "password 1", "role 1", "", "")
    terminal.run(*TO_USERS, *lines, secrets=("one", "one", "two", "two"))
    assert LESSONS["users.role"].split(". ")[0] in terminal.words
    assert "Type push or pull." in terminal.said
    assert terminal.said.count("  1. anna  may pull\n") == 3
    (anna,) = terminal.form.users
    assert anna.role == "pull"
    terminal.run("", *TO_USERS, "role 1", "push", "")
    assert "  1. anna  may push\n" in terminal.said
    assert terminal.form.users[0].password_hash == anna.password_hash


def test_what_blocks_is_said_with_its_remedy_and_giving_up_is_3(terminal: Terminal) -> None:
    terminal.host.commands["id", "-u"] = says("1000\n")
    assert terminal.run(*TO_SURVEY, "", "quit") == 3
    assert "IN THE WAY: This needs root" in terminal.said
    assert "-> run with sudo" in terminal.said
    assert "What will be done" not in terminal.said


def test_what_blocks_can_be_mended_and_looked_at_again(terminal: Terminal) -> None:
    terminal.host.commands["id", "-u"] = says("1000\n")

    def mend() -> str:
        terminal.host.commands["id", "-u"] = says("0\n")
        return "again"

    terminal.run(*TO_SURVEY, mend, "")
    assert "What will be done" in terminal.said


def test_answers_can_be_changed_where_something_blocks(terminal: Terminal) -> None:
    terminal.run("", "10.9.9.9", *TO_SURVEY[2:], "edit", "", "-", *TO_SURVEY[2:], "")
    assert "10.9.9.9 is not an address of this machine" in terminal.words
    assert "What will be done" in terminal.said


def test_the_review_lists_every_change_under_its_step_and_shows_no_secret(
    terminal: Terminal,
) -> None:
    numbers = [str(number) for number in range(1, 36)]
    terminal.run(*TO_REVIEW, *numbers, *(f"w {n}" for n in numbers))
    assert "What will be done (40 changes)" in terminal.said
    assert "Set up nginx in front of it\n  24. folder /etc/registry-wizard/front" in terminal.said
    assert "29. create /etc/nginx/conf.d/registry.conf" in terminal.said
    assert "client_max_body_size 0;" in terminal.said
    assert "mode 0644, root:root" in terminal.said
    assert "Why: It speaks HTTPS" in terminal.said
    assert "PRIVATE KEY" not in terminal.said
    assert "$2b$" not in terminal.said
    assert re.findall(r"secret: .*", terminal.said) == ["secret: (hidden)"] * 2


def test_a_number_that_is_none_is_told(terminal: Terminal) -> None:
    terminal.run(*TO_REVIEW, "99", "0", "x", "what", "9" * 5000)
    assert terminal.said.count("There is no change of that number.") == 3
    assert terminal.said.count("is not understood here.") == 2


def test_what_is_optional_can_be_left_out_and_taken_in(terminal: Terminal) -> None:
    terminal.run(*TO_REVIEW, terminal.on("x", NGINX), terminal.on("x", ANSWERS))
    assert "registry.conf (left out)" in terminal.said
    assert "create /etc/registry-wizard/choices.json" in terminal.said
    assert "This cannot be left out" in terminal.said
    terminal.run("", *TO_REVIEW, *[terminal.on("x", NGINX)] * 2)
    assert not terminal.said.rpartition("What will be done")[2].count("left out")


def test_back_from_the_review_goes_to_the_last_page(terminal: Terminal) -> None:
    terminal.run(*TO_REVIEW, *["<"] * 9, "no", *[""] * 10)
    tail = terminal.said.rpartition("apply does it")[0]
    assert tail.count(f"Page {len(PAGES)} of {len(PAGES)}") == 3
    assert not terminal.form.completed().registry.delete


def test_a_file_is_edited_in_the_users_editor(terminal: Terminal, tmp_path: Path) -> None:
    terminal.environ["EDITOR"] = editor(tmp_path, "s/threshold: 3/threshold: 4/")
    terminal.run(*TO_REVIEW, terminal.on("e", CONFIG), terminal.on("", CONFIG))
    assert "a YAML reader takes it" in terminal.said
    assert "config.yml (edited)" in terminal.said
    assert "    threshold: 4" in terminal.said
    assert (tmp_path / "rights").read_text().split() == ["600", "700"]


def test_a_refused_edit_is_shown_and_offered_again(terminal: Terminal, tmp_path: Path) -> None:
    terminal.environ["EDITOR"] = editor(tmp_path, "s/^version.*/version: [/", "s/\\[/1/")
    terminal.run(*TO_REVIEW, terminal.on("e", CONFIG), "yes", terminal.on("", CONFIG))
    assert "a YAML reader refuses this text" in terminal.words
    assert "  version: 1" in terminal.said


def test_a_refused_edit_can_be_dropped(terminal: Terminal, tmp_path: Path) -> None:
    terminal.environ["EDITOR"] = editor(tmp_path, "s/^version.*/version: [/")
    terminal.run(*TO_REVIEW, terminal.on("e", CONFIG), "no", "again")
    assert "The edit is dropped." in terminal.said
    assert "(edited)" not in terminal.said


def test_nothing_else_can_be_edited(terminal: Terminal) -> None:
    terminal.environ["EDITOR"] = "false"
    terminal.run(*TO_REVIEW, terminal.on("e", "ca.key"), terminal.on("e", ANSWERS))
    assert terminal.said.count("This cannot be edited") == 2


def test_an_editor_that_cannot_be_started_is_told(terminal: Terminal) -> None:
    terminal.environ["EDITOR"] = "/nowhere/editor"
    terminal.run(*TO_REVIEW, terminal.on("e", CONFIG))
    assert "The editor /nowhere/editor could not be used: No such file" in terminal.words


def stale(terminal: Terminal, tmp_path: Path) -> None:
    """Leave an edit of the registry's settings that was made of another text than ours is now."""
    terminal.environ["EDITOR"] = editor(tmp_path, "s/threshold: 3/threshold: 4/")
    terminal.run(*TO_REVIEW, terminal.on("e", CONFIG), "apply")
    base = '"base": "0000", "text": "version: 0.1\\n# mine\\n"'
    text = f'{{"left_out": [], "edits": {{"/etc/docker/registry/config.yml": {{{base}}}}}}}'
    terminal.host.files["/etc/registry-wizard/choices.json"] = File(text.encode(), 0o600)


@pytest.mark.parametrize(("word", "text"), [("ours", "threshold: 3"), ("yours", "# mine")])
def test_an_edit_that_no_longer_fits_is_decided_first(
    terminal: Terminal, tmp_path: Path, word: str, text: str
) -> None:
    stale(terminal, tmp_path)
    on = [terminal.on(each, CONFIG) for each in ("", word, "")]
    terminal.run("", *TO_REVIEW, "apply", *on)
    assert "Decide first between the two versions of: /etc/docker/registry/config.yml" in (
        terminal.words
    )
    assert text in terminal.said.rpartition("config.yml")[2]
    assert "two versions" not in terminal.said.rpartition("What will be done")[2]


def test_a_step_that_fails_says_the_cause_and_the_ways_on(terminal: Terminal) -> None:
    assert terminal.run(*TO_REVIEW, "apply", "retry", "undo", "no", "quit") == 1
    assert terminal.said.count("Step 1 of 12: Install what is needed") == 2
    assert "It did not work: `env DEBIAN_FRONTEND=noninteractive" in terminal.words
    assert "What now? (retry, review, edit, undo, quit): " in terminal.said
    assert "There is nothing to take back." in terminal.said


def test_the_last_lines_of_a_failure_are_shown_harmlessly(terminal: Terminal) -> None:
    out = "one\n\x1b]0;title\x07two\x1b[2J\n" + "x" * 5000 + "\n"
    terminal.host.commands["env",] = says(out, 100, "")
    terminal.run(*TO_REVIEW, "apply")
    assert "  | one\n  | two\n" in terminal.said
    assert "\x1b" not in terminal.said


def test_what_a_failure_means_is_said_beside_its_own_words(terminal: Terminal) -> None:
    out = "Err:1 http://deb.mirror.lan\n  Temporary failure resolving 'deb.mirror.lan'\n"
    terminal.host.commands["env",] = says(out, 100, "")
    terminal.run(*TO_REVIEW, "apply")
    assert "This means: Nobody says where deb.mirror.lan leads" in terminal.words
    assert "-> mend DNS (/etc/resolv.conf" in terminal.words
    assert "  |   Temporary failure resolving 'deb.mirror.lan'" in terminal.said


def test_stop_falls_between_two_changes(terminal: Terminal) -> None:
    terminal.stop = True
    assert terminal.run(*TO_REVIEW, "apply", "quit") == 130
    assert "Stopped, as asked." in terminal.said
    assert [type(event).__name__ for event in terminal.events] == ["StepStarted", "Stopped"]


def test_after_a_failure_the_answers_can_be_changed(terminal: Terminal) -> None:
    terminal.run(*TO_REVIEW, "apply", "edit", "docker.benet.com", "")
    assert terminal.form.text("registry.hostname") == "docker.benet.com"


@pytest.mark.parametrize("way", [["<", ""], ["apply", "review"], ["apply", "edit", *TO_SURVEY]])
def test_what_was_chosen_outlives_going_back(
    terminal: Terminal, tmp_path: Path, way: list[str]
) -> None:
    terminal.environ["EDITOR"] = editor(tmp_path, "s/threshold: 3/threshold: 4/")
    chosen = terminal.on("x", NGINX), terminal.on("e", CONFIG)
    terminal.run(*TO_REVIEW, *chosen, *way, "")
    last = terminal.said.rpartition("What will be done")[2]
    assert "registry.conf (left out)" in last
    assert "config.yml (edited)" in last


def installed(terminal: Terminal) -> None:
    users = (User("anna", password_hash=HASH),)
    answers = Answers(registry=Registry("docker.benet.com", "192.168.1.107"), users=users)
    terminal.host.files[RECORD] = File(sheet.dump(answers).encode(), 0o600)


def test_an_installation_opens_on_a_menu(terminal: Terminal) -> None:
    installed(terminal)
    assert terminal.run("8", "5", "6", "no", "7") == 4
    assert "8 is not understood here." in terminal.said
    assert "There is no registry of ours on this machine" in terminal.words  # not whole
    assert "There is nothing to take back." in terminal.said
    assert draft.DRAFT not in terminal.host.files


def test_an_untouched_menu_is_left_with_0(terminal: Terminal) -> None:
    installed(terminal)
    assert terminal.run("7") == 0


def test_the_menu_goes_straight_to_the_users_and_back(terminal: Terminal) -> None:
    installed(terminal)
    terminal.run("2", "remove 1", "<", "1", "", "<", "<", "7")
    assert f"Page {len(PAGES) - 1} of {len(PAGES)}: Access\n" in terminal.said
    assert "Name [docker.benet.com]: " in terminal.said
    assert terminal.said.count("1. change answers") == 3


def test_a_saved_answers_file_has_hashes_and_is_for_its_owner_alone(terminal: Terminal) -> None:
    users = ("add", "anna", *[""] * 6)
    path = "/opt/kept.toml"
    terminal.run(*TO_USERS, *users, "s", path, "s", path, "no", secrets=(SECRET, SECRET))
    kept = terminal.host.files[path]
    assert kept.mode == 0o600
    assert b"$2b$10$" in kept.content
    assert SECRET.encode() not in kept.content
    assert f"{path} is there already. Write over it?" in terminal.words
    assert "Nothing was saved." in terminal.said


def test_the_plan_is_saved_as_a_script(terminal: Terminal) -> None:
    terminal.run(*TO_REVIEW, "script", "/opt/install.sh", "script", "/nowhere/x", "s", "<")
    script = terminal.host.files["/opt/install.sh"]
    assert script.mode == 0o700
    assert script.content.startswith(b"#!/bin/sh")
    assert "Saved to /opt/install.sh." in terminal.said
    assert "/nowhere/x could not be written: its folder is not there" in terminal.words
    assert "Nothing was saved." in terminal.said


def test_it_fits_into_40_columns(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    numbers = [str(number) for number in range(1, 24)]
    terminal.run("?", *TO_REVIEW, *numbers, "apply")
    assert max(map(len, terminal.said.split("\n"))) <= 40


def test_a_long_list_is_shown_by_the_page(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINES", "24")
    terminal.run(*TO_REVIEW, "", terminal.on("", NGINX), "", "q", "nonsense")
    assert terminal.said.count("Enter shows more") == 3
    assert "nonsense is not understood here." in terminal.said


def test_a_key_that_is_pasted_in_place_of_its_path_is_not_repeated(terminal: Terminal) -> None:
    terminal.run(*to("authority.key"), "-----BEGIN PRIVATE KEY-----")
    assert "Own CA key [(hidden)]: " in terminal.said
    assert "BEGIN PRIVATE" not in terminal.said


def test_it_loads_no_textual() -> None:
    code = "import sys, screens.plain; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"textual", "rich", "docker", "jinja2"}


def test_looking_writes_nothing_but_the_draft(terminal: Terminal) -> None:
    terminal.run(*TO_REVIEW, "1", "2")
    assert terminal.host.files == {}
    terminal.run("docker.benet.com", *TO_REVIEW[1:], "1", "2")
    assert set(terminal.host.files) == {draft.DRAFT}


def test_answers_as_they_were_are_no_draft(terminal: Terminal) -> None:
    assert terminal.run("docker.benet.com", "", "<", "<", "-", "quit") == 130
    assert terminal.form.text("registry.hostname") == ""
    installed(terminal)
    terminal.run("no", "1", "", "<", "<", "7")
    assert draft.DRAFT not in terminal.host.files


def test_nothing_is_said_to_be_unchanged_after_a_failure(terminal: Terminal) -> None:
    terminal.run("")
    assert "Nothing was changed." in terminal.said
    terminal.run(*TO_REVIEW, "apply", "quit")
    assert "Nothing was changed." not in terminal.said


def stranger(client: Client) -> Host:
    """Be a machine whose host key nobody knows, unless it was answered."""
    if client.host_key != KEY:
        raise UnknownHostKey.of(client.host, KEY)
    return machine("docker dockerd", client.host)


KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"


def test_clients_are_asked_for_met_changed_and_removed(terminal: Terminal) -> None:
    terminal.connect = stranger
    lines = ("?", "add", "web 1", "web1", "ops", "many", "2222", "docker system", "no", "look 1")
    terminal.run(*TO_CLIENTS, *lines, "yes", "look 2", "change 1", "", "-", "<", "")
    assert terminal.said.count(KEY) == 2
    assert "This cannot be: must be a whole number" in terminal.words
    assert "Its key stays unknown" in terminal.words
    assert "There is no client of that number." in terminal.said
    assert "1. web1 as ops, port 2222: docker, system\n" in terminal.said
    assert LESSONS["clients.host"] in terminal.words
    assert terminal.form.clients == (Client("web1", "ops", 2222, KEY, ("docker", "system")),)
    terminal.run("", *TO_CLIENTS, "remove 1", "")
    assert "web1 is taken out." in terminal.said
    assert draft.kept(terminal.host) == {}


def test_a_client_that_is_not_reached_stays_on_the_list_and_is_a_note(terminal: Terminal) -> None:
    terminal.run(*TO_CLIENTS, "add", "web1", "", "", "", "", "")
    assert terminal.words.count("web1 does not answer by SSH") == 2
    assert "note: web1 does not answer by SSH" in terminal.words
    assert "What will be done" in terminal.said


AS_CLIENT = ("client", "docker.benet.com", "192.168.1.107", "", "")


def client(terminal: Terminal) -> None:
    terminal.role = ""
    terminal.host = machine("docker dockerd", "localhost")
    terminal.host.folders |= {"/root": terminal.host.folders["/etc"]}
    terminal.host.files["/root/ca.crt"] = File(PEM)


def test_a_client_is_asked_its_own_questions_and_sees_what_is_done_here(terminal: Terminal) -> None:
    client(terminal)
    lines = (*AS_CLIENT, "?", "/root/ca.crt", "", "", "", "script", "s", "/root/a.toml")
    assert terminal.run(*lines, "<", "<", "quit") == 130
    assert "  2. client  a client that trusts one\n" in terminal.said
    for number, page in enumerate(CLIENT_PAGES, 1):
        assert f"Page {number} of {len(CLIENT_PAGES)}: {page.title}" in terminal.said
    assert LESSONS["client.ca_certificate"] in terminal.words
    assert "Let Docker trust the CA" in terminal.said
    assert "script is not understood here." in terminal.said
    assert b'role = "client"' in terminal.host.files["/root/a.toml"].content
    assert "Who may log in" not in terminal.said
    terminal.run("yes")  # a draft knows what the machine was to be
    assert "Name [docker.benet.com]: " in terminal.said


def test_on_first_use_the_ca_is_shown_and_trusted_by_yes_alone(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(terminal)
    monkeypatch.setattr(ca, "fetch_unverified", lambda *_: Reply(200, {}, PEM))
    terminal.run(*AS_CLIENT, "", "", "", "", "yes", "")
    assert terminal.said.count("Trust on first use") == 2
    assert fingerprint(PEM) in terminal.said
    assert "may sign for: " in terminal.said
    assert terminal.form.completed().client.ca_fingerprint
    assert "What is to trust [empty]: " in terminal.said


def test_a_ca_that_nobody_sends_is_a_sentence(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(terminal)
    monkeypatch.setattr(ca, "fetch_unverified", lambda *_: Reply(404, {}, b""))
    terminal.run(*AS_CLIENT, "", "", "/root/ca.crt")
    assert "answers with 404" in terminal.words
    terminal.run("no", *AS_CLIENT, "/nowhere", "", "", "edit")
    assert "There is no file /nowhere" in terminal.words
    assert "copy the registry's ca.crt" in terminal.words


def test_the_menu_shows_the_clients_and_of_a_client_only_its_own_ways(terminal: Terminal) -> None:
    installed(terminal)
    good = roster.Entry(Client("web1"), verified="2026-11-26T18:23:01Z", good=True)
    roster.write_roster(terminal.host, {"web1": good})
    terminal.run("3", "<", "<", "7")
    assert "    web1: good, last verified 2026-11-26 18:23\n" in terminal.said
    assert f"Page {len(PAGES)} of {len(PAGES)}: Clients" in terminal.said
    answers = Answers(role="client", registry=Registry("docker.benet.com"))
    terminal.host.files[RECORD] = File(
        sheet.dump(replace(answers, client=ClientSide("/root/ca.crt"))).encode()
    )
    assert terminal.run("1", "<", "4") == 0
    assert "Page 1 of 3: Registry" in terminal.said
    assert "2. verify" in terminal.said


def test_lines_of_many_steps_at_once_say_whose_they_are() -> None:
    said: list[str] = []
    work = Work(Talk(input, input, said.append), total=2)
    for event in (
        Found(blocker=False, text="The log cannot be written", remedy="free some space"),
        StepStarted("client a", "Let a trust it"),
        StepStarted("client b", "Let b trust it"),
        Line("client b", "of b"),
        Line("client a", "of a"),
        Progress("client b", 0.5, ""),
        StepFailed("client b", "b is gone", ""),
        StepDone("client a", 2),
        StepStarted("client c", "Reach c"),
        StepFailed("client c", "c does not answer", ""),
        Checked("docker", "passed", "fine", host="a"),
    ):
        work.tell(event)
    assert "".join(said).splitlines() == [
        "note: The log cannot be written",
        "  -> free some space",
        "Step 1 of 2: Let a trust it ...",
        "Step 2 of 2: Let b trust it ...",
        "  Let b trust it: 50 %",
        "  Let b trust it: failed: b is gone",
        "  done, changes: 2",
        "Step 3 of 3: Reach c ...",
        "  failed",
        "Checks, from the outside:",
        "  ok: a, docker: fine",
    ]


PROGRAM = """
import os, sys, time
from pathlib import Path
from screens import plain
from tests.fake_host import FakeHost, recorded, says
from wizard.journal import Journal
from tests.screens.stage import opener

class Slow(FakeHost):
    def run(self, *argv, stdin=b"", log=None):
        if "install" in argv and argv[0] == "env":
            time.sleep(1)
        return super().run(*argv, stdin=stdin, log=log)

host = Slow(**vars(recorded("debian-12")))
host.commands["env",] = says("got it")
query = ("dpkg-query", "-W", "-f", "${db:Status-Status}")
names = ("nginx", "libnginx-mod-http-js", "docker-registry")
there = {(*query, name): says("installed") for name in names}
host.effects["env", "DEBIAN_FRONTEND=noninteractive"] = there
opened = opener(dict(os.environ), host, Journal(Path(sys.argv[1])))
sys.exit(plain.run(opened, "It is plain.", log=lambda tell: tell))
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@pytest.fixture
def pty(tmp_path: Path) -> Iterator[Pty]:
    root = Path(__file__).parents[2]
    argv = (sys.executable, "-c", PROGRAM, str(tmp_path))
    with Pty.start(argv, 80, 200, {"TERM": "dumb"}, root) as made:
        yield made


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_leaves_the_questions_and_the_terminal_as_it_was(
    pty: Pty, number: signal.Signals
) -> None:
    pty.type("\ndocker.benet.com\n")
    pty.wait_for("Address [")
    pty.signal(number)
    assert pty.wait() == 128 + number
    assert "Your answers are kept" in pty.screen()
    assert pty.clean()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_a_password_is_typed_gives_the_echo_back(
    pty: Pty, number: signal.Signals
) -> None:
    pty.type("\n" * len(["role", *TO_USERS]) + "add\nanna\n\n")
    pty.wait_for("Password for anna")
    time.sleep(0.1)
    pty.type("secret")
    pty.signal(number)
    assert pty.wait() == 128 + number
    assert "secret" not in pty.screen()
    assert pty.clean()


def test_ctrl_c_stops_the_work_after_the_change_that_is_running(pty: Pty) -> None:
    pty.type("\n" * len(["role", *TO_REVIEW]) + "apply\n")
    pty.wait_for("Step 1 of 12: Install")
    pty.press("ctrl+c")
    pty.wait_for("Stopping after the change that is running")
    pty.wait_for("Stopped, as asked.")
    pty.type("quit\n")
    assert pty.wait() == 130
    assert pty.clean()


def test_the_system_that_shuts_down_gets_no_questions(pty: Pty) -> None:
    pty.type("\n" * len(["role", *TO_REVIEW]) + "apply\n")
    pty.wait_for("Step 1 of 12: Install")
    pty.signal(signal.SIGTERM)
    assert pty.wait() == 143
    assert "What now? (retry" not in pty.screen()


def test_a_lost_line_stops_the_work_between_two_changes(pty: Pty, tmp_path: Path) -> None:
    pty.type("\n" * len(["role", *TO_REVIEW]) + "apply\n")
    pty.wait_for("Step 1 of 12: Install")
    pty.hang_up()
    assert pty.wait() == 129
    assert (
        "install nginx, libnginx-mod-http-js, docker-registry"
        in (tmp_path / "journal.jsonl").read_text()
    )
