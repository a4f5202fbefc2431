"""What a failed step may be told by: it gets packages and images from other people's servers.

So its card says nothing about a registry of ours, its nginx, its logins or its certificate: only
what keeps this machine from any server, or from writing to a disk of its own.
"""

from __future__ import annotations

import re
from dataclasses import replace

from wizard.failures import certificates, images, network
from wizard.failures.cause import ROOT, Cause

_WAY_THERE = (
    "is that server up, and is there a way out of this machine? a proxy, a firewall? `curl -v`"
    " with the address above, from here, says how far it comes"
)
_LOOK_AT_IT = (
    "look at the proxy that this machine is told to use: http_proxy, https_proxy and no_proxy in"
    " /etc/environment and of this shell; for Docker: systemctl show docker -p Environment"
)
_RUN_OUT = (
    "At the moment that this machine's clock shows, the certificate of {at}, or the CA above it,"
    " has run out."
)
_WHOSE = (
    "is this machine's clock right? `date` shows it, timedatectl set-ntp true sets it; else whoever"
    " runs that server must renew it"
)
_CLOCK = "set the clock: timedatectl set-ntp true"
# A cause that has a sentence of its own here speaks of a registry of the wizard's elsewhere.
_TOLD: dict[str, tuple[str, str]] = {
    "disk-full": (
        "A disk of this machine is full.",
        "df -h shows which one (df -i: too many files); make room",
    ),
    "public-roots": (
        "",
        "make the system's store anew (Debian: update-ca-certificates; EL: update-ca-trust)",
    ),
    "ca-unknown": ("", "{trust}"),
    "not-yet-valid": ("", _CLOCK),
    "clock-behind": ("", _CLOCK),
    "expired": (_RUN_OUT, _WHOSE),
    "dns-down": ("", "{lead}"),
    "no-such-name": ("", "{lead}"),
    "refused": ("", _WAY_THERE),
    "no-route": ("", _WAY_THERE),
    "timeout": ("", _WAY_THERE),
    "proxy-between": ("", _LOOK_AT_IT),
    "rate-limit": (
        "{name} allows no more pulls for a while: it counts them.",
        "wait, or raise the limit by docker login there (Docker Hub: free with an account)",
    ),
}


def _of_others(known: Cause) -> Cause:
    cause, remedy = _TOLD[known.id]
    return replace(known, cause=cause or known.cause, remedies=(remedy,))


CAUSES = (
    Cause(
        "read-only",
        (r"(?i:read-only file ?system)",),
        "A disk of this machine can only be read.",
        ("mount it read-write (findmnt and dmesg say why it is not)",),
        rank=ROOT,
    ),
    *(
        _of_others(each)
        for rows in (certificates, network, images)
        for each in rows.CAUSES
        if each.id in _TOLD
    ),
)
# apt's warnings: what it could not get and did without. Its errors begin with E.
_WARNING = re.compile(r"^(?:W|N): .*$", re.MULTILINE)
_DONE_WITHOUT = re.compile(r"^(?:Err|Ign):.*$(?:\n[ \t].*$)*", re.MULTILINE)


def without_warnings(said: str) -> str:
    """Leave out of what a command said what did not end it."""
    kept = _WARNING.sub("", said)
    return _DONE_WITHOUT.sub("", kept) if re.search(r"^E: ", kept, re.MULTILINE) else kept
