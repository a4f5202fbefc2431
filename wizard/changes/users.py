"""System users that nobody can log in as: there, or gone where we brought them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes import Difference

if TYPE_CHECKING:
    from wizard.hosts import Host, Log

NOBODY_IN = ("--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")


@dataclass(frozen=True)
class MakeUser:
    """A system user and a group, both of this name; those that are there already are used."""

    name: str

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
        inverse = RemoveUser(self.name, "passwd" in missing, "group" in missing)
        text = " and ".join("user" if each == "passwd" else each for each in missing)
        return Difference("create", f"system {text} {self.name}, without a login", inverse)

    def apply(self, host: Host, log: Log) -> None:
        if not known(host, "group", self.name):
            host.run("groupadd", "--system", self.name, log=log).must()
        if not known(host, "passwd", self.name):
            gid = ("--gid", self.name)
            host.run("useradd", "--system", *gid, *NOBODY_IN, self.name, log=log).must()
        log(self.label)


@dataclass(frozen=True)
class RemoveUser:
    """No such user or group, as far as we brought it; no file is touched."""

    name: str
    user: bool = True
    group: bool = True

    @property
    def label(self) -> str:
        return f"remove the user {self.name}"

    @property
    def key(self) -> str:
        return f"user:{self.name}"

    def compare(self, host: Host) -> Difference | None:
        user = self.user and known(host, "passwd", self.name)
        group = self.group and known(host, "group", self.name)
        return Difference("remove", self.name, MakeUser(self.name)) if user or group else None

    def apply(self, host: Host, log: Log) -> None:
        if self.user and known(host, "passwd", self.name):
            host.run("userdel", self.name, log=log).must("a program may run as this user still")
        if self.group and known(host, "group", self.name):  # userdel takes it along on most
            host.run("groupdel", self.name, log=log).must()


def known(host: Host, database: str, name: str) -> bool:
    return host.run("getent", database, name).ok
