"""Users of the system that a program runs as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes import Difference

if TYPE_CHECKING:
    from wizard.hosts import Host, Log

USERADD = (
    "--system",
    "--user-group",
    "--no-create-home",
    "--home-dir=/nonexistent",
    "--shell=/usr/sbin/nologin",
)
ADDUSER = ("-S", "-D", "-H", "-s", "/sbin/nologin")


@dataclass(frozen=True)
class SystemUser:
    """A user without a password and a home, and a group of the same name."""

    name: str
    images: str = ""  # a folder: the user stays for as long as it owns something in there

    @property
    def label(self) -> str:
        return f"user {self.name}"

    @property
    def key(self) -> str:
        return f"user:{self.name}"

    def compare(self, host: Host) -> Difference | None:
        if known(host, self.name):
            return None
        text = f"{self.name}: a user of the system, without a password, and its group"
        return Difference("create", text, RemoveUser(self.name, self.images))

    def apply(self, host: Host, log: Log) -> None:
        if host.run("useradd", "--help").ok:
            host.run("useradd", *USERADD, self.name, log=log).must()
        else:  # busybox
            host.run("addgroup", "-S", self.name, log=log)
            host.run("adduser", *ADDUSER, "-G", self.name, self.name, log=log).must()
        log(self.label)


@dataclass(frozen=True)
class RemoveUser:
    """No such user, unless images belong to it: they would be a number's, or the next user's."""

    name: str
    images: str = ""

    @property
    def label(self) -> str:
        return f"remove the user {self.name}"

    @property
    def key(self) -> str:
        return f"user:{self.name}"

    def compare(self, host: Host) -> Difference | None:
        if not known(host, self.name) or self._owns(host):
            return None
        return Difference("remove", self.name, SystemUser(self.name, self.images))

    def apply(self, host: Host, log: Log) -> None:
        remover = ("userdel",) if host.run("userdel", "--help").ok else ("deluser",)
        host.run(*remover, self.name, log=log).must()
        log(self.label)

    def _owns(self, host: Host) -> bool:
        if not self.images:
            return False
        argv = ("find", self.images, "-mindepth", "1", "-user", self.name, "-print", "-quit")
        return bool(host.run(*argv).out)


def known(host: Host, name: str) -> bool:
    return host.run("getent", "passwd", name).ok


def numbers(host: Host, name: str) -> str:
    """Give a user's number and its group's, as uid:gid."""
    uid, gid = (host.run("id", flag, name).must().out.strip() for flag in ("-u", "-g"))
    return f"{uid}:{gid}"
