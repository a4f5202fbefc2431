"""The zoo on a machine: every server at once, each fault on a port of its own."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.zoo.certificates import CAS, NAME
from tests.zoo.collected import collect
from tests.zoo.faults import ADDRESS, CLOCK
from tests.zoo.files import ALL, DOORS, PASSWORD, Files, port_of
from tests.zoo.servers import ALONE, IMAGES, PLACE, PORTS
from wizard.front import Front

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

INSTALL = ("apt-get", "install", "-y", "-q", "--no-install-recommends", "nginx", "docker-registry")
# It is put up from outside, in the machine's network: the machine has no nft of its own.
WALL = """table inet zoo {
    chain input {
        type filter hook input priority 0;
        tcp dport DROPPED drop
        tcp dport REJECTED reject with tcp reset
    }
}
"""
STORAGES = f"""
for name in {" ".join((*PORTS, *ALONE))}; do mkdir -p {IMAGES}/$name; done
mount -t tmpfs -o size=1m full {IMAGES}/full
chown docker-registry:docker-registry {IMAGES}/*
chown root:root {IMAGES}/foreign
mount --bind {IMAGES}/read-only {IMAGES}/read-only
mount -o remount,bind,ro {IMAGES}/read-only
"""
# Every port is in /proc/net/tcp, in hexadecimal, once somebody listens there. In one session with
# the one that is stopped, the kernel would hang up on the others as the script ends.
START = f"""
cd {PLACE}
for config in *.yml; do
    setsid setpriv --reuid docker-registry --regid docker-registry --clear-groups \
        docker-registry serve $config > $config.log 2>&1 < /dev/null &
    echo $! > $config.pid
done
python3 doors.py $1 > doors.log 2>&1 < /dev/null &
nginx -c {PLACE}/nginx.conf
LD_PRELOAD={CLOCK} FAKETIME=+1h DONT_FAKE_MONOTONIC=1 nginx -c {PLACE}/late.conf
for port in $2; do
    until grep -q ":$port [0-9A-F]*:0000 0A" /proc/net/tcp; do sleep 0.05; done
done
kill -STOP $(cat stopped.yml.pid)
"""
# Behind these nobody listens who could be waited for.
ABSENT = ("nobody", "dropped", "rejected")


def packed(files: dict[str, str | bytes]) -> bytes:
    """Pack them, each to be read by all: one tar is quicker on a machine than many files."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for path, content in files.items():
            text = content if isinstance(content, bytes) else content.encode()
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(text), 0o755
            archive.addfile(entry, io.BytesIO(text))
    return whole.getvalue()


@dataclass(frozen=True)
class Zoo:
    machine: Machine

    def open(self) -> None:
        files = Files(self.machine.ip, f"172.30.{self.machine.network.number}.200")
        self.machine.run("tar", "-xf", "-", "-C", "/", stdin=packed(files.all()))
        self.machine.run(*INSTALL)
        self.machine.add_address(f"{files.second}/24")
        self.machine.run("sh", "-ec", STORAGES)
        self._wall()
        awaited = [port for name, port in DOORS.items() if ALL[name].door not in ABSENT]
        ports = " ".join(f"{each:04X}" for each in (*awaited, *PORTS.values()))
        self.machine.run("timeout", "30", "sh", "-c", START, "sh", " ".join(files.known()), ports)
        collect(self)

    def verify(self, name: str) -> list[dict[str, Any]]:
        """Run the checks against one of them; give what each of them said."""
        fault = ALL[name]
        host = self.machine.ip if fault.host == ADDRESS else fault.host
        argv = ["--url", f"{host}:{DOORS[name]}", "--ca", f"{PLACE}/ca-{fault.ca}.pem"]
        argv += ["--user", "admin", "--password-file", f"{PLACE}/password", "--push", "--json"]
        verify = ("timeout", "120", "registry-wizard", "verify")
        done = self.machine.run(*verify, *argv, check=False, env=fault.env)
        assert done.returncode in (0, 4), done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def front(self, name: str) -> Front:
        """Give the way in that a right client has to one of them."""
        ca = CAS["trusted"].pem
        return Front(NAME, self.machine.ip, DOORS[name], ca, "admin", PASSWORD)

    def _wall(self) -> None:
        rules = WALL.replace("DROPPED", str(port_of("dropped")))
        rules = rules.replace("REJECTED", str(port_of("rejected")))
        enter = ("nsenter", "-t", str(self.machine.pid), "-n", "nft", "-f", "-")
        subprocess.run(enter, input=rules, text=True, check=True)
