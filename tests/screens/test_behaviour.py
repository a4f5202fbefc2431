"""How the screens behave: what is kept, what is refused, and what an odd text cannot do."""

from __future__ import annotations

import asyncio
import json
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList, TextArea

from screens import plain
from screens.paint import paint, paint_difference
from screens.progress import AtWork
from screens.told import BATCH, MOST_LINES, WAITING, Told
from tests.fake_host import says
from tests.screens.stage import ORDER, Stage, heading, machine, on_stage, opener, steady
from wizard import draft
from wizard.answers import Answers, Registry
from wizard.changes.files import masked
from wizard.changes.packagers import APT
from wizard.choices import CHOICES, Edit
from wizard.errors import WizardError
from wizard.events import (
    ChangeDone,
    Checked,
    Event,
    Finished,
    Line,
    Progress,
    StepDone,
    StepFailed,
    StepStarted,
)
from wizard.headless import install
from wizard.hosts import File
from wizard.journal import Journal
from wizard.session import Session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.fake_host import FakeHost
    from wizard.events import Tell

CONFIG = "/etc/docker/registry/config.yml"
NASTY = (
    "[/etc/docker/certs.d] [b]bold[/b] [@click=app.exit]x[/]",
    "\x1b]0;title\x07\x1b[2J\x1b[10;10Hmoved\x9b31m",
    "x" * 100_000,
    b"\xff\xfe invalid".decode(errors="replace"),
    "\u202eturned \ud800half",
)


def staged(
    act: Callable[[Stage], Awaitable[None]], folder: Path, host: FakeHost | None = None
) -> None:
    async def play() -> None:
        async with on_stage(folder, host=host) as stage:
            await act(stage)

    asyncio.run(play())


def test_answers_survive_going_back_and_forth_and_the_way_out(tmp_path: Path) -> None:
    host = machine()

    async def leave(stage: Stage) -> None:
        await stage.to_page("name")
        await stage.press(*"kept.benet.com", "f3")
        await stage.wait_for(heading("address"))
        await stage.press("escape")
        await stage.wait_for("kept.benet.com/NAME")
        await stage.press("ctrl+c")
        await stage.wait_for("Quit?")
        await stage.press("y")
        assert stage.app.return_code == 130

    async def come_back(stage: Stage) -> None:
        await stage.wait_for("Answers of an earlier start")
        await stage.press("enter")
        await stage.wait_for("kept.benet.com/NAME")

    staged(leave, tmp_path, host)
    assert json.loads(host.files[draft.DRAFT].content)["typed"]["registry.hostname"]
    assert host.files[draft.DRAFT].mode == 0o600
    staged(come_back, tmp_path, host)


def test_what_is_wrong_holds_back_next_and_never_back(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("address")
        await stage.press("tab", "backspace", "backspace", "backspace", *"eighty", "f3")
        await stage.wait_for("must be a whole number")
        assert heading("address") in stage.text()
        await stage.press("escape")
        await stage.wait_for(heading("name"))
        await stage.press("f3")
        await stage.wait_for("eighty")

    staged(act, tmp_path)


def test_a_typed_password_is_kept_as_a_hash_alone(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("access")
        await stage.press("a", *"tester", "enter", "enter")
        await stage.press(*"Sent1nel", "enter", *"Sent1nel", "enter")
        await stage.wait_for("tester  may push")
        visit = stage.app.visit
        assert visit
        user = visit.form.users[0]
        assert user.password_hash.startswith("$2b$10$")
        assert "Sent1nel" not in repr(visit.form.state())
        await stage.press("f4")
        await stage.wait_for("anonymous_pull")
        await stage.press("pagedown")
        assert "$2b$" not in await stage.wait_for('name = "tester"')

    staged(act, tmp_path)


def test_an_empty_password_is_generated_and_shown_once(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("access")
        await stage.press("a", *"tester", "enter", "down", "enter", "enter")
        await stage.wait_for("shown this once")
        await stage.press("enter")
        await stage.wait_for("tester  may pull")

    staged(act, tmp_path)


async def at(stage: Stage, path: str) -> None:
    await stage.to_review()
    listed = stage.app.screen.query_one("#changes", OptionList)
    listed.highlighted = listed.get_option_index(f"file:{path}")
    await stage.wait_for("It listens on loopback only")


def test_an_edit_is_what_will_be_written_and_survives_going_back(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await at(stage, CONFIG)
        await stage.press("e")
        await stage.wait_for("Edit /etc/docker")
        area = stage.app.screen.query_one(TextArea)
        assert "(hidden)" in area.text
        area.text = area.text.replace("60s", "90s")
        await stage.press("f3")
        await stage.wait_for("(edited)")
        await stage.press("escape")
        await stage.wait_for(heading(ORDER[-1]))
        await stage.press("f3")
        await stage.wait_for("Clock")
        await stage.press("f3")
        await stage.wait_for("nothing is done yet")
        choices = stage.app.screen.given.choices  # type: ignore[attr-defined]
        assert "90s" in choices.edits[CONFIG].text
        assert "(hidden)" in choices.edits[CONFIG].text

    staged(act, tmp_path)


def test_an_edit_of_an_earlier_text_shows_both_and_must_be_decided(tmp_path: Path) -> None:
    host = machine()
    kept = {"left_out": [], "edits": {CONFIG: {"base": "of another text", "text": "mine: 1\n"}}}
    host.files[CHOICES] = File(json.dumps(kept).encode())

    async def act(stage: Stage) -> None:
        await at(stage, CONFIG)
        text = await stage.wait_for("You edited this file")
        assert "(two versio" in text
        await stage.press("f3")
        await stage.wait_for("no longer fits")
        await stage.press("y")
        await stage.wait_for("(edited)")
        choices = stage.app.screen.given.choices  # type: ignore[attr-defined]
        assert choices.edits[CONFIG].text == "mine: 1\n"
        assert choices.edits[CONFIG] != Edit("of another text", "mine: 1\n")

    staged(act, tmp_path, host)


def test_the_plan_is_saved_as_answers_and_as_a_script(tmp_path: Path) -> None:
    host = machine()
    host.make_folder("/root", host.folders["/"])

    async def act(stage: Stage) -> None:
        await stage.to_review()
        for kind, path in (("answers", "/root/registry-answers.toml"), ("script", "")):
            await stage.press("s")
            await stage.wait_for("Save the plan as")
            await stage.pilot.click(f"#{kind}")
            await stage.wait_for("Saved: " + path)

    staged(act, tmp_path, host)
    assert host.files["/root/registry-answers.toml"].mode == 0o600
    assert host.files["/root/registry-install.sh"].content.startswith(b"#!/bin/sh\n")


@pytest.mark.parametrize("text", NASTY, ids=["markup", "escapes", "long", "bytes", "turned"])
def test_text_that_is_not_ours_is_shown_harmlessly(text: str, tmp_path: Path) -> None:
    def act(tell: Tell) -> None:
        tell(Line("x", text))
        tell(Checked("x", "failed", text, text))
        tell(Line("x", "the end"))

    for painted in (paint(text, "/etc/nginx/x.conf"), paint_difference(f"+{text}")):
        assert not set(painted.plain) & set("\x1b\x07\x9b\u202e\ud800")
        assert len(painted.plain) < 5000

    async def show(stage: Stage) -> None:
        await stage.wait_for("1  Begin")
        work = AtWork(text, {"x": text}, act, lambda: None, lambda _: None)
        stage.app.push_screen(work)
        await stage.pilot.pause(0.3)
        assert not set(stage.text()) & set("\x1b\x07\x9b\u202e\ud800")

    staged(show, tmp_path)


def test_long_output_and_a_long_failure_leave_the_ways_on_in_sight(tmp_path: Path) -> None:
    steps = {str(number): f"Step number {number}" for number in range(10)}
    compiler = "cc -c -pipe -O -W -Wall -Werror " + "-I src/core/modules " * 20

    def act(tell: Tell) -> None:
        tell(StepStarted("3", steps["3"]))
        for _ in range(2 * MOST_LINES):
            tell(Line("3", compiler))
        tell(Progress("3", 0.45, compiler))
        tell(StepFailed("3", "make ended with 2", ""))
        raise WizardError("\n".join([f"`{compiler}` ended with 2:", *[compiler] * 9]), compiler)

    async def show(stage: Stage) -> None:
        await stage.wait_for("1  Begin")
        stage.app.push_screen(AtWork("At work", steps, act, lambda: None, lambda _: None))
        text = await stage.wait_for("What to do")
        assert "Retry          Edit answers          Undo              Quit" in text
        assert "[!] Step number 3" in text
        assert "Step number 4" not in text
        assert [line for line in text.split("\n") if "45%" in line]

    staged(show, tmp_path)


def test_an_answer_with_escapes_is_taken_without_them(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("name")
        stage.app.screen.query_one(Input).value = "a\x1b[2J.example"
        await stage.wait_for("a.example/NAME")

    staged(act, tmp_path)


def test_lines_that_nobody_fetches_take_bounded_memory_and_hold_nobody_up() -> None:
    told = Told()
    told.close()  # the screen is gone; the engine goes on
    for number in range(3 * WAITING):
        told.tell(Line("x", str(number)))
    told.tell(Finished(1, "end"))
    events, dropped = told.take()
    assert (len(events), dropped) == (BATCH, 2 * WAITING)
    assert events[0] == Line("x", str(2 * WAITING))
    while not told.empty:
        events, _ = told.take()
    assert events[-1] == Finished(1, "end")


def test_whoever_prints_faster_than_can_be_shown_waits_and_loses_nothing() -> None:
    told, lines = Told(), 20_000

    def act() -> None:
        for number in range(lines):
            told.tell(Line("x", str(number)))

    printer = threading.Thread(target=act)
    printer.start()
    seen: list[Event] = []
    while len(seen) < lines:
        some, dropped = told.take()
        assert not dropped
        seen += some
    printer.join()
    assert seen == [Line("x", str(n)) for n in range(lines)]


# What a person types in the three fronts for the same answers.
NAME, PORT = "docker.benet.com", "8443"
ANSWERS = Answers(registry=Registry(hostname=NAME, https_port=8443))
APPLYING = (StepStarted, Line, Progress, ChangeDone, StepDone, StepFailed)


def installable() -> FakeHost:
    """Give a machine on which all goes well up to the services, which cannot be enabled."""
    host = machine()
    query = ("dpkg-query", "-W", "-f", "${db:Status-Status}")
    host.effects[(*APT, "install")] = {
        (*query, name): says("installed")
        for name in ("nginx", "libnginx-mod-http-js", "docker-registry")
    }
    host.commands[("nginx", "-t")] = says()
    host.commands[("env",)] = says("pmstatus:nginx:40.0:Installing nginx\nSetting up nginx ...\n")
    host.commands[("systemctl", "enable")] = says("", 1, "no")
    return host


def by_file(folder: Path) -> tuple[list[Event], FakeHost]:
    told: list[Event] = []
    host = installable()
    session = Session({}, host, Journal(folder))
    with pytest.raises(WizardError, match="systemctl daemon-reload"):
        install(session, ANSWERS, told.append, dry_run=False, log=lambda tell: tell)
    return told, host


def by_lines(folder: Path) -> tuple[list[Event], FakeHost]:
    told: list[Event] = []
    typed = iter(["server", NAME, "", PORT, *[""] * 21, "apply"])
    host = installable()

    def read(_: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    plain.run(
        opener({}, host, Journal(folder)), "", read, read, lambda _: None, partial(both, told)
    )
    return told, host


def by_keys(folder: Path) -> tuple[list[Event], FakeHost]:
    told: list[Event] = []
    host = installable()

    async def act(stage: Stage) -> None:
        await stage.to_page("name")
        assert stage.app.visit
        stage.app.visit.logged = partial(both, told)
        await stage.press(*NAME, "f3", "tab", *["backspace"] * 3, *PORT)
        for page in ORDER[2:]:
            await stage.press("f3")
            await stage.wait_for(heading(page))
        await stage.press("f3")
        await stage.wait_for("Clock")
        await stage.press("f3")
        await stage.wait_for("nothing is done yet")
        await stage.press("f3")
        await stage.wait_for("It did not work")

    staged(act, folder, host)
    return told, host


def both(told: list[Event], tell: Tell) -> Tell:
    def listen(event: Event) -> None:
        told.append(event)
        tell(event)

    return listen


def applied(told: list[Event]) -> list[str]:
    return [steady(repr(event)) for event in told if isinstance(event, APPLYING)]


def written(host: FakeHost) -> dict[str, tuple[int, str, str]]:
    """Give every file with its rights, and its text where that is no secret or certificate."""
    secret = (
        "/pki/",
        "/var/www/",
        "htpasswd",
        ".password",
        ".secret",
        "between.pem",
        "/front/",
        "draft.json",
    )
    return {
        steady(path): (
            file.mode,
            file.group,
            "" if any(each in path for each in secret) else masked(file.content, ("secret",)),
        )
        for path, file in host.files.items()
        if "draft.json" not in path
    }


def test_file_lines_and_keys_lead_to_the_same_events_and_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINES", "1000")  # no stop at each screenful
    (told, host), *others = (
        front(tmp_path / front.__name__) for front in (by_file, by_lines, by_keys)
    )
    assert sum(isinstance(event, StepStarted) for event in told) == 8
    assert "listen 8443 ssl" in host.files["/etc/nginx/conf.d/registry.conf"].content.decode()
    for events, other in others:
        assert applied(events) == applied(told)
        assert written(other) == written(host)
