"""Whether SELinux is on, and which labels its policy knows; reading it changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.hosts import Host

CONTAINER = "container_file_t"  # what a container may read and write; not in Debian 12's policy
PROGRAM = "httpd_exec_t"  # a web server's program: what it starts is confined as httpd_t
LOGS = "httpd_log_t"  # what httpd_t may add to
TEMPORARY = "httpd_cache_t"  # what httpd_t may write
TYPES = (CONTAINER, PROGRAM, LOGS, TEMPORARY)
# Writing a context there asks the kernel whether it is valid (selinuxfs); nothing is kept.
VALID = 'printf %s "$1" > /sys/fs/selinux/context'


def read_selinux(host: Host) -> str:
    """Give ``enforcing`` or ``permissive``; empty where it is off, or there is none."""
    said = host.run("getenforce").out.strip().lower()
    return said if said in ("enforcing", "permissive") else ""


def read_types(host: Host) -> frozenset[str]:
    """Give the types, of those that we would give to files, that the policy at work knows."""
    own = host.run("stat", "-c", "%C", "/").out.strip().split(":")  # user:role:type, more with MLS
    contexts = {each: ":".join((*own[:2], each, *own[3:])) for each in TYPES}
    asked = {each: host.run("sh", "-c", VALID, "sh", label) for each, label in contexts.items()}
    return frozenset(each for each, said in asked.items() if said.ok)
