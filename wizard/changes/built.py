"""An nginx built from source under a prefix of its own; upgraded in place, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.changes.compiling import compiled
from wizard.changes.folders import RemoveFolder, missing_folders, mounted, still_there
from wizard.changes.services import Service, is_running, listening, restart
from wizard.errors import WizardError
from wizard.hosts import File, Folder

if TYPE_CHECKING:
    from wizard.hosts import Argv, Host, Log

STAMP = "built-by-registry-wizard"
TYPES = "conf/mime.types"
# nginx makes the last five when it starts, and keeps nothing in them.
PARTS = (
    *("sbin/nginx", "sbin/nginx.new", "sbin/nginx.old", TYPES, f"{TYPES}.new", STAMP, "logs"),
    *(f"{each}_temp" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")),
)


@dataclass(frozen=True)
class BuildNginx:
    """nginx from just this archive, configured so; ``service`` is begun anew after an upgrade."""

    version: str
    archive: str
    sha256: str
    prefix: str
    configure: tuple[str, ...]
    service: str
    port: int  # on which an upgraded one must answer, if the former did

    @property
    def label(self) -> str:
        return f"build nginx {self.version} into {self.prefix}"

    @property
    def key(self) -> str:
        return f"nginx:{self.prefix}"

    @property
    def program(self) -> str:
        return f"{self.prefix}/sbin/nginx"

    @property
    def stamp(self) -> str:
        """What is written last: with it in place the build is whole, and just this one."""
        words = "".join(f"configure {word}\n" for word in self.configure)
        head = "# Written by registry-wizard; `registry-wizard undo` takes it back.\n"
        return f"{head}version {self.version}\nsha256 {self.sha256}\n{words}"

    def compare(self, host: Host) -> Difference | None:
        now = host.read(f"{self.prefix}/{STAMP}")
        if now and now.content.decode() == self.stamp and host.run("test", "-x", self.program).ok:
            return None
        words = "\n".join(f"  {word}" for word in self.configure)
        text = f"nginx {self.version} from {self.archive} (SHA-256 {self.sha256})\n{words}"
        if now is None:
            folders = missing_folders(host, f"{self.prefix}/{STAMP}")
            return Difference("create", text, RemoveBuild(self.prefix, folders))
        was = stamped(now.content.decode()).get("version", "another")
        kept = f"was nginx {was}, which runs until the new one does and does not come back by undo"
        return Difference("update", f"{text}\n{kept}", None)

    def apply(self, host: Host, log: Log) -> None:
        self._recover(host)
        wanted = (self.archive, self.sha256, self.configure)
        with compiled(host, *wanted, log) as (program, types):
            self._place(host, program, types)
        self._test(host)
        self._switch(host, log)
        host.run("mv", "-f", f"{self.prefix}/{TYPES}.new", f"{self.prefix}/{TYPES}").must()
        host.write(f"{self.prefix}/{STAMP}", File(self.stamp.encode()))

    def _recover(self, host: Host) -> None:
        """Put the former program back where an upgrade was cut off before the new one ran."""
        if host.run("test", "-e", f"{self.program}.old").ok:
            host.run("mv", "-f", f"{self.program}.old", self.program).must()

    def _place(self, host: Host, program: str, types: str) -> None:
        for part in (self.program, f"{self.prefix}/{TYPES}", f"{self.prefix}/logs/any"):
            for folder in missing_folders(host, part):
                host.make_folder(folder, Folder())
        try:
            host.run("install", "-m", "755", program, f"{self.program}.new").must()
            host.run("install", "-m", "644", types, f"{self.prefix}/{TYPES}.new").must()
        except WizardError:
            self._drop(host)
            raise

    def _drop(self, host: Host) -> None:
        host.remove(f"{self.program}.new")
        host.remove(f"{self.prefix}/{TYPES}.new")

    def _test(self, host: Host) -> None:
        """See that the new program runs at all, and takes the settings that are there."""
        test = ("-t", "-q") if host.read(f"{self.prefix}/conf/nginx.conf") else ("-v",)
        result = host.run(f"{self.program}.new", *test)
        if not result.ok:
            self._drop(host)
            result.must("the new nginx is taken away again; a former one runs on as it was")

    def _switch(self, host: Host, log: Log) -> None:
        new, old = f"{self.program}.new", f"{self.program}.old"
        running = is_running(host, self.service)
        port = self.port if running and listening(host, self.port) else 0
        if running:
            host.run("ln", "-f", self.program, old).must()
        host.run("mv", "-f", new, self.program).must()
        if not running:
            return
        try:
            self._begin_anew(host, port, log)
        except WizardError as why:
            host.run("mv", "-f", old, self.program).must()
            self._begin_anew(host, port, log)
            raise WizardError(
                f"nginx {self.version} was built, but does not run: {why}",
                "the former nginx is back in place, and runs",
            ) from why
        host.remove(old)

    def _begin_anew(self, host: Host, port: int, log: Log) -> None:
        restart(host, self.service).apply(host, log)
        Service(self.service, port=port).apply(host, log)


@dataclass(frozen=True)
class RemoveBuild:
    """No nginx of ours under this prefix; what somebody else put there stays."""

    prefix: str
    folders: tuple[str, ...] = ()  # that were made for it, outermost first

    @property
    def label(self) -> str:
        return f"remove the nginx built into {self.prefix}"

    @property
    def key(self) -> str:
        return f"nginx:{self.prefix}"

    def left(self, host: Host) -> RemoveFolder | None:
        """Give what is to be taken back later: folders that hold something else now."""
        return still_there(host, self.folders)

    @property
    def _parts(self) -> Argv:
        return tuple(f"{self.prefix}/{part}" for part in PARTS)

    def compare(self, host: Host) -> Difference | None:
        left = host.run("find", *self._parts, "-maxdepth", "0", "-print", "-quit").out
        return Difference("remove", self.prefix, None) if left or self._hollow(host) else None

    def apply(self, host: Host, log: Log) -> None:
        host.run("rm", "-rf", *self._parts, log=log).must()
        inside = ("-mindepth", "1", "-depth", "-type", "d", "-empty", "-delete")
        host.run("find", self.prefix, *inside, log=log)
        for folder in reversed(self.folders):
            if not host.remove_folder(folder):
                log(f"{folder} stays: it holds something else")

    def _hollow(self, host: Host) -> bool:
        """Say whether folders that we made are all that is left, as after a cut off build."""
        if not self.folders or host.folder(self.prefix) is None or mounted(host, self.prefix):
            return False
        return not host.run("find", self.prefix, "!", "-type", "d", "-print", "-quit").out


def stamped(text: str) -> dict[str, str]:
    """Read a stamp; of words that are there several times, the last."""
    lines = (line.partition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {key: value for key, _, value in lines}
