"""The fronts that ours is held against: the same machine, the same nginx, the same blobs.

direct: another registry process, plain HTTP, nobody logs in. how-to: what is written by hand.
tuned: a proxy that streams both ways. static: nginx serving the blobs' files, which is the limit.
htpasswd alone: the tuned proxy before a registry that checks each password itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from wizard.credentials import HTPASSWD

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

DIRECT, HOW_TO, TUNED, STATIC, CHECKED = "direct", "how-to", "tuned", "static", "htpasswd alone"
PORTS = {DIRECT: 5001, HOW_TO: 8443, TUNED: 9443, STATIC: 7443, CHECKED: 6443}
BEHIND_CHECKED = 5002
FOLDER = "/etc/bench"
BLOBS = "/srv/bench"  # the registry's blobs, mounted where nginx may read them
OURS = "/etc/nginx/conf.d/registry.conf"
SETTINGS = "/etc/docker/registry/config.yml"
TLS = f"grep -E '^ *ssl_' {OURS}"
RSA = f"""printf '[req]\\ndistinguished_name=name\\n[name]\\n' > {FOLDER}/openssl.cnf
openssl req -config {FOLDER}/openssl.cnf -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" \
    -CA /etc/registry-wizard/pki/ca.crt -CAkey /etc/registry-wizard/pki/ca.key \
    -addext basicConstraints=critical,CA:FALSE -addext "subjectAltName=DNS:$1" \
    -addext extendedKeyUsage=serverAuth -keyout {FOLDER}/rsa.key -out {FOLDER}/rsa.crt"""
NGINX = """
server {
    listen %(how-to)d ssl;
    server_name %(name)s;
    ssl_certificate     /etc/bench/rsa.crt;
    ssl_certificate_key /etc/bench/rsa.key;
    client_max_body_size %(limit)s;
    chunked_transfer_encoding on;
    location / {
        proxy_pass http://127.0.0.1:%(direct)d;
        proxy_set_header Host $http_host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_read_timeout 900;
    }
}
upstream bench_direct { server 127.0.0.1:%(direct)d; keepalive 16; }
upstream bench_checked { server 127.0.0.1:%(behind)d; keepalive 16; }
map $server_port $bench_upstream {
    default bench_direct;
    %(htpasswd alone)d bench_checked;
}
server {
    listen %(tuned)d ssl;
    listen %(htpasswd alone)d ssl;
    server_name %(name)s;
%(tls)s
    client_max_body_size 0;
    location / {
        proxy_pass http://$bench_upstream;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_read_timeout 900;
    }
}
server {
    listen %(static)d ssl;
    server_name %(name)s;
%(tls)s
    root /srv/bench;
}
"""


def put_beside(server: Machine, name: str, storage: str) -> None:
    server.run("mkdir", "-p", FOLDER, BLOBS, f"{storage}/docker/registry/v2/blobs")
    owner = server.run("stat", "-c", "%U:%G", storage).stdout.strip()
    server.run("chown", "-R", owner, f"{storage}/docker")
    server.run("mount", "--bind", f"{storage}/docker/registry/v2/blobs", BLOBS)
    server.run("sh", "-c", RSA, "sh", name)
    _registry(server, "bench-direct", f":{PORTS[DIRECT]}", None)
    own = {"htpasswd": {"realm": "registry", "path": f"{FOLDER}/htpasswd"}}
    server.run("install", "-m", "444", HTPASSWD, f"{FOLDER}/htpasswd")
    _registry(server, "bench-checked", f"127.0.0.1:{BEHIND_CHECKED}", own)
    configure(server, name)


def configure(server: Machine, name: str, limit: str = "0") -> None:
    """Have nginx serve them all, with ours' TLS; ``limit`` is the how-to's client_max_body_size."""
    tls = server.run("sh", "-c", TLS).stdout
    values = PORTS | {"name": name, "tls": tls, "limit": limit, "behind": BEHIND_CHECKED}
    server.put("/etc/nginx/conf.d/zz-bench.conf", NGINX % values)
    server.run("nginx", "-t")
    server.run("systemctl", "reload", "nginx")


def _registry(server: Machine, unit: str, address: str, auth: object) -> None:
    """Run one more registry with the settings of ours, but for its address and who may ask it."""
    settings = yaml.safe_load(server.run("cat", SETTINGS).stdout)
    settings["http"] |= {"addr": address, "net": "tcp"}
    settings["http"].pop("tls", None)
    settings.pop("auth", None)
    settings |= {"auth": auth} if auth else {}
    server.put(f"{FOLDER}/{unit}.yml", yaml.safe_dump(settings))
    user = server.run("stat", "-c", "%U", settings["storage"]["filesystem"]["rootdirectory"])
    argv = ("systemd-run", "--quiet", f"--unit={unit}", f"--uid={user.stdout.strip()}")
    server.run(*argv, "docker-registry", "serve", f"{FOLDER}/{unit}.yml")
