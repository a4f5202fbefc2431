"""What goes wrong later with an installation of ours: how it comes about, how it is mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

NAME = "docker.benet.com"
ETC = "/etc/registry-wizard"
PKI = f"{ETC}/pki"
STORAGE = "/opt/data/registry"
SITE = "/etc/nginx/conf.d/registry.conf"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
DAEMON = "/etc/docker/daemon.json"
CERTS_D = f"/etc/docker/certs.d/{NAME}"
# Another certificate of our own CA, served for a while: what lies on the disk is ours again then.
OTHER = f"""
cd {PKI}; cp -p server.crt server.key /root
openssl req -new -key server.key -subj / -out /root/other.csr 2> /dev/null
printf 'subjectAltName=critical,DNS:{NAME},IP:%s\\n' "$(hostname -I | cut -d' ' -f1)" > /root/ext
printf '%s\\n' keyUsage=critical,digitalSignature extendedKeyUsage=serverAuth >> /root/ext
printf '%s\\n' authorityKeyIdentifier=keyid basicConstraints=critical,CA:FALSE >> /root/ext
openssl x509 -req -in /root/other.csr -CA ca.crt -CAkey ca.key -days 99 -extfile /root/ext \\
    -set_serial 77 -out server.crt 2> /dev/null
systemctl reload nginx; sleep 0.5; cp -p /root/server.crt /root/server.key .
"""
# The engine reads its file some time after it was told to.
UNTIL_SECURE = f"until ! docker info 2> /dev/null | grep -qw {NAME}; do sleep 0.1; done"
FULL = f"""
mkdir /run/full; mount -t tmpfs -o mode=755 full /run/full; cp -a {STORAGE}/. /run/full
chown --reference={STORAGE} /run/full; used=$(df -k --output=used /run/full | tail -n 1)
mount -o "remount,size=$((used + 64))k" /run/full
mount --bind /run/full {STORAGE}; umount /run/full; rmdir /run/full
"""


@dataclass(frozen=True)
class Fault:
    """Shell that brings it about and mends it, and the check that has to name it first."""

    named: str
    word: str  # in what the check has seen
    spoil: str
    mend: str
    verdict: str = "failed"
    also: str = ""  # what is true besides: a file that was edited by hand was edited by hand


def kept(path: str, spoil: str) -> tuple[str, str]:
    """Give the shell that spoils a file, and the one that puts it back as it was."""
    return f"cp -p {path} /root/kept; {spoil}", f"cat /root/kept > {path}"


def unit(name: str, spoil: str = "disable --now", mend: str = "enable --now") -> tuple[str, str]:
    return f"systemctl -q {spoil} {name}", f"systemctl -q {mend} {name}"


def made(path: str, spoil: str) -> tuple[str, str]:
    return spoil, f"rm -r {path}"


def insecure(registries: str) -> str:
    """Give the shell that has a Docker Engine take these without a look at their certificate."""
    said = f'{{"insecure-registries": [{registries}]}}'
    return f"echo '{said}' > {DAEMON}; systemctl reload docker"


FAULTS = {
    "registry-stopped": Fault("runtime", "", *unit("docker-registry", "stop", "start")),
    "registry-does-not-come-back": Fault(
        "boot", "docker-registry", *unit("docker-registry", "disable", "enable")
    ),
    "nginx-does-not-come-back": Fault("boot", "nginx", *unit("nginx", "disable", "enable")),
    "nginx-stopped": Fault("nginx", "", *unit("nginx", "stop", "start")),
    "renewal-off": Fault("renewal", "not enabled", *unit("registry-wizard-renew.timer")),
    "nginx-conf-broken": Fault(
        "nginx-files",
        "nonsense",
        *made("/etc/nginx/conf.d/mine.conf", "echo 'nonsense;' > /etc/nginx/conf.d/mine.conf"),
    ),
    "storage-of-another-owner": Fault(
        "storage",
        STORAGE,
        f"stat -c %u:%g {STORAGE} > /root/owner; chown -R root:root {STORAGE}",
        f"chown -R $(cat /root/owner) {STORAGE}",
    ),
    "storage-closed-to-nginx": Fault(
        "storage",
        "www-data",
        f"chgrp docker-registry {STORAGE}",
        f"chgrp www-data {STORAGE}",
        "warning",
    ),
    "storage-read-only": Fault(
        "storage",
        STORAGE,
        f"mount --bind {STORAGE} {STORAGE}; mount -o remount,bind,ro {STORAGE}",
        f"umount {STORAGE}",
    ),
    "storage-full": Fault("disk", STORAGE, FULL, f"umount --lazy {STORAGE}"),
    "password-of-another-kind": Fault(
        "accounts",
        "bob",
        *kept(f"{ETC}/htpasswd", f"echo 'bob:$apr1$ab$J9yNgfpYT7b1qzYyD0N4s1' >> {ETC}/htpasswd"),
        "warning",
        also="drift",
    ),
    "certificate-without-a-reload": Fault("served", "", OTHER, "systemctl reload nginx; sleep 0.5"),
    "key-for-all-to-read": Fault(
        "file-modes", "server.key", f"chmod 644 {PKI}/server.key", f"chmod 600 {PKI}/server.key"
    ),
    "edited-by-hand": Fault("drift", SITE, *kept(SITE, f"echo '# mine' >> {SITE}"), "warning"),
    "misnamed-folder": Fault(
        "trust-docker",
        f"{NAME}:443",
        *made(f"{CERTS_D}:443", f"mkdir {CERTS_D}:443; cp {PKI}/ca.crt {CERTS_D}:443"),
        "warning",
    ),
    "stray-key": Fault(
        "trust-docker",
        "server.key",
        *made(f"{CERTS_D}/server.key", f"cp {PKI}/server.key {CERTS_D}"),
    ),
    "hidden-from-podman": Fault(
        "trust-podman",
        "hides",
        *made("/etc/containers", f"mkdir -p /etc/containers/certs.d/{NAME}"),
        "warning",
    ),
    "bundle-of-one-ca": Fault("trust-system", "", *kept(BUNDLE, f"cat {PKI}/ca.crt > {BUNDLE}")),
    "insecure-flag": Fault(
        "insecure-registries",
        NAME,
        insecure(f'"{NAME}"'),
        f"{insecure('')}; {UNTIL_SECURE}; rm {DAEMON}",
        "warning",
    ),
}


def bring_about(machine: Machine, name: str) -> None:
    machine.run("sh", "-ec", FAULTS[name].spoil)


def mend(machine: Machine, name: str) -> None:
    """Take it back, and wait until the registry answers as before."""
    machine.run("sh", "-ec", FAULTS[name].mend)
    until = "until grep -q ':1388 [0-9A-F]*:0000 0A' /proc/net/tcp; do sleep 0.05; done"
    machine.run("timeout", "20", "sh", "-c", until)
