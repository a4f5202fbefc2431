"""Every fault: the one thing that is wrong, and what the checks have to say of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.zoo.certificates import DIFFERENT, EXPOSED, LOOPBACK, NAME, NOWHERE
from tests.zoo.servers import PLACE

ADDRESS = "ADDRESS"  # stands for the machine's own
CLOCK = "/usr/local/lib/libfaketime.so.1"
API = "location /v2/ {"
HOST = "proxy_set_header Host $http_host;"
PROTO = "proxy_set_header X-Forwarded-Proto $scheme;"
READ = "proxy_read_timeout 900s;"
TLS = "ssl_protocols TLSv1.2 TLSv1.3;\n    ssl_ciphers DEFAULT;"
OLD = "ssl_ciphers DEFAULT:@SECLEVEL=0;"  # without it OpenSSL has no ciphers for what is so old
WANTED = f"ssl_verify_client on; ssl_client_certificate {PLACE}/ca-trusted.pem;"
# nginx asks for the login itself, with the header that the registry would have said.
ASKS = f"auth_basic zoo; auth_basic_user_file {PLACE}/htpasswd;"
SAYS = "add_header Docker-Distribution-Api-Version registry/2.0 always;"
NO_HEAD = "if ($request_method = HEAD) { return 405; }"


@dataclass(frozen=True)
class Fault:
    """A server that differs from a right one in one thing, and the check that has to name it."""

    named: str
    word: str = ""  # in what the check has seen, or in the way out
    swap: tuple[str, str] = ("", "")  # in nginx's text
    certificate: str = "good"
    registry: str = "healthy"
    ca: str = "trusted"
    host: str = NAME
    door: str = "nginx"  # who answers: see doors.py and world.py
    env: dict[str, str] = field(default_factory=dict)  # of the checks
    verdict: str = "failed"


def shown(named: str, word: str, certificate: str, ca: str = "trusted", host: str = NAME) -> Fault:
    return Fault(named, word, certificate=certificate, ca=ca, host=host)


def doubtful(named: str, word: str, certificate: str) -> Fault:
    return Fault(named, word, certificate=certificate, verdict="warning")


def nginx(named: str, word: str, old: str, new: str, verdict: str = "failed") -> Fault:
    return Fault(named, word, (old, new), verdict=verdict)


def behind(named: str, word: str, registry: str, verdict: str = "failed") -> Fault:
    return Fault(named, word, registry=registry, verdict=verdict)


def door(named: str, word: str, who: str, verdict: str = "failed") -> Fault:
    return Fault(named, word, door=who, verdict=verdict)


def at(named: str, word: str, host: str, verdict: str = "failed") -> Fault:
    return Fault(named, word, host=host, verdict=verdict)


def among(named: str, word: str, verdict: str = "failed", **env: str) -> Fault:
    return Fault(named, word, env=env, verdict=verdict)


CERTIFICATES = {
    "expired": shown("tls-dates", "expired", "expired"),
    "not-yet-valid": shown("tls-dates", "not valid before", "early"),
    "wrong-name": shown("tls-names", "hub.zoo.example", "other-name"),
    "common-name-only": shown("tls-names", "common name", "common-name"),
    "no-address-in-it": shown("tls-names", NAME, "no-address", host=ADDRESS),
    "address-written-as-name": shown("tls-names", "", "address-as-name", host=ADDRESS),
    "ca-of-the-same-name": shown("tls-chain", "same name", "namesake"),
    "another-ca": shown("tls-chain", "Stranger CA", "stranger"),
    "missing-intermediate": shown("tls-chain", "intermediate", "under-intermediate"),
    "self-signed": shown("tls-chain", "", "self-signed"),
    "expired-ca": shown("tls-dates", "CA", "under-expired", "expired"),
    "wrong-purpose": shown("tls-usage", "", "for-clients"),
    "says-it-is-a-ca": shown("tls-usage", "CA:TRUE", "says-ca"),
    "ends-soon": doubtful("certificate-days", "8 days left", "ends-soon"),
    "unnamed-issuer": doubtful("tls-trust", "strict", "unnamed-issuer"),
    "outside-its-cas-names": shown("tls-constraints", "", "outside", "limited"),
}
LINES = {
    "plain-http": nginx("speaks", "plain HTTP", "PORT ssl http2", "PORT"),
    "not-http-at-all": door("speaks", "SSH-2.0", "banner"),
    "silent": door("speaks", "", "silent"),
    "reset-before-tls": door("speaks", "", "reset"),
    "reset-after-tls": door("api", "", "reset-later"),
    "nothing-listens": door("tcp", "refused", "nobody"),
    "packets-dropped": door("tcp", "", "dropped"),
    "packets-rejected": door("tcp", "refused", "rejected"),
    "tls-1.1-only": nginx("tls-version", "1.1", TLS, f"ssl_protocols TLSv1.1; {OLD}"),
    "tls-1.0-too": nginx(
        "tls-version", "TLSv1 ", TLS, f"ssl_protocols TLSv1 TLSv1.2 TLSv1.3; {OLD}", "warning"
    ),
    "loopback": at("resolve", "loopback", LOOPBACK),
    "name-leads-nowhere": at("resolve", "nowhere", NOWHERE),
    "hosts-and-dns-differ": at("dns", "192.0.2.7", DIFFERENT, "warning"),
    "port-5000-open": Fault("registry-hidden", "5000", registry="exposed", host=EXPOSED),
    "proxy-in-the-way": among(
        "proxy", "this shell", "warning", HTTPS_PROXY="http://192.0.2.1:3128"
    ),
    "clock-of-the-server": door("clock", "", "late", "warning"),
    "clock-of-this-machine": among(
        "clock", "", LD_PRELOAD=CLOCK, FAKETIME="+400d", DONT_FAKE_MONOTONIC="1"
    ),
}
FRONTS = {
    "body-limit": nginx(
        "body-limit", "client_max_body_size", "client_max_body_size 0", "client_max_body_size 1m"
    ),
    "no-forwarded-proto": nginx("upload", "http://", PROTO, ""),
    "port-lost": nginx("upload", "", HOST, "proxy_set_header Host $host;"),
    "redirected": nginx(
        "api", "other.example", API, f"{API} return 301 https://other.example$request_uri;"
    ),
    "busy": nginx("api", "503", API, f"{API} return 503;"),
    "closed-without-an-answer": nginx("api", "", API, f"{API} return 444;"),
    "no-challenge": nginx("api", "challenge", READ, "proxy_hide_header WWW-Authenticate;"),
    "a-web-page": nginx("api", "", API, f"{API} return 200 welcome;"),
    "another-path": nginx("api", "404", "http://REGISTRY;", "http://REGISTRY/registry/;"),
    "client-certificate-wanted": nginx("api", "certificate", API, f"{WANTED} {API}"),
    "nginx-asks-and-hides-the-registry": Fault(
        "api", "", (READ, f"{READ} {ASKS}"), registry="open", verdict="warning"
    ),
    "no-ranges": nginx("range", "", READ, 'proxy_set_header Range "";', "warning"),
    "no-head": nginx("range", "", READ, NO_HEAD),
}
REGISTRIES = {
    "registry-down": behind("api", "502", "nobody"),
    "slow-registry": Fault("api", "504", (READ, "proxy_read_timeout 1s;"), registry="stopped"),
    "registry-hangs": behind("api", "no answer", "stopped"),
    "md5-password": behind("login", "bcrypt", "md5"),
    "malformed-htpasswd": behind("login", "400", "malformed"),
    "no-login-at-all": behind("api", "everybody", "open", "warning"),
    "tls-of-its-own-and-no-login": door("api", "everybody", "alone-and-open", "warning"),
    "read-only-storage": behind("upload", "", "read-only"),
    "full-storage": behind("push", "", "full"),
    "storage-of-another-owner": behind("upload", "", "foreign"),
    "blobs-collected": behind("blobs", "garbage", "collected"),
}
FAULTS: dict[str, Fault] = CERTIFICATES | LINES | FRONTS | REGISTRIES
# These are right, and have to be taken for that.
RIGHT = {
    "right": Fault(""),
    "right-by-its-address": Fault("", host=ADDRESS),
    "right-with-an-intermediate": Fault("", certificate="whole-chain"),
    "right-with-a-wildcard": Fault("", certificate="wildcard"),
    "right-with-rsa": Fault("", certificate="rsa"),
    "right-by-tls-1.3-alone": nginx(
        "", "", "ssl_protocols TLSv1.2 TLSv1.3", "ssl_protocols TLSv1.3"
    ),
    "right-without-http-2": nginx("", "", "ssl http2", "ssl"),
    "right-with-relative-urls": Fault(
        "", swap=(HOST, "proxy_set_header Host $host;"), registry="relative"
    ),
    "right-where-nothing-is-deleted": behind("", "", "keeping"),
    "right-with-tls-of-its-own": door("", "", "alone"),
    "right-where-nginx-asks": Fault("", swap=(READ, f"{READ} {ASKS} {SAYS}"), registry="open"),
}
