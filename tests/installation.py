"""What a test does with an installation: run the program, look at a machine, be its client."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wizard.names import in_url

if TYPE_CHECKING:
    import subprocess

    from tests.hosts.machine import Machine

CA = "/etc/registry-wizard/pki/ca.crt"
RECORD = "/etc/registry-wizard/answers.toml"
LISTING = (
    "find /etc /var /opt /usr/sbin -xdev -not -path '/var/cache/*' -not -path '/var/log/*'"
    " -not -path '/var/lib/systemd/*' -not -path '/var/lib/docker*' -not -path '/var/tmp/*'"
    " -not -path '/var/lib/containerd*' -not -path '/etc/resolv.conf'"
)


def wizard(
    machine: Machine, *argv: str, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return machine.run("registry-wizard", *argv, stdin=stdin, check=False, env=env)


def install(machine: Machine, answers: str, *argv: str) -> str:
    """Install as answered, all checks passed; give what was printed."""
    done = wizard(machine, "--answers", "-", *argv, stdin=answers)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-3000:] + done.stderr
    return done.stdout


def events(machine: Machine, answers: str, *argv: str) -> list[dict[str, Any]]:
    lines = install(machine, answers, "--json", *argv).splitlines()
    return [json.loads(line) for line in lines]


def alarms(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what the checks found wrong; what was not looked at is no alarm."""
    its = (each for each in told if each["event"] == "Checked")
    return [each for each in its if each["verdict"] not in ("passed", "skipped")]


def verdicts(told: list[dict[str, Any]]) -> set[str]:
    """Give the verdicts of all that was looked at."""
    return {each["verdict"] for each in told if each["event"] == "Checked"} - {"skipped"}


def listing(machine: Machine, *more: str) -> str:
    """Every file, folder and link with its mode, owner and bytes; links with their target."""
    script = f"{LISTING} {' '.join(more)} -printf '%p %y %m %u:%g %l ' -a"
    script += r" \( -type f -exec sha256sum {} \; -o -printf '\n' \) | sort"
    return machine.run("sh", "-c", script).stdout


def found_right(machine: Machine, due: tuple[str, ...] = ("renewal",)) -> None:
    """See that our own program agrees with what the script made; only the timer is ours alone."""
    checked = wizard(machine, "verify")
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    dry = wizard(machine, "--answers", RECORD, "--dry-run", "--json")
    told = [json.loads(line) for line in dry.stdout.splitlines()]
    seen = {each.get("step", each["event"]) for each in told[:-1]}
    assert (seen, dry.stderr) == ({*due}, ""), dry.stdout


def departed(machine: Machine, before: str, *more: str) -> list[str]:
    """Give every line in which the machine departs from an earlier listing of it."""
    return sorted(set(before.splitlines()) ^ set(listing(machine, *more).splitlines()))


@dataclass(frozen=True)
class Client:
    """A machine with a Docker Engine that uses one registry under one of its names."""

    machine: Machine
    name: str
    port: int
    password: str
    user: str = "admin"

    @property
    def at(self) -> str:
        return in_url(self.name, self.port)

    def trust(self, server: Machine, address: str = "") -> None:
        """Do what a client's admin does: the CA in its place, and a line in the hosts file."""
        ca = server.run("cat", CA).stdout
        self.machine.put(f"/etc/docker/certs.d/{self.at}/ca.crt", ca)
        self.machine.put("/root/ca.crt", ca)
        if address:
            line = f"{address} {self.name}\n"
            self.machine.run("sh", "-c", "cat >> /etc/hosts", stdin=line)

    def login(self) -> None:
        argv = ("docker", "login", "-u", self.user, "--password-stdin", self.at)
        self.machine.run(*argv, stdin=self.password)

    def image(self, name: str) -> str:
        """Build an image of three layers of random bytes; give its reference."""
        reference = f"{self.at}/{name}:1"
        script = (
            "set -e; rm -rf /root/image; mkdir /root/image; cd /root/image;"
            "for n in 1 2 3; do head -c 1500000 /dev/urandom > file$n; done;"
            "tar -c file1 | docker import - layer:one >/dev/null;"
            "printf 'FROM layer:one\\nCOPY file2 /\\nCOPY file3 /\\n' > Dockerfile;"
            'docker build -q -t "$1" . >/dev/null'
        )
        self.machine.run("sh", "-c", script, "sh", reference)
        return reference

    def push(self, reference: str) -> str:
        """Push; give the digest that the registry has it under."""
        out = self.machine.run("docker", "push", reference).stdout
        return next(word for word in out.split() if word.startswith("sha256:"))

    def pull(self, reference: str, digest: str) -> None:
        """Pull by digest with nothing of it left here."""
        name = reference.rpartition(":")[0]
        self.machine.run("docker", "rmi", "-f", reference, "layer:one")
        self.machine.run("docker", "image", "prune", "-a", "-f")
        self.machine.run("docker", "pull", f"{name}@{digest}")

    def skopeo(self, *argv: str) -> str:
        return self.machine.run("skopeo", *argv).stdout

    def curl(self, path: str = "/v2/", address: str = "") -> str:
        """Give the status of a request with a login, with our CA as the only one."""
        where = in_url(self.name, self.port)
        argv = ["curl", "-sS", "--cacert", "/root/ca.crt", "-o", "/dev/null", "-w", "%{http_code}"]
        argv += ["--resolve", f"{self.name}:{self.port}:{address}"] if address else []
        login = f"user = {self.user}:{self.password}\n"
        done = self.machine.run(*argv, "-K", "-", f"https://{where}{path}", stdin=login)
        return done.stdout
