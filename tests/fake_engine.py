"""A Docker Engine made of tables: its images and containers, and what refuses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from wizard.engine import Container, Image, Log, Wanted
from wizard.errors import WizardError


@dataclass
class FakeEngine:
    number: str = "26.1.5"
    images: dict[str, Image] = field(default_factory=dict)  # by reference
    remote: dict[str, Image] = field(default_factory=dict)  # what can be pulled
    archives: dict[str, tuple[str, Image]] = field(default_factory=dict)  # by path
    containers: dict[str, Container] = field(default_factory=dict)  # by name
    mute: set[str] = field(default_factory=set)  # ids of images that are no registry
    acts: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""

    def listens(self) -> bool:
        return not self.problem

    def version(self) -> str:
        if self.problem:
            raise WizardError(self.problem)
        return self.number

    def image(self, reference: str) -> Image | None:
        every = [*self.images.values()]
        return self.images.get(reference) or next((i for i in every if i.id == reference), None)

    def remote_digest(self, reference: str) -> str:
        if reference not in self.remote:
            raise WizardError(f"{reference} cannot be had: no route to host")
        return self.remote[reference].digest

    def pull(self, reference: str, log: Log) -> None:
        self.remote_digest(reference)
        log("share:0.500:Downloading 1.0 of 2.0 MiB")
        self.images[reference] = self.remote[reference]

    def load(self, archive: str, manifest: bytes, log: Log) -> str:
        reference, image = self.archives[archive]
        self.images[reference or image.id] = image
        return reference or image.id

    def tag(self, image: str, reference: str) -> None:
        self.images[reference] = self.images[image]

    def remove_image(self, reference: str) -> None:
        self.acts.append(("remove image", reference))
        del self.images[reference]

    def image_users(self, reference: str) -> tuple[str, ...]:
        wanted = self.images[reference].id
        return tuple(name for name, each in self.containers.items() if each.image == wanted)

    def container(self, name: str) -> Container | None:
        return self.containers.get(name)

    def create(self, wanted: Wanted) -> None:
        image = self.image(wanted.image)
        if image is None:
            raise WizardError(f"The container {wanted.name} could not be made: no such image")
        self.acts.append(("create", wanted.name))
        made = Container(f"c{len(self.acts)}", image.id, wanted.labels, running=False, restarts=0)
        self.containers[wanted.name] = made

    def start(self, name: str) -> None:
        mute = self.containers[name].image in self.mute
        self.acts.append(("start", name))
        restarts = 3 if mute else 0
        self.containers[name] = replace(
            self.containers[name], running=not mute, restarts=restarts, back=True
        )

    def stop(self, name: str) -> None:
        self.acts.append(("stop", name))
        self.containers[name] = replace(self.containers[name], running=False)

    def rename(self, name: str, to: str) -> None:
        self.containers[to] = self.containers.pop(name)

    def remove(self, name: str) -> None:
        self.acts.append(("remove", name))
        del self.containers[name]

    def logs(self, name: str) -> str:
        return "sh: nothing to do"

    def answers(self, port: int) -> bool:
        return any(each.running for each in self.containers.values())
