"""Whether a file is on a host, how large it is, and what its SHA-256 is; nothing is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.hosts import Host


def size_of(host: Host, path: str) -> int | None:
    """Give an ordinary file's size in bytes (links followed), or None where there is none."""
    kind, _, size = host.run("stat", "-L", "-c", "%F %s", path).out.strip().rpartition(" ")
    return int(size) if kind.startswith("regular") else None


def sha256_of(host: Host, path: str) -> str:
    """Give a file's SHA-256 in hexadecimal digits; empty where it cannot be read."""
    done = host.run("sha256sum", "--", path)
    return done.out.lstrip("\\")[:64] if done.ok else ""
