"""Every file that the zoo's machine is given."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import bcrypt

from tests.hosts.image import unpacked
from tests.zoo import doors
from tests.zoo.certificates import CAS, DIFFERENT, EXPOSED, LOOPBACK, NAME, certificates
from tests.zoo.faults import CLOCK, FAULTS, RIGHT
from tests.zoo.servers import (
    ALONE,
    NGINX,
    PLACE,
    PORTS,
    SERVER,
    address,
    filled,
    registry_config,
    swapped,
)

PASSWORD = "zoo-keeper"
ALL = RIGHT | FAULTS
# Each on a port of its own.
DOORS = {name: 8400 + number for number, name in enumerate(ALL)}


@dataclass(frozen=True)
class Files:
    ip: str  # of the machine
    second: str  # another one, on which port 5000 is open

    def all(self) -> dict[str, str | bytes]:
        library = next(unpacked("libfaketime").glob("usr/lib/*/faketime/libfaketime.so.1"))
        hosts = f"127.0.0.1 localhost {LOOPBACK}\n"
        hosts += f"{self.ip} {NAME} {DIFFERENT}\n{self.second} {EXPOSED}\n"
        made: dict[str, str | bytes] = {CLOCK: library.read_bytes(), "/etc/hosts": hosts}
        made["/etc/resolv.conf"] = "nameserver 127.0.0.1\n"
        made["/usr/sbin/policy-rc.d"] = "#!/bin/sh\nexit 101\n"
        for each in (self.certificates(), self.users(), self.servers()):
            made |= {f"{PLACE}/{name}": content for name, content in each.items()}
        return made

    def known(self) -> list[str]:
        """Give what the zoo's DNS knows, and the ports of what is no nginx."""
        names = {NAME: self.ip, EXPOSED: self.second, DIFFERENT: "192.0.2.7"}
        ports = {door: port_of(door) for door in doors.DOORS}
        return [f"{name}={each}" for name, each in (names | ports).items()]

    def certificates(self) -> dict[str, bytes]:
        cas = {f"ca-{name}.pem": ca.pem for name, ca in CAS.items()}
        return cas | {f"{name}.pem": pem for name, pem in certificates(self.ip).items()}

    def servers(self) -> dict[str, str]:
        at = {name: address(name, self.second) for name in PORTS}
        at |= {name: f"{self.ip}:{port_of(name)}" for name in ALONE}
        return {f"{name}.yml": registry_config(name, at[name]) for name in at} | {
            "nginx.conf": self.nginx("nginx", "80"),
            "late.conf": self.nginx("late", "127.0.0.1:81"),
            "doors.py": Path(doors.__file__).read_text(),
        }

    def users(self) -> dict[str, str]:
        cheap = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5)).decode()
        argv = ["openssl", "passwd", "-apr1", PASSWORD]
        md5 = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
        return {
            "password": PASSWORD,
            "htpasswd": f"admin:{cheap}\n",
            "md5.htpasswd": f"admin:{md5}",
            "malformed.htpasswd": f"admin:{cheap}\nno colon in this line\n",
        }

    def nginx(self, which: str, redirect: str) -> str:
        servers = "".join(self.site(name) for name, each in ALL.items() if each.door == which)
        return filled(NGINX, WHICH=which, REDIRECT=redirect, SERVERS=servers)

    def site(self, name: str) -> str:
        fault = ALL[name]
        at = address(fault.registry, self.second)
        words = {"PORT": DOORS[name], "CERTIFICATE": fault.certificate, "REGISTRY": at}
        return filled(swapped(SERVER, *fault.swap), **words)


def port_of(door: str) -> int:
    return next(DOORS[name] for name, each in ALL.items() if each.door == door)
