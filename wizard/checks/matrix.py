"""Every name of the registry, and what each of those who must know it says about it."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

from wizard.checks.machine import environments, excepted, proxied
from wizard.checks.names import by_dns
from wizard.checks.said import Unseen
from wizard.errors import WizardError
from wizard.events import NameRow
from wizard.front import reason
from wizard.names import in_url, is_address
from wizard.troubles.folders import CONTAINERS, DOCKER

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.checks.scene import Scene

YES, NO, NONE = "yes", "no", "-"
ANSWERS = ("200", "401")


def rows(scene: Scene) -> tuple[NameRow, ...]:
    return tuple(_row(scene, name) for name in scene.target.every)


def _row(scene: Scene, name: str) -> NameRow:
    cells = {title: _cell(look, scene, name) for title, look in COLUMNS.items()}
    wrong = tuple(title for title, text in cells.items() if _is_wrong(scene, name, title, text))
    return NameRow(name, cells, wrong)


def _cell(look: Callable[[Scene, str], str], scene: Scene, name: str) -> str:
    try:
        return look(scene, name)
    except (OSError, http.client.HTTPException, WizardError, Unseen, ValueError):
        return NONE


def _hosts_file(scene: Scene, name: str) -> str:
    file = scene.host.read("/etc/hosts")
    lines = file.content.decode(errors="replace").splitlines() if file else []
    words = (line.partition("#")[0].split() for line in lines)
    found = [each[0] for each in words if name in (word.lower() for word in each[1:])]
    return ", ".join(dict.fromkeys(found)) or NONE


def _dns(scene: Scene, name: str) -> str:
    return NONE if is_address(name) else ", ".join(by_dns(scene, name) or ()) or NONE


def _certificate(scene: Scene, name: str) -> str:
    address = next((each for called, each in scene.views if called == name), scene.door)
    return NO if scene.shown(name, address).why_not(name) else YES


def _server_name(scene: Scene, name: str) -> str:
    if scene.own is None:
        return NONE
    file = scene.host.read(scene.own.nginx.site)
    lines = file.content.decode(errors="replace").splitlines() if file else []
    said = (line.strip().rstrip(";").split() for line in lines)
    named = {word for words in said if words[:1] == ["server_name"] for word in words[1:]}
    return YES if {name, in_url(name)} & named else NO


def _certs_d(scene: Scene, name: str) -> str:
    at = in_url(name, scene.target.port)
    there = {"docker": f"{DOCKER}/{at}", "podman": f"{CONTAINERS}/{at}"}
    found = [whose for whose, path in there.items() if scene.host.folder(path) is not None]
    return ", ".join(found) or NO


def _no_proxy(scene: Scene, name: str) -> str:
    used = [words for _, words in environments(scene) if proxied(words)]
    if not used:
        return NONE
    port = scene.target.port
    past = all(excepted(name, words.get("no_proxy", ""), port) for words in used)
    return YES if past else NO


def _answers(scene: Scene, name: str) -> str:
    address = next((each for called, each in scene.views if called == name), scene.door)
    try:
        return str(scene.answer(name, address).status)
    except (OSError, http.client.HTTPException) as error:
        return reason(error)


COLUMNS: dict[str, Callable[[Scene, str], str]] = {
    "hosts file": _hosts_file,
    "DNS": _dns,
    "certificate": _certificate,
    "server_name": _server_name,
    "certs.d": _certs_d,
    "NO_PROXY": _no_proxy,
    "answers": _answers,
}


def _is_wrong(scene: Scene, name: str, title: str, text: str) -> bool:
    """Say whether this does not go with the rest of the row."""
    if title in ("hosts file", "DNS"):
        right = scene.rightly(name)
        return text != NONE and bool(right) and not set(text.split(", ")) & right
    if title == "answers":
        return text not in (*ANSWERS, NONE)
    if title == "certs.d":  # elsewhere nobody says that there is to be one
        return scene.own is not None and text == NO
    return text == NO
