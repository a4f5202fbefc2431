"""What real programs say of real faults of one server is explained by the right cause.

One nginx is set up anew for each fault, and every program asks it from a machine of its own.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.installation import install
from tests.own_ca import CA, DAY, PEM, USAGE, OwnCa, own_ca
from wizard.failures import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host
NAME, PORT, PASSWORD = "docker.benet.com", 8443, "Tr0ub4dor"
AT = f"{NAME}:{PORT}"
ANSWERS = f"""role = "server"
[registry]
hostname = "{NAME}"
https_port = {PORT}
[[users]]
name = "testuser"
password = "{PASSWORD}"
"""
NOW = dt.datetime.now(dt.UTC)
SITE = """server {{
    listen {port}{ssl};
    server_name {NAME};
    ssl_certificate /etc/nginx/{certificate}.crt;
    ssl_certificate_key /etc/nginx/{certificate}.key;
    client_max_body_size {body};
    {more}
    location /v2/ {{
        proxy_pass http://127.0.0.1:5000;
        proxy_http_version 1.1;
        proxy_set_header Host {host};
        {proto}
        proxy_request_buffering off;
    }}
}}
"""
PROTO = "proxy_set_header X-Forwarded-Proto $scheme;"
WHERE = f"https://{AT}/v2/"
PYTHON = (
    "import ssl, urllib.request as u;"
    f"u.urlopen('{WHERE}', context=ssl.create_default_context(cafile='/root/ca.crt'), timeout=9)"
)
CERTS_D = f"--hosts-dir /etc/containerd/certs.d {AT}/tiny:1"
# What each program is, on which machine, and how it looks for an image.
PULLS = {
    "docker 20.10": ("client", f"docker pull {AT}/tiny:1"),
    "docker 26.1": ("client 13", f"docker pull {AT}/tiny:1"),
    "podman": ("podman", f"podman pull -q {AT}/tiny:1"),
    "skopeo": ("client", f"skopeo inspect docker://{AT}/tiny:1"),
    "skopeo 13": ("client 13", f"skopeo inspect docker://{AT}/tiny:1"),
    "ctr": ("containerd", f"ctr images pull {CERTS_D}"),
    "curl": ("client", f"curl -sSf --cacert /root/ca.crt {WHERE}"),
    "curl 13": ("client 13", f"curl -sSf --cacert /root/ca.crt {WHERE}"),
    "python": ("client", f'python3 -c "{PYTHON}"'),
    "python 13": ("client 13", f'python3 -c "{PYTHON}"'),
}
LOGINS = {
    "docker 20.10": ("client", f"echo wrong | docker login -u testuser --password-stdin {AT}"),
    "docker 26.1": ("client 13", f"echo wrong | docker login -u testuser --password-stdin {AT}"),
    "podman": ("podman", f"echo wrong | podman login -u testuser --password-stdin {AT}"),
    "skopeo": ("client", f"echo wrong | skopeo login -u testuser --password-stdin {AT}"),
}
FRESH = (
    "head -c 3000000 /dev/urandom > /root/new && tar -C /root -c new |"
    f" {{0}} import - {AT}/new:1 > /dev/null && {{0}} push {AT}/new:1"
)
PUSHES = {
    "docker 20.10": ("client", FRESH.format("docker")),
    "docker 26.1": ("client 13", FRESH.format("docker")),
    "podman": ("podman", FRESH.format("podman")),
}
ALONE = ("docker 20.10", "docker 26.1", "podman", "skopeo", "skopeo 13", "ctr")  # Go's


@dataclass(frozen=True)
class Fault:
    """How nginx is set up, what is asked, and which cause each program's words have."""

    cause: str
    asked: dict[str, tuple[str, str]] = field(default_factory=lambda: PULLS)
    but: dict[str, str] = field(default_factory=dict)  # empty: no failure at all, or not asked
    certificate: str = "good"
    ssl: str = " ssl"
    port: int = PORT
    body: str = "0"
    host: str = "$http_host"
    proto: str = PROTO
    more: str = ""
    before: str = "true"  # on the server
    ca: str = "ca"  # what the clients trust; empty: nothing
    login: bool = True

    @property
    def site(self) -> str:
        words = {key: getattr(self, key) for key in ("port", "ssl", "certificate", "body", "host")}
        return SITE.format(NAME=NAME, proto=self.proto, more=self.more, **words)


REGISTRY = "/etc/docker/registry/config.yml"
ABSOLUTE = f"sed -i s/relativeurls:.true/relativeurls:\\ false/ {REGISTRY}"
OUTSIDE = dict.fromkeys(("curl", "curl 13", "python", "python 13"), "")
OF_GO = {name: each for name, each in PULLS.items() if name in ALONE}
FAULTS = {
    "CA missing": Fault("ca-unknown", ca=""),
    "old CA": Fault("ca-outdated", ca="old", but=dict.fromkeys(OUTSIDE, "ca-unknown")),
    "expired": Fault("expired", certificate="expired"),
    "not yet valid": Fault("not-yet-valid", certificate="early"),
    "other name": Fault("wrong-name", certificate="other"),
    "common name alone": Fault("no-san", certificate="bare", asked=OF_GO),
    "for clients": Fault("not-for-servers", certificate="client"),
    "forbidden name": Fault("name-constraint", certificate="limited", ca="limits"),
    "plain HTTP": Fault("plain-http", ssl=""),
    "client certificate": Fault(
        "client-certificate",
        more="ssl_verify_client on; ssl_client_certificate /etc/nginx/good.crt;",
        asked={name: PULLS[name] for name in ("docker 20.10",)},
    ),
    "no site of that name": Fault("sni-refused", more="ssl_reject_handshake on;"),
    "registry stopped": Fault("upstream-down", before="systemctl stop docker-registry"),
    "not logged in": Fault("not-logged-in", login=False),
    "wrong password": Fault("wrong-password", asked=LOGINS),
    "body limit": Fault("too-large", asked=PUSHES, body="1m"),
    "no X-Forwarded-Proto": Fault("no-proto", asked=PUSHES, proto="", before=ABSOLUTE),
    "nginx stopped": Fault("refused", before="systemctl stop nginx"),
    "no DNS": Fault("dns-down", but=dict.fromkeys(("curl", "curl 13"), "no-such-name")),
    "no such name": Fault("no-such-name"),
}


GOOD = (NOW - DAY, NOW + 90 * DAY)


def leaf(
    issuer: OwnCa,
    *names: str,
    life: tuple[dt.datetime, dt.datetime] = GOOD,
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
) -> OwnCa:
    """Make a server's certificate with whatever is to be wrong with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    builder = (
        x509.CertificateBuilder(issuer.certificate.subject, subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(life[0])
        .not_valid_after(life[1])
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(signed_by, critical=False)
    )
    if names:
        san = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(san, critical=False)
    return OwnCa(builder.sign(issuer.key, hashes.SHA256()), key)


def written(made: OwnCa) -> tuple[bytes, bytes]:
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    return made.pem, made.key.private_bytes(PEM, form, plain)


LIFE = (NOW - 400 * DAY, NOW + 3000 * DAY)
LIMITS = x509.NameConstraints([x509.DNSName("other.example")], [x509.IPAddress(ip_network("::/0"))])
AUTHORITIES = {
    "ca": own_ca(name="Benet CA", life=LIFE),
    "old": own_ca(name="Benet CA", life=LIFE),
    "limits": own_ca(CA, USAGE, LIMITS, name="Limited CA", life=LIFE),
}
ISSUER = AUTHORITIES["ca"]
CERTIFICATES = {
    "good": leaf(ISSUER, NAME),
    "expired": leaf(ISSUER, NAME, life=(NOW - 90 * DAY, NOW - 2 * DAY)),
    "early": leaf(ISSUER, NAME, life=(NOW + 2 * DAY, NOW + 90 * DAY)),
    "other": leaf(ISSUER, "other.example", "another.example"),
    "bare": leaf(ISSUER),
    "client": leaf(ISSUER, NAME, usage=ExtendedKeyUsageOID.CLIENT_AUTH),
    "limited": leaf(AUTHORITIES["limits"], NAME),
}


@dataclass(frozen=True)
class Scenery:
    server: Machine
    clients: dict[str, Machine]
    resolver: str


@pytest.fixture(scope="module")
def scenery(network: Network, images: dict[str, Path], application: Path) -> Iterator[Scenery]:
    """Give a server with a registry, and a client of each kind; one has the wizard, too."""
    kinds = {
        "server": (application, images["server"]),
        "client": (application, images["client"]),
        "client 13": (images["client-13"],),
        "podman": (images["client-podman"],),
        "containerd": (images["client-containerd"],),
    }
    made = {name: network.machine(name.replace(" ", ""), *layers) for name, layers in kinds.items()}
    server = made.pop("server")
    install(server, ANSWERS)
    for name, certificate in CERTIFICATES.items():
        pem, key = written(certificate)
        server.put(f"/etc/nginx/{name}.crt", pem)
        server.put(f"/etc/nginx/{name}.key", key, "600")
    for machine in made.values():
        line = f"{server.ip} {NAME}\n"
        machine.run("sh", "-c", "cat >> /etc/hosts; cp /etc/hosts /root/hosts", stdin=line)
    with Nobody(f"172.30.{network.number}.1") as resolver:
        yield Scenery(server, made, resolver)
    for each in (server, *made.values()):
        each.destroy()


class Nobody:
    """A DNS server that knows no name: it turns each question into an NXDOMAIN."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def __enter__(self) -> str:
        self.socket.bind((self.address, 53))
        threading.Thread(target=self._serve, daemon=True).start()
        return self.address

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                asked, who = self.socket.recvfrom(4096)
            except OSError:
                return
            self.socket.sendto(asked[:2] + b"\x81\x83" + asked[4:6] + bytes(6) + asked[12:], who)


def trust(machine: Machine, ca: str) -> None:
    """Put the CA where each program looks, or take it away from there."""
    folders = [f"/etc/{each}/certs.d/{AT}" for each in ("docker", "containers", "containerd")]
    machine.run("rm", "-rf", *folders, "/root/ca.crt")
    machine.put("/root/ca.crt", AUTHORITIES[ca or "old"].pem)
    if ca:
        for folder in folders:
            machine.put(f"{folder}/ca.crt", AUTHORITIES[ca].pem)
        toml = f'[host."https://{AT}"]\n  ca = "{folders[2]}/ca.crt"\n'
        machine.put(f"{folders[2]}/hosts.toml", toml)


def log_in(machine: Machine, login: bool) -> None:  # noqa: FBT001
    token = base64.b64encode(f"testuser:{PASSWORD}".encode()).decode()
    text = json.dumps({"auths": {AT: {"auth": token}} if login else {}})
    machine.put("/root/.docker/config.json", text, "600")


def dns(machine: Machine, fault: str, resolver: str) -> None:
    nowhere = fault in ("no such name", "no DNS")
    script = (
        f"grep -v {NAME} /root/hosts > /etc/hosts" if nowhere else "cat /root/hosts > /etc/hosts"
    )
    machine.run("sh", "-c", script, check=False)
    machine.put("/etc/resolv.conf", f"nameserver {resolver}\n" if fault == "no such name" else "")


def settle(fault: str) -> None:
    """Wait as long as Go goes on with the DNS servers that it knew before."""
    if fault == "no such name":
        time.sleep(6)


def said(scenery: Scenery, fault: Fault) -> dict[str, str]:
    """Let every program ask at once; give what each said."""

    def ask(machine: str, command: str) -> str:
        argv = ("timeout", "60", "sh", "-c", f"{command} 2>&1")
        done = scenery.clients[machine].run(*argv, check=False)
        return done.stdout if done.returncode else ""

    with ThreadPoolExecutor(12) as pool:
        asked = {name: pool.submit(ask, *each) for name, each in fault.asked.items()}
        return {name: each.result() for name, each in asked.items()}


def explain(machine: Machine, text: str) -> dict[str, Any]:
    """Have the wizard explain it there, as root and as somebody else, who sees less."""
    machine.put("/tmp/said", text)
    argv = ("registry-wizard", "explain", "--json", "/tmp/said")
    machine.run("runuser", "-u", "nobody", "--", *argv)
    found: dict[str, Any] = json.loads(machine.run(*argv).stdout)
    return found


AGAIN = (
    "systemctl reset-failed; systemctl restart docker-registry nginx;"
    " until ss -Hltn 'sport = :5000' | grep -q .; do sleep 0.05; done"
)
# What the wizard sees of a fault, on which machine.
SEEN = {
    "CA missing": ("client", f"there is no folder /etc/docker/certs.d/{AT}"),
    "old CA": ("client", "(CN=Benet CA) does not vouch for it: unable to get local issuer"),
    "expired": ("client", "after the end"),
    "other name": ("client", f"it holds other.example, another.example; {NAME} is not among them"),
    "plain HTTP": ("client", "; it speaks no TLS"),
    "not logged in": ("client", f"/root/.docker/config.json has no login for {AT}"),
    "registry stopped": ("server", "the service docker-registry does not run"),
    "nginx stopped": ("server", f"nothing listens on port {PORT} of this machine"),
    "body limit": ("server", "client_max_body_size is set to 1m"),
    "no X-Forwarded-Proto": ("server", "X-Forwarded-Proto is not set at all"),
    "no such name": ("client", f"{NAME} leads nowhere"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_said_of_a_fault_is_explained(scenery: Scenery, name: str) -> None:
    fault, server = FAULTS[name], scenery.server
    server.put("/etc/nginx/conf.d/registry.conf", fault.site)
    back = f"sed -i s/relativeurls:.false/relativeurls:\\ true/ {REGISTRY}"
    begin, end = (AGAIN, fault.before) if "stop" in fault.before else (fault.before, AGAIN)
    server.run("sh", "-c", f"{back}; {begin}; {end}")
    for machine in scenery.clients.values():
        trust(machine, fault.ca)
        log_in(machine, fault.login)
        dns(machine, name, scenery.resolver)
    settle(name)
    texts = said(scenery, fault)
    found = {who: recognise(text) for who, text in texts.items()}
    causes = {who: each.known.id if each else "" for who, each in found.items()}
    wanted = dict.fromkeys(fault.asked, fault.cause) | {
        who: cause for who, cause in fault.but.items() if who in fault.asked
    }
    if name in SEEN:
        where, words = SEEN[name]
        explained = explain(scenery.clients.get(where, server), texts["docker 20.10"])
        assert explained["id"] == fault.cause
        assert any(words in each["seen"] for each in explained["evidence"]), explained
    assert causes == wanted, "\n".join(f"{who}: {text[-900:]}" for who, text in texts.items())
