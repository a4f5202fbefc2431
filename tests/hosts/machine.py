"""A test host and the bridge it hangs on: booted, run in, cut off, powered off and destroyed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

BOOT = Path(__file__).with_name("boot")
BOOT_SECONDS = 60
CAPABILITIES = "--bounding-set=-sys_module,-sys_time,-sys_rawio"
ENVIRONMENT = {
    "HOME": "/root",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "TERM": "dumb",
    "LANG": "C.UTF-8",
}


@dataclass
class Network:
    """A bridge with a private IPv4 and IPv6 network of its own, and no way out."""

    number: int
    state: Path
    machines: list[Machine] = field(default_factory=list)

    @property
    def bridge(self) -> str:
        return f"rwtest{self.number}"

    @classmethod
    def up(cls, state: Path) -> Network:
        """Take the first free number; making the bridge is what reserves it."""
        for number in range(1, 200):
            network = cls(number, state)
            if run_ip("link", "add", network.bridge, "type", "bridge", check=False) == 0:
                run_ip("addr", "add", f"172.30.{number}.1/24", "dev", network.bridge)
                run_ip("addr", "add", f"fd30:{number}::1/64", "dev", network.bridge, "nodad")
                run_ip("link", "set", network.bridge, "up")
                return network
        raise RuntimeError("No free network number for test hosts")

    def machine(self, name: str, *layers: Path) -> Machine:
        """Make a fresh machine over these image layers (uppermost first) and boot it."""
        made = Machine(name, self, len(self.machines) + 10, layers)
        self.machines.append(made)
        made.create()
        made.boot()
        return made

    def down(self) -> None:
        for machine in self.machines:
            machine.destroy()
        run_ip("link", "del", self.bridge, check=False)


@dataclass
class Machine:
    """A Debian machine with its own init, network, disk and clock-less kernel."""

    name: str
    network: Network
    number: int
    layers: tuple[Path, ...]
    pid: int = 0
    supervisor: subprocess.Popen[bytes] | None = None

    @property
    def ip(self) -> str:
        return f"172.30.{self.network.number}.{self.number}"

    @property
    def ip6(self) -> str:
        return f"fd30:{self.network.number}::{self.number}"

    @property
    def cable(self) -> str:
        """Name the network device that is its end at the bridge."""
        return f"{self.network.bridge}.{self.number}"

    @property
    def state(self) -> Path:
        return self.network.state / f"{self.network.number}-{self.number}"

    @property
    def cgroup(self) -> Path:
        return _cgroup2() / self.cable

    def create(self) -> None:
        for each in ("upper/etc", "work", "root"):
            (self.state / each).mkdir(parents=True)
        etc = self.state / "upper/etc"
        (etc / "hostname").write_text(f"{self.name}\n")
        (etc / "hosts").write_text(f"127.0.0.1\tlocalhost\n127.0.1.1\t{self.name}\n")
        (etc / "machine-id").write_text(os.urandom(16).hex() + "\n")

    def boot(self) -> None:
        """Start init and plug the cable in; wait until the machine says that it is up."""
        self.cgroup.mkdir(exist_ok=True)
        lower = ":".join(map(str, self.layers))
        argv = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork"]
        argv += ["--kill-child", "--propagation", "private", "--", str(BOOT)]
        argv += [lower, str(self.state), self.name, str(self.cgroup)]
        with (self.state / "console").open("ab") as console:
            self.supervisor = subprocess.Popen(argv, stdout=console, stderr=console)
        self.pid = _child(self.supervisor.pid)
        self._plug()
        self._wait()

    def run(
        self,
        *argv: str,
        stdin: str | bytes = b"",
        check: bool = True,
        env: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root inside and wait for it."""
        text = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            self.enter(*argv),
            input=text,
            capture_output=True,
            check=False,
            env=ENVIRONMENT | (env or {}),
        )
        out, err = (each.decode(errors="replace") for each in (done.stdout, done.stderr))
        if check and done.returncode:
            raise AssertionError(f"{' '.join(argv)} ended with {done.returncode}:\n{out}\n{err}")
        return subprocess.CompletedProcess(argv, done.returncode, out, err)

    def enter(self, *argv: str) -> list[str]:
        """Give the words that run these as root in the machine's namespaces and its cgroup."""
        inside = self.cgroup / "tests"
        inside.mkdir(exist_ok=True)
        enter = ["sh", "-c", f'echo 0 > {inside}/cgroup.procs; exec "$@"', "sh", "nsenter", "-t"]
        enter += [str(self.pid), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]
        return [*enter, "--root", "--wd", "--", "setpriv", CAPABILITIES, "--", *argv]

    def put(self, path: str, content: str | bytes, mode: str = "644") -> None:
        script = 'mkdir -p "$(dirname "$1")" && cat > "$1" && chmod "$2" "$1"'
        self.run("sh", "-c", script, "sh", path, mode, stdin=content)

    def add_address(self, address: str) -> None:
        self.run("ip", "addr", "add", address, "dev", "eth0", *(("nodad",) * (":" in address)))

    def power_off(self) -> None:
        """Pull the plug: every process dies at once, the disk stays as it is."""
        if self.supervisor:
            self.supervisor.kill()  # --kill-child takes init along, and with it all of the rest
            self.supervisor.wait()
            self.supervisor = None
        _reap(self.cgroup)

    def reboot(self) -> None:
        """Let its own init take everything down in order, and boot it again."""
        self.run("reboot", check=False)  # may be ended by what it starts
        if self.supervisor:
            self.supervisor.wait(BOOT_SECONDS)  # the kernel ends init where it asks for a reboot
        self.power_off()
        self.boot()

    def destroy(self) -> None:
        self.power_off()
        shutil.rmtree(self.state, ignore_errors=True)

    def _plug(self) -> None:
        end, inner = self.cable, f"rw{self.network.number}p{self.number}"
        pid = str(self.pid)
        # A fixed hardware address: after a restart the others' neighbour tables still hold.
        mac = f"02:54:ac:1e:{self.network.number:02x}:{self.number:02x}"
        run_ip("link", "del", end, check=False)
        peer = ("peer", "name", inner, "address", mac, "netns", pid)
        run_ip("link", "add", end, "type", "veth", *peer)
        run_ip("link", "set", end, "master", self.network.bridge, "up")
        script = (
            f"ip link set lo up; ip addr add {self.ip}/24 dev {inner};"
            f"ip addr add {self.ip6}/64 dev {inner} nodad; ip link set {inner} name eth0;"
            f"ip link set eth0 up; ip route add default via 172.30.{self.network.number}.1"
        )
        subprocess.run(["nsenter", "-t", pid, "-n", "sh", "-ec", script], check=True)

    def _wait(self) -> None:
        until = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < until:
            if self._is_up():
                return
            time.sleep(0.1)
        console = (self.state / "console").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{self.name} did not boot:\n{console}")

    def _is_up(self) -> bool:
        # The program, not the name of the process: systemd too is called init for a moment.
        init = Path(f"/proc/{self.pid}/exe").readlink().name
        if init == "systemd":
            said = self.run("systemctl", "is-system-running", check=False).stdout.strip()
            return said in ("running", "degraded")
        level = self.run("runlevel", check=False).stdout.split()[-1:]
        return level == ["2"] and self.run("pgrep", "-x", "rc", check=False).returncode == 1


def run_ip(*argv: str, check: bool = True) -> int:
    done = subprocess.run(["ip", *argv], check=False, capture_output=True)
    if check and done.returncode:
        raise RuntimeError(f"ip {' '.join(argv)}: {done.stderr.decode().strip()}")
    return done.returncode


def _child(pid: int) -> int:
    until = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < until:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if found:
            return int(found[0])
        time.sleep(0.01)
    raise RuntimeError("unshare started no init")


def _cgroup2() -> Path:
    """Give this machine's cgroup v2 tree: the whole of it, or the branch of a hybrid one."""
    mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return next(Path(mount[1]) for mount in mounts if mount[2] == "cgroup2")


def _reap(cgroup: Path) -> None:
    with contextlib.suppress(OSError):
        (cgroup / "cgroup.kill").write_text("1")
    for _ in range(100):
        for folder in sorted(cgroup.rglob("*/"), key=lambda each: -len(each.parts)):
            with contextlib.suppress(OSError):
                folder.rmdir()
        with contextlib.suppress(OSError):
            cgroup.rmdir()
        if not cgroup.exists():
            return
        time.sleep(0.02)
