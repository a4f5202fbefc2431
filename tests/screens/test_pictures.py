"""Every screen in its important states, kept as text beside this for a reviewer to see."""

from __future__ import annotations

import asyncio
import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList

from screens.progress import AtWork
from screens.report import Report
from tests.given import ANSWERS
from tests.screens.stage import ARCHIVE, ORDER, SIZES, Stage, on_stage
from wizard import join
from wizard.errors import WizardError
from wizard.events import Checked, Line, Progress, StepDone, StepFailed, StepStarted, Tell
from wizard.next_commands import next_commands

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

GOLDEN = Path(__file__).with_name("golden")
PICTURES = Path(__file__).with_name("pictures")
CHECKED = (
    Checked("tls", "passed", "docker.benet.com is trusted with our CA alone, TLSv1.3"),
    Checked("dates", "warning", "20 days left", "run the wizard again"),
    Checked("push and pull", "passed", "98304 fresh bytes went in and came out again"),
)
BAD = (Checked("tcp", "failed", "docker.benet.com accepts no connection", "is nginx running?"),)
STEPS = {"packages": "Install nginx and the registry", "authority": "Make the certificates"}


async def welcome(stage: Stage) -> None:
    await stage.wait_for("1  Begin")


async def wrong(stage: Stage) -> None:
    await stage.to_page("name")
    await stage.press(*"nodot")
    await stage.wait_for("needs a dot")


async def lesson(stage: Stage) -> None:
    await stage.to_page("name")
    await stage.press("f1")
    await stage.wait_for("The name that clients type")


async def lines(stage: Stage) -> None:
    await stage.to_page("address")
    await stage.press("f4")
    await stage.wait_for("[registry]")


async def tried(stage: Stage) -> None:
    await stage.to_page("certificate")
    await stage.press("tab", "tab", "tab", *"other.benet.com")
    await stage.wait_for("will not match")


async def source(stage: Stage) -> None:
    await stage.to_page("proxy")
    await stage.press("down", "enter", *ARCHIVE, "enter", *"a" * 64)
    await stage.wait_for("9f2c9f2c9f2c9f2c...")


async def user(stage: Stage) -> None:
    await stage.to_page("access")
    await stage.press("a", *"tester", "tab", *"secret", "tab", *"sx")
    await stage.wait_for("differ")


async def quitting(stage: Stage) -> None:
    await stage.to_page("name")
    await stage.press("ctrl+c")
    await stage.wait_for("Quit?")


async def survey(stage: Stage) -> None:
    await stage.to_survey()


async def blocked(stage: Stage) -> None:
    await stage.to_page("address")
    await stage.press(*(["backspace"] * 20), *"198.51.100.7", *["f3"] * len(ORDER[1:]))
    await stage.wait_for("STOP")


async def review(stage: Stage) -> None:
    await stage.to_review()
    listed = stage.app.screen.query_one("#changes", OptionList)
    listed.highlighted = listed.get_option_index("file:/etc/docker/registry/config.yml")
    await stage.wait_for("It listens on loopback only")


async def left_out(stage: Stage) -> None:
    await stage.to_review()
    await stage.press("down", "x")
    await stage.wait_for("(left out)")


async def editing(stage: Stage) -> None:
    await review(stage)
    await stage.press("e", *"x: [", "f3")
    await stage.wait_for("refuses it")


async def at_work(stage: Stage, act: Callable[[Tell], object], until: str) -> None:
    await stage.wait_for("1  Begin")
    stage.app.push_screen(AtWork("At work", STEPS, act, lambda: None, lambda _: None))
    await stage.wait_for(until)


async def progress(stage: Stage) -> None:
    def act(tell: Tell) -> None:
        tell(StepStarted("packages", STEPS["packages"]))
        tell(Line("packages", "Selecting previously unselected package nginx."))
        tell(StepDone("packages", 1))
        tell(StepStarted("authority", STEPS["authority"]))
        tell(Progress("authority", 0.45, "Unpacking nginx (amd64)"))
        stage.release.wait(20)

    await at_work(stage, act, "45%")


async def failed(stage: Stage) -> None:
    def act(tell: Tell) -> None:
        tell(StepStarted("packages", STEPS["packages"]))
        tell(StepFailed("packages", "nginx did not start", ""))
        raise WizardError("nginx did not start:\n[emerg] bind() failed", "see who holds port 443")

    await at_work(stage, act, "It did not work")


async def shown(stage: Stage, screen: Report, until: str) -> None:
    await stage.wait_for("1  Begin")
    stage.app.push_screen(screen)
    await stage.wait_for(until)


LINE = join.LINE.format(url="https://192.168.1.107/join.sh", sha256="5e" * 32)


async def report(stage: Stage) -> None:
    commands = next_commands(ANSWERS, "admin", LINE)
    good = Report("The registry stands: all 3 checks passed.", CHECKED, commands, "shown-once")
    await shown(stage, good, "docker login")


async def report_bad(stage: Stage) -> None:
    bad = Report("1 of 4 checks failed.", (*CHECKED, *BAD), next_commands(ANSWERS, "admin", LINE))
    await shown(stage, bad, "FAIL")


STATES: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "welcome": welcome,
    **{f"page-{page}": partial(Stage.to_page, page=page) for page in ORDER},
    "wrong": wrong,
    "lesson": lesson,
    "lines": lines,
    "tried": tried,
    "source": source,
    "user": user,
    "quit": quitting,
    "survey": survey,
    "blocked": blocked,
    "review": review,
    "left-out": left_out,
    "editing": editing,
    "progress": progress,
    "failed": failed,
    "report": report,
    "report-bad": report_bad,
}
# What the README shows, in colours.
SHOWN = ("page-certificate", "review", "progress", "report")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", STATES)
def test_a_screen_looks_as_reviewed(state: str, size: str, tmp_path: Path) -> None:
    text, picture = asyncio.run(seen(state, size, tmp_path))
    path = GOLDEN / f"{state}-{size}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        if state in SHOWN and size == "80x24":
            PICTURES.mkdir(exist_ok=True)
            (PICTURES / f"{state}.svg").write_text(picture)
    assert path.read_text() == text


async def seen(state: str, size: str, folder: Path) -> tuple[str, str]:
    async with on_stage(folder, SIZES[size]) as stage:
        await STATES[state](stage)
        text = await stage.settled()
        return text + "\n", plain_svg(stage.app.export_screenshot())


def plain_svg(svg: str) -> str:
    """Give a picture that loads no font from elsewhere."""
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


@pytest.mark.parametrize("size", [(59, 24), (80, 17), (10, 3), (1, 1)])
def test_where_there_is_no_room_it_says_so(size: tuple[int, int], tmp_path: Path) -> None:
    async def small() -> str:
        async with on_stage(tmp_path, size) as stage:
            await stage.pilot.pause(0.2)
            return stage.text()

    text = asyncio.run(small())
    assert "Begin" not in text
    assert size[0] < 30 or "This needs 60 columns and 18 rows" in text


ASCII_AND_FEW = re.compile(r"[ -~\n…•]*")


def test_an_old_consoles_font_has_every_glyph() -> None:
    for path in GOLDEN.glob("*.txt"):
        assert ASCII_AND_FEW.fullmatch(path.read_text()), path
