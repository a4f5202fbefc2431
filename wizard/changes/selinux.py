"""What SELinux lets nginx and the registry do: booleans, labels of ports, labels of files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.changes import Difference

if TYPE_CHECKING:
    from wizard.hosts import Argv, Host, Log

HTTP = "http_port_t"
# Ports that web servers may listen on: httpd_t may bind both, by any policy that was looked at
# (sesearch -A -s httpd_t -c tcp_socket -p name_bind).
WEB_PORTS = (HTTP, "http_cache_port_t")
WORDS = {True: "on", False: "off"}
STAYS = "(stays after undo: the former label was nobody's wish)"


@dataclass(frozen=True)
class SelinuxBoolean:
    """A switch of the policy, now and after the next start; the latter is what undo goes by."""

    name: str
    on: bool = True

    @property
    def label(self) -> str:
        return f"switch SELinux's {self.name} {self._word}"

    @property
    def key(self) -> str:
        return f"selinux boolean:{self.name}"

    @property
    def _word(self) -> str:
        return WORDS[self.on]

    def compare(self, host: Host) -> Difference | None:
        now, kept = self._states(host)
        if (now, kept) == (self._word, self._word):
            return None
        was = kept if now == kept else f"{now} until the next start, then {kept}"
        inverse = replace(self, on=kept == "on")
        return Difference("update", f"{self.name}: {self._word}, was {was}", inverse)

    def apply(self, host: Host, log: Log) -> None:
        host.run("setsebool", "-P", self.name, self._word, log=log).must()

    def _states(self, host: Host) -> tuple[str, str]:
        """Give how it is now and how it is kept; getsebool alone, before semanage is here."""
        said = host.run("semanage", "boolean", "-l").out
        both = re.search(rf"(?m)^{self.name}\s+\((\w+)\s*,\s*(\w+)\)", said)
        now = host.run("getsebool", self.name).out.split()[-1:] or ["unknown"]
        return (both[1], both[2]) if both else (now[0], now[0])


@dataclass(frozen=True)
class SelinuxPort:
    """The machine's own label of a TCP port; without one the policy's label counts."""

    port: int
    type: str = HTTP  # empty: no label of this machine's own

    @property
    def label(self) -> str:
        return f"give port {self.port} {self.type or 'the label of the policy'} in SELinux"

    @property
    def key(self) -> str:
        return f"selinux port:{self.port}"

    def compare(self, host: Host) -> Difference | None:
        own = self._types(host, "-C")
        effective = own or self._types(host)
        wanted = WEB_PORTS if self.type == HTTP else (self.type,)
        if (not own) if not self.type else any(each in wanted for each in effective):
            return None
        text = f"port {self.port}: {self.type or 'the label of the policy'}"
        inverse = replace(self, type=own[0] if own else "")
        return Difference("update", f"{text}, was {', '.join(effective) or 'without'}", inverse)

    def apply(self, host: Host, log: Log) -> None:
        host.run("semanage", "port", *self._verb(host), log=log).must()

    def _verb(self, host: Host) -> Argv:
        where = ("-p", "tcp", str(self.port))
        if not self.type:
            return ("-d", *where)
        # A port that has a label, be it the policy's, can be given another, not one more.
        return ("-m" if self._types(host) else "-a", "-t", self.type, *where)

    def _types(self, host: Host, *more: str) -> list[str]:
        """Give the types that name the port itself, or of which a web server's span holds it.

        Other spans are the policy's wide defaults, which a label of the port itself outdoes.
        """
        lines = host.run("semanage", "port", "-l", *more).out.splitlines()
        found = [re.match(r"(\S+)\s+tcp\s+(.*)", line) for line in lines]
        return [each[1] for each in found if each and self._among(each[1], each[2])]

    def _among(self, kind: str, ports: str) -> bool:
        spans = [each.strip().split("-") for each in ports.split(",")]
        narrow = [each for each in spans if len(each) == 1 or kind in WEB_PORTS]
        return any(int(each[0]) <= self.port <= int(each[-1]) for each in narrow)


@dataclass(frozen=True)
class SelinuxFiles:
    """The machine's own label of a file, or of a folder and all in it; put on what is there."""

    path: str
    type: str  # empty: no label of this machine's own
    folder: bool = True

    @property
    def label(self) -> str:
        what = self.type or "the label of the policy"
        return f"give {self.path} {what} in SELinux"

    @property
    def key(self) -> str:
        return f"selinux files:{self.path}"

    @property
    def pattern(self) -> str:
        """The path as semanage-fcontext(8) takes it: a regular expression."""
        return re.escape(self.path).replace(r"\-", "-") + ("(/.*)?" if self.folder else "")

    def compare(self, host: Host) -> Difference | None:
        own = self._own(host)
        if own == self.type and self._labelled(host):
            return None
        text = f"{self.pattern}: {self.type or 'the label of the policy'}"
        inverse = replace(self, type=own)
        return Difference("update", f"{text}, was {own or 'that of the policy'}", inverse)

    def apply(self, host: Host, log: Log) -> None:
        own = self._own(host)
        if own != self.type:
            host.run("semanage", "fcontext", *self._verb(own), self.pattern, log=log).must()
        if self._there(host):
            host.run("restorecon", "-R", "-F", self.path, log=log).must()

    def _verb(self, own: str) -> Argv:
        return ("-m" if own else "-a", "-t", self.type) if self.type else ("-d",)

    def _own(self, host: Host) -> str:
        lines = host.run("semanage", "fcontext", "-l", "-C").out.splitlines()
        mine = [line for line in lines if line.split()[:1] == [self.pattern]]
        return mine[-1].split(":")[-2] if mine else ""

    def _there(self, host: Host) -> bool:
        return host.run("test", "-e", self.path).ok

    def _labelled(self, host: Host) -> bool:
        """Say whether the path itself has the label; without one of ours nothing is claimed."""
        said = host.run("stat", "-c", "%C", self.path)
        return not (self.type and said.ok) or said.out.split(":")[2:3] == [self.type]


@dataclass(frozen=True)
class SelinuxRestored:
    """A file, or a folder and all in it, labelled as the policy and the machine's own labels say.

    What is moved into a folder keeps the label of where it was made, which nginx may not read.
    """

    path: str

    @property
    def label(self) -> str:
        return f"give {self.path} its label in SELinux again"

    @property
    def key(self) -> str:
        return f"selinux restored:{self.path}"

    def compare(self, host: Host) -> Difference | None:
        said = host.run("restorecon", "-n", "-v", "-R", self.path).out
        wrong = re.findall(r"(?m)^Would relabel (.*) from (\S+) to (\S+)$", said)
        lines = [f"{path}: {wanted}, was {was}" for path, was, wanted in wrong]
        return Difference("update", "\n".join((*lines, STAYS)), None) if lines else None

    def apply(self, host: Host, log: Log) -> None:
        host.run("restorecon", "-R", self.path, log=log).must()
