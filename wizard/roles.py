"""Which session belongs to a machine: that of a registry's server, or that of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.hosts import LocalHost
from wizard.place import Place, former_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def open_session(
    environ: Mapping[str, str], stopping: Callable[[], bool], role: str = ""
) -> Place[Any, Any]:
    """Open the session for a role; without one, for what this machine was set up as."""
    former = None if role else former_answers(LocalHost())
    wanted = role or (former.role if former else "server")
    return SESSIONS[wanted]()(environ, stopping=stopping)


def _server() -> type[Place[Any, Any]]:
    from wizard.session import Session  # noqa: PLC0415  (a client needs none of it)

    return Session


def _client() -> type[Place[Any, Any]]:
    from wizard.client_session import ClientSession  # noqa: PLC0415  (a server needs none of it)

    return ClientSession


SESSIONS: dict[str, Callable[[], type[Place[Any, Any]]]] = {"server": _server, "client": _client}
