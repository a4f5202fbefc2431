"""A choice on the screen, and the questions that come and go with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from screens.fields import Field
from screens.form import Form
from screens.glance import Glance, glance, readable
from screens.looks import Looks
from screens.pages import PAGES
from screens.questions import Questions
from tests.fake_host import says
from tests.screens.stage import ARCHIVE, SUM, Stage, heading, machine, nobody, on_stage
from wizard.answers import Answers, Proxy, Registry
from wizard.facts import Detected

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

RUNTIME, PROXY = "registry.runtime", "proxy.install"
PAGE = {page.id: page for page in PAGES}


def staged(act: Callable[[Stage], Awaitable[None]], folder: Path) -> None:
    async def play() -> None:
        async with on_stage(folder) as stage:
            await act(stage)

    asyncio.run(play())


def form_of(stage: Stage) -> Form:
    assert stage.app.visit
    return stage.app.visit.form


def focused(stage: Stage) -> str:
    """Give the question in whose field the cursor is."""
    found = [each.key for each in stage.app.screen.query(Field) if each.has_class("here")]
    return found[0] if found else ""


def test_fields_come_and_go_with_the_choice_and_the_cursor_stays(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("proxy")
        assert "Prefix" not in stage.text()
        await stage.press("down", "space")
        assert "(*) source" in await stage.wait_for("Prefix")
        assert focused(stage) == PROXY
        await stage.press("up", "space")
        assert "(*) package" in stage.text()
        assert "Prefix" not in stage.text()
        assert focused(stage) == PROXY
        assert "source_archive" not in await lines(stage)
        await stage.press("f3")
        await stage.wait_for(heading("access"))

    async def lines(stage: Stage) -> str:
        await stage.press("f4")
        said = await stage.wait_for("[proxy]")
        await stage.press("escape")
        return said

    staged(act, tmp_path)


def test_whoever_passes_by_with_the_arrow_keys_chooses_nothing(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("runtime")
        await stage.press("down", "down", "down")
        assert focused(stage) == "registry.image"
        await stage.press("up")
        assert focused(stage) == RUNTIME
        await stage.press("up", "down", "down", "down", "down")
        assert focused(stage) == "registry.image"
        assert form_of(stage).text(RUNTIME) == "auto"

    staged(act, tmp_path)


def test_enter_chooses_and_goes_on_to_what_is_asked_then(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("runtime")
        await stage.press("down", "enter")
        assert (form_of(stage).text(RUNTIME), focused(stage)) == ("container", "registry.image")
        await stage.press("up", "down", "enter")
        await stage.wait_for(heading("proxy"))
        assert form_of(stage).text(RUNTIME) == "package"
        await stage.press("enter")
        await stage.wait_for(heading("access"))

    staged(act, tmp_path)


def test_the_mouse_chooses_too(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("runtime")
        await stage.pilot.click("#runtime Option:last-of-type")
        assert "(*) package" in stage.text()
        assert "Image archive" not in stage.text()

    staged(act, tmp_path)


def test_source_needs_its_archive_and_package_forgets_that(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("proxy")
        await stage.press("down", "space", "f3")
        await stage.wait_for("is needed to build nginx from source")
        assert heading("proxy") in stage.text()
        assert focused(stage) == "proxy.source_archive"
        await stage.press(*"relative", "up", "up", "space", "f3")
        await stage.wait_for(heading("access"))
        await stage.press("escape", "down", "space")
        await stage.wait_for("relative")  # it is kept, for whoever comes back to it

    staged(act, tmp_path)


def test_a_path_says_whether_its_file_is_there_and_how_large(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("proxy")
        await stage.press("down", "enter", *ARCHIVE[:-1])
        await stage.wait_for("There is no such file on this machine yet.")
        await stage.press(ARCHIVE[-1])
        await stage.wait_for("It is there: 1.2 MiB.")
        await stage.press("enter", *SUM)
        await stage.wait_for("It is the archive's.")
        await stage.press("backspace")
        assert "It is the archive's." not in await stage.wait_for("must be 64 hexadecimal")

    staged(act, tmp_path)


def test_auto_says_what_it_means_and_why_until_something_is_chosen(tmp_path: Path) -> None:
    form = Form(detected={RUNTIME: Detected("package", "no Docker Engine runs here")})

    async def act(stage: Stage) -> None:
        await stage.wait_for("1  Begin")
        stage.app.push_screen(Questions(form, "runtime", Looks(lambda *_: None, nobody)))
        await stage.wait_for("auto means package now: no Docker Engine runs here.")
        await stage.press("down", "space")
        assert "auto means" not in stage.text()
        await stage.press("up", "space")
        await stage.wait_for("auto means package now")

    staged(act, tmp_path)


def test_an_answer_that_is_not_asked_is_in_no_document_but_in_the_draft() -> None:
    form = Form()
    typed = {PROXY: "source", "proxy.source_archive": ARCHIVE, "proxy.prefix": "nonsense"}
    for key, text in typed.items():
        form.put(key, text)
    assert set(form.problems_on(PAGE["proxy"])) == {"proxy.prefix"}
    form.put(PROXY, "package")
    assert form.problems() == {}
    assert form.document() == {"proxy": {"install": "package"}}
    assert form.answers.proxy == Proxy()
    again = Form()
    assert again.restore(form.state())
    again.put(PROXY, "source")
    assert again.text("proxy.source_archive") == ARCHIVE


def test_a_draft_with_a_choice_that_is_none_loses_that_alone() -> None:
    form = Form()
    assert form.restore({"typed": {RUNTIME: "podman", "registry.ip": "10.0.0.1"}, "users": []})
    assert (form.text(RUNTIME), form.text("registry.ip")) == ("auto", "10.0.0.1")


def test_a_glance_reads_no_large_file_and_says_nothing_of_what_is_not_answered() -> None:
    host = machine()
    assert glance(host, "registry.image_archive", Answers()) is None
    assert glance(host, "proxy.source_sha256", Answers()) is None
    assert glance(host, RUNTIME, Answers()) is None
    host.commands[("stat",)] = says("regular file 9000000000")
    large = Answers(registry=Registry(image_archive="/root/x.tar"))
    assert glance(host, "registry.image_archive", large) == Glance("It is there: 8.4 GiB.")
    proxy = Answers(proxy=Proxy(source_archive="/root/x.tar", source_sha256=SUM))
    assert glance(host, "proxy.source_sha256", proxy) is None
    assert not any(argv[0] == "sha256sum" for argv in host.acts)


def test_sizes_are_in_the_unit_that_people_use() -> None:
    sizes = (0, 1023, 1024, 1_253_740, 3 * 1024**3, 9 * 1024**4)
    assert [readable(size) for size in sizes] == [
        "0 bytes", "1023 bytes", "1.0 KiB", "1.2 MiB", "3.0 GiB", "9216.0 GiB",
    ]  # fmt: skip


def test_a_tick_that_is_off_is_empty_without_colours_too(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.to_page("registry")
        assert "[X] Yes" in stage.text()
        await stage.press("down", "space")
        assert "[ ] Yes" in stage.text()

    staged(act, tmp_path)
