"""Fresh machines for a test, gone afterwards whatever happens."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hosts import application as wheel
from tests.hosts import image
from tests.hosts.network import network as new_network
from tests.hosts.nginx_source import ARCHIVE, nginx_archive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.machine import Machine, Network


class Images(dict[str, Path]):
    """The root file systems by profile, each made when a test first asks for it."""

    def __missing__(self, profile: str) -> Path:
        self[profile] = image.root_file_system(profile)
        return self[profile]


@pytest.fixture(scope="session")
def images() -> dict[str, Path]:
    return Images()


@pytest.fixture(scope="session")
def application() -> Path:
    return wheel.application()


@pytest.fixture(scope="session")
def application_13() -> Path:
    return wheel.application("trixie")


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with new_network() as made:
        yield made


@contextmanager
def fresh(network: Network, name: str, *layers: Path) -> Iterator[Machine]:
    """Boot a machine of these layers, and destroy it afterwards."""
    machine = network.machine(name, *layers)
    yield machine
    machine.destroy()


@pytest.fixture
def server(network: Network, images: dict[str, Path], application: Path) -> Iterator[Machine]:
    """Give a fresh Debian 12 with systemd and our program: no nginx, no registry, no Docker."""
    with fresh(network, "server", application, images["server"]) as machine:
        yield machine


@pytest.fixture(scope="module")
def shared_server(
    network: Network, images: dict[str, Path], application: Path
) -> Iterator[Machine]:
    """Give the same once for a whole file of tests, to set up what all of them look at."""
    with fresh(network, "server", application, images["server"]) as machine:
        yield machine


@pytest.fixture
def server_sysv(network: Network, images: dict[str, Path], application: Path) -> Iterator[Machine]:
    """Give the same with sysvinit as PID 1."""
    with fresh(network, "oldserver", application, images["server-sysv"]) as machine:
        yield machine


@pytest.fixture
def server_docker(
    network: Network, images: dict[str, Path], application: Path
) -> Iterator[Machine]:
    """Give a fresh Debian 12 with a Docker Engine that runs."""
    with fresh(network, "dockerserver", application, images["server-docker"]) as machine:
        yield machine


@pytest.fixture
def server_13(network: Network, images: dict[str, Path], application_13: Path) -> Iterator[Machine]:
    """Give a fresh Debian 13 with systemd and our program: no nginx, no registry, no Docker."""
    with fresh(network, "server13", application_13, images["server-13"]) as machine:
        yield machine


@pytest.fixture
def server_firewall(
    network: Network, images: dict[str, Path], application: Path
) -> Iterator[Machine]:
    """Give a fresh Debian 12 with every firewall installed and none of them at work."""
    with fresh(network, "walled", application, images["server-firewall"]) as machine:
        yield machine


@pytest.fixture
def network_server(
    network: Network, images: dict[str, Path], application: Path
) -> Iterator[Machine]:
    """Give a second machine of the same kind, for what one server gets from another."""
    with fresh(network, "source", application, images["server-docker"]) as machine:
        yield machine


@pytest.fixture
def server_build(network: Network, images: dict[str, Path], application: Path) -> Iterator[Machine]:
    """Give the first one with a compiler in apt's cache and nginx's own source in /root."""
    with fresh(network, "builder", application, images["server-build"]) as machine:
        machine.put(f"/root/{ARCHIVE}", nginx_archive().read_bytes())
        yield machine


@pytest.fixture(scope="module")
def client(network: Network, images: dict[str, Path]) -> Machine:
    """Give a Debian 12 with a Docker Engine of its own, skopeo, curl and openssl."""
    return network.machine("client", images["client"])


@pytest.fixture(scope="module")
def client_13(network: Network, images: dict[str, Path]) -> Machine:
    """Give the same of Debian 13, whose Docker Engine is 26.1."""
    return network.machine("client13", images["client-13"])


@pytest.fixture(scope="module")
def client_podman(network: Network, images: dict[str, Path]) -> Machine:
    """Give a Debian 12 with sysvinit as PID 1 that has podman, buildah and skopeo."""
    return network.machine("clientpodman", images["client-podman"])


@pytest.fixture(scope="module")
def client_containerd(network: Network, images: dict[str, Path]) -> Machine:
    """Give a Debian 12 with containerd, its ctr, and nothing in front of them."""
    return network.machine("clientcontainerd", images["client-containerd"])
