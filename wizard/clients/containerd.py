"""containerd's settings: where it looks for hosts.toml, and one line that tells it."""

from __future__ import annotations

import copy
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.errors import WizardError
from wizard.hosts import File

if TYPE_CHECKING:
    from wizard.hosts import Host

SETTINGS = "/etc/containerd/config.toml"
CERTS_D = "/etc/containerd/certs.d"
# The key as it stood in its table: before the next table begins.
_FORMER = re.compile(r"(?m)\A((?:(?!\s*\[).*\n)*?)\s*config_path\s*=.*(?:\n|\Z)")
# The part of the settings that pulls images, by their version (containerd's docs/cri/config.md).
PLUGINS = {2: "io.containerd.grpc.v1.cri", 3: "io.containerd.cri.v1.images"}


@dataclass(frozen=True)
class Containerd:
    major: int = 1
    file: File | None = None  # its settings; None: all is as built in

    @property
    def settings(self) -> bytes:
        return self.file.content if self.file else b""

    @property
    def version(self) -> int:
        """Give the version of the settings' own format."""
        if self.file is None:
            return 3 if self.major >= 2 else 2
        told = self._read().get("version", 1)
        return told if isinstance(told, int) else 1

    @property
    def folder(self) -> str:
        """Give the folder that is looked into for hosts.toml, the first of several."""
        path = str(self._registry().get("config_path", "") or CERTS_D)
        return path.split(":", maxsplit=1)[0]

    @property
    def told(self) -> bool:
        """Say whether it is told to look into that folder."""
        return bool(self._registry().get("config_path"))

    def with_folder(self) -> bytes:
        """Give the settings with the folder told, every other byte as it was.

        Raises WizardError where that cannot be: a sentence says what to do by hand.
        """
        registry, text = self._registry(), self.settings.decode()
        if {"mirrors", "configs"} & set(registry):
            raise WizardError(
                f"{SETTINGS} names registries itself (mirrors or configs), which containerd does"
                " not take together with a folder of hosts.toml",
                f"move them into {CERTS_D}, then run again",
            )
        if self.version not in PLUGINS:
            raise self._by_hand(f"{SETTINGS} is of version {self.version}, which is not known here")
        table = f'plugins."{PLUGINS[self.version]}".registry'
        header = re.search(rf"(?m)^[^\S\n]*\[\s*{_loosely(table)}\s*\][^\n]*\n?", text)
        line = f'config_path = "{CERTS_D}"\n'
        if header:
            rest = _FORMER.sub(r"\1", text[header.end() :])
            made = text[: header.end()].rstrip("\n") + f"\n{line}" + rest
        else:
            head = text or f"version = {self.version}\n"
            made = f"{head.rstrip(chr(10))}\n\n[{table}]\n{line}"
        return self._proven(made)

    def _proven(self, made: str) -> bytes:
        """Make sure that nothing but the one key differs."""
        try:
            same = _without(tomllib.loads(made)) == _without(self._read())
        except tomllib.TOMLDecodeError:
            same = False
        after = Containerd(self.major, File(made.encode()))
        if same and after.told and after.folder == CERTS_D:
            return made.encode()
        raise self._by_hand(
            f"{SETTINGS} is written in a way that leaves no place for a line of ours"
        )

    @staticmethod
    def _by_hand(what: str) -> WizardError:
        return WizardError(
            what,
            f'let config_path of its registry be "{CERTS_D}", by hand, restart containerd, then'
            " run again",
        )

    def _registry(self) -> dict[str, Any]:
        plugins = self._read().get("plugins", {})
        found = plugins.get(PLUGINS.get(self.version, ""), {}).get("registry", {})
        return found if isinstance(found, dict) else {}

    def _read(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.settings.decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WizardError(
                f"{SETTINGS} is no valid TOML: {error}", "mend it until containerd starts with it"
            ) from None


def look(host: Host) -> Containerd:
    said = re.search(r"\b[v ](\d+)\.\d+", host.run("containerd", "--version").out)
    return Containerd(int(said[1]) if said else 1, host.read(SETTINGS))


def _loosely(table: str) -> str:
    """Match a table's name whichever quotes were taken."""
    return re.escape(table).replace('"', "[\"']").replace(r"\.", r"\s*\.\s*", 1)


def _without(settings: dict[str, Any]) -> dict[str, Any]:
    """Give the settings without the one key, and without the tables that held it alone."""
    rest = copy.deepcopy(settings)
    rest.pop("version", None)
    plugins = rest.setdefault("plugins", {})
    for name in [*plugins]:
        registry = plugins[name].get("registry", {})
        registry.pop("config_path", None)
        if not registry:
            plugins[name].pop("registry", None)
        if not plugins[name]:
            del plugins[name]
    return rest
