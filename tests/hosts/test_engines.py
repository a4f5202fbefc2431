"""The test hosts themselves: podman and containerd use a registry as Docker does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.installation import CA, install

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
NAME = "server.internal"
IMAGE = f"{NAME}/team/app:1"


def test_podman_and_containerd_pull_with_a_login_and_the_ca_in_place(
    server: Machine, client_podman: Machine, client_containerd: Machine
) -> None:
    install(server, 'role = "server"\n')
    password = server.run("cat", "/etc/registry-wizard/admin.password").stdout.strip()
    for client in (client_podman, client_containerd):
        client.run("sh", "-c", f"echo {server.ip} {NAME} >> /etc/hosts")

    podman = client_podman
    login = ("podman", "login", "-u", "admin", "--password-stdin", NAME)
    refused = podman.run(*login, stdin=password, check=False)
    assert "certificate signed by unknown authority" in refused.stderr
    ca = server.run("cat", CA).stdout
    podman.put(f"/etc/containers/certs.d/{NAME}/ca.crt", ca)
    podman.run(*login, stdin=password)
    podman.run("sh", "-ec", f"tar -c /etc/passwd | podman import - {IMAGE}; podman push {IMAGE}")
    podman.run("podman", "rmi", IMAGE)
    podman.run("podman", "pull", IMAGE)
    podman.run("sh", "-ec", f"buildah from --name built {IMAGE}; buildah commit built {NAME}/b:1")
    podman.run("buildah", "push", f"{NAME}/b:1")
    assert '"1"' in podman.run("skopeo", "list-tags", f"docker://{NAME}/b").stdout

    containerd, folder = client_containerd, "/etc/containerd/certs.d"
    pull = ("ctr", "images", "pull", "--hosts-dir", folder, "-u", f"admin:{password}", IMAGE)
    refused = containerd.run(*pull, check=False)
    assert "certificate signed by unknown authority" in refused.stderr
    containerd.put(f"{folder}/{NAME}/ca.crt", ca)
    hosts = f'[host."https://{NAME}"]\n  ca = "{folder}/{NAME}/ca.crt"\n'
    containerd.put(f"{folder}/{NAME}/hosts.toml", hosts)
    containerd.run(*pull)
    assert IMAGE in containerd.run("ctr", "images", "list", "-q").stdout
