"""Whether a client really uses the registry: by its own tools, as it sees it."""

from __future__ import annotations

import ipaddress
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.events import Checked
from wizard.failures import remedy_of
from wizard.failures.ways import CLIENT
from wizard.names import RESERVED_USER, in_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.clients.plan import ClientGiven
    from wizard.hosts import Result

SKEW_SECONDS = 120
# A program in Go, as dockerd and containerd are, takes what it read of /etc/hosts for 5 seconds.
HOSTS_SECONDS, PAUSE = 6, 0.5
_LOOKED_UP = re.compile(r"dial tcp: lookup ([^\s:]+)")
# Everything is kept in memory, in a folder that goes when the script ends. The password comes on
# standard input and goes on likewise: printf is the shell's own, so it is in no list of processes.
HEAD = """umask 077; at=$1 user=$2 image=$3 limit=
for each in /dev/shm /run; do [ ! -w "$each" ] || { memory=$each; break; }; done
d=$(mktemp -d "$memory/registry-wizard.XXXXXX") || exit 1
trap 'rm -rf -- "$d"' EXIT; trap 'exit 1' HUP INT TERM
IFS= read -r password || :
! command -v timeout > /dev/null || limit="timeout 120"
log_in() { printf %s "$password" | $limit "$@" -u "$user" --password-stdin "$at" > /dev/null; }
"""
# What each program logs in and pulls with; login and pull may use different trust code.
USES = {
    "docker": """DOCKER_CONFIG=$d; export DOCKER_CONFIG
log_in docker login && $limit docker pull -q "$image" > /dev/null
code=$?; docker rmi "$image" > /dev/null 2>&1; exit $code""",
    "podman": """log_in podman login --authfile "$d/auth.json" &&
    $limit podman pull -q --authfile "$d/auth.json" "$image" > /dev/null
code=$?; podman rmi "$image" > /dev/null 2>&1; exit $code""",
    "buildah": """log_in buildah login --authfile "$d/auth.json" &&
    $limit buildah pull -q --authfile "$d/auth.json" "$image" > /dev/null
code=$?; buildah rmi "$image" > /dev/null 2>&1; exit $code""",
    "skopeo": """log_in skopeo login --authfile "$d/auth.json" &&
    $limit skopeo copy -q --authfile "$d/auth.json" "docker://$image" "dir:$d/image" """,
    # ctr takes a password on its command line only, so it goes into a copy of hosts.toml.
    "ctr": """cp -r "$4" "$d/certs.d" && {
    printf '[host."https://%s".header]\\n  Authorization = ["Basic %s"]\\n' "$at" \\
        "$(printf '%s:%s' "$user" "$password" | base64 | tr -d '\\n')"
} >> "$d/certs.d/$at/hosts.toml" || exit 1
$limit ctr -n registry-wizard images pull --all-platforms \\
    --hosts-dir "$d/certs.d" "$image" > /dev/null
code=$?; ctr -n registry-wizard images rm "$image" > /dev/null 2>&1; exit $code""",
}
# By the system's own store: the first of these that is there.
ASKS = {
    "curl": 'curl -sS -m 20 -o /dev/null "https://$1/v2/"',
    "openssl": """! command -v timeout > /dev/null || limit="timeout 20"
$limit openssl s_client -brief -verify_return_error -verify_hostname "$2" \\
    -connect "$1" < /dev/null""",
    "wget": """wget -q -T 20 -O /dev/null "https://$1/v2/" || [ $? -eq 6 ]""",
}
# That a registry refused a login, in the words of each program; and what was no login at all.
_REFUSED_LOGIN = re.compile(
    "unauthorized|no basic auth|authentication required|access to the resource is denied"
    "|invalid username/password",
    re.IGNORECASE,
)
_NO_LOGIN = re.compile(
    "x509|certificate|tls|permission denied|refused|timeout|timed out", re.IGNORECASE
)


@dataclass(frozen=True)
class Login:
    """With what a client is to log in, and which image it is to pull by its digest.

    Without a password a refused login is the proof: it came through a trusted connection.
    """

    image: str = ""
    user: str = RESERVED_USER
    password: str = field(default="", repr=False)


def check_client(given: ClientGiven, login: Login, ahead: float) -> Iterator[Checked]:
    """Look from the client at everything that a pull needs, in the order in which it fails.

    ``ahead`` is by how many seconds its clock is ahead of the registry's.
    """
    yield from _name(given)
    yield _clock(ahead)
    yield from check_programs(given, login)
    for each in given.facts.troubles:
        yield Checked(each.about, each.verdict, each.text, each.remedy)


def check_programs(given: ClientGiven, login: Login) -> Iterator[Checked]:
    """Let each program that is to trust the registry use it."""
    if "system" in given.trusting:
        yield _store(given)
    for program in _programs(given):
        yield _use(given, program, login)
    for name in ("k3s", "rke2"):
        if name in given.trusting:
            seen = "not tried: its own tool takes a password on the command line only"
            yield Checked(name, "warning", seen, f"pull an image there: {name} crictl pull")


def _name(given: ClientGiven) -> Iterator[Checked]:
    for name, found in given.facts.resolved.items():
        seen = f"{name} leads to {', '.join(found) or 'nowhere'}"
        looped = [each for each in found if ipaddress.ip_address(each).is_loopback]
        right = {given.ip, *given.ours.addresses} - {""}
        if looped:
            why = "; Docker verifies no certificate there, so nothing below would prove anything"
            yield Checked("resolve", "failed", seen + why, "take that line out of its hosts file")
        elif found and (set(found) <= right or not right):
            yield Checked("resolve", "passed", seen)
        else:
            yield Checked("resolve", "failed", seen, f"it should lead to {', '.join(right)}")


def _clock(ahead: float) -> Checked:
    seen = f"the clock is {abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'}"
    if abs(ahead) <= SKEW_SECONDS:
        return Checked("clock", "passed", "the clock is right" if abs(ahead) < 3 else seen)
    remedy = "set it: a certificate is valid between two moments (timedatectl set-ntp true)"
    return Checked("clock", "warning", seen, remedy)


def _store(given: ClientGiven) -> Checked:
    tool = next((each for each in ASKS if each in given.facts.programs), "")
    if not tool:
        seen = f"not tried: there is none of {', '.join(ASKS)}"
        return Checked("system-trust", "warning", seen, "install curl there to have it tried")
    name, port = given.ours.names[0], given.ours.port
    at = in_url(name, port) if tool != "openssl" else f"{in_url(name)}:{port}"
    done = given.host.run("sh", "-c", ASKS[tool], "sh", at, name)
    if done.ok:
        return Checked("system-trust", "passed", f"{tool} trusts the registry by the system's CAs")
    return Checked("system-trust", "failed", f"{tool}: {_last(done.err)}", _remedy(done.err))


def _programs(given: ClientGiven) -> Iterator[str]:
    """Give the programs to try, for each thing that is to trust."""
    wanted = {
        "docker": ("docker",),
        "podman": ("podman", "buildah", "skopeo"),
        "containerd": ("ctr",),
    }
    for name in given.trusting:
        yield from (each for each in wanted.get(name, ()) if each in given.facts.programs)


def _use(given: ClientGiven, program: str, login: Login) -> Checked:
    at = given.ours.at[0]
    image = login.image or f"{at}/{RESERVED_USER}/check:none"
    words = (at, login.user, image, given.facts.containerd.folder)
    password = login.password or "none"

    def use() -> Result:
        script, told = HEAD + USES[program], f"{password}\n".encode()
        return given.host.run("sh", "-c", script, "sh", *words, stdin=told)

    done, until = use(), time.monotonic() + HOSTS_SECONDS
    while _has_not_read_it_yet(given, done) and time.monotonic() < until:
        time.sleep(PAUSE)
        done = use()
    if done.ok:
        return Checked(program, "passed", "logged in and pulled by digest")
    refused = _REFUSED_LOGIN.search(done.err) and not _NO_LOGIN.search(done.err)
    if not login.password and refused:
        return Checked(program, "passed", "trusts the registry, which asks it for a login")
    return Checked(program, "failed", _last(done.err), _remedy(done.err))


def _has_not_read_it_yet(given: ClientGiven, done: Result) -> bool:
    """Whether a program failed to look up a name that leads somewhere on its machine."""
    name = _LOOKED_UP.search(done.err)
    return not done.ok and bool(name and given.facts.resolved.get(name[1]))


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:400] if lines else "it failed without a word"


def _remedy(said: str) -> str:
    return remedy_of(said, CLIENT) or "see its log there"
