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
from concurrent.futures import Executor, Future, ThreadPoolExecutor
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
from tests.terminal import Tmux, inside
from wizard.failures import recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host
NAME, PORT, PASSWORD = "docker.benet.com", 8443, "Tr0ub4dor"
AT = f"{NAME}:{PORT}"
ANSWERS = f"""role = "server"
[registry]
hostname = "{NAME}"
https_port = {PORT}
delete = true
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
        proxy_pass http://127.0.0.1:{upstream};
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
FRESH = """head -c 3000000 /dev/urandom > /root/new; tar -C /root -cf /root/new.tar new
{} import - new:1 < /root/new.tar
"""
# The same layer in two images, of which one is pushed.
COLLECTED = (
    "{0} import --change 'CMD true' - {1}:2 < /root/new.tar > /dev/null;"
    " {0} tag new:1 {1}:1; {0} push {1}:1"
)
ENGINES = {
    "docker 20.10": ("client", "docker"),
    "docker 26.1": ("client 13", "docker"),
    "podman": ("podman", "podman"),
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
    upstream: int = 5006
    body: str = "0"
    host: str = "$http_host"
    proto: str = PROTO
    more: str = ""
    before: str = "true"  # on the server
    ca: str = "ca"  # what the clients trust; empty: nothing
    login: bool = True

    @property
    def site(self) -> str:
        keys = ("port", "ssl", "certificate", "body", "host", "upstream")
        words = {key: getattr(self, key) for key in keys}
        return SITE.format(NAME=NAME, proto=self.proto, more=self.more, **words)


MOVED = "registry.internal:9443"
RESET = """import socket, struct
with socket.create_server(('', 8443)) as server:
    while True:
        taken, _ = server.accept()
        taken.recv(999)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        taken.close()
"""
LIMIT = (
    'return 429 \'{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate'
    " limit. You may increase the limit by authenticating and upgrading:"
    " https://www.docker.com/increase-rate-limit\"}]}';"
)
OUTSIDE = dict.fromkeys(("curl", "curl 13", "python", "python 13"), "")
PATIENT = ("podman", "skopeo", "skopeo 13")  # they ask again for a minute where it is too often
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
    "registry stopped": Fault(
        "upstream-down", upstream=5009, before="systemctl stop docker-registry"
    ),
    "not logged in": Fault("not-logged-in", login=False),
    "wrong password": Fault("wrong-password", asked=LOGINS),
    "moved": Fault(
        "sent-elsewhere",
        more=f"return 301 https://{MOVED}$request_uri;",
        asked=OF_GO,
        but=dict.fromkeys(("docker 20.10", "docker 26.1"), "dns-down"),
    ),
    "too many pulls": Fault(
        "rate-limit",
        more=f"default_type application/json; {LIMIT}",
        asked={who: each for who, each in PULLS.items() if who not in PATIENT},
    ),
    "nginx stopped": Fault("refused", before="systemctl stop nginx"),
    "reset": Fault(
        "cut-off",
        before=f'systemctl stop nginx; systemd-run -q --unit reset python3 -c "{RESET}"; sleep 1',
    ),
    "no DNS": Fault("dns-down", but=dict.fromkeys(("curl", "curl 13"), "no-such-name")),
    "no such name": Fault("no-such-name"),
}
# What is wrong all the time, each on a port of its own: Docker 26 tries a push for a minute.
PUSHES = {
    "body limit": Fault("too-large", port=8444, body="1m"),
    "no X-Forwarded-Proto": Fault("no-proto", port=8445, upstream=5001, proto=""),
    "port dropped": Fault("port-lost", port=8446, upstream=5001, host="$host"),
    "sent elsewhere": Fault("sent-elsewhere", port=8447, upstream=5002),
    "storage read-only": Fault("storage", port=8448, upstream=5003),
    "storage full": Fault("storage", port=8449, upstream=5004),
    "storage of another": Fault("storage", port=8450, upstream=5005),
}
# Registries besides the first one, which look at everybody's login themselves: what of the settings
# is another, and what is done to a storage.
REGISTRIES = {
    5001: ("s/relativeurls: true/relativeurls: false/", "true"),
    5002: (f"s|relativeurls: true|host: https://{MOVED}|", "true"),
    5003: ("", "mount -t tmpfs -o ro none"),
    5004: ("", "mount -t tmpfs -o size=1m,mode=777 none"),
    5005: ("", "chown root:root"),
    5006: ("", "mount --bind /opt/data/registry"),
}
START = """file=/etc/docker/registry/{port}.yml folder=/srv/{port}
cp -a /etc/docker/registry/config.yml $file; sed -i '{words}' $file
cp /etc/registry-wizard/htpasswd /etc/docker/registry/htpasswd
chmod 644 /etc/docker/registry/htpasswd; sed -i '/^  tls:$/,/clientcas:/d' $file
printf 'auth: {{htpasswd: {{realm: registry, path: /etc/docker/registry/htpasswd}}}}\n' >> $file
sed -i "s/127.0.0.1:5000/127.0.0.1:{port}/; s|rootdirectory:.*|rootdirectory: $folder|" $file
mkdir $folder; chown docker-registry: $folder; {storage} $folder
systemd-run -q --unit registry-{port} -p User=docker-registry docker-registry serve $file
"""


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
    pushes: dict[tuple[str, str], Future[str]]


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
    for port, (words, storage) in REGISTRIES.items():
        server.run("sh", "-ec", START.format(port=port, words=words, storage=storage))
    sites = "".join(fault.site for fault in PUSHES.values())
    server.put("/etc/nginx/conf.d/pushes.conf", sites)
    server.run("systemctl", "reload", "nginx")
    with (
        Nobody(f"172.30.{network.number}.1") as resolver,
        ThreadPoolExecutor(len(PUSHES) * len(ENGINES)) as pool,
    ):
        yield Scenery(server, made, resolver, pushing(made, pool))
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


def pushing(clients: dict[str, Machine], pool: Executor) -> dict[tuple[str, str], Future[str]]:
    """Let every engine push to every site that is for that, all at once."""
    found = {}
    for machine in clients.values():
        for fault in PUSHES.values():
            trust(machine, "ca", f"{NAME}:{fault.port}")
        log_in(machine, *(f"{NAME}:{fault.port}" for fault in PUSHES.values()))
    for who, (where, program) in ENGINES.items():
        machine = clients[where]
        tags = (f"{program} tag new:1 {NAME}:{fault.port}/new:1" for fault in PUSHES.values())
        machine.run("sh", "-ec", "\n".join((FRESH.format(program), *tags)))
        if program == "docker":
            machine.put("/etc/docker/daemon.json", '{"max-concurrent-uploads": 20}')
            machine.run("systemctl", "reload", "docker")
        for name, fault in PUSHES.items():
            command = f"{program} push {NAME}:{fault.port}/new:1"
            found[name, who] = pool.submit(ask, machine, command)
    return found


def trust(machine: Machine, ca: str, at: str = AT) -> None:
    """Put the CA where each program looks, or take it away from there."""
    folders = [f"/etc/{each}/certs.d/{at}" for each in ("docker", "containers", "containerd")]
    machine.run("rm", "-rf", *folders, "/root/ca.crt")
    machine.put("/root/ca.crt", AUTHORITIES[ca or "old"].pem)
    if ca:
        for folder in folders:
            machine.put(f"{folder}/ca.crt", AUTHORITIES[ca].pem)
        toml = f'[host."https://{at}"]\n  ca = "{folders[2]}/ca.crt"\n'
        machine.put(f"{folders[2]}/hosts.toml", toml)


def log_in(machine: Machine, *places: str) -> None:
    """Let the machine's root be logged in there, and nowhere else."""
    token = base64.b64encode(f"testuser:{PASSWORD}".encode()).decode()
    text = json.dumps({"auths": {at: {"auth": token} for at in places}})
    machine.put("/root/.docker/config.json", text, "600")


def dns(machine: Machine, fault: str, resolver: str) -> None:
    nowhere = fault in ("no such name", "no DNS")
    script = (
        f"grep -v {NAME} /root/hosts > /etc/hosts" if nowhere else "cat /root/hosts > /etc/hosts"
    )
    machine.run("sh", "-c", script, check=False)
    machine.put("/etc/resolv.conf", f"nameserver {resolver}\n" if fault == "no such name" else "")


def settle(fault: str) -> None:
    """Wait as long as Go goes on with the hosts file and the DNS servers that it knew before."""
    if fault in ("no such name", "no DNS"):
        time.sleep(6)


def ask(machine: Machine, command: str) -> str:
    """Give what a command that failed printed; nothing of one that did not."""
    done = machine.run("timeout", "100", "sh", "-c", f"{command} 2>&1", check=False)
    return done.stdout if done.returncode else ""


def said(scenery: Scenery, fault: Fault) -> dict[str, str]:
    """Let every program ask at once; give what each said."""
    with ThreadPoolExecutor(12) as pool:
        asked = {
            name: pool.submit(ask, scenery.clients[machine], command)
            for name, (machine, command) in fault.asked.items()
        }
        return {name: each.result() for name, each in asked.items()}


def explain(machine: Machine, text: str) -> dict[str, Any]:
    """Have the wizard explain it there, as root and as somebody else, who sees less."""
    machine.put("/tmp/said", text)
    argv = ("registry-wizard", "explain", "--json", "/tmp/said")
    machine.run("runuser", "-u", "nobody", "--", *argv)
    found: dict[str, Any] = json.loads(machine.run(*argv).stdout)
    return found


REPOSITORIES = "/opt/data/registry/docker/registry/v2/repositories"
UP = "until ss -Hltn 'sport = :5000' | grep -q .; do sleep 0.05; done"
AGAIN = (
    "systemctl stop reset 2> /dev/null; systemctl reset-failed;"
    f" systemctl restart docker-registry nginx; {UP}"
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


@pytest.mark.parametrize("name", PUSHES)
def test_what_is_said_of_a_push_is_explained(
    scenery: Scenery, name: str, record_property: Callable[[str, object], None]
) -> None:
    texts = {who: scenery.pushes[name, who].result() for who in ENGINES}
    judge(scenery, name, texts, dict.fromkeys(ENGINES, PUSHES[name].cause), record_property)


def test_what_is_said_after_a_garbage_collection_is_explained(
    scenery: Scenery, record_property: Callable[[str, object], None]
) -> None:
    bring_about(scenery, "good", Fault(""))
    for where, program in ENGINES.values():
        image = f"{AT}/{where.replace(' ', '')}"
        scenery.clients[where].run("sh", "-ec", COLLECTED.format(program, image))
        scenery.clients["client"].run("skopeo", "delete", f"docker://{image}:1")
    collect = ("docker-registry", "garbage-collect", "/etc/docker/registry/config.yml")
    scenery.server.run(*collect)
    for where, program in ENGINES.values():
        image = f"{AT}/{where.replace(' ', '')}"
        for tag in ("1", "2"):  # it takes both, and has neither
            scenery.clients[where].run(program, "push", f"{image}:{tag}")
    for tag, before, cause, but in (
        ("1", "true", "no-such-image", ()),
        ("2", "true", "blob-gone", ("docker 20.10", "docker 26.1")),  # they try for a minute
        ("2", "systemctl restart docker-registry", "blob-gone", ()),
    ):
        scenery.server.run("sh", "-c", f"{before}; {UP}")
        asked = {who: fetching(who, *each, tag) for who, each in OF_GO.items() if who not in but}
        texts = said(scenery, Fault("", asked=asked))
        judge(scenery, f"tag {tag}", texts, dict.fromkeys(asked, cause), record_property)
    # Else the checks of another test find an image that is listed and cannot be pulled.
    for machine, _ in ENGINES.values():
        scenery.server.run("rm", "-r", f"{REPOSITORIES}/{machine.replace(' ', '')}")


def fetching(who: str, where: str, command: str, tag: str) -> tuple[str, str]:
    """Let a program fetch all of an image that another machine has pushed."""
    pushed = "client" if where == "client 13" else "client13"
    command = command.replace("tiny:1", f"{pushed}:{tag}")
    if who.startswith("skopeo"):
        return where, command.replace("inspect", "copy -q") + " dir:/root/copied"
    return where, command.replace("images pull", f"images pull --user testuser:{PASSWORD}")


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_said_of_a_fault_is_explained(
    scenery: Scenery, name: str, record_property: Callable[[str, object], None]
) -> None:
    fault = FAULTS[name]
    bring_about(scenery, name, fault)
    causes = dict.fromkeys(fault.asked, fault.cause)
    wanted = causes | {who: cause for who, cause in fault.but.items() if who in fault.asked}
    judge(scenery, name, said(scenery, fault), wanted, record_property)


def test_what_the_wizard_would_do_is_offered_and_done(scenery: Scenery) -> None:
    bring_about(scenery, "body limit", Fault("too-large", body="1m"))
    server, site = scenery.server, "/etc/nginx/conf.d/registry.conf"
    text = f"The push refers to repository [{AT}/new]\nunknown: 413 Request Entity Too Large"
    offered = explain(server, text)["offer"]
    assert offered["command"].startswith("registry-wizard --answers /etc/registry-wizard/")
    [differs] = [each for each in offered["differences"] if each["change"].endswith(site)]
    assert "-    client_max_body_size 1m;" in differs["text"]
    assert explain(scenery.clients["client"], text)["offer"] is None
    printed = server.run("registry-wizard", "explain", text).stdout
    assert f"To apply it: {offered['command']}" in printed
    argv = inside(server, "registry-wizard", "explain", text)
    for answer, ended in (("n", "Nothing was changed"), ("y", "The registry is at")):
        with Tmux.start(argv, 120, 500) as tmux:
            tmux.wait_for("Apply this now? [y/N]", 30)
            assert "-    client_max_body_size 1m;" in tmux.screen()
            tmux.type(answer)
            tmux.send("Enter")
            tmux.wait_for(ended, 60)
            assert tmux.wait(60) == 0
        limit = server.run("grep", "client_max_body_size", site).stdout
        assert ("1m" in limit) is (answer == "n")
    assert explain(server, text)["offer"]["differences"] == []


def bring_about(scenery: Scenery, name: str, fault: Fault) -> None:
    server = scenery.server
    server.put("/etc/nginx/conf.d/registry.conf", fault.site)
    stops = "stop" in fault.before
    server.run("sh", "-c", f"{AGAIN}; {fault.before}" if stops else f"{fault.before}; {AGAIN}")
    for machine in scenery.clients.values():
        trust(machine, fault.ca)
        log_in(machine, *([AT] if fault.login else []))
        dns(machine, name, scenery.resolver)
    settle(name)


def judge(
    scenery: Scenery,
    name: str,
    texts: dict[str, str],
    wanted: dict[str, str],
    record_property: Callable[[str, object], None],
) -> None:
    """Compare what is made of the texts, and what one machine sees, with what is right."""
    found = {who: recognise(text) for who, text in texts.items()}
    causes = {who: each.known.id if each else "" for who, each in found.items()}
    assert causes == wanted, "\n".join(f"{who}: {text[-900:]}" for who, text in texts.items())
    record_property("recognised", f"{len(texts)} programs' texts as {sorted(set(causes.values()))}")
    if name in SEEN:
        where, words = SEEN[name]
        explained = explain(scenery.clients.get(where, scenery.server), texts["docker 20.10"])
        assert explained["id"] == wanted["docker 20.10"]
        assert any(words in each["seen"] for each in explained["evidence"]), explained
