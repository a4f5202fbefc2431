"""The wizard on a screen without a terminal: a recorded machine, keys, and what is to be seen."""

from __future__ import annotations

import os
import re
import sys
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screens.app import Wizard
from screens.pages import PAGES
from screens.terminal import probe, size
from tests.fake_host import FakeHost, recorded, says
from wizard.hosts import File
from wizard.journal import Journal
from wizard.place import former_answers
from wizard.refusals import Unreachable
from wizard.roles import SESSIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from textual.pilot import Pilot

    from wizard.answers import Client
    from wizard.hosts import Host
    from wizard.place import Place

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
TRIES = 400
STILL = 4
ARCHIVE, SUM = "/root/nginx-1.30.0.tar.gz", "9f2c" * 16  # a file that the machine has
ORDER = tuple(page.id for page in PAGES)


def heading(page: str) -> str:
    """Give what stands above a page of questions."""
    return f"Questions {ORDER.index(page) + 1} of {len(ORDER)}"


@dataclass
class Stage:
    """The running wizard and whoever types at it."""

    app: Wizard
    pilot: Pilot[None]
    folder: Path  # of its own
    release: threading.Event = field(default_factory=threading.Event)  # set when all was seen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def wait_for(self, text: str) -> str:
        for _ in range(TRIES):
            await self.pilot.pause(0.02)
            if text in self.text():
                await self.pilot.pause(0.1)
                return self.text()
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text()}")

    async def to_page(self, page: str) -> None:
        await self.wait_for("1  Begin")
        await self.press("enter")
        await self.wait_for(heading(ORDER[0]))
        for each in ORDER[1 : ORDER.index(page) + 1]:
            await self.press("f3")
            await self.wait_for(heading(each))

    async def to_survey(self) -> None:
        await self.to_page(ORDER[-1])
        await self.press("f3")
        await self.wait_for("Clock")

    async def to_review(self) -> None:
        await self.to_survey()
        await self.press("f3")
        await self.wait_for("nothing is done yet")

    async def settled(self) -> str:
        """Give the screen once it has stayed the same for a while; keys below it come late."""
        seen: list[str] = []
        for _ in range(TRIES):
            await self.pilot.pause(0.05)
            seen.append(steady(self.text()))
            if (
                len(seen) > STILL
                and len(set(seen[-STILL:])) == 1
                and seen[-1].split("\n")[-1].strip()
            ):
                break
        return seen[-1]

    def text(self) -> str:
        """Give what stands on the screen, a line for each of its rows."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(part.text for part in strip).rstrip() for strip in strips)


def machine() -> FakeHost:
    """Give the recorded Debian 12, on which every command of an installation succeeds."""
    host = recorded("debian-12")
    host.commands |= {("env",): says("Setting up nginx ...\n"), ("dpkg",): says()}
    host.commands |= {("apt-get", "download"): says()}
    host.commands |= {
        ("stat", "-L", "-c", "%F %s", ARCHIVE): says("regular file 1253740\n"),
        ("sha256sum", "--", ARCHIVE): says(f"{SUM}  {ARCHIVE}\n"),
    }
    host.files["/etc/hosts"] = File(b"127.0.0.1 localhost\n")
    return host


def nobody(client: Client) -> Host:
    raise Unreachable(f"{client.host} does not answer by SSH", "is it switched on?")


def opener(
    environ: Mapping[str, str],
    host: FakeHost,
    journal: Journal,
    connect: Callable[[Client], Host] = nobody,
    stopping: Callable[[], bool] = lambda: False,
) -> Callable[[str], Place[Any, Any]]:
    """Give what opens a session on this machine for a role, as the program does."""

    def opened(role: str) -> Place[Any, Any]:
        former = former_answers(host)
        wanted = role or (former.role if former else "server")
        return SESSIONS[wanted]()(environ, host, journal, stopping, connect)

    return opened


@asynccontextmanager
async def on_stage(
    folder: Path,
    size: tuple[int, int] = (80, 24),
    host: FakeHost | None = None,
    connect: Callable[[Client], Host] = nobody,
) -> AsyncIterator[Stage]:
    opened = opener({}, host or machine(), Journal(folder / "journal"), connect)
    app = Wizard(opened, log=lambda tell: tell)
    async with app.run_test(size=size) as pilot:
        stage = Stage(app, pilot, folder)
        try:
            yield stage
        finally:
            stage.release.set()


def steady(text: str) -> str:
    """Give a screen without what is new each time: serial numbers, fingerprints and seconds."""
    text = re.sub(r"\d+\.\d s", "0.0 s", text)
    text = re.sub(r"(?m) \d s(?=  |$)", " 0 s", text)
    return re.sub(r"[0-9A-F]{2}(?=[0-9A-F:]*[0-9A-F]{6})[0-9A-F:]+", "SERIAL", text)


class Broken(FakeHost):
    """A machine at which our program makes a mistake of its own."""

    def read(self, path: str) -> File | None:
        password = "-".join(sorted({"sentinel", "nobody", "sees"}))
        raise ValueError(f"a mistake of {len(password)} letters")


def main() -> None:
    """Run the wizard on this terminal, on the recorded machine; the folder is for its journal.

    With a second word, a mistake happens while a password is about.
    """
    host = Broken() if sys.argv[2:] else machine()
    opened = opener(os.environ, host, Journal(Path(sys.argv[1]) / "journal"))
    basic = probe(os.environ, size()).basic
    app = Wizard(opened, basic=basic, log=lambda tell: tell)
    app.run()
    sys.exit(app.return_code)


if __name__ == "__main__":
    main()
