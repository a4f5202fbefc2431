"""Clients on the screen, and a machine that becomes one itself: asked, met, shown, told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input

from screens.account import Account, Row
from screens.client_form import client_problems
from screens.ending import ending
from screens.form import Form
from screens.looks import Looks
from screens.offered import Offered
from screens.pages import CLIENT_PAGES, PAGES
from screens.progress import AtWork
from screens.questions import Questions
from screens.report import Report
from screens.undo import UndoReview
from tests.fake_host import says
from tests.given import given
from tests.screens.stage import ORDER, Stage, heading, machine, nobody, on_stage
from tests.wizard.clients.test_crew import machine as client_machine
from wizard import draft
from wizard.answers import Answers, Client, ClientSide, Registry
from wizard.client_session import CA
from wizard.clients import roster
from wizard.errors import ClientsFailed, WizardError
from wizard.events import Checked, Found, Line, Progress, StepDone, StepFailed, StepStarted
from wizard.hosts import File
from wizard.pki import fingerprint
from wizard.refusals import UnknownHostKey, Unreachable
from wizard.sheet import dump
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.fake_host import FakeHost
    from wizard.events import Tell
    from wizard.hosts import Host

PEM = given().pki.trust
KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
HOST = "web1.benet.com"


def staged(
    act: Callable[[Stage], Awaitable[None]],
    folder: Path,
    host: FakeHost | None = None,
    connect: Callable[[Client], Host] = nobody,
) -> None:
    async def play() -> None:
        async with on_stage(folder, host=host, connect=connect) as stage:
            await act(stage)

    asyncio.run(play())


def form_of(stage: Stage) -> Form:
    assert stage.app.visit
    return stage.app.visit.form


def stranger(client: Client) -> Host:
    """Be a machine whose host key nobody knows, unless it was answered."""
    if client.host_key != KEY:
        raise UnknownHostKey.of(client.host, KEY)
    return client_machine("docker dockerd", client.host)


async def add(stage: Stage, host: str) -> None:
    await stage.to_page("clients")
    await stage.press("a", *host)
    await stage.wait_for(host)
    stage.app.screen.query_one("#ok").focus()
    await stage.press("enter")


def test_an_unknown_host_key_is_compared_and_only_yes_keeps_it(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await add(stage, HOST)
        said = await stage.wait_for("Is this web1.benet.com?")
        assert KEY in said
        assert "ssh-keygen -lf" in said
        await stage.press("enter")  # which is no: the cursor is there
        await stage.wait_for("(host key not compared)")
        assert form_of(stage).clients == (Client(HOST),)
        await stage.press("l")
        await stage.wait_for("Is this web1.benet.com?")
        await stage.press("y")
        await stage.wait_for("(reached)")
        assert form_of(stage).clients == (Client(HOST, host_key=KEY),)
        await stage.press("f4")
        await stage.wait_for('host = "web1.benet.com"')

    staged(act, tmp_path, connect=stranger)


def test_looking_holds_nobody_up_and_can_be_left(tmp_path: Path) -> None:
    waits, left = threading.Event(), threading.Event()

    def slow(client: Client) -> Host:
        waits.wait(20)
        left.set()
        raise Unreachable(client.host)

    async def act(stage: Stage) -> None:
        await add(stage, HOST)
        await stage.wait_for("Connecting to web1.benet.com")
        await stage.press("y", "n")  # there is nothing to say yes to yet; n leaves as Esc does
        await stage.wait_for("web1.benet.com as root: whatever is found there\n")
        await stage.press("f3")
        await stage.wait_for("Looking at this machine")
        waits.set()
        await stage.wait_for("Clock")
        assert left.is_set()
        assert form_of(stage).clients == (Client(HOST),)

    staged(act, tmp_path, connect=slow)


def test_who_is_not_reached_is_a_sentence_and_a_note_of_the_survey(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await add(stage, HOST)
        await stage.wait_for("is it switched on?")
        await stage.press("enter")
        await stage.wait_for("(not reached)")
        await stage.press("f3")
        said = await stage.wait_for("Clock")
        assert "Nothing stands in the way." in said
        assert "note  web1.benet.com does not answer by SSH" in said

    staged(act, tmp_path)


def test_what_cannot_be_is_said_in_the_dialog(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await add(stage, HOST)
        await stage.wait_for("is it switched on?")
        await stage.press("enter", "a", *HOST)
        await stage.wait_for("Machine: is in the list already")
        fields = {each.id: each for each in stage.app.screen.query(Input)}
        fields["host"].value, fields["port"].value = "web2", "many"
        await stage.wait_for("SSH port: must be a whole number")
        fields["port"].value, fields["trust"].value = "2222", "docker, ford"
        await stage.wait_for("What is to trust: ford")
        await stage.press("escape")
        await stage.press("delete")
        await stage.wait_for("(none: clients can be added later, too)")

    staged(act, tmp_path)


def test_each_field_of_a_client_is_judged_as_in_a_file() -> None:
    typed = {"host": "-bad", "user": "", "port": "0", "trust": "docker docker", "host_key": "x"}
    assert set(client_problems((), "", typed)) == {"host", "port", "trust", "host_key"}
    assert client_problems((Client("a"),), "", {"host": "a"}) == {"host": "is in the list already"}
    assert client_problems((Client("a"),), "a", {"host": "a"}) == {}


def test_clients_are_kept_with_what_was_typed_and_in_the_answers(tmp_path: Path) -> None:
    every = (Client("a", "ops", 2222, KEY, ("docker", "system")), Client("b"))
    form = Form(clients=every)
    assert form.completed().clients == every
    again = Form()
    assert again.restore(json.loads(json.dumps(form.state())))
    assert again.clients == every
    again.put("role", "client")
    assert again.completed().clients == ()


def installed(*entries: roster.Entry) -> FakeHost:
    """Give a server with a registry and these clients on its roster."""
    host = machine()
    made = given(Answers(registry=Registry("docker.benet.com", "192.168.1.107")))
    etc = "/etc/registry-wizard"
    host.files |= {
        RECORD: File(dump(made.answers).encode(), 0o600),
        f"{etc}/pki/ca.crt": File(made.pki.trust),
        f"{etc}/pki/server.crt": File(made.pki.certificate),
        f"{etc}/check.password": File(b"secret\n", 0o600),
    }
    roster.write_roster(host, {each.client.host: each for each in entries})
    return host


ENTRIES = (
    roster.Entry(Client("web1.benet.com"), verified="2026-11-26T18:23:01Z", good=True),
    roster.Entry(Client("web2.benet.com"), verified="2026-11-26T18:23:01Z", failed=("docker",)),
    roster.Entry(Client("web3.benet.com")),
)


def test_the_second_start_shows_the_clients_and_leads_to_their_page(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.wait_for("Add or remove clients")
        await stage.wait_for("1 of 3 good (PageDown)")
        await stage.press("pagedown")
        said = await stage.wait_for("web3.benet.com")
        rows = [line.split() for line in said.split("\n") if "benet.com  " in line]
        assert [row[0] for row in rows] == ["web2.benet.com", "web3.benet.com", "web1.benet.com"]
        assert "failed: docker, last verified 2026-11-26 18:23" in said
        assert "good, last verified 2026-11-26 18:23" in said
        assert "not tried yet" in said
        assert "make this machine" not in said  # what it is, is known
        await stage.press("down", "down", "enter")
        await stage.wait_for(heading("clients"))

    staged(act, tmp_path, installed(*ENTRIES))


def test_removing_one_that_was_set_up_says_what_that_leaves(tmp_path: Path) -> None:
    host = installed(*ENTRIES)
    answers = given().answers
    kept = Answers(registry=answers.registry, clients=(Client("web1.benet.com"),))
    host.files[RECORD] = File(dump(kept).encode(), 0o600)

    async def act(stage: Stage) -> None:
        await stage.wait_for("Add or remove clients")
        await stage.press("down", "down", "enter")
        await stage.wait_for("(good)")
        await stage.press("delete")
        await stage.wait_for("takes that back")
        await stage.press("escape")
        await stage.wait_for("(none: clients")

    staged(act, tmp_path, host)


def test_undo_says_who_cannot_be_reached_and_can_be_left(tmp_path: Path) -> None:
    def look() -> list[Any]:
        raise Unreachable("There is no way to web1", "is it switched on?")

    async def act(stage: Stage) -> None:
        await stage.wait_for("1  Begin")
        stage.app.push_screen(UndoReview(look))
        assert "is it switched on?" in await stage.wait_for("There is no way to web1")
        await stage.press("f3", "escape")
        await stage.wait_for("1  Begin")

    staged(act, tmp_path)


CREW = {f"client web{n}": f"Let web{n} trust the registry (docker)" for n in range(30)}


def crew(tell: Tell) -> None:
    """Tell what many clients at once tell: steps that begin and end in each other."""
    for step, title in list(CREW.items())[:16]:
        tell(StepStarted(step, title))
    tell(Line("client web3", "one"))
    tell(Progress("client web4", 0.5, "half"))
    tell(StepDone("client web5", 2))
    tell(StepFailed("client web6", "the connection was lost", "run again"))
    tell(StepStarted("client gone", "Reach gone"))
    tell(StepFailed("client gone", "gone does not answer", ""))
    tell(Progress("client web3", 0.25, "a quarter"))


def test_steps_of_many_clients_run_at_once(tmp_path: Path) -> None:
    account = Account({step: Row(title) for step, title in CREW.items()})
    said: list[str] = []
    crew(lambda event: said.append(account.hear(event)))
    assert "    web3 | one" in said
    assert "web6 failed: the connection was lost" in said
    assert account.bar == (0.25, "a quarter")
    states = Counter(row.state for row in account.rows.values())
    assert states == {"failed": 2, "done": 1, "running": 14, "waiting": 14}
    lines = account.fitting(12)
    assert len(lines) == 12
    assert sum("[!]" in line for line in lines) == 2
    assert sum("[>]" in line for line in lines) == 9
    assert lines[-1].strip() == "... and 20 more: 1 done, 14 waiting"
    assert len(account.fitting(31)) == 31


def test_a_log_that_cannot_be_written_is_told() -> None:
    unwritten = Found(blocker=False, text="The log cannot be written", remedy="free some space")
    assert Account({}).hear(unwritten) == "note: The log cannot be written\n  -> free some space"


def test_checks_from_the_clients_are_a_row_of_their_own() -> None:
    account = Account({})
    account.hear(Checked("tls", "passed", "fine"))
    account.hear(StepStarted("client a", "Let a trust it"))
    account.hear(StepDone("client a", 1))
    said = account.hear(Checked("docker", "failed", "no", host="a"))
    account.end()
    assert said == "  failed: a docker: no"
    rows = {row.title: row.state for row in account.rows.values()}
    assert rows == {
        "Check it from the outside": "done",
        "Let a trust it": "done",
        "Check it from the clients": "failed",
    }


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 40)])
def test_the_log_has_room_below_many_clients(size: tuple[int, int], tmp_path: Path) -> None:
    async def play() -> None:
        async with on_stage(tmp_path, size) as stage:
            await stage.wait_for("1  Begin")
            waits = stage.release

            def act(tell: Tell) -> None:
                crew(tell)
                waits.wait(20)

            stage.app.push_screen(AtWork("At work", CREW, act, lambda: None, lambda _: None))
            await stage.wait_for("25%")
            said = await stage.wait_for("gone does not answer")  # the log scrolls a little later
            assert "[!] Let web6 trust" in said

    asyncio.run(play())


def test_clients_that_failed_do_not_hide_the_report(tmp_path: Path) -> None:
    told: list[object] = []

    def act(tell: Tell) -> None:
        tell(Checked("tls", "passed", "fine"))
        raise ClientsFailed("1 client could not be set up; all else is done:\n  gone", "again")

    async def work(stage: Stage) -> None:
        await stage.wait_for("1  Begin")
        screen = AtWork("At work", {}, act, lambda: None, lambda _: None)
        stage.app.push_screen(screen, told.append)
        await stage.wait_for("1  Begin")
        trouble = "1 client could not be set up; all else is done:\n  gone [b]"
        checked = (Checked("z", "passed", "fine", host="b"), Checked("a", "failed", "no", host="c"))
        report = Report("Partly", checked, ending(given()), "shown-once", trouble)
        stage.app.push_screen(report)
        said = await stage.wait_for("shown-once")
        assert "gone [b]" in said
        assert said.index("FAIL c, a: no") < said.index("ok   b, z: fine")

    staged(work, tmp_path)
    assert isinstance(told[0].error, ClientsFailed)  # type: ignore[attr-defined]


def a_client() -> FakeHost:
    """Give a machine with Docker and the registry's CA in a file."""
    host = client_machine("docker dockerd", "localhost")
    host.files["/root/ca.crt"] = File(PEM)
    host.folders |= {"/root": host.folders["/etc"]}
    return host


async def to_client(stage: Stage, page: int) -> None:
    """Go the way of a client, up to one of its pages."""
    await stage.wait_for("2  Begin")
    await stage.press("down", "enter")
    await stage.wait_for(f"Questions 1 of {len(CLIENT_PAGES)}")
    await stage.press(*"docker.benet.com", "tab", *"192.168.1.107")
    for number in range(2, page + 1):
        await stage.press("f3")
        await stage.wait_for(f"Questions {number} of {len(CLIENT_PAGES)}")


def test_a_client_sees_what_would_be_done_here(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await to_client(stage, 2)
        await stage.press(*"/root/ca.crt")
        await stage.wait_for("It is there")
        await stage.press("f3")
        await stage.wait_for("Questions 3 of 3: Trust")
        await stage.press("f3")
        said = await stage.wait_for("To trust it")
        assert "https://docker.benet.com/" in said
        await stage.press("f3")
        said = await stage.wait_for("nothing is done yet")
        assert "Let Docker trust the CA" in said
        await stage.press("down", "x", "s")
        said = await stage.wait_for("Save the plan as")
        assert "a shell script" not in said
        await stage.pilot.click("#answers")
        await stage.wait_for("Saved: /root/registry-answers.toml")

    host = a_client()
    host.commands["stat", "-L", "-c", "%F %s", "/root/ca.crt"] = says("regular file 871\n")
    staged(act, tmp_path, host)
    saved = host.files["/root/registry-answers.toml"].content.decode()
    assert 'role = "client"' in saved
    assert 'ca_certificate = "/root/ca.crt"' in saved


def test_the_name_is_needed_on_a_client_and_esc_leads_back_to_the_choice(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.wait_for("2  Begin")
        await stage.press("down", "f3")
        await stage.wait_for("is needed on a client")
        await stage.press("f3")
        assert "Questions 1 of 3" in stage.text()
        await stage.press("escape")
        await stage.wait_for("1  Begin")
        await stage.press("f3")
        await stage.wait_for(heading(ORDER[0]))
        await stage.wait_for("Left empty it is")

    staged(act, tmp_path, a_client())


def test_a_draft_of_a_client_has_the_cursor_on_its_way(tmp_path: Path) -> None:
    host = a_client()
    typed = {"role": "client", "registry.hostname": "kept.benet.com"}
    draft.keep(host, {"typed": typed, "users": [], "clients": []})

    async def act(stage: Stage) -> None:
        await stage.wait_for("Answers of an earlier start")
        await stage.press("f3")
        await stage.wait_for("Questions 1 of 3")
        await stage.wait_for("kept.benet.com")

    staged(act, tmp_path, host)


async def at_the_ca(stage: Stage, fetch: Callable[[Answers], Offered]) -> Form:
    form = Form()
    form.put("role", "client")
    form.put("registry.hostname", "docker.benet.com")
    await stage.wait_for("1  Begin")
    looks = Looks(lambda *_: None, nobody, fetch)
    stage.app.push_screen(Questions(form, "ca", looks))
    await stage.wait_for("Questions 2 of 3")
    return form


def test_trust_on_first_use_says_so_and_needs_a_button_of_its_own(tmp_path: Path) -> None:
    found = Offered("subject: CN=[b]a CA[/]\nSHA-256: 6D:6B", "6d" * 32)

    async def act(stage: Stage) -> None:
        form = await at_the_ca(stage, lambda _: found)
        await stage.press("f3")
        said = await stage.wait_for("Compare its SHA-256")
        assert "registry-wizard status" in said
        assert "6d" * 32 in said
        assert "subject: CN=[b]a CA[/]" in said
        await stage.press("y", "enter")  # y means nothing here, and the cursor is on Cancel
        await stage.wait_for("Questions 2 of 3")
        assert form.text("client.ca_fingerprint") == ""
        await stage.press("f3")
        await stage.wait_for("Compare its SHA-256")
        await stage.press("right", "enter")
        await stage.wait_for("Questions 3 of 3")
        assert form.text("client.ca_fingerprint") == "6d" * 32
        assert form.completed().client == ClientSide(ca_fingerprint="6d" * 32)

    staged(act, tmp_path)


def test_a_ca_that_cannot_be_fetched_is_a_sentence(tmp_path: Path) -> None:
    def fetch(answers: Answers) -> Offered:
        raise WizardError(f"{answers.registry.hostname} answers with 404", "copy it here")

    async def act(stage: Stage) -> None:
        await at_the_ca(stage, fetch)
        await stage.press("f3")
        assert "copy it here" in await stage.wait_for("docker.benet.com answers with 404")
        await stage.press("enter")
        await stage.wait_for("Questions 2 of 3")

    staged(act, tmp_path)


def test_whoever_says_which_ca_it_is_is_not_asked_to_trust_another(tmp_path: Path) -> None:
    def fetch(_: Answers) -> Offered:
        raise AssertionError("fetched although it was answered")

    async def act(stage: Stage) -> None:
        form = await at_the_ca(stage, fetch)
        await stage.press("tab", *fingerprint(PEM), "f3")
        await stage.wait_for("Questions 3 of 3")
        assert form.problems() == {}

    staged(act, tmp_path)


def test_a_machine_that_is_a_client_opens_as_one(tmp_path: Path) -> None:
    host = a_client()
    side = ClientSide(ca_certificate=CA)
    answers = Answers(role="client", registry=Registry("docker.benet.com"), client=side)
    host.files |= {RECORD: File(dump(answers).encode()), CA: File(PEM)}

    async def act(stage: Stage) -> None:
        said = await stage.wait_for("This machine trusts a registry.")
        assert "https://docker.benet.com/" in said
        assert "Take everything back" in said
        assert "users" not in said
        assert "make this machine" not in said
        await stage.press("f3")
        await stage.wait_for("Questions 1 of 3")

    staged(act, tmp_path, host)


def test_what_is_not_whole_can_be_nothing_else(tmp_path: Path) -> None:
    host = machine()
    host.files[RECORD] = File(dump(Answers()).encode(), 0o600)

    async def act(stage: Stage) -> None:
        said = await stage.wait_for("is not whole")
        assert "a client that trusts one" not in said

    staged(act, tmp_path, host)


def test_on_a_client_only_its_own_questions_are_in_the_answers() -> None:
    form = Form()
    form.put("role", "client")
    form.put("proxy.install", "source")
    form.put("registry.hostname", "docker.benet.com")
    form.put("client.ca_certificate", "/root/ca.crt")
    assert form.problems() == {}
    assert "proxy" not in form.document()
    form.put("role", "server")
    assert "proxy.source_archive" in form.problems()
    assert "client" not in form.document()
    assert form.pages == PAGES
