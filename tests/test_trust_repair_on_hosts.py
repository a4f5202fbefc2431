"""Trust that was spoilt by hand on a real machine: found, explained, repaired, and given back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.installation import Client, alarms, wizard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host
ANSWERS = 'role = "server"\n[registry]\nhostname = "docker.benet.com"\n'
CERTS_D = "/etc/docker/certs.d"
OURS = f"{CERTS_D}/docker.benet.com"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
PUBLIC = "public.example"
DAEMON = """{
    "log-level": "warn",
    "insecure-registries": ["other.example:5000",
        "ADDRESS",  "10.0.0.0/8"],
  "storage\\u002ddriver" : "overlay2"
}"""
# A stand-in for a public CA, as the distribution ships one, and a server that it has signed.
STAND_IN = f"""
cd /root
for ca in public corporate; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 900 -keyout $ca.key \
        -out $ca.crt -subj "/CN=The $ca CA" -addext keyUsage=critical,keyCertSign 2> /dev/null
done
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout web.key -out web.csr \
    -subj /CN={PUBLIC} 2> /dev/null
printf 'subjectAltName=DNS:{PUBLIC}\\n' > web.ext
openssl x509 -req -in web.csr -CA public.crt -CAkey public.key -CAcreateserial -days 90 \
    -extfile web.ext -out web.crt 2> /dev/null
mkdir -p /usr/share/ca-certificates/stand-in
cp public.crt /usr/share/ca-certificates/stand-in/public.crt
echo stand-in/public.crt >> /etc/ca-certificates.conf
update-ca-certificates > /dev/null
echo "$1 {PUBLIC}" >> /etc/hosts
cat > /etc/nginx/conf.d/public.conf << END
server {{
    listen 8444 ssl;
    server_name {PUBLIC};
    ssl_certificate /root/web.crt;
    ssl_certificate_key /root/web.key;
}}
END
systemctl reload nginx
"""
# What people do to it over the years. The bundle is overwritten as on machines whose image had
# the bundle alone: no link beside it helps out.
SPOIL = f"""
ca=/etc/registry-wizard/pki/ca.crt
find /etc/ssl/certs -type l -delete
cat $ca > {BUNDLE}
cat /root/corporate.crt >> {BUNDLE}
cp /root/web.key {OURS}/server.key
cp $ca {OURS}/ca.cert
cp $ca {OURS}/ca.pem
cp /root/corporate.crt {OURS}/ca.crt
cp /etc/registry-wizard/pki/server.crt {OURS}/server.crt
printf 'not a certificate' > {OURS}/old.crt
mkdir -m 750 {OURS}:443
cp $ca {OURS}:443/ca.crt
chmod 600 {CERTS_D}/"$1"/ca.crt
mkdir -p /etc/containers/certs.d/docker.benet.com
useradd -m alice
runuser -u alice -- mkdir -p -m 700 /home/alice/.config/containers/certs.d/docker.benet.com
mkdir -p /root/.config/containers/certs.d/docker.benet.com
mkdir -p /root/.config/containers/certs.d/another.example
cat > /etc/docker/daemon.json
systemctl restart docker
"""
FINDINGS = {
    "trust-system": (
        "reads this bundle first; it holds 2, and",
        "The corporate CA",
    ),
    "trust-docker": (
        "server.key: a private key without its certificate",
        "ca.cert: a client's certificate without its key",
        "ca.pem: a certificate under a name that Docker passes over",
        "ca.crt: another CA than the one that signed",
        "server.crt: a server's certificate instead of its CA's",
        "old.crt: there is no PEM certificate in it",
        "docker.benet.com:443: nothing is read from this folder",
        "this file can be read by root alone (mode 0600)",
    ),
    "trust-podman": (
        "/etc/containers/certs.d/docker.benet.com: this empty folder hides",
        "/home/alice/.config/containers/certs.d/docker.benet.com: this empty folder hides",
        "/root/.config/containers/certs.d/docker.benet.com: this empty folder hides",
    ),
    "insecure-registries": ("in insecure-registries",),
}


@pytest.fixture
def machine(network: Network, images: dict[str, Path], application: Path) -> Iterator[Machine]:
    """Give a Debian 12 with a Docker Engine of its own and our program."""
    made = network.machine("both", application, images["server-docker"])
    yield made
    made.destroy()


def ran(machine: Machine, *argv: str) -> list[dict[str, Any]]:
    """Run the program with the answers; give its events, among them those of its checks."""
    done = wizard(machine, *argv, "--json", stdin=ANSWERS)
    assert done.returncode in (0, 4), done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def wrong(events: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Give what the checks found wrong, by their names."""
    found: dict[str, list[str]] = {}
    for each in alarms(events):
        found.setdefault(each["name"], []).append(each["seen"])
    return found


def settings(machine: Machine) -> str:
    return DAEMON.replace("ADDRESS", machine.ip)


def insecure(machine: Machine) -> str:
    """Give what the engine that runs says of its registries."""
    return machine.run("docker", "info", "--format", "{{json .RegistryConfig}}").stdout


def public(machine: Machine) -> dict[str, str]:
    """Give how each client takes a server that the public stand-in has signed."""
    at = f"{PUBLIC}:8444"
    curl = machine.run("curl", "-sS", "-o", "/dev/null", f"https://{at}/", check=False).stderr
    s_client = ("openssl", "s_client", "-verify_return_error", "-brief", "-connect", at)
    openssl = machine.run(*s_client, check=False).stderr
    docker = machine.run("docker", "pull", f"{at}/any", check=False).stderr
    return {"curl": curl, "openssl": openssl, "docker": docker}


def trusted(machine: Machine) -> None:
    said = public(machine)
    assert said["curl"] == ""
    assert "Verification: OK" in said["openssl"]
    assert "x509" not in said["docker"], said["docker"]


def used(machine: Machine, name: str) -> None:
    """Log in and pull, as a client that checks certificates."""
    machine.run("docker", "logout", "docker.benet.com", check=False)
    password = machine.run("cat", "/etc/registry-wizard/admin.password").stdout.strip()
    user = Client(machine, "docker.benet.com", 443, password)
    user.login()
    reference = user.image(name)
    user.pull(reference, user.push(reference))


def state(machine: Machine) -> list[str]:
    """Every file, folder and link that trust hangs on, with its mode, owner and bytes."""
    places = "/etc/docker /etc/containers /etc/ssl /etc/ca-certificates* /etc/default /home"
    script = (
        f"find {places} /usr/local/share/ca-certificates /root/.config"
        r" -printf '%p %y %m %u:%g %l\n';"
        f" find {places} /usr/local/share/ca-certificates -type f -exec sha256sum {{}} +"
    )
    return sorted(machine.run("sh", "-c", script).stdout.splitlines())


def test_spoilt_trust_is_found_repaired_and_given_back(machine: Machine) -> None:
    installed = ran(machine, "--answers", "-")
    assert wrong(installed) == {}
    machine.run("sh", "-ec", STAND_IN, "sh", machine.ip)
    machine.run("systemctl", "restart", "docker")
    trusted(machine)
    used(machine, "before/all")

    machine.run("sh", "-ec", SPOIL, "sh", machine.ip, stdin=settings(machine))
    # What the installation itself did is not to be taken back below.
    machine.run("mv", "/var/lib/registry-wizard", "/root/installed")
    spoilt = state(machine)
    refused(machine)
    finds_each(machine)
    repairs_each(machine, spoilt)

    before = state(machine)
    second = ran(machine, "--answers", "-")
    assert (second[-1]["event"], second[-1]["changed"], wrong(second)) == ("Finished", 0, {})
    assert state(machine) == before

    undone = wizard(machine, "undo")
    assert undone.returncode == 0, undone.stdout + undone.stderr
    assert sorted(set(state(machine)) ^ set(spoilt)) == []
    refused(machine)
    assert machine.ip in insecure(machine)
    flags_go_with_a_restart_where_no_container_runs(machine)


def refused(machine: Machine) -> None:
    said = public(machine)
    assert "unable to get local issuer certificate" in said["curl"]
    assert "unable to get local issuer certificate" in said["openssl"]
    assert "x509: certificate signed by unknown authority" in said["docker"]
    private = machine.run("docker", "pull", "docker.benet.com/before/all:1", check=False)
    assert "missing key ca.key for client certificate ca.cert" in private.stderr


def finds_each(machine: Machine) -> None:
    found = wrong(ran(machine, "verify"))
    assert set(found) == set(FINDINGS)
    for name, texts in FINDINGS.items():
        assert len(found[name]) == len(texts), found[name]
        for text in texts:
            assert any(text in each for each in found[name]), (text, found[name])


def repairs_each(machine: Machine, spoilt: list[str]) -> None:
    dry = wizard(machine, "--answers", "-", "--dry-run", stdin=ANSWERS)
    assert dry.returncode == 10
    assert f'-        "{machine.ip}",  "10.0.0.0/8"],' in dry.stdout
    assert "this run repairs it and keeps a copy" in dry.stderr
    assert state(machine) == spoilt

    assert wrong(ran(machine, "--answers", "-")) == {}
    trusted(machine)
    used(machine, "after/all")
    assert machine.run("ls", OURS).stdout == "ca.crt\n"
    left = machine.run("cat", "/etc/docker/daemon.json").stdout
    assert left == settings(machine).replace(f'"{machine.ip}",  ', "")
    assert machine.ip not in insecure(machine)
    assert "other.example:5000" in insecure(machine)
    # The CA of somebody else that was pasted is trusted as ever, by a file of its own now.
    machine.run("openssl", "verify", "/root/corporate.crt")
    machine.run("update-ca-certificates", "--fresh")
    machine.run("openssl", "verify", "/root/corporate.crt")


def flags_go_with_a_restart_where_no_container_runs(machine: Machine) -> None:
    machine.run("rm", "/etc/docker/daemon.json")
    flags = "--dns 192.0.2.53 --insecure-registry docker.benet.com:443"
    machine.put("/etc/default/docker", f'# mine\nDOCKER_OPTS="{flags}"\n')
    machine.run("systemctl", "restart", "docker")
    assert '"docker.benet.com:443":{' in insecure(machine)
    repaired = ran(machine, "--answers", "-")
    notes = [each["text"] for each in repaired if each["event"] == "Found"]
    flag = "/etc/default/docker: --insecure-registry docker.benet.com:443; Docker takes any"
    assert any(each.startswith(flag) for each in notes)
    file = machine.run("cat", "/etc/default/docker").stdout
    assert file == '# mine\nDOCKER_OPTS="--dns 192.0.2.53"\n'
    assert '"docker.benet.com:443":{' not in insecure(machine)
    assert wrong(repaired) == {}
