"""What other programs say about servers that are no registries: that is not ours to explain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.failures.cause import ROOT

if TYPE_CHECKING:
    from wizard.failures import Failure

# How a line begins that git, npm, Go's own command, kubectl, ssh, psql, pip, helm, apt or dnf says.
_BEGINS = (
    r"fatal: (?:unable to access|Could not read from remote)",
    r"npm (?:ERR!|error|WARN)",
    r"go: ",
    r"Unable to connect to the server:|The connection to the server \S+ was refused",
    r"[EIW]\d{4} .{0,60}memcache\.go:\d+\]",
    r"ssh: |kex_exchange_identification:|psql: ",
    r"(?:ERROR|WARNING): (?:Could not (?:install|find|fetch)|Retrying \()|Could not fetch URL ",
    r"pip\._vendor\.|pip: ",
    r"Error: (?:INSTALLATION|UPGRADE) FAILED:|Error: Kubernetes cluster unreachable:",
    r"Error: (?:looks like \"|failed to fetch https?://|repo )",
    r"[EW]: (?!Release file)|[ \t-]*+Curl error \(\d+\)|(?:Err|Ign|Get|Hit):\d+ .*(?:\n +.*)?$",
    r"ping: ",
)
_FOREIGN = re.compile(rf"^(?:{'|'.join(_BEGINS)}|[^\n]*(?<!/v2)/simple/).*$", re.MULTILINE)
_REQUESTED = re.compile(
    r"^.*ConnectionPool\(host='(?P<host>[^'\n]{1,253})', port=\d+\)"
    r".*with url: (?!/v2/)(?!/ca\.crt).*$",
    re.MULTILINE,
)
# What a text has that comes of a registry or of a program that asks one.
_REGISTRY = re.compile(
    r"/v2/|\b(?:docker|podman|skopeo|buildah|containerd|nerdctl|ctr)\b|(?i:registry)"
    r"|response from daemon|unexpected HTTP status|push refers to|Docker-Distribution"
    r"|^[0-9a-f]{12}: (?:Pull|Retry|Download|Wait|Verify|Prepar|Push)|\b(?:blob|manifest|layer)s?\b"
    r"|curl: \(\d|HTTP Error \d|nginx/"
    r"|login attempt|StatusCode: \d",
    re.MULTILINE,
)
# What is about this machine is it without any name.
_OF_THIS_MACHINE = {"docker", "user", "daemon", "space", "file"}


def ours_alone(lines: str, own: tuple[str, ...]) -> str:
    """Leave out the lines that other programs say of other servers."""

    def unless_own(found: re.Match[str]) -> str:
        return found[0] if found["host"].lower() in own else ""

    return _REQUESTED.sub(unless_own, _FOREIGN.sub("", lines))


def about_a_registry(lines: str) -> bool:
    return _REGISTRY.search(lines) is not None


def shows_one(found: Failure) -> bool:
    """Say whether a failure is plainly a registry's, or this machine's own."""
    here = found.known.rank == ROOT or _OF_THIS_MACHINE & set(found.known.looks)
    return bool(found.quoted.name or here)
