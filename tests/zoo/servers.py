"""The text that nginx and docker-registry read: as it should be, with one thing swapped.

Words in capitals stand for what each server has of its own.
"""

from __future__ import annotations

PLACE = "/srv/zoo"
IMAGES = f"{PLACE}/images"
# Without the first two lines its workers know nothing of a clock that is off.
NGINX = f"""
env FAKETIME;
env DONT_FAKE_MONOTONIC;
user www-data;
pid {PLACE}/WHICH.pid;
error_log {PLACE}/WHICH.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    server {{ listen REDIRECT; return 308 https://$host$request_uri; }}
SERVERS
}}
"""
SERVER = f"""
server {{
    listen PORT ssl http2;
    ssl_certificate {PLACE}/CERTIFICATE.pem;
    ssl_certificate_key {PLACE}/CERTIFICATE.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers DEFAULT;
    client_max_body_size 0;
    location /v2/ {{
        proxy_pass http://REGISTRY;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_read_timeout 900s;
    }}
}}
"""
AUTH = f"""
auth:
  htpasswd:
    realm: zoo
    path: {PLACE}/USERS
"""
REGISTRY = f"""
version: 0.1
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: {IMAGES}/NAME
  delete:
    enabled: true
http:
  addr: ADDRESS
  secret: not-a-secret
{AUTH}"""
SWAPS = {
    "open": (AUTH, ""),
    "relative": ("  secret: not-a-secret", "  secret: not-a-secret\n  relativeurls: true"),
    "keeping": ("  delete:\n    enabled: true\n", ""),
}
# These speak TLS themselves, with no nginx before them, at the ports of their faults.
ALONE = {"alone": AUTH, "alone-and-open": ""}
OWN_TLS = f"""  tls:
    certificate: {PLACE}/good.pem
    key: {PLACE}/good.pem
"""
PORTS = {
    "healthy": 5001,
    "md5": 5002,
    "malformed": 5003,
    "open": 5004,
    "read-only": 5005,
    "full": 5006,
    "foreign": 5007,
    "collected": 5008,
    "stopped": 5009,
    "relative": 5010,
    "keeping": 5011,
    "exposed": 5000,
}
NOBODY = 5099  # where no registry listens


def swapped(text: str, old: str, new: str) -> str:
    """Put one thing in another's place; fail where it does not stand there exactly once."""
    assert not old or text.count(old) == 1, old
    return text.replace(old, new) if old else text


def filled(text: str, **words: object) -> str:
    for word, each in words.items():
        text = text.replace(word, str(each))
    return text


def address(registry: str, exposed: str) -> str:
    """Give where one of them listens: on loopback, but for the one that is exposed."""
    own = exposed if registry == "exposed" else "127.0.0.1"
    return f"{own}:{PORTS.get(registry, NOBODY)}"


def registry_config(name: str, at: str) -> str:
    text = swapped(REGISTRY, *SWAPS.get(name, ("", "")))
    if name in ALONE:
        text = swapped(REGISTRY, AUTH, OWN_TLS + ALONE[name])
    users = f"{name}.htpasswd" if name in ("md5", "malformed") else "htpasswd"
    return filled(text, NAME=name, ADDRESS=at, USERS=users)
