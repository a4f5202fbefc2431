"""Single entries of Docker's own settings taken out, in its file or among its flags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard import json_text
from wizard.changes import Difference
from wizard.changes.files import WriteFile, difference, digest
from wizard.hosts import File

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.hosts import Host, Log


@dataclass(frozen=True)
class WithoutEntries:
    """A JSON file whose list of this name has none of these entries; all else stays as it is."""

    path: str
    name: str
    entries: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"take {', '.join(self.entries)} out of {self.name} in {self.path}"

    @property
    def key(self) -> str:
        return f"entries:{self.path}"

    def compare(self, host: Host) -> Difference | None:
        return _compare(host, self.path, self.wanted)

    def apply(self, host: Host, log: Log) -> None:
        _apply(host, self.path, self.wanted)

    def wanted(self, content: bytes) -> bytes:
        """Give the file as it should be; a broken one is left to a person who can read it."""
        text = json_text.read(content)
        try:
            return json_text.write(json_text.without(text, self.name, self.entries.__contains__))
        except json_text.Broken:
            return content


@dataclass(frozen=True)
class WithoutFlags:
    """A text of flags, of a shell's variables or a unit, in which none gives one of these values.

    Comments stay as they are, and so does whatever stands between the flags that stay.
    """

    path: str
    flag: str
    values: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"take {self.flag} {', '.join(self.values)} out of {self.path}"

    @property
    def key(self) -> str:
        return f"flags:{self.path}"

    def compare(self, host: Host) -> Difference | None:
        return _compare(host, self.path, self.wanted)

    def apply(self, host: Host, log: Log) -> None:
        _apply(host, self.path, self.wanted)

    def wanted(self, content: bytes) -> bytes:
        text = json_text.read(content)
        given = re.compile(_given(self.flag, "|".join(map(re.escape, self.values))))
        return json_text.write(_uncommented(text, lambda part: _without(part, given)))


def flag_values(text: str, flag: str) -> tuple[str, ...]:
    """Give every value that a text gives to a flag, outside comments."""
    found: list[str] = []
    pattern = re.compile(rf"{flag}(?:=|[ \t]+)[\"']?([^\s\"'\\]+)")

    def seen(part: str) -> str:
        found.extend(pattern.findall(part))
        return part

    _uncommented(text, seen)
    return tuple(dict.fromkeys(found))


def _given(flag: str, values: str) -> str:
    """A flag with its value; in quotes of its own it goes with them, else it leaves an argument.

    With it goes the blank before it, and the continued line that it stood alone on.
    """
    value = rf"(?P<inner>[\"']?)(?:{values})(?P=inner)"
    end = r"(?=[\s\"'\\]|\Z)"
    before = r"(?:[ \t]*\\\r?\n)?[ \t]+"
    quoted = rf"{before}(?P<outer>[\"']){flag}(?:=|[ \t]+)(?:{values})(?P=outer)"
    return rf"{quoted}|(?:{before})?{flag}(?:=|[ \t]+){value}{end}"


def _without(part: str, given: re.Pattern[str]) -> str:
    """Take the flag out; a blank that is left over where it came first goes along."""
    while found := given.search(part):
        after = part[found.end() :]
        first = part[: found.start()].endswith(("=", '"', "'"))
        part = part[: found.start()] + (after.lstrip(" \t") if first else after)
    return part


def _uncommented(text: str, see: Callable[[str], str]) -> str:
    """Let ``see`` rewrite each run of lines between the comments."""
    parts = re.split(r"(?m)^([ \t]*[#;].*$)", text)
    return "".join(part if number % 2 else see(part) for number, part in enumerate(parts))


def _compare(host: Host, path: str, wanted: Callable[[bytes], bytes]) -> Difference | None:
    now = host.read(path)
    if now is None or (new := wanted(now.content)) == now.content:
        return None
    back = WriteFile(path, now.content, now.mode, now.owner, now.group, expect=digest(new))
    return Difference("update", difference(now.content, new, path), back)


def _apply(host: Host, path: str, wanted: Callable[[bytes], bytes]) -> None:
    now = host.read(path)
    if now is not None:
        host.write(path, File(wanted(now.content), now.mode, now.owner, now.group))
