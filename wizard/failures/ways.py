"""What this program does about failures, by where it is told: for whoever prints one line of it."""

from __future__ import annotations

from collections.abc import Mapping

Ways = Mapping[str, str]
"""A sentence for each of ``{trust}``, ``{lead}``, ``{again}``, ``{on_server}`` and ``{renew}``.

``{log}`` and ``{restart}`` are commands about the registry itself, however it runs.
"""


def service(name: str = "docker-registry") -> Ways:
    """Say it for a registry that runs as a service of this name."""
    return {"log": f"journalctl -u {name} -n 50", "restart": f"systemctl restart {name}"}


CONTAINER: Ways = {
    "log": "docker logs --tail 50 registry-wizard",
    "restart": "docker restart registry-wizard",
}
EITHER: Ways = {
    way: f"{said} (in a container: {CONTAINER[way]})" for way, said in service().items()
}
"""Where it is not known whether the registry runs as a service or in a container."""

_AGAIN = "run the wizard again"

SERVER: Ways = {
    **EITHER,
    "trust": f"{_AGAIN}: it puts the CA where each program looks",
    "lead": f"{_AGAIN}: it puts the line for {{name}} back into /etc/hosts",
    "again": _AGAIN,
    "on_server": _AGAIN,
    "renew": "run `registry-wizard renew`",
}
"""On the registry's own server."""

CLIENT: Ways = {
    **SERVER,
    "trust": f"{_AGAIN}: it puts the CA where this program looks",
    "lead": f"the name leads nowhere there: {_AGAIN}",
    "on_server": "run the wizard on the server again",
    "renew": "run `registry-wizard renew` on the server",
}
"""On a client that the wizard has set up, or sets up by SSH."""

STEP: Ways = {
    **SERVER,
    "trust": "let this machine trust that CA: put it into the system's store",
    "lead": "mend DNS (/etc/resolv.conf names the server that is asked), or put {name} into"
    " /etc/hosts",
}
"""Where a step failed, which gets packages and images from other people's servers."""
