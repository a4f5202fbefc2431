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

from screens import words
from screens.clients import Clients
from screens.ending import Ending
from screens.form import Form
from screens.images import Images
from screens.known_clients import Known
from screens.looks import Looks
from screens.meeting import Meeting
from screens.offered import Offered
from screens.pages import CLIENT_PAGES
from screens.progress import AtWork
from screens.questions import Questions
from screens.report import Report
from screens.undo import UndoReview
from screens.welcome import State, Welcome
from tests.given import ANSWERS
from tests.screens.stage import ARCHIVE, ORDER, SIZES, Stage, nobody, on_stage
from tests.wizard.storage import Storage
from wizard import join
from wizard.answers import Client
from wizard.errors import WizardError
from wizard.events import Checked, Differs, Line, Progress, StepDone, StepFailed, StepStarted, Tell
from wizard.executor import interpret
from wizard.next_commands import next_commands
from wizard.place import STAYS
from wizard.refusals import UnknownHostKey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

GOLDEN = Path(__file__).with_name("golden")
PICTURES = Path(__file__).with_name("pictures")
CHECKED = (
    Checked("tls-version", "passed", "TLSv1.3, TLS_AES_256_GCM_SHA384, and nothing older"),
    Checked(
        "certificate-days", "warning", "20 days left, 3650 for the CA", "registry-wizard renew"
    ),
    Checked("pull", "passed", "the same bytes came back by digest"),
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
    await stage.press("a", *"tester", "tab", "tab", *"secret", "tab", *"sx")
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


async def failed_known(stage: Stage) -> None:
    """Show a failure whose words the engine knows, as its executor does."""

    def act(tell: Tell) -> None:
        tell(StepStarted("packages", STEPS["packages"]))
        error = WizardError(APT, "look at the lines above; then run again")
        interpret(error, ())
        tell(StepFailed("packages", str(error), error.hint, error.cause, error.remedy))
        raise error

    await at_work(stage, act, "It did not work")


APT = """`apt-get install -y nginx` ended with 100:
Err:1 http://deb.mirror.lan/debian bookworm/main amd64 nginx amd64 1.22.1-9
  Temporary failure resolving 'deb.mirror.lan'"""
CREW = {f"client web{n}": f"Let web{n}.benet.com trust the registry (docker)" for n in range(24)}


async def crew(stage: Stage) -> None:
    def act(tell: Tell) -> None:
        for step, title in list(CREW.items())[:16]:
            tell(StepStarted(step, title))
        tell(Line("client web3", "Updating certificates in /etc/ssl/certs..."))
        tell(StepDone("client web5", 3))
        tell(StepFailed("client web6", "The connection to web6.benet.com was lost", ""))
        tell(Progress("client web4", 0.45, "half"))
        stage.release.wait(20)

    await stage.wait_for("1  Begin")
    stage.app.push_screen(AtWork("At work", CREW, act, lambda: None, lambda _: None))
    await stage.wait_for("45%")


CLIENTS = (
    Client("web1.benet.com"),
    Client("192.168.1.108", "ops", 2222, trust=("docker", "system")),
    Client("build.benet.com"),
)
KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"


async def clients(stage: Stage) -> None:
    await stage.to_page("clients")
    listed = stage.app.screen.query_one(Clients)
    listed.seen = dict(zip((c.host for c in CLIENTS), words.SEEN, strict=False))
    listed.put(CLIENTS)
    await stage.wait_for("(reached)")


async def client(stage: Stage) -> None:
    await clients(stage)
    await stage.press("a", *"web1.benet.com")
    await stage.wait_for("is in the list already")


async def host_key(stage: Stage) -> None:
    def reach(client: Client) -> None:
        raise UnknownHostKey.of(client.host, KEY)

    await clients(stage)
    stage.app.push_screen(Meeting(CLIENTS[0], reach))
    await stage.wait_for("Is this web1.benet.com?")


async def state(stage: Stage) -> None:
    facts = {
        "installed": True,
        "address": "https://docker.benet.com/",
        "nginx": "running",
        "registry": "running",
        "runtime": "the service docker-registry",
        "certificate_days_left": 198,
        "ca_days_left": 3651,
        "storage": "/opt/data/registry",
        "storage_free_bytes": 69 * 1024**3,
        "users": ["admin"],
    }
    known = (
        Known("web2.benet.com", good=False, how="failed: docker, last verified 2026-11-26 18:23"),
        Known("web1.benet.com", good=True, how="good, last verified 2026-11-26 18:23"),
    )

    def verify(tell: Tell) -> bool:
        tell(CHECKED[0])
        return True

    await stage.wait_for("1  Begin")
    screen = Welcome()
    stage.app.push_screen(screen)
    screen.look(lambda: State(facts, "server", known), verify, draft="")
    await stage.wait_for("All 1 checks passed")


async def images(stage: Stage) -> None:
    storage = Storage(stage.folder)
    for name, tags in REPOSITORIES.items():
        for number, tag in enumerate(tags.split()):
            storage.tag(name, tag, storage.index("amd64", "arm64"), 1_790_000_000 - number)
    storage.tag("team/web", "1.4", storage.manifest("amd64", 48_211_004), 1_789_000_000)
    storage.tag("team/web", "1.3", "sha256:" + "c5" * 32, 1_788_000_000)
    await stage.wait_for("1  Begin")
    stage.app.push_screen(Images(storage.catalog))
    await stage.wait_for("Repositories: 5, tags: 13")


REPOSITORIES = {
    "alpine": "3.22 latest",
    "team/web": "latest 2.0 1.5",
    "team/build/tools-for-the-nightly-images-of-the-whole-company-and-its-branches": "1",
    "team/api": "latest 1.1 1.0",
    "debian": "trixie bookworm",
}


async def images_searched(stage: Stage) -> None:
    await images(stage)
    await stage.press(*"web:1")
    await stage.wait_for("Repositories: 1, tags: 3")


async def images_none(stage: Stage) -> None:
    await stage.wait_for("1  Begin")
    stage.app.push_screen(Images(Storage(stage.folder).catalog))
    await stage.wait_for("There is no image yet")


async def tags(stage: Stage) -> None:
    await images(stage)
    await stage.press(*"web", "enter")
    await stage.wait_for("(broken)")


async def as_client(stage: Stage, page: str) -> None:
    form = Form()
    form.put("role", "client")
    form.put("registry.hostname", "docker.benet.com")
    looks = Looks(lambda *_: None, nobody, lambda _: OFFERED)
    await stage.wait_for("1  Begin")
    stage.app.push_screen(Questions(form, page, looks))
    await stage.wait_for(" of 3: ")


OFFERED = Offered(
    "subject:      CN=docker.benet.com CA 2026-11-26 c2894736,O=registry-wizard\n"
    "CA:           yes\nmay sign for: docker.benet.com, 192.168.1.107\n"
    "valid from:   2026-11-26 17:22 UTC\nvalid until:  2036-11-25 17:22 UTC",
    "6d:6b:48:20:" * 8,
)


async def first_use(stage: Stage) -> None:
    await as_client(stage, "ca")
    await stage.press("f3")
    await stage.wait_for("Compare its SHA-256")


async def report_clients(stage: Stage) -> None:
    theirs = (
        Checked("docker", "passed", "logged in and pulled by digest", host="web1.benet.com"),
        Checked(
            "resolve", "failed", "docker.benet.com leads to nowhere", "see DNS", "web2.benet.com"
        ),
    )
    trouble = "1 client could not be set up; all else is done:\n  web3.benet.com does not answer"
    text = words.REPORT_PARTLY
    await shown(stage, Report(text, (*CHECKED, *theirs), END, "shown-once", trouble), "FAIL")


async def shown(stage: Stage, screen: Report, until: str) -> None:
    await stage.wait_for("1  Begin")
    stage.app.push_screen(screen)
    await stage.wait_for(until)


LINE = join.LINE.format(url="https://192.168.1.107/join.sh", sha256="5e" * 32)
END = Ending(next_commands(ANSWERS, "admin", LINE))


async def report(stage: Stage) -> None:
    good = Report("The registry stands: all 3 checks passed.", CHECKED, END, "shown-once")
    await shown(stage, good, "docker login")


async def report_bad(stage: Stage) -> None:
    bad = Report("1 of 4 checks failed.", (*CHECKED, *BAD), END)
    await shown(stage, bad, "FAIL")


async def undo(stage: Stage) -> None:
    diff = "--- /etc/hosts\n+++ /etc/hosts\n@@ -1,2 +1 @@\n-192.0.2.7\tname\n 127.0.0.1\tlocalhost"
    found = [
        Differs(
            "services", "stop nginx", "stop", "nginx: stopped\nused by /srv/x as well", drift=True
        ),
        Differs("hosts", "take our line out of /etc/hosts", "update", diff),
    ]
    await stage.wait_for("1  Begin")
    stays = (STAYS.format("/opt/data/registry"),)
    stage.app.push_screen(UndoReview(lambda: found, lambda: stays))
    await stage.wait_for("2 changes")


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
    "clients": clients,
    "client": client,
    "host-key": host_key,
    "crew": crew,
    "images": images,
    "images-searched": images_searched,
    "images-none": images_none,
    "tags": tags,
    "state": state,
    **{f"client-{page.id}": partial(as_client, page=page.id) for page in CLIENT_PAGES},
    "first-use": first_use,
    "report-clients": report_clients,
    "editing": editing,
    "progress": progress,
    "failed": failed,
    "failed-known": failed_known,
    "report": report,
    "report-bad": report_bad,
    "undo": undo,
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
