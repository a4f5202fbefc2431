"""A root file system of a few files for a shell script that writes to /etc; nothing is booted."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

# What every machine has, busybox's too. The rest is there where a test says so.
TOOLS = (
    "awk base64 cat chmod cp cut date dd getent grep head id ls mkdir mktemp mv readlink rm rmdir"
    " sed sha256sum sh sort stat tail timeout tr wc"
)
ENTER = """root=$1; shift
mkdir -p "$root/usr" "$root/dev" "$root/proc"
mount --bind /usr "$root/usr" && mount --bind /dev "$root/dev" && mount --bind /proc "$root/proc"
mkdir -p "$root/local" && mount --bind "$root/local" "$root/usr/local"
[ ! -e "$root/before" ] || . "$root/before"
exec chroot "$root" /usr/bin/env -i PATH=/tools HOME=/root "$@"
"""
FAKE_STORE = """#!/bin/sh
set -e
mkdir -p /etc/ssl/certs
cd /etc/ssl/certs
cat /packaged.crt /usr/local/share/ca-certificates/*.crt > ca-certificates.crt 2> /dev/null ||
    cat /packaged.crt > ca-certificates.crt
"""
HOSTS = b"127.0.0.1\tlocalhost\r\n# mine\n192.0.2.9 other # no last line break"


@dataclass(frozen=True)
class Room:
    root: Path
    shell: tuple[str, ...] = ("/usr/bin/dash",)

    def path(self, name: str) -> Path:
        """Give where a file of it lies; /usr/local is its own, the rest of /usr is the host's."""
        if name.startswith("/usr/local/"):
            return self.root / "local" / name.removeprefix("/usr/local/")
        return self.root / name.lstrip("/")

    def put(self, name: str, content: bytes | str, mode: int = 0o644) -> Path:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    def has(self, *tools: str) -> None:
        """Give it these commands: the host's where it has them, else ones that do nothing."""
        for tool in tools:
            there = Path("/usr/bin", tool)
            if there.exists() and tool not in ("docker", "podman", "containerd"):
                (self.root / "tools" / tool).symlink_to(there)
            else:
                self.put(f"/tools/{tool}", "#!/bin/sh\n", 0o755)

    def has_store(self) -> None:
        self.put("/tools/update-ca-certificates", FAKE_STORE, 0o755)
        self.put("/packaged.crt", "-----BEGIN CERTIFICATE-----\n")
        self.put("/etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----\n")
        self.path("/usr/local/share/ca-certificates").mkdir(parents=True)

    def run(self, *argv: str, before: str = "") -> subprocess.CompletedProcess[str]:
        """Run the script in it; ``before`` are shell lines that see the room from outside."""
        self.put("/before", before)
        enter = ("unshare", "-m", "--propagation", "private", "sh", "-euc", ENTER, "sh")
        return subprocess.run(
            [*enter, str(self.root), *self.shell, *argv],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    def listing(self) -> dict[str, str]:
        """Every file and folder that a script may have touched, with its mode and bytes."""
        found = {}
        for place in ("etc", "var", "local", "tmp"):
            for path in sorted((self.root / place).rglob("*")):
                stat = path.lstat()
                held = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
                link = str(path.readlink()) if path.is_symlink() else ""
                name = str(path.relative_to(self.root))
                found[name] = f"{stat.st_mode:o} {stat.st_uid} {held} {link}"
        return found


def make_room(root: Path, *shell: str) -> Room:
    """Make one with the usual tools, an /etc/hosts and folders; of busybox alone for its shell."""
    room = Room(root, shell or Room.shell)
    for folder in ("tools", "etc", "var/lib", "tmp", "root", "local/share"):
        (root / folder).mkdir(parents=True)
    for link in ("bin", "lib", "lib64", "sbin"):
        (root / link).symlink_to(f"usr/{link}")
    if "busybox" in room.shell[0]:
        for tool in TOOLS.split():
            if tool != "getent":
                (root / "tools" / tool).symlink_to(room.shell[0])
        room.put("/tools/getent", '#!/bin/sh\nexec /usr/bin/getent "$@"\n', 0o755)
    else:
        room.has(*TOOLS.split())
    room.put("/etc/hosts", HOSTS, 0o604)
    room.put("/etc/nsswitch.conf", "hosts: files\n")
    room.put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    return room
