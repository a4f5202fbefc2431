"""System users that nobody can log in as: there, or gone where we brought them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes import Difference

if TYPE_CHECKING:
    from wizard.hosts import Host, Log

NOBODY_IN = ("--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
SHADOW = ("test", "-x", "/usr/sbin/useradd")  # else they are of busybox
BUSYBOX = ("-S", "-D", "-H", "-s", "/sbin/nologin")


@dataclass(frozen=True)
class MakeUser:
    """A system user and a group, both of this name; those that are there already are used."""

    name: str
    images: str = ""  # a folder: the user stays for as long as it owns something in there

    @property
    def label(self) -> str:
        return f"user {self.name}"

    @property
    def key(self) -> str:
        return f"user:{self.name}"

    def compare(self, host: Host) -> Difference | None:
        missing = [each for each in ("passwd", "group") if not known(host, each, self.name)]
        if not missing:
            return None
        inverse = RemoveUser(self.name, "passwd" in missing, "group" in missing, self.images)
        text = " and ".join("user" if each == "passwd" else each for each in missing)
        return Difference("create", f"system {text} {self.name}, without a login", inverse)

    def apply(self, host: Host, log: Log) -> None:
        shadow = host.run(*SHADOW).ok
        if not known(host, "group", self.name):
            add = ("groupadd", "--system") if shadow else ("addgroup", "-S")
            host.run(*add, self.name, log=log).must()
        if not known(host, "passwd", self.name):
            busybox = ("adduser", *BUSYBOX, "-G", self.name)
            new = ("useradd", "--system", "--gid", self.name, *NOBODY_IN)
            host.run(*(new if shadow else busybox), self.name, log=log).must()
        log(self.label)


@dataclass(frozen=True)
class RemoveUser:
    """No such user or group, as far as we brought it; no file is touched.

    It stays while images belong to it: they would be a number's, or the next user's.
    """

    name: str
    user: bool = True
    group: bool = True
    images: str = ""

    @property
    def label(self) -> str:
        return f"remove the user {self.name}"

    @property
    def key(self) -> str:
        return f"user:{self.name}"

    def compare(self, host: Host) -> Difference | None:
        user = self.user and known(host, "passwd", self.name)
        group = self.group and known(host, "group", self.name)
        if not (user or group) or self._owns(host):
            return None
        return Difference("remove", self.name, MakeUser(self.name, self.images))

    def left(self, host: Host) -> RemoveUser | None:
        """Give what is to be taken back later, when no image belongs to it any more."""
        return self if self.user and known(host, "passwd", self.name) else None

    def apply(self, host: Host, log: Log) -> None:
        shadow = host.run(*SHADOW).ok
        if self.user and known(host, "passwd", self.name):
            remove = "userdel" if shadow else "deluser"
            host.run(remove, self.name, log=log).must("a program may run as this user still")
        if self.group and known(host, "group", self.name):  # goes along with its user on most
            host.run("groupdel" if shadow else "delgroup", self.name, log=log).must()

    def _owns(self, host: Host) -> bool:
        if not self.images:
            return False
        argv = ("find", "-H", self.images, "-mindepth", "1", "-user", self.name, "-print", "-quit")
        return bool(host.run(*argv).out)


def known(host: Host, database: str, name: str) -> bool:
    return host.run("getent", database, name).ok


def numbers(host: Host, name: str) -> str:
    """Give a user's number and its group's, as uid:gid."""
    uid, gid = (host.run("id", flag, name).must().out.strip() for flag in ("-u", "-g"))
    return f"{uid}:{gid}"
