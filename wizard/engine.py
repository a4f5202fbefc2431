"""The Docker Engine of this machine, through the few verbs we need. The home of ``docker``."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from wizard.errors import WizardError
from wizard.ways_out import REFUSALS, of_disk

if TYPE_CHECKING:
    import docker

Log = Callable[[str], None]
SOCKET = "/var/run/docker.sock"
ANSWER_SECONDS = 5
# 3.x would look for a collector of traces; and Go collects its garbage less often, for some 50 MiB.
ENVIRONMENT = {"OTEL_TRACES_EXPORTER": "none", "GOGC": "400"}
WORK_SECONDS = 600
STOP_SECONDS = 65  # more than the registry's own draintimeout, so that uploads can finish
MIB = 1024 * 1024
LARGEST = 4096  # bytes of an answer that are looked at
NOT_OVER_TLS = b"HTTP request to an HTTPS server"  # Go's net/http says so, in plain HTTP


@dataclass(frozen=True)
class Image:
    id: str
    digest: str  # by which its registry knows it; empty where it was loaded from a file
    layers: tuple[str, ...]


POLICY = {"Name": "unless-stopped"}
COMING_BACK = ("unless-stopped", "always")


@dataclass(frozen=True)
class Container:
    id: str
    image: str  # its id
    labels: dict[str, str]
    running: bool
    restarts: int
    back: bool = True  # comes back with the engine


@dataclass(frozen=True)
class Wanted:
    """How a container is run."""

    name: str
    image: str  # a reference or an id
    command: tuple[str, ...]
    user: str  # numbers: uid:gid
    mounts: tuple[str, ...]  # source:target:options
    ports: tuple[str, ...]  # address:port:port inside
    labels: dict[str, str] = field(default_factory=dict)


class Engine(Protocol):
    def listens(self) -> bool: ...
    def version(self) -> str: ...
    def image(self, reference: str) -> Image | None: ...
    def remote_digest(self, reference: str) -> str: ...
    def pull(self, reference: str, log: Log) -> None: ...
    def load(self, archive: str, manifest: bytes, log: Log) -> str: ...
    def tag(self, image: str, reference: str) -> None: ...
    def remove_image(self, reference: str) -> None: ...
    def image_users(self, reference: str) -> tuple[str, ...]: ...
    def container(self, name: str) -> Container | None: ...
    def create(self, wanted: Wanted) -> None: ...
    def start(self, name: str) -> None: ...
    def stop(self, name: str) -> None: ...
    def rename(self, name: str, to: str) -> None: ...
    def remove(self, name: str) -> None: ...
    def logs(self, name: str) -> str: ...
    def answers(self, port: int) -> bool: ...


class LocalEngine:
    """The engine behind this machine's socket. Every verb raises WizardError where it fails."""

    def listens(self) -> bool:
        """Say whether anybody is behind the socket, which an engine that was stopped leaves."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(ANSWER_SECONDS)
            return client.connect_ex(SOCKET) == 0

    def version(self) -> str:
        """Give the engine's version; raise WizardError where nobody answers within seconds."""
        with _told("Docker does not answer"), _client(ANSWER_SECONDS) as client:
            return str(client.version()["Version"])

    def image(self, reference: str) -> Image | None:
        with _told(f"Docker could not look at the image {reference}"), _client() as client:
            try:
                found = _api(client).inspect_image(reference)
            except _docker().errors.ImageNotFound:
                return None
        digests = [each.partition("@")[2] for each in found.get("RepoDigests") or ()]
        layers = tuple(found.get("RootFS", {}).get("Layers") or ())
        return Image(found["Id"], digests[0] if digests else "", layers)

    def remote_digest(self, reference: str) -> str:
        """Ask the image's registry for its digest; nothing is pulled."""
        with _told(f"{reference} cannot be had"), _client(20) as client:
            return str(client.images.get_registry_data(reference).id)

    def pull(self, reference: str, log: Log) -> None:
        name, tag = _split(reference)
        with _told(f"{reference} could not be pulled"), _client(WORK_SECONDS) as client:
            _follow(client.api.pull(name, tag, stream=True, decode=True), log)

    def load(self, archive: str, manifest: bytes, log: Log) -> str:
        """Load the image in a file and give its name or its id.

        ``manifest`` is what docker save would have put into the file, where that is missing.
        """
        with (
            _told(f"{archive} could not be loaded"),
            _client(WORK_SECONDS) as client,
            _saved(archive, manifest) as stream,
        ):
            said = _follow(_api(client).load_image(stream, quiet=False), log)
        return said.partition(": ")[2]

    def tag(self, image: str, reference: str) -> None:
        name, tag = _split(reference)
        with _told(f"{image} could not be called {reference}"), _client() as client:
            client.api.tag(image, name, tag)

    def remove_image(self, reference: str) -> None:
        with _told(f"The image {reference} could not be removed"), _client() as client:
            client.api.remove_image(reference)

    def image_users(self, reference: str) -> tuple[str, ...]:
        """Give the names of the containers that are made of this image, stopped ones too."""
        with _told(f"Docker could not say who uses {reference}"), _client() as client:
            found = client.api.containers(all=True, filters={"ancestor": reference})
        return tuple(each["Names"][0].lstrip("/") for each in found)

    def container(self, name: str) -> Container | None:
        with _told(f"Docker could not look at the container {name}"), _client() as client:
            try:
                found = client.api.inspect_container(name)
            except _docker().errors.NotFound:
                return None
        state = found["State"]
        held = state.get("Restarting", False) or state.get("Paused", False)
        running = state["Running"] and not held
        labels = found["Config"].get("Labels") or {}
        back = found["HostConfig"]["RestartPolicy"]["Name"] in COMING_BACK
        restarts = found["RestartCount"]
        return Container(found["Id"], found["Image"], labels, running, restarts, back)

    def create(self, wanted: Wanted) -> None:
        with _told(f"The container {wanted.name} could not be made"), _client() as client:
            api = client.api
            api.create_container(
                wanted.image,
                list(wanted.command),
                name=wanted.name,
                user=wanted.user,
                ports=[port.rpartition(":")[2] for port in wanted.ports],
                labels=wanted.labels,
                environment=ENVIRONMENT,
                stop_signal="SIGTERM",
                host_config=api.create_host_config(
                    binds=list(wanted.mounts),
                    port_bindings=dict(map(_binding, wanted.ports)),
                    restart_policy=POLICY,
                    read_only=True,
                    cap_drop=["ALL"],
                    security_opt=["no-new-privileges"],
                    log_config=_docker().types.LogConfig(
                        type="json-file", config={"max-size": "10m", "max-file": "3"}
                    ),
                ),
            )

    def start(self, name: str) -> None:
        """Let it run, where somebody paused it, too, and come back with the engine."""
        with _told(f"The container {name} could not be started"), _client() as client:
            api = _api(client)
            paused = api.inspect_container(name)["State"].get("Paused", False)
            api.update_container(name, restart_policy=POLICY)
            (api.unpause if paused else api.start)(name)

    def stop(self, name: str) -> None:
        with _told(f"The container {name} could not be stopped"), _client(STOP_SECONDS * 2) as c:
            c.api.stop(name, timeout=STOP_SECONDS)

    def rename(self, name: str, to: str) -> None:
        with _told(f"The container {name} could not be renamed"), _client() as client:
            client.api.rename(name, to)

    def remove(self, name: str) -> None:
        with _told(f"The container {name} could not be removed"), _client() as client:
            client.api.remove_container(name, force=True)

    def logs(self, name: str) -> str:
        with _told(f"The log of {name} could not be read"), _client() as client:
            return bytes(client.api.logs(name, tail=8)).decode(errors="replace").strip()

    def answers(self, port: int) -> bool:
        """Say whether a registry speaks on this port of loopback, to everybody or over TLS alone.

        Behind TLS, it asks for a key that is not ours here; that it is no other server is seen
        by the checks, which come through nginx.
        """
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", "/v2/")
            reply = connection.getresponse()
            said = reply.read(LARGEST)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        plain = reply.getheader("Docker-Distribution-Api-Version") == "registry/2.0"
        return plain or (reply.status == HTTPStatus.BAD_REQUEST and NOT_OVER_TLS in said)


def _docker() -> Any:
    import docker.errors  # noqa: PLC0415  (0.3 s, where there is an engine to talk to)
    import docker.types  # noqa: PLC0415

    return docker


@contextlib.contextmanager
def _client(seconds: int = 60) -> Iterator[docker.DockerClient]:
    # The address is fixed: DOCKER_HOST may lead to another machine, on which nothing is set up.
    client = _docker().DockerClient(base_url=f"unix://{SOCKET}", version="auto", timeout=seconds)
    try:
        yield client
    finally:
        client.close()


def _api(client: docker.DockerClient) -> Any:
    """Give the client's lower half, which not every verb of has types."""
    return client.api


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn what the engine, its socket or the disk refuse into a sentence."""
    try:
        yield
    except WizardError as error:
        raise WizardError(f"{what}: {error}", of_disk(str(error)) or error.hint) from None
    except OSError as error:  # requests' errors are of this kind, too
        said = _plain(str(error.strerror if error.errno in REFUSALS else error))
        raise WizardError(f"{what}: {said}", of_disk(said) or HINT) from None
    except _docker().errors.DockerException as error:
        said = _plain(str(getattr(error, "explanation", None) or error))
        raise WizardError(f"{what}: {said}", of_disk(said) or HINT) from None


HINT = "`docker info` shows whether the engine runs; its log: journalctl -u docker"


def _plain(said: str) -> str:
    for mark, sentence in _SAID:
        if mark in said:
            return sentence
    return said.strip() or "no reason given"


_SAID = (
    ("Connection refused", f"nobody listens on {SOCKET}"),
    ("No such file or directory'", f"there is no {SOCKET}"),
    ("Permission denied", f"this user may not use {SOCKET}"),
    ("Read timed out", "it did not answer in time"),
)


def _follow(messages: Iterator[dict[str, Any]], log: Log) -> str:
    """Log what the engine tells while it works, and give the last of it; raise WizardError."""
    text = ""
    parts: dict[str, tuple[int, int]] = {}
    for message in messages:
        if "error" in message:
            raise WizardError(str(message["error"]).strip())
        detail = message.get("progressDetail") or {}
        if detail.get("total"):
            parts[message.get("id", "")] = (detail.get("current", 0), detail["total"])
            log(_share(str(message.get("status", "")), parts))
        elif text := str(message.get("stream") or message.get("status") or "").strip():
            log(f"{message['id']}: {text}" if message.get("id") else text)
    return text


def _share(verb: str, parts: dict[str, tuple[int, int]]) -> str:
    """Give a line that `wizard.progress` understands."""
    done, whole = (sum(each[n] for each in parts.values()) for n in (0, 1))
    return f"share:{done / whole:.3f}:{verb} {done / MIB:.1f} of {whole / MIB:.1f} MiB"


def _split(reference: str) -> tuple[str, str]:
    """Give a reference's name, and its tag or digest."""
    name, at, digest = reference.partition("@")
    if at:
        return name, digest
    head, colon, tag = reference.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (reference, "latest")


def _binding(port: str) -> tuple[str, tuple[str, int]]:
    address, outside, inside = port.rsplit(":", 2)
    return inside, (address, int(outside))


@contextlib.contextmanager
def _saved(archive: str, manifest: bytes) -> Iterator[IO[bytes]]:
    """Give the archive as docker save writes it: older engines know no other kind."""
    if not manifest:
        with Path(archive).open("rb") as stream:
            yield stream
        return
    with tempfile.NamedTemporaryFile(dir="/var/tmp") as copy:
        with tarfile.open(archive) as source, tarfile.open(copy.name, "w") as target:
            for member in source:
                target.addfile(member, source.extractfile(member) if member.isfile() else None)
            entry = tarfile.TarInfo("manifest.json")
            entry.size = len(manifest)
            target.addfile(entry, BytesIO(manifest))
        yield copy.file


def docker_manifest(layout: dict[str, Any], reference: str) -> bytes:
    """Give docker save's manifest.json for an OCI image manifest."""

    def blob(digest: str) -> str:
        return "blobs/" + digest.replace(":", "/")

    record = {
        "Config": blob(layout["config"]["digest"]),
        "RepoTags": [reference],
        "Layers": [blob(each["digest"]) for each in layout["layers"]],
    }
    return json.dumps([record]).encode()
