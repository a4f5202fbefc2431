"""The registry as whoever means it harm sees it: from another machine, byte by byte."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests import traffic
from tests.hosts.image import unpacked
from tests.installation import CA, install
from tests.traffic import PASSWORD, USER, basic

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
SERVER = f'role = "server"\n[registry]\nhostname = "{NAME}"\n{traffic.user()}'
HOST = f"Host: {NAME}\r\n"
LOGIN = f"Authorization: {basic(USER, PASSWORD)}\r\n"
CLOSE = "Connection: close\r\n"
SILENCE = 5.0  # seconds after which nothing more is to come
PATIENCE = 30.0  # seconds in which a line that is to be closed is closed
SECRET = r"\.key$|password|secret|htpasswd|answers\.toml|journal|/kept|choices|registry-wizard\.log"


@dataclass(frozen=True)
class Target:
    """The machine, what it listened on and had on its disk before, and how to speak to it."""

    machine: Machine
    ca: str
    listened: set[str]
    had: set[str]

    def says(self, request: str, port: int = 443) -> bytes:
        """Send these bytes, over TLS but for port 80; give all that comes back."""
        with self.connect() if port == 443 else self.plain(port) as line:
            return sent(line, request)

    def status(self, request: str, port: int = 443) -> list[int]:
        return statuses(self.says(request, port))

    def plain(self, port: int) -> socket.socket:
        return socket.create_connection((self.machine.ip, port), 10)

    def connect(self, name: str | None = NAME, only: ssl.TLSVersion | None = None) -> ssl.SSLSocket:
        trust = ssl.create_default_context(cadata=self.ca)
        trust.check_hostname = name == NAME
        if only:
            trust.minimum_version = trust.maximum_version = only
        return trust.wrap_socket(self.plain(443), server_hostname=name)


def sent(line: socket.socket, request: str) -> bytes:
    """Send a request; read until the line is closed, or is silent where it need not be closed."""
    line.settimeout(PATIENCE if CLOSE in request else SILENCE)
    got = b""
    try:
        line.sendall(request.encode("latin-1"))
        while more := line.recv(65536):
            got += more
    except OSError:  # silence, or the end of it: closed with something of ours unread
        pass
    return got


def statuses(said: bytes) -> list[int]:
    """Give the status of each answer in it, those in an answer's body as well."""
    return [int(each) for each in re.findall(rb"HTTP/1\.[01] (\d{3})", said)]


def header(said: bytes, name: str) -> list[str]:
    head = said.partition(b"\r\n\r\n")[0].decode("latin-1")
    return re.findall(rf"(?im)^{name}: (.*?)\r?$", head)


@pytest.fixture(scope="module")
def target(shared_server: Machine) -> Target:
    machine = shared_server
    listened, had = listeners(machine), set(files(machine))
    install(machine, SERVER)
    return Target(machine, machine.run("cat", CA).stdout, listened, had)


def listeners(machine: Machine) -> set[str]:
    return {line.split()[4] for line in machine.run("ss", "-Hlntu").stdout.splitlines()}


def files(machine: Machine) -> dict[str, tuple[str, int, str]]:
    """Give the kind, mode and owner of everything on its disk, links but for what they are."""
    found = machine.run("find", "/", "-xdev", "-printf", r"%p\t%y\t%m\t%u:%g\n").stdout
    rows = (line.split("\t") for line in found.splitlines())
    return {path: (kind, int(mode, 8), owner) for path, kind, mode, owner in rows}


def test_nothing_more_listens_than_has_to(target: Target) -> None:
    assert target.listened == set()
    front = {f"{where}:{port}" for where in ("0.0.0.0", "[::]") for port in (80, 443)}
    assert listeners(target.machine) == {*front, "127.0.0.1:5000"}


def test_no_process_has_more_rights_than_it_needs(target: Target) -> None:
    """Root's is nginx's master alone, which opens the ports and hands what comes to the others."""
    said = target.machine.run("ps", "-C", "nginx,docker-registry", "-o", "user:20=,args=").stdout
    owners = {tuple(line.split(None, 1)) for line in said.splitlines()}
    own = {(user, re.split(r" process| serve", what)[0]) for user, what in owners}
    # The cache's loader looks once and ends.
    assert own - {("www-data", "nginx: cache loader")} == {
        ("root", "nginx: master"),
        ("www-data", "nginx: worker"),
        ("www-data", "nginx: cache manager"),
        ("docker-registry", "/usr/bin/docker-registry"),
    }
    rights = r"for p in $(pidof docker-registry); do grep Cap /proc/$p/status; done"
    caps = target.machine.run("sh", "-c", rights).stdout
    assert set(re.findall(r"Cap(?:Eff|Prm|Amb):\s*(\w+)", caps)) == {"0" * 16}


def test_who_may_read_and_write_what_was_written(target: Target) -> None:
    now = files(target.machine)
    new = {path: now[path] for path in now.keys() - target.had}
    real = {path: seen for path, seen in new.items() if seen[0] != "l"}
    ours = {path: seen for path, seen in real.items() if "registry" in path and "/usr/" not in path}
    assert {path for path, (_, mode, _) in real.items() if mode & 0o6002} == set()  # set-uid, too
    # Nobody but root writes what root reads.
    etc = {path: seen for path, seen in real.items() if path.startswith(("/etc/", "/var/www"))}
    assert {path for path, (_, mode, owner) in etc.items() if mode & 0o020} == set()
    assert {owner.split(":")[0] for _, _, owner in etc.values()} == {"root"}
    secrets = {path: seen for path, seen in ours.items() if re.search(SECRET, path)}
    for path, (_, mode, owner) in secrets.items():
        if path in READERS:
            assert (mode, owner) == (0o640, f"root:{READERS[path]}")
        else:
            assert (mode & 0o077, owner) == (0, "root:root"), path
    assert {path: ours[path][1] for path in MODES} == MODES
    assert target.machine.run("stat", "-c", "%a %U:%G", "/opt/data/registry").stdout == (
        "750 docker-registry:www-data\n"
    )


READERS = {
    "/etc/registry-wizard/htpasswd": "www-data",
    "/etc/registry-wizard/between.pem": "docker-registry",
}
MODES = {
    "/etc/registry-wizard/pki": 0o700,
    "/etc/registry-wizard/pki/ca.key": 0o400,
    "/etc/registry-wizard/pki/server.key": 0o600,
    "/etc/registry-wizard/htpasswd": 0o640,
    "/etc/registry-wizard/between.pem": 0o640,
    "/etc/registry-wizard/front.secret": 0o600,
    "/etc/registry-wizard/front": 0o700,
    "/etc/registry-wizard/front/between.pem": 0o600,
    "/etc/registry-wizard/front/secret.conf": 0o600,
    "/etc/registry-wizard/http.secret": 0o600,
    "/etc/registry-wizard/check.password": 0o600,
    "/etc/registry-wizard/answers.toml": 0o600,
    "/etc/docker/registry/config.yml": 0o640,
    "/var/lib/registry-wizard": 0o700,
    "/var/lib/registry-wizard/journal.jsonl": 0o600,
    "/var/log/registry-wizard.log": 0o600,
    "/var/www/registry-wizard/join.sh": 0o644,
    "/var/www/registry-wizard/ca.crt": 0o644,
    "/var/www/registry-wizard/page.html": 0o644,
}


HIDDEN = f"GET /v2/smuggled/tags/list HTTP/1.1\r\n{HOST}{LOGIN}\r\n"
LONG = len(HIDDEN) + 5
# Two lengths, or one that two readers might read differently: who disagrees lets a request in.
SMUGGLED = {
    "length-then-chunked": f"Content-Length: {LONG}\r\nTransfer-Encoding: chunked",
    "chunked-then-length": f"Transfer-Encoding: chunked\r\nContent-Length: {LONG}",
    "blank-before-colon": f"Transfer-Encoding : chunked\r\nContent-Length: {LONG}",
    "tab-after-colon": f"Transfer-Encoding:\tchunked\r\nContent-Length: {LONG}",
    "vertical-tab": f"Transfer-Encoding: \x0bchunked\r\nContent-Length: {LONG}",
    "xchunked": f"Transfer-Encoding: xchunked\r\nContent-Length: {LONG}",
    "xchunked-alone": "Transfer-Encoding: xchunked",
    "identity": f"Transfer-Encoding: identity\r\nContent-Length: {LONG}",
    "chunked-identity": f"Transfer-Encoding: chunked, identity\r\nContent-Length: {LONG}",
    "quoted": f'Transfer-Encoding: "chunked"\r\nContent-Length: {LONG}',
    "twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow",
    "upper-case": f"TRANSFER-ENCODING: CHUNKED\r\nContent-Length: {LONG}",
    "folded": f"Transfer-Encoding:\r\n chunked\r\nContent-Length: {LONG}",
    "begins-with-blank": f" Transfer-Encoding: chunked\r\nContent-Length: {LONG}",
    "after-bare-line-feed": f"X: y\nTransfer-Encoding: chunked\r\nContent-Length: {LONG}",
    "after-bare-return": f"X: y\rTransfer-Encoding: chunked\r\nContent-Length: {LONG}",
    "null": f"X: y\0\r\nContent-Length: {LONG}",
    "two-lengths": f"Content-Length: 5\r\nContent-Length: {LONG}",
    "the-same-length-twice": "Content-Length: 5\r\nContent-Length: 5",
    "list-of-lengths": "Content-Length: 5, 5",
    "signed-length": "Content-Length: +5",
    "negative-length": "Content-Length: -5",
    "hexadecimal-length": "Content-Length: 0x5",
    "length-blank-before-colon": "Content-Length : 5",
    "endless-length": "Content-Length: 99999999999999999999",
}
CHUNKS = {
    "negative": "-1\r\n\r\n",
    "hexadecimal-with-0x": "0x0\r\n\r\n",
    "endless": "ffffffffffffffff0\r\n\r\n",
    "no-number": "\r\n\r\n",
}


@pytest.mark.parametrize("lengths", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_a_request_of_two_lengths_is_refused(target: Target, lengths: str) -> None:
    begin = f"POST /v2/a/blobs/uploads/ HTTP/1.1\r\n{HOST}{LOGIN}"
    seen = target.status(f"{begin}{lengths}\r\n\r\n0\r\n\r\n{HIDDEN}")
    assert seen in ([400], [501])


@pytest.mark.parametrize("chunk", CHUNKS.values(), ids=CHUNKS.keys())
def test_a_chunk_of_no_size_is_refused(target: Target, chunk: str) -> None:
    begin = f"POST /v2/a/blobs/uploads/ HTTP/1.1\r\n{HOST}{LOGIN}Transfer-Encoding: chunked\r\n\r\n"
    assert target.status(begin + chunk + HIDDEN) == [400]


def test_what_may_be_odd_is_one_request_all_the_same(target: Target) -> None:
    """What RFC 9112 lets pass: an extension of a chunk, bare line feeds, a body where none counts.

    An underscore is no hyphen: nginx drops such a header, and the registry never sees it.
    """
    begin = f"POST /v2/a/blobs/uploads/ HTTP/1.1\r\n{HOST}{LOGIN}"
    for odd in (
        f"{begin}Transfer-Encoding: chunked\r\n\r\n0;a=b\r\n\r\n",
        f"{begin}Content-Length: 0\r\n\r\n".replace("\r\n", "\n"),
        f"{begin}Transfer_Encoding: chunked\r\nContent-Length: {LONG}\r\n\r\n0\r\n\r\n{HIDDEN}",
        f"{begin.replace('POST', 'GET', 1)}Content-Length: {len(HIDDEN)}\r\n\r\n{HIDDEN}",
    ):
        assert len(target.status(odd)) == 1
    log = target.machine.run("journalctl", "-u", "docker-registry", "-o", "cat").stdout
    assert "/v2/a/blobs/uploads/" in log
    assert "smuggled" not in log


# What is asked for without a login, and the answers that give nothing away.
PATHS = {
    "/": 200,
    "/v2": 301,
    "/v2/": 401,
    "/v2/_catalog": 401,
    "/v2//": 401,
    "/-/": 404,
    "/-/check": 404,
    "/-/login": 404,
    "/-/token": 404,
    "/join.sh": 200,
    "/ca.crt": 200,
    "/join.sh?file=/etc/passwd": 200,
    "/v2/..%2fjoin.sh": 200,
    "/join.sh/": 404,
    "/join../": 404,
    "/join.sh~": 404,
    "/JOIN.SH": 404,
    "/ca.crt/../ca.key": 404,
    "/ca.crt%2f..%2fca.key": 404,
    "/ca.crt%00": 400,
    "/ca.crt%00.txt": 400,
    "/ca.crt\0": 400,
    "/../../etc/passwd": 400,
    "/join.sh/../../../etc/passwd": 400,
    "/%2e%2e/%2e%2e/etc/passwd": 400,
    "/..%2f..%2fetc/passwd": 400,
    "/%252e%252e/%252e%252e/etc/passwd": 404,
    "\\..\\etc\\passwd": 400,
    "//etc/passwd": 404,
    "/registry-wizard/": 404,
    "/html/index.nginx-debian.html": 404,
    "/.git/config": 404,
    "/nginx_status": 404,
    "/metrics": 404,
    "/debug/pprof/": 404,
    "/debug/vars": 404,
    "/debug/health": 404,
    "/v2/../metrics": 404,
    "/v2/%2e%2e/debug/pprof/": 404,
    "/v2/%2e%2e%2fdebug%2fpprof%2f": 404,
    "/v2/..;/metrics": 401,
}


@pytest.mark.parametrize(("path", "status"), PATHS.items(), ids=map(repr, PATHS))
def test_a_path_leads_where_it_should_and_no_further(
    target: Target, path: str, status: int
) -> None:
    said = target.says(f"GET {path} HTTP/1.1\r\n{HOST}{CLOSE}\r\n")
    assert statuses(said) == [status]
    assert not re.search(rb"root:x:|Index of|PRIVATE KEY|goroutine|cmdline", said)


def test_a_link_below_what_is_published_leads_nowhere(target: Target) -> None:
    link = "/var/www/registry-wizard/linked"
    target.machine.run("ln", "-s", "/etc", link)
    for path in ("/linked/passwd", "/linked", "/linked/"):
        assert target.status(f"GET {path} HTTP/1.1\r\n{HOST}{CLOSE}\r\n") == [404]
    target.machine.run("rm", link)


API = (
    "/v2/",
    "/v2/_catalog",
    "/v2/a/tags/list",
    "/v2/a/manifests/1",
    f"/v2/a/blobs/sha256:{'0' * 64}",
    "/v2/a/blobs/uploads/",
    "/v2/a/blobs/uploads/123?_state=x",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "WRONG")


@pytest.mark.parametrize("path", API, ids=repr)
def test_nothing_of_the_registry_is_told_without_a_login(target: Target, path: str) -> None:
    wrong = basic(USER, "wrong")
    for method in METHODS:
        for login in ("", f"Authorization: {wrong}\r\n", "Authorization: Bearer x\r\n"):
            begin = f"{method} {path} HTTP/1.1\r\n{HOST}{login}{CLOSE}"
            assert target.status(f"{begin}Content-Length: 0\r\n\r\n") == [401], (method, login)


def test_odd_methods_get_nowhere(target: Target) -> None:
    for method, path, status in (
        ("TRACE", "/v2/", 405),
        ("CONNECT", "/v2/", 405),
        ("CONNECT", f"{NAME}:443", 400),
        ("OPTIONS", "*", 400),
        ("get", "/v2/", 400),
        ("POST", "/join.sh", 405),
        ("PUT", "/ca.crt", 405),
        ("DELETE", "/join.sh", 405),
        ("PROPFIND", "/join.sh", 405),
    ):
        said = target.says(f"{method} {path} HTTP/1.1\r\n{HOST}{LOGIN}X-Odd: echo\r\n{CLOSE}\r\n")
        assert (method, path, statuses(said)) == (method, path, [status])
        assert b"X-Odd" not in said


# What a client says of the host, and how often it is believed: never.
HOSTS = {
    "none": ("", [400]),
    "two": ("Host: a\r\nHost: b\r\n", [400]),
    "empty": ("Host:\r\n", [400]),
    "blank-in-it": ("Host: a b\r\n", [400]),
    "path-in-it": ("Host: evil.example/x\r\n", [400]),
    "user-in-it": (f"Host: evil.example@{NAME}\r\n", [400]),
    "another": ("Host: evil.example\r\n", [202]),
    "another-port": (f"Host: {NAME}:99999\r\n", [202]),
    "loopback": ("Host: 127.0.0.1:5000\r\n", [202]),
    "forwarded-host": (f"{HOST}X-Forwarded-Host: evil.example\r\n", [202]),
    "forwarded-proto": (f"{HOST}X-Forwarded-Proto: http\r\n", [202]),
    "forwarded-port": (f"{HOST}X-Forwarded-Port: 99\r\n", [202]),
    "forwarded": (f"{HOST}Forwarded: for=6.6.6.6;host=evil.example;proto=http\r\n", [202]),
    "forwarded-prefix": (f"{HOST}X-Forwarded-Prefix: /evil.example\r\n", [202]),
    "original-url": (f"{HOST}X-Original-URL: /evil.example\r\n", [202]),
}


@pytest.mark.parametrize(("host", "seen"), HOSTS.values(), ids=HOSTS.keys())
def test_no_answer_leads_to_another_host(target: Target, host: str, seen: list[int]) -> None:
    upload = f"POST /v2/a/blobs/uploads/ HTTP/1.1\r\n{host}{LOGIN}{CLOSE}Content-Length: 0\r\n\r\n"
    said = target.says(upload)
    assert (statuses(said), bool(header(said, "location"))) == (seen, 202 in seen)
    for path in ("/v2", "/v2//", "https://evil.example/v2"):
        said += target.says(f"GET {path} HTTP/1.1\r\n{host}{CLOSE}\r\n")
    found = re.findall(rb"(?im)^location: *(.*?)\r?$", said)
    assert all(each.startswith(b"/v2/") for each in found)
    assert b"evil.example" not in said


def test_the_log_names_who_really_came(target: Target) -> None:
    lies = "X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n"
    begin = f"GET /v2/who/tags/list HTTP/1.1\r\n{HOST}{LOGIN}{CLOSE}"
    assert target.status(f"{begin}{lies}\r\n") == [404]
    log = target.machine.run("journalctl", "-u", "docker-registry", "-o", "cat").stdout
    lines = [line for line in log.splitlines() if "/v2/who" in line and "remoteaddr" in line]
    own = f"remoteaddr=172.30.{target.machine.network.number}.1 "
    assert lines
    assert all(own in line for line in lines)
    assert "6.6.6.6" not in log


def test_the_redirect_leads_to_our_own_name_whatever_is_asked(target: Target) -> None:
    for asked, leads in {
        "/x?y": "/x?y",
        "//evil.example": "//evil.example",
        "/%0d%0aSet-Cookie:%20x": "/%0d%0aSet-Cookie:%20x",
        "http://evil.example/": "/",
        "http://evil.example": "/",
        "http://evil.example?x": "?x",
    }.items():
        for host in (HOST, "Host: evil.example\r\n"):
            said = target.says(f"GET {asked} HTTP/1.1\r\n{host}{CLOSE}\r\n", 80)
            assert (statuses(said), header(said, "location")) == ([308], [f"https://{NAME}{leads}"])
            assert header(said, "set-cookie") == []
    for wrong in ("@evil.example", "evil.example", ".evil.example"):
        assert target.status(f"GET {wrong} HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 80) == [400]


def test_what_is_too_large_is_refused_at_once(target: Target) -> None:
    for request, status in (
        (f"GET /{'a' * 9000} HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 414),
        (f"GET /v2/ HTTP/1.1\r\n{HOST}X: {'a' * 9000}\r\n\r\n", 400),
        (f"GET /v2/ HTTP/1.1\r\n{HOST}{'X: aaaaaaaa' * 5000}\r\n\r\n", 400),
    ):
        assert target.status(request) == [status]


def test_what_every_answer_says(target: Target) -> None:
    """No version of nginx, no guessing at kinds of content; each is said once."""
    for path in ("/v2/", "/join.sh", "/ca.crt", "/", "/v2"):
        said = target.says(f"GET {path} HTTP/1.1\r\n{HOST}{CLOSE}\r\n")
        assert header(said, "x-content-type-options") == ["nosniff"], path
        assert header(said, "server") == ["nginx"]
        assert not re.search(rb"nginx/\d", said)


def test_only_tls_of_today_is_spoken_on_443(target: Target) -> None:
    with target.plain(443) as line:
        assert statuses(sent(line, f"GET /v2/ HTTP/1.1\r\n{HOST}{CLOSE}\r\n")) == [400]
    with pytest.warns(DeprecationWarning, match="TLSVersion"), pytest.raises(ssl.SSLError):
        target.connect(only=ssl.TLSVersion.TLSv1_1).close()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with target.connect(only=version) as line:
            assert statuses(sent(line, f"GET /v2/ HTTP/1.1\r\n{HOST}{CLOSE}\r\n")) == [401]


def test_no_other_protocol_begins_in_the_midst_of_this_one(target: Target) -> None:
    assert target.status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == [400]
    for upgrade in ("h2c", "websocket", "TLS/1.0"):
        begin = f"GET /v2/ HTTP/1.1\r\n{HOST}{LOGIN}Connection: Upgrade, HTTP2-Settings\r\n"
        more = f"Upgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
        assert target.status(begin + more) == [200]


def test_whatever_name_is_asked_for_the_one_certificate_is_shown(target: Target) -> None:
    """Who comes by the address says no name; who says a wrong one learns nothing by it."""
    shown = set()
    for name in (NAME, None, "evil.example"):
        with target.connect(name) as line:
            shown.add(line.getpeercert(binary_form=True))
    assert len(shown) == 1


def test_testssl_finds_nothing_wrong(target: Target, tmp_path: Path) -> None:
    """Every program of its that looks at more than the settings of TLS takes a minute more."""
    (tmp_path / "ca.crt").write_text(target.ca)
    (tmp_path / "nslookup").symlink_to(unpacked("busybox-static") / "bin/busybox")
    package = unpacked("testssl.sh")
    tools = f"{tmp_path}:{unpacked('bsdextrautils')}/usr/bin"
    found = tmp_path / "found.json"
    argv = [f"{package}/usr/bin/testssl", "--quiet", "--color", "0", "--warnings", "off"]
    argv += ["--nodns", "none", "--add-ca", f"{tmp_path}/ca.crt", "--ip", target.machine.ip]
    argv += ["-p", "-s", "-P", "-S", "-h", "-U", "--jsonfile", str(found), f"https://{NAME}/v2/"]
    environment = {"PATH": f"{tools}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path)}
    environment["TESTSSL_INSTALL_DIR"] = f"{package}/etc/testssl"
    done = subprocess.run(argv, env=environment, capture_output=True, check=False, timeout=300)
    seen = {each["id"]: each for each in json.loads(found.read_text())}
    worst = {each for each in seen if seen[each]["severity"] in ("CRITICAL", "HIGH", "MEDIUM")}
    # A private CA has nowhere to look up what it took back; and who prefers no cipher of three
    # that are all good lets the client choose the one that it is quickest with.
    assert worst == {"cert_revocation", "cipher_order"}, done.stdout
    for offered in ("TLS1_2", "TLS1_3"):
        assert seen[offered]["finding"].startswith("offered"), seen[offered]
    assert {seen[old]["finding"] for old in ("SSLv2", "SSLv3", "TLS1", "TLS1_1")} == {"not offered"}
    assert seen["cert_chain_of_trust"]["severity"] == "OK"
