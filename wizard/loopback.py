"""A line of a hosts file that leads names to loopback, and the same without some of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

# No names of a machine but of loopback itself.
NAMES = ("localhost", "ip6-")


@dataclass(frozen=True)
class Loopback:
    """A line that gives names to an address of loopback's, without its comment."""

    parts: tuple[str, ...]  # the address and the names, each with the blanks before it

    @classmethod
    def of(cls, line: str) -> Loopback:
        return cls(tuple(re.findall(r"\s*\S+", said(line))))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.strip() for each in self.parts[1:])

    @property
    def shared(self) -> bool:
        """Say whether it has loopback's own names, too, which have to stay."""
        return any(name.lower().startswith(NAMES) for name in self.names)

    def taken(self, ours: tuple[str, ...]) -> tuple[str, ...]:
        """Give those of its names that may not lead to loopback: ours, as a short one as well."""
        full = [name for name in self.names if name.lower() in {each.lower() for each in ours}]
        shorts = {short(name) for name in full} if self.shared else set()
        return tuple(
            name
            for name in self.names
            if name in full or (name.lower() in shorts and not name.lower().startswith(NAMES))
        )

    def without(self, ours: tuple[str, ...]) -> str:
        taken = self.taken(ours)
        kept = [each for each in self.parts[1:] if each.strip() not in taken]
        return "".join((self.parts[0], *kept))

    def moved(self, ip: str) -> str:
        address, *names = self.parts
        return "".join((address.replace(address.strip(), ip), *names))


def said(line: str) -> str:
    return line.partition("#")[0].rstrip()


def short(name: str) -> str:
    return name.lower().partition(".")[0]
