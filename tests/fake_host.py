"""A host made of tables: its files, and what each command answers, as data."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests.fake_engine import FakeEngine
from wizard.hosts import NOT_FOUND, Argv, File, Folder, Log, Result

MACHINES = Path(__file__).parent / "machines"
Answers = dict[Argv, Result]


def says(out: str = "", code: int = 0, err: str = "") -> Result:
    return Result((), code, out, err)


@dataclass
class FakeHost:
    """Answers a command by the longest words of its argv that the table knows."""

    commands: Answers = field(default_factory=dict)
    effects: dict[Argv, Answers] = field(default_factory=dict)  # what a command makes others say
    files: dict[str, File] = field(default_factory=dict)
    folders: dict[str, Folder] = field(default_factory=lambda: {"/": Folder()})
    links: dict[str, str] = field(default_factory=dict)
    acts: list[Argv] = field(default_factory=list)  # every command and every write, in order
    name: str = "localhost"
    docker: FakeEngine = field(default_factory=FakeEngine)

    def engine(self) -> FakeEngine:
        return self.docker

    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
        self.acts.append(argv)
        known = max((a for a in self.commands if argv[: len(a)] == a), key=len, default=None)
        found = self.commands[known] if known else says("", NOT_FOUND, f"{argv[0]}: not known")
        for prefix, answers in self.effects.items():
            if argv[: len(prefix)] == prefix:
                self.commands |= answers
        for line in found.out.splitlines() if log else ():
            log(line)  # type: ignore[misc]
        return Result(argv, found.code, found.out, found.err)

    def read(self, path: str) -> File | None:
        return self.files.get(path)

    def write(self, path: str, file: File) -> None:
        self.acts.append(("write", path))
        self.files[path] = file

    def remove(self, path: str) -> None:
        self.acts.append(("remove", path))
        self.files.pop(path, None)
        self.links.pop(path, None)

    def folder(self, path: str) -> Folder | None:
        return self.folders.get(path)

    def make_folder(self, path: str, folder: Folder) -> None:
        self.acts.append(("make folder", path))
        self.folders[path] = folder

    def remove_folder(self, path: str) -> bool:
        self.acts.append(("remove folder", path))
        inside = (*self.files, *self.folders, *self.links)
        if any(each.startswith(f"{path}/") for each in inside):
            return False
        self.folders.pop(path, None)
        return True

    def link(self, path: str) -> str:
        return self.links.get(path, "")

    def make_link(self, path: str, target: str) -> None:
        self.acts.append(("make link", path))
        self.links[path] = target

    def alone(self) -> AbstractContextManager[None]:
        return nullcontext()


def recorded(machine: str) -> FakeHost:
    """Give a machine whose commands answer as in its file: recorded once, or composed if it says.

    A composed one may be ``like`` another, and answers where that one says nothing.
    """
    record = json.loads((MACHINES / f"{machine}.json").read_text())
    host = recorded(record["like"]) if "like" in record else FakeHost()
    host.commands |= {
        tuple(each["argv"]): says(each.get("out", ""), each.get("code", 0), each.get("err", ""))
        for each in record["commands"]
    }
    host.folders |= {path: Folder() for path in record["folders"]}
    return host
