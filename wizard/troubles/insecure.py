"""Settings of Docker that switch the check of certificates off for the registry's names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from wizard import json_text
from wizard.changes.daemon import WithoutEntries, WithoutFlags, flag_values
from wizard.changes.services import is_running, systemd
from wizard.names import is_address
from wizard.troubles.trouble import INSECURE, Ours, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.hosts import Host

DAEMON = "/etc/docker/daemon.json"
FLAG_FILES = ("/etc/default/docker", "/etc/sysconfig/docker")
KEY = "insecure-registries"
FLAG = "--insecure-registry"
LOOPBACK = ("127.0.0.0/8", "::1/128")  # Docker's own, which nobody can take away
# Of the same machine: the registry itself, which the classic how-to opened to everybody.
REGISTRY_PORT = 5000
WHY = "Docker takes any certificate, or none at all, from whoever answers under that name"
RESTART = (
    "Docker has to restart for it: the wizard does so where that stops no container, else"
    " `systemctl restart docker` is left to you"
)


@dataclass(frozen=True)
class Seen:
    daemon: bytes | None
    flags: dict[str, str]  # text by path, of files with flags in them
    engine: dict[str, Any]  # what a running engine says of its registries; empty: none runs


def look(host: Host) -> Seen:
    daemon = host.read(DAEMON)
    read = {path: host.read(path) for path in (*FLAG_FILES, *_units(host))}
    texts = {path: json_text.read(file.content) for path, file in read.items() if file}
    flagged = {path: text for path, text in texts.items() if flag_values(text, FLAG)}
    return Seen(daemon.content if daemon else None, flagged, _engine(host))


def _units(host: Host) -> tuple[str, ...]:
    """Give the unit of Docker with what was dropped in, as systemd itself names the files."""
    if not systemd(host):
        return ()
    shown = host.run("systemctl", "cat", "docker.service").out
    return tuple(re.findall(r"(?m)^# (/\S+)$", shown))


def _engine(host: Host) -> dict[str, Any]:
    """Ask the engine, if it runs: asking would start one that waits behind its socket."""
    if not is_running(host, "docker"):
        return {}
    said = host.run("docker", "info", "--format", "{{json .RegistryConfig}}")
    try:
        return json.loads(said.out) or {} if said.ok else {}
    except ValueError:
        return {}


def find(seen: Seen, ours: Ours) -> Iterator[Trouble]:
    entries, broken = _entries(seen)
    if broken:
        yield _broken(broken)
    yield from _in_file(entries, ours)
    for path, text in seen.flags.items():
        yield from _in_flags(path, text, ours)
    yield from _in_two_places(seen, broken)
    flags = [each for text in seen.flags.values() for each in flag_values(text, FLAG)]
    yield from _in_engine(seen.engine, ours, (*entries, *flags))
    networks = (*entries, *flags, *(seen.engine.get("InsecureRegistryCIDRs") or ()))
    yield from _networks(networks, ours)


def _entries(seen: Seen) -> tuple[tuple[str, ...], str]:
    """Give what stands in the file, and why it cannot be read."""
    try:
        return json_text.names(json_text.read(seen.daemon or b""), KEY), ""
    except json_text.Broken as error:
        return (), str(error)


def _broken(why: str) -> Trouble:
    remedy = "mend it by hand; nobody but you knows what it was to say: dockerd --validate tests it"
    return Trouble(
        INSECURE, DAEMON, f"Docker cannot read it: {why}", "Docker does not start with it",
        "warning", remedy=remedy,
    )  # fmt: skip


def _in_file(entries: tuple[str, ...], ours: Ours) -> Iterator[Trouble]:
    gone = tuple(dict.fromkeys(each for each in entries if covers(each, ours)))
    if gone:
        change = WithoutEntries(DAEMON, KEY, gone)
        what = f"{', '.join(gone)} in {KEY}"
        yield Trouble(INSECURE, DAEMON, what, WHY, "warning", (change,))


def _in_flags(path: str, text: str, ours: Ours) -> Iterator[Trouble]:
    gone = tuple(each for each in flag_values(text, FLAG) if covers(each, ours))
    if gone:
        change = WithoutFlags(path, FLAG, gone)
        what = ", ".join(f"{FLAG} {each}" for each in gone)
        yield Trouble(INSECURE, path, what, f"{WHY}. {RESTART}", "warning", (change,))


def _in_two_places(seen: Seen, broken: str) -> Iterator[Trouble]:
    text = json_text.read(seen.daemon or b"")
    if seen.flags and not broken and json_text.has(text, KEY):
        places = f"{KEY} in {DAEMON} and {FLAG} in {', '.join(seen.flags)}"
        yield Trouble(
            INSECURE,
            DAEMON,
            f"the same setting stands in two places: {places}",
            "Docker does not start when it is told twice (a flag and in the file)",
            "warning",
            remedy=f"keep what is still needed in {DAEMON} alone, then systemctl restart docker",
        )


def _in_engine(engine: dict[str, Any], ours: Ours, told: tuple[str, ...]) -> Iterator[Trouble]:
    """What the engine still does though no file says so any more."""
    known = engine.get("IndexConfigs") or {}
    insecure = [name for name, each in known.items() if not each.get("Secure", True)]
    left = [name for name in insecure if covers(name, ours) and not set(_same(name)) & set(told)]
    if left:
        yield Trouble(
            INSECURE,
            "Docker",
            f"the engine that runs takes {', '.join(left)} for insecure, though no file says so",
            WHY,
            "warning",
            remedy="systemctl reload docker; where that does not help, systemctl restart docker",
        )


def _networks(entries: Iterable[str], ours: Ours) -> Iterator[Trouble]:
    for entry in dict.fromkeys(entries):
        inside = [each for each in ours.addresses if _contains(entry, each)]
        if entry not in LOOPBACK and inside:
            yield Trouble(
                INSECURE,
                DAEMON,
                f"the network {entry} is insecure for Docker, and {', '.join(inside)} is in it",
                f"{WHY}; the registry is reached there too",
                "warning",
                remedy="narrow that network by hand: others in it may need it",
            )


def covers(entry: str, ours: Ours) -> bool:
    """Say whether an entry is about the registry: its name or address, bare or with its port."""
    host, port = _parted(re.sub(r"\Ahttps?://", "", entry.lower()))
    return host in ours.names and port in ("", "443", str(REGISTRY_PORT), str(ours.port))


def _parted(entry: str) -> tuple[str, str]:
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?", entry)
    if bracketed:
        return bracketed[1], bracketed[2] or ""
    if is_address(entry):
        return entry, ""
    host, _, port = entry.partition(":")
    return host, port


def _same(name: str) -> tuple[str, ...]:
    """Give an entry as it may have been written: Docker drops the scheme."""
    return name, f"http://{name}", f"https://{name}"


def _contains(entry: str, address: str) -> bool:
    try:
        network = ip_network(entry, strict=False)
    except ValueError:
        return False
    return "/" in entry and ip_address(address) in network
