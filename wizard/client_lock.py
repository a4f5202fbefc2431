"""The lock on a client, held by a process there for as long as a wizard here is at work on it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from wizard.errors import Blocked

HOLD_SECONDS = "180"  # how long a lock is held without a sign of life: three beats
# A wizard of its own that the machine may have locks the first file; /run is new at every boot.
# Busybox may come without flock: better none kept out than nobody let in. One server works there
# once at a time: what holds the lock in its name is left of a lost connection, which sshd may not
# notice for hours. That of another server ends by itself: it is sent no more bytes. A server that
# is its own client has its own lock already.
LOCK = """file=/var/lib/registry-wizard/lock; [ -e "$file" ] || file=/run/registry-wizard.lock
here=$({ cat /etc/machine-id 2> /dev/null; uname -n; } | sha256sum | cut -c -12)
[ "$here" != "$2" ] && command -v flock > /dev/null && exec 9>> "$file" || {
    echo free; exec cat > /dev/null; }
if ! flock -n 9; then
    read -r name id pid < "$file"
    [ "$id" = "$2" ] && kill "$pid" && flock -w 5 9 || { echo "held $name"; exit 1; }
fi
echo "$1 $2 $$" > "$file"; echo free
while timeout "$3" sh -c '[ "$(dd bs=1 count=1 2> /dev/null)" ]' 9>&-; do :; done
: > "$file" """


def argv() -> tuple[str, ...]:
    """Give the words that take the lock there and print who has it."""
    return ("sh", "-c", LOCK, "sh", os.uname().nodename, own_id(), HOLD_SECONDS)


def refuse(said: str, name: str) -> None:
    """Raise Blocked where what was printed says that another wizard holds it."""
    if said.startswith("held"):
        who = said.removeprefix("held").strip()
        which = f" (pid {who} there)" if who.isdigit() else f" (of {who})" if who else ""
        raise Blocked(
            f"Another registry-wizard{which} is at work on {name}",
            "wait until it has finished, then run again",
        )


def own_id() -> str:
    """Give what tells this machine from others of its name, and from copies of its disk.

    The number itself is nobody's.
    """
    machine = Path("/etc/machine-id")
    number = machine.read_bytes() if machine.exists() else b""
    return hashlib.sha256(number + f"{os.uname().nodename}\n".encode()).hexdigest()[:12]
