"""The page at the registry's own address: how machines come to use it, and what images it has."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard import pki
from wizard.facts import CERTS_D
from wizard.join import PUBLISHED
from wizard.names import in_url
from wizard.next_commands import by_hand
from wizard.render import render

if TYPE_CHECKING:
    from wizard.join import Join

CONTAINERS_D = "/etc/containers/certs.d"
CONTAINERD_D = "/etc/containerd/certs.d"
RANCHER_CA = "/etc/rancher/k3s/registry-ca.crt"
CONFIG_PATH = f"""# containerd 1: [plugins."io.containerd.grpc.v1.cri".registry]
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "{CONTAINERD_D}\""""
# The mirror says nothing new, but some releases read a CA for mirrors only (k3s-io/k3s#9839).
REGISTRIES = """mirrors:
  "{at}":
    endpoint: ["https://{at}"]
configs:
  "{at}":
    tls:
      ca_file: {ca}"""


# nginx serves each under its own name, and the first at / as well.
NAMES = ("page.html", "page.css", "page.js", "registry.js", "icon.svg")


@dataclass(frozen=True)
class Typed:
    """Something to type, or to write into a file, and what for."""

    what: str
    text: str


@dataclass(frozen=True)
class Way:
    """How one kind of client is made to trust the registry."""

    title: str
    steps: tuple[Typed, ...]


def files(join: Join) -> tuple[tuple[str, bytes], ...]:
    """Give path and content of every file of the page."""
    filled = {NAMES[0]: _html(join)}
    return tuple((f"{PUBLISHED}/{name}", filled.get(name) or render(name)) for name in NAMES)


def _html(join: Join) -> bytes:
    return render(
        "page.html",
        at=join.places[0],
        others=join.places[1:],
        subject=pki.subject(join.trust),
        fingerprint=join.fingerprint,
        until=pki.until(join.trust),
        line=join.line,
        ways=ways(join),
        use=use(join.places[0]),
    )


def use(at: str) -> tuple[Typed, ...]:
    """Give what anybody types who has an image."""
    return (
        Typed("Log in", f"docker login -u NAME {at}"),
        Typed("Name an image for this registry", f"docker tag IMAGE {at}/IMAGE"),
        Typed("Push it", f"docker push {at}/IMAGE"),
        Typed("Pull it", f"docker pull {at}/IMAGE"),
    )


def ways(join: Join) -> tuple[Way, ...]:
    """Give every way to trust it without the line that does all of this on Linux."""
    at = join.places[0]
    return (
        Way("Docker Engine on Linux", _fetched(join, f"{CERTS_D}/{at}/ca.crt")),
        Way("Docker Desktop for macOS", _desktop(join, "Mac")),
        Way("Docker Desktop for Windows", _desktop(join, "Windows machine")),
        Way("podman, buildah, skopeo", _fetched(join, f"{CONTAINERS_D}/{at}/ca.crt")),
        Way("containerd", _containerd(join)),
        Way("k3s", _k3s(join)),
        *([Way("Where DNS does not know the name", (_hosts(join),))] if join.names else []),
    )


def _desktop(join: Join, where: str) -> tuple[Typed, ...]:
    typed = (each for each in by_hand(join) if each.where == where)
    return tuple(Typed(each.what, each.command) for each in typed)


def _fetched(join: Join, path: str) -> tuple[Typed, ...]:
    """Fetch the CA by the address, and see that it is the one: what comes first is not trusted."""
    url = f"https://{in_url(join.ip, join.port)}/ca.crt"
    fetch = shlex.join(("sudo", "curl", "-gfsSk", "--create-dirs", "-o", path, url))
    show = shlex.join(("openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", path))
    return Typed("Fetch the CA", fetch), Typed(f"It must be {join.fingerprint}", show)


def _containerd(join: Join) -> tuple[Typed, ...]:
    folder = f"{CONTAINERD_D}/{join.places[0]}"
    ca = f"{folder}/ca.crt"
    hosts = render("hosts.toml", at=join.places[0], ca=ca).decode()
    return (
        *_fetched(join, ca),
        # Its first line says that undo takes it back, which is not so where it is made by hand.
        Typed(f"Write {folder}/hosts.toml", hosts.partition("\n")[2].rstrip("\n")),
        Typed("Once, in /etc/containerd/config.toml; then restart containerd", CONFIG_PATH),
    )


def _k3s(join: Join) -> tuple[Typed, ...]:
    text = REGISTRIES.format(at=join.places[0], ca=RANCHER_CA)
    return (
        *_fetched(join, RANCHER_CA),
        Typed("Add to /etc/rancher/k3s/registries.yaml; then restart k3s on this node", text),
    )


def _hosts(join: Join) -> Typed:
    line = f"echo '{join.ip} {' '.join(join.names)}' | sudo tee -a /etc/hosts"
    return Typed("On Linux; the other systems have it above", line)
