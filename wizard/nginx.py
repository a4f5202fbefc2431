"""Which nginx stands in front of the registry: the distribution's, or one built from source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.answers import Answers
    from wizard.distros import Distro

BUILT_SERVICE = "registry-wizard-nginx"  # never the name of the distribution's own unit
UNIT = {
    "systemd": f"/etc/systemd/system/{BUILT_SERVICE}.service",
    "init scripts": f"/etc/init.d/{BUILT_SERVICE}",
}
"""The file that makes the built one a service, by init system."""
PID_FILE = f"/run/{BUILT_SERVICE}.pid"
ERRORS = "/var/log/nginx/error.log"
NJS = "/etc/nginx/modules-enabled/50-mod-http-js.conf"  # what loads njs, in Debian and its kin
BUILT_USER = "www"
FRONT_FOLDER = "/etc/registry-wizard/front"  # what our site includes; only root may read it
LOGINS = "/run/registry-wizard-logins"  # what nginx remembers, in memory and under keyed hashes
CONF_D = "/etc/nginx/conf.d"  # where the distribution is not known


@dataclass(frozen=True)
class Nginx:
    """Where one nginx has what: its program, its service and its files."""

    program: str
    service: str
    site: str  # the file of ours that it reads
    user: str  # as whom it serves
    settings: str = ""  # its main file, where that is ours, too
    errors: str = ERRORS  # its log of errors

    @property
    def test(self) -> tuple[str, ...]:
        """The command that says whether it can read its files."""
        return (self.program, "-t")


def nginx_of(answers: Answers, distro: Distro | None) -> Nginx:
    """Give the one that these answers ask for."""
    if answers.proxy.install == "source":
        return built_nginx(answers.proxy.prefix)
    return packaged_nginx(distro)


def packaged_nginx(distro: Distro | None) -> Nginx:
    if distro is None:
        return Nginx("nginx", "nginx", f"{CONF_D}/registry.conf", "nginx")
    return Nginx("nginx", distro.nginx, f"{distro.conf_d}/registry.conf", distro.nginx_user)


def built_nginx(prefix: str) -> Nginx:
    return Nginx(
        program=f"{prefix}/sbin/nginx",
        service=BUILT_SERVICE,
        site=f"{prefix}/conf/conf.d/registry.conf",
        user=BUILT_USER,
        settings=f"{prefix}/conf/nginx.conf",
        errors=f"{prefix}/logs/error.log",
    )
