"""Services: running and enabled, by systemd where it is PID 1, else by init scripts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.changes.commands import Command
from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.hosts import Argv, Host, Log

START_SECONDS = 15
# Debian's script for docker-registry does not wait for the old process, which then still holds
# the port when the new one begins, and nothing is left running.
RESTART = """service "$1" stop; n=0
while service "$1" status >/dev/null 2>&1 && [ $n -lt 150 ]; do sleep 0.1; n=$((n + 1)); done
exec service "$1" start"""


@dataclass(frozen=True)
class Service:
    """A service as it should be; a port, where given, must be listening for it to count as up."""

    name: str
    running: bool = True
    enabled: bool = True
    port: int = 0

    @property
    def label(self) -> str:
        return f"{'start' if self.running else 'stop'} {self.name}"

    @property
    def key(self) -> str:
        return f"service:{self.name}"

    def compare(self, host: Host) -> Difference | None:
        running, enabled = is_running(host, self.name), is_enabled(host, self.name)
        if self._there(host) and enabled == self.enabled:
            return None
        text = f"{self.name}: {_state(self.running, self.enabled)}, was {_state(running, enabled)}"
        inverse = Service(self.name, running, enabled)
        return Difference("start" if self.running else "stop", text, inverse)

    def apply(self, host: Host, log: Log) -> None:
        if self.enabled != is_enabled(host, self.name):
            host.run(*_enabling(host, self.name, on=self.enabled), log=log).must()
        if self.running != is_running(host, self.name):
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
        if is_running(host, self.name) != self.running:
            return False
        return not (self.running and self.port) or listening(host, self.port)


def systemd(host: Host) -> bool:
    """Say whether systemd runs here; a systemctl may lie about on hosts where it does not."""
    return host.folder("/run/systemd/system") is not None


def is_running(host: Host, name: str) -> bool:
    if systemd(host):
        return host.run("systemctl", "is-active", "--quiet", name).ok
    return host.run("service", name, "status").ok


def is_enabled(host: Host, name: str) -> bool:
    if systemd(host):
        return host.run("systemctl", "is-enabled", "--quiet", name).ok
    return bool(host.run("find", "/etc/rc2.d", "-name", f"S[0-9][0-9]{name}").out)


def listening(host: Host, port: int) -> bool:
    return bool(host.run("ss", "-Hltn", f"sport = :{port}").out.strip())


def last_words(host: Host, name: str) -> str:
    """Give the last lines that the service logged, wherever this host keeps them."""
    if systemd(host):
        return host.run("journalctl", "-u", name, "-n", "8", "--no-pager", "-o", "cat").out.strip()
    return host.run("tail", "-n", "8", f"/var/log/{name}.log").out.strip()


def reload(host: Host, name: str) -> Command:
    """Give the command that makes a running service read its files again."""
    return Command(_verb(host, name, "reload"), _probe(host, name))


def restart(host: Host, name: str) -> Command:
    """Give the command that makes a running service end and begin anew."""
    if systemd(host):
        return Command(_verb(host, name, "restart"), _probe(host, name))
    return Command(("sh", "-c", RESTART, "sh", name), _probe(host, name))


def _probe(host: Host, name: str) -> Argv:
    if systemd(host):
        return ("systemctl", "is-active", "--quiet", name)
    return ("service", name, "status")


def _verb(host: Host, name: str, verb: str) -> Argv:
    return ("systemctl", verb, name) if systemd(host) else ("service", name, verb)


def _enabling(host: Host, name: str, *, on: bool) -> Argv:
    verb = "enable" if on else "disable"
    return ("systemctl", verb, name) if systemd(host) else ("update-rc.d", name, verb)


def _state(running: bool, enabled: bool) -> str:  # noqa: FBT001
    return f"{'running' if running else 'stopped'} and {'enabled' if enabled else 'not enabled'}"
