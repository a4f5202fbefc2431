"""Images and containers of the Docker Engine: what is there, and how it is run."""

from __future__ import annotations

import difflib
import json
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.changes import Difference
from wizard.changes.services import is_running, systemd
from wizard.changes.users import numbers
from wizard.engine import SOCKET, Wanted
from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.engine import Container, Engine
    from wizard.hosts import Host, Log

SPEC = "registry-wizard.spec"  # the label that says how we ran a container
DIGEST = "registry-wizard.digest"
ANSWER_SECONDS = 30
FORMER = "-former"
RESTS = "Docker Engine does not run; it has to be started first"


@dataclass(frozen=True)
class FetchImage:
    """The image is there: loaded from a file where one is given, else pulled."""

    reference: str
    archive: str = ""
    layers: tuple[str, ...] = ()  # of the image in the file
    manifest: bytes = b""  # what docker save would have put into the file, where it is missing
    named: bool = True  # in the file

    @property
    def label(self) -> str:
        return f"image {self.reference}"

    @property
    def key(self) -> str:
        return f"image:{self.reference}"

    def compare(self, host: Host) -> Difference | None:
        found = host.engine().image(self.reference) if runs(host) else None
        if found and self.layers in ((), found.layers):
            return None
        source = f"loaded from {self.archive}" if self.archive else "pulled"
        inverse = None if found else RemoveImage(self.reference)
        return Difference("update" if found else "create", f"{self.reference}, {source}", inverse)

    def apply(self, host: Host, log: Log) -> None:
        engine = host.engine()
        if not self.archive:
            engine.pull(self.reference, log)
            return
        loaded = engine.load(self.archive, self.manifest, log)
        if not self.named:
            engine.tag(loaded, self.reference)


@dataclass(frozen=True)
class RemoveImage:
    """No such image, unless a container is made of it."""

    reference: str

    @property
    def label(self) -> str:
        return f"remove the image {self.reference}"

    @property
    def key(self) -> str:
        return f"image:{self.reference}"

    def compare(self, host: Host) -> Difference | None:
        if rests(host):
            return Difference("remove", f"{self.reference}\n{RESTS}", None)
        if not runs(host) or not host.engine().image(self.reference):
            return None
        if host.engine().image_users(self.reference):
            return None
        return Difference("remove", self.reference, None)

    def apply(self, host: Host, log: Log) -> None:
        must_run(host, self.label)
        host.engine().remove_image(self.reference)
        log(self.label)


@dataclass(frozen=True)
class RunContainer:
    """A container that runs just so, answers as a registry, and comes back with the engine."""

    name: str
    image: str
    command: tuple[str, ...]
    user: str  # a name; inside it is the number that the name has here
    mounts: tuple[str, ...]  # source:target:options
    ports: tuple[str, ...]  # address:port:port inside

    @property
    def label(self) -> str:
        return f"container {self.name}"

    @property
    def key(self) -> str:
        return f"container:{self.name}"

    @property
    def spec(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    def compare(self, host: Host) -> Difference | None:
        now = host.engine().container(self.name) if runs(host) else None
        if now is None:
            return Difference("create", self._text(), RemoveContainer(self.name))
        former = spec_of(self.name, now)
        images = {each: _id(host.engine(), each) for each in (self.image, former.image)}
        if former != self or images[self.image] != now.image:
            # A tag that was moved since leads to another image than the one that runs.
            moved = images[former.image] != now.image
            inverse = replace(former, image=now.image) if moved else former
            return Difference("update", self._text(former), inverse)
        if not now.running:
            text = f"{self.name} is stopped, or paused"
            return Difference("start", text, StopContainer(self.name))
        if not now.back:
            return Difference("update", f"{self.name} would not come back with Docker", None)
        return None

    def apply(self, host: Host, log: Log) -> None:
        """Replace what runs; where the new one does not answer, the former one comes back."""
        engine = host.engine()
        now = engine.container(self.name)
        image = engine.image(self.image)
        if now and image and spec_of(self.name, now) == self and now.image == image.id:
            engine.start(self.name)
            self._wait(engine)
            return
        aside = self._put_aside(engine, now)
        try:
            engine.create(self._wanted(host, engine))
            engine.start(self.name)
            self._wait(engine)
        except WizardError:
            self._bring_back(engine, aside)
            raise
        if aside:
            engine.remove(aside)
        log(f"{self.name} runs {self.image}")

    def _put_aside(self, engine: Engine, now: Container | None) -> str:
        """Stop what runs under the name and call it otherwise; a killed run may have begun that."""
        aside = f"{self.name}{FORMER}"
        if now:
            if engine.container(aside):
                engine.remove(aside)
            engine.stop(self.name)
            engine.rename(self.name, aside)
        return aside if engine.container(aside) else ""

    def _bring_back(self, engine: Engine, aside: str) -> None:
        if engine.container(self.name):
            engine.remove(self.name)
        if aside:
            engine.rename(aside, self.name)
            engine.start(self.name)

    def _wanted(self, host: Host, engine: Engine) -> Wanted:
        image = engine.image(self.image)
        labels = {SPEC: self.spec, DIGEST: (image.digest or image.id) if image else ""}
        user = numbers(host, self.user)
        parts = (self.command, user, self.mounts, self.ports)
        return Wanted(self.name, self.image, *parts, labels=labels)

    def _wait(self, engine: Engine) -> None:
        port = int(self.ports[0].split(":")[-2])
        until = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < until:
            now = engine.container(self.name)
            if now and now.running and engine.answers(port):
                return
            if now and now.restarts > 2:
                break
            time.sleep(0.2)
        said = engine.logs(self.name) or "(nothing)"
        raise WizardError(
            f"{self.image} does not answer as a registry on port {port}; its last words:\n{said}",
            "is it an image of the registry? registry.image and registry.image_archive say which",
        )

    def _text(self, former: RunContainer | None = None) -> str:
        def lines(one: RunContainer) -> list[str]:
            return json.dumps(asdict(one), indent=2).splitlines()

        before = lines(former) if former else []
        diff = difflib.unified_diff(before, lines(self), self.name, self.name, lineterm="", n=2)
        return "\n".join(diff) or f"{self.name}: another image is behind {self.image} now"


@dataclass(frozen=True)
class StopContainer:
    """A container that is there and does not run."""

    name: str

    @property
    def label(self) -> str:
        return f"stop the container {self.name}"

    @property
    def key(self) -> str:
        return f"container:{self.name}"

    def compare(self, host: Host) -> Difference | None:
        now = host.engine().container(self.name) if runs(host) else None
        if now is None or not now.running or not is_ours(now):
            return None
        return Difference("stop", self.name, spec_of(self.name, now))

    def apply(self, host: Host, log: Log) -> None:
        host.engine().stop(self.name)
        log(self.label)


@dataclass(frozen=True)
class RemoveContainer:
    """No such container; what is mounted into it stays where it is."""

    name: str

    @property
    def label(self) -> str:
        return f"remove the container {self.name}"

    @property
    def key(self) -> str:
        return f"container:{self.name}"

    def compare(self, host: Host) -> Difference | None:
        if rests(host):
            return Difference("remove", f"{self.name}\n{RESTS}", None)
        there = self._there(host)
        if not there:
            return None
        back = spec_of(*there[0]) if there[0][0] == self.name else None
        return Difference("remove", ", ".join(name for name, _ in there), back)

    def apply(self, host: Host, log: Log) -> None:
        must_run(host, self.label)
        engine = host.engine()
        for name, _ in self._there(host):
            engine.stop(name)
            engine.remove(name)
        log(self.label)

    def _there(self, host: Host) -> list[tuple[str, Container]]:
        """Give it, and the former one that a replacement which was cut off had put aside.

        Ours is gone where somebody else's has its name; that one is not ours to remove.
        """
        names = (self.name, f"{self.name}{FORMER}") if runs(host) else ()
        found = ((name, host.engine().container(name)) for name in names)
        return [(name, now) for name, now in found if now is not None and is_ours(now)]


def is_ours(container: Container) -> bool:
    return SPEC in container.labels


def spec_of(name: str, container: Container) -> RunContainer:
    """Read from its label how we ran a container. Raise WizardError where it is not ours."""
    if not is_ours(container):
        raise WizardError(
            f"There is a container called {name} that the wizard did not make",
            f"docker rename {name} ANOTHER-NAME, then run again",
        )
    record = json.loads(container.labels[SPEC])
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
    return RunContainer(**values)


def _id(engine: Engine, reference: str) -> str:
    found = engine.image(reference)
    return found.id if found else ""


def rests(host: Host) -> bool:
    """Say whether there is an engine that does not run: what it holds cannot be looked at."""
    return not runs(host) and host.run("docker", "--version").ok


def must_run(host: Host, what: str) -> None:
    if not runs(host):
        raise WizardError(
            f"Docker Engine does not run: it cannot {what}",
            "start it (systemctl start docker), then run again",
        )


def runs(host: Host) -> bool:
    """Say whether there is an engine to ask; without one there is no image and no container."""
    return has_socket(host) and host.engine().listens()


def has_socket(host: Host) -> bool:
    """Say whether there is a socket that can be asked without starting an engine.

    Where systemd holds the socket for an engine that is stopped, a question would start it.
    """
    if systemd(host) and host.run("systemctl", "is-active", "--quiet", "docker.socket").ok:
        return is_running(host, "docker")
    return host.run("test", "-S", SOCKET).ok
