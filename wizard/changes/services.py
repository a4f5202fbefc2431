"""Services: running and enabled, by systemd or OpenRC where they run, else by init scripts."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.changes.commands import Command
from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.hosts import Argv, Host, Log

START_SECONDS = 15
SYSTEMD, OPENRC, SCRIPTS = "systemd", "OpenRC", "init scripts"
# What each makes as PID 1 at boot: sd_booted(3), OpenRC's init.sh.
SIGNS = {"/run/systemd/system": SYSTEMD, "/run/openrc": OPENRC}
# Debian's script for docker-registry does not wait for the old process, which then still holds
# the port when the new one begins, and nothing is left running.
RESTART = """service "$1" stop; n=0
while service "$1" status >/dev/null 2>&1 && [ $n -lt 150 ]; do sleep 0.1; n=$((n + 1)); done
exec service "$1" start"""
# What a unit is in that is not stopped; one that dies again and again is activating in between.
NOT_STOPPED = ("active", "activating", "reloading", "deactivating")


@dataclass(frozen=True)
class Service:
    """A service as it should be; a port, where given, must be listening for it to count as up."""

    name: str
    running: bool = True
    enabled: bool = True
    port: int = 0
    expect: tuple[bool, ...] = field(default=(), repr=False)  # running, enabled: as we left it
    others: Argv = field(default=(), repr=False)  # a probe that prints who else uses it, by line

    @property
    def label(self) -> str:
        return f"{'start' if self.running else 'stop'} {self.name}"

    @property
    def key(self) -> str:
        return f"service:{self.name}"

    @property
    def units(self) -> tuple[str, ...]:
        """Give the files of which its init knows it, where it is no package's."""
        return f"/etc/systemd/system/{self.name}.service", f"/etc/init.d/{self.name}"

    def joined(self, newer: Service) -> Service:
        """Give what takes back both: to how it was, from how we left it last."""
        return replace(self, expect=newer.expect)

    def compare(self, host: Host) -> Difference | None:
        now = running, enabled = is_running(host, self.name), is_enabled(host, self.name)
        there = (running if self.running else is_stopped(host, self.name)) and self._open(host)
        if there and (enabled == self.enabled or not self._known(host)):
            return None
        wanted = self.running, self.enabled
        was = _state(*now) if running or is_stopped(host, self.name) else "starting or stopping"
        text = f"{self.name}: {_state(*wanted)}, was {was}"
        users = self._users(host) if running and not self.running else ""
        # What is as we left it or as it was, switch by switch, is nobody else's wish.
        drift = any(
            n not in (w, left) for n, w, left in zip(now, wanted, self.expect, strict=False)
        )
        inverse = Service(self.name, running, enabled, expect=wanted, others=self.others)
        verb = "start" if self.running else "stop"
        return Difference(verb, text + users, inverse, drift or bool(users))

    def _users(self, host: Host) -> str:
        found = host.run(*self.others).out.split("\n") if self.others else []
        names = ", ".join(sorted({each.strip() for each in found} - {""}))
        return f"\nused by {names} as well" if names else ""

    def _known(self, host: Host) -> bool:
        """Say whether there is anything to enable: its file may have been taken away before."""
        if self.running or not self.enabled:
            return True
        return host.run(*_file(init(host), self.name)).ok

    def apply(self, host: Host, log: Log) -> None:
        if self.enabled != is_enabled(host, self.name) and self._known(host):
            host.run(*enabling(init(host), self.name, on=self.enabled), log=log).must()
        if not self._as_wanted(host):
            host.run(*_verb(host, self.name, "start" if self.running else "stop"), log=log)
        self._wait(host)

    def _wait(self, host: Host) -> None:
        for _ in range(START_SECONDS * 10):
            if self._there(host):
                return
            time.sleep(0.1)
        wanted = f"listen on port {self.port}" if self.running and self.port else self.label
        raise WizardError(f"{self.name} did not {wanted}:\n{last_words(host, self.name)}")

    def _there(self, host: Host) -> bool:
        return self._as_wanted(host) and self._open(host)

    def _open(self, host: Host) -> bool:
        return not (self.running and self.port) or listening(host, self.port)

    def _as_wanted(self, host: Host) -> bool:
        return (is_running if self.running else is_stopped)(host, self.name)


def init(host: Host) -> str:
    """Give what starts services here; a systemctl may lie about on hosts where systemd is not."""
    signs = (each for each in SIGNS if host.folder(each) is not None)
    return SIGNS.get(next(signs, ""), SCRIPTS)


def systemd(host: Host) -> bool:
    return init(host) == SYSTEMD


def is_running(host: Host, name: str) -> bool:
    return host.run(*_probe(host, name)).ok


def is_stopped(host: Host, name: str) -> bool:
    """Say whether it neither runs nor is about to by itself."""
    if systemd(host):
        state = host.run("systemctl", "show", "-p", "ActiveState", "--value", name).out
        return state.strip() not in NOT_STOPPED
    return not is_running(host, name)


def is_enabled(host: Host, name: str) -> bool:
    begins = init(host)
    if begins == SYSTEMD:
        return host.run("systemctl", "is-enabled", "--quiet", name).ok
    if begins == OPENRC:
        return host.run("test", "-L", f"/etc/runlevels/default/{name}").ok
    return bool(host.run("find", "/etc/rc2.d", "-name", f"S[0-9][0-9]{name}").out)


def listening(host: Host, port: int) -> bool:
    return bool(host.run("ss", "-Hltn", f"sport = :{port}").out.strip())


def last_words(host: Host, name: str) -> str:
    """Give the last lines that the service logged, wherever this host keeps them."""
    if init(host) == SYSTEMD:
        return host.run("journalctl", "-u", name, "-n", "8", "--no-pager", "-o", "cat").out.strip()
    return host.run("tail", "-n", "8", f"/var/log/{name}.log").out.strip()


def revive(host: Host, name: str, log: Log) -> None:
    """Start a service that gave up, as what it gave up on is mended.

    Raises WizardError where it does not come.
    """
    if systemd(host):
        host.run("systemctl", "reset-failed", name, log=log)
    Service(name, enabled=is_enabled(host, name)).apply(host, log)


def reload(host: Host, name: str) -> Command:
    """Give the command that makes a running service read its files again."""
    return Command(_verb(host, name, "reload"), _probe(host, name))


def restart(host: Host, name: str) -> Command:
    """Give the command that makes a running service end and begin anew."""
    if init(host) == SCRIPTS:
        return Command(("sh", "-c", RESTART, "sh", name), _probe(host, name))
    return Command(_verb(host, name, "restart"), _probe(host, name))


def verb(begins: str, name: str, word: str) -> Argv:
    """Give the words that start, stop, reload, restart or look at a service under this init."""
    if begins == SYSTEMD:
        quiet = ("is-active", "--quiet") if word == "status" else (word,)
        return ("systemctl", *quiet, name)
    return ("rc-service" if begins == OPENRC else "service", name, word)


def enabling(begins: str, name: str, *, on: bool) -> Argv:
    """Give the words that make a service come back with the machine, or not, under this init."""
    if begins == OPENRC:
        return ("rc-update", "add" if on else "del", name, "default")
    word = "enable" if on else "disable"
    return ("systemctl", word, name) if begins == SYSTEMD else ("update-rc.d", name, word)


def _file(begins: str, name: str) -> Argv:
    """Give the probe for the file by which this init knows a service."""
    return (
        ("systemctl", "cat", name) if begins == SYSTEMD else ("test", "-e", f"/etc/init.d/{name}")
    )


def _probe(host: Host, name: str) -> Argv:
    return verb(init(host), name, "status")


def _verb(host: Host, name: str, word: str) -> Argv:
    return verb(init(host), name, word)


def _state(running: bool, enabled: bool) -> str:  # noqa: FBT001
    return f"{'running' if running else 'stopped'} and {'enabled' if enabled else 'not enabled'}"
