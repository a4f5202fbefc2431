"""What is seen of a failure on a machine, and what is to be done about it there."""

from __future__ import annotations

import datetime as dt
import http.server
import io
import json
import socket
import ssl
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given as tried
from hypothesis import settings
from hypothesis import strategies as st

from tests.fake_host import FakeHost, says
from tests.wizard.clients.test_crew import machine as client
from tests.wizard.failure_texts import UNRELATED, every
from tests.wizard.troubles.tree import Tree, ca, debian
from wizard.__main__ import main
from wizard.client_session import ClientSession
from wizard.clients.facts import WHICH
from wizard.errors import WizardError
from wizard.explain import AGAIN, Explained, explain
from wizard.explain.offer import offer
from wizard.explain.scene import CA
from wizard.hosts import File
from wizard.journal import Journal
from wizard.pki import Pki, Wanted, issue, mint_authority
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.hosts import Folder

NAME = "docker.benet.com"
READS = {
    "getent",
    "ip",
    "ss",
    "sh",
    "find",
    "cat",
    "readlink",
    "id",
    "systemctl",
    "service",
    "tail",
}
READS |= {"stat", "nginx", "df", "getenforce", "rpm", "dpkg-query", "openssl", "test", "docker"}


@dataclass(frozen=True)
class Registry:
    """One that answers on loopback, with a certificate of its own CA."""

    port: int
    pki: Pki

    @property
    def at(self) -> str:
        return f"{NAME}:{self.port}"

    def says(self, tail: str) -> str:
        return f'Error response from daemon: Get "https://{self.at}/v2/": {tail}'

    @property
    def unknown(self) -> str:
        return self.says("x509: certificate signed by unknown authority")


def pki(name: str = NAME) -> Pki:
    now = dt.datetime.now(dt.UTC)
    wanted = Wanted((name,), ())
    return issue(wanted, mint_authority(wanted, now), now)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    made = pki()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = {"/ca.crt": made.trust}.get(self.path, b"")
            self.send_response(200 if body else 401)
            self.send_header("Docker-Distribution-API-Version", "registry/2.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    folder = tmp_path_factory.mktemp("registry")
    (folder / "crt").write_bytes(made.certificate)
    (folder / "key").write_bytes(made.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    with quiet(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Registry(server.server_address[1], made)
        server.shutdown()


class quiet(http.server.ThreadingHTTPServer):  # noqa: N801
    """A server that keeps to itself who broke a handshake off."""

    def handle_error(self, *_: object) -> None:
        pass


def machine(*programs: str) -> Tree:
    """Give a Debian on which these programs are, and which knows the registry's name."""
    host = debian()
    host.commands |= {
        ("sh", "-c", WHICH): says(" ".join(programs)),
        ("getent", "ahosts", NAME): says(f"127.0.0.1 STREAM {NAME}\n"),
        ("getent", "hosts", "localhost"): says("127.0.0.1 localhost\n"),
        ("ip", "-o", "addr"): says("1: eth0 inet 192.0.2.11/24"),
        ("ss",): says(),
        ("id", "-u"): says("0\n"),
    }
    return host


def of(text: str, host: FakeHost, environ: dict[str, str] | None = None) -> Explained:
    found = explain(text, host, environ or {"HOME": "/root"})
    assert found
    assert not [act for act in host.acts if act[0] not in READS], host.acts
    return found


def failed(found: Explained) -> list[str]:
    return [each.seen for each in found.evidence if each.verdict == "failed"]


def seen(found: Explained) -> str:
    return "\n".join(f"{each.verdict} {each.name}: {each.seen}" for each in found.evidence)


def test_where_no_folder_is_it_is_named(registry: Registry) -> None:
    found = of(registry.unknown, machine("docker", "dockerd"))
    assert failed(found) == [f"there is no folder /etc/docker/certs.d/{registry.at}"]
    assert "registry-wizard clients join" in found.remedies[0]
    fingerprint = found.evidence[2].seen
    assert "it publishes a CA with the SHA-256" in fingerprint


def test_a_folder_without_the_port_is_to_be_renamed(registry: Registry) -> None:
    host = machine("dockerd")
    host.put(f"/etc/docker/certs.d/{NAME}/ca.crt", registry.pki.trust)
    found = of(registry.unknown, host)
    right = f"/etc/docker/certs.d/{registry.at}"
    assert found.remedies[0] == f"mv /etc/docker/certs.d/{NAME} {right}"


def test_the_ca_of_another_registry_is_told_from_the_right_one(registry: Registry) -> None:
    host = machine("dockerd")
    path = f"/etc/docker/certs.d/{registry.at}/ca.crt"
    host.put(path, ca("another"))
    found = of(registry.unknown, host)
    assert [each for each in failed(found) if path in each and "does not vouch for it" in each]
    host.put(path, registry.pki.trust)
    found = of(registry.unknown, host)
    assert failed(found) == []
    assert f"passed trust-docker: {path}" in seen(found)


def test_a_file_that_is_no_pem_is_told(registry: Registry) -> None:
    host = machine("dockerd")
    host.put(f"/etc/docker/certs.d/{registry.at}/ca.crt", b"0\x82\x00")
    assert "it holds no PEM certificate" in " ".join(failed(of(registry.unknown, host)))


def test_an_empty_folder_that_hides_the_ca_from_podman_is_found(registry: Registry) -> None:
    host = machine("podman")
    host.put(f"/etc/docker/certs.d/{registry.at}/ca.crt", registry.pki.trust)
    assert failed(of(registry.unknown, host)) == []
    host.folder_at(f"/etc/containers/certs.d/{registry.at}")
    found = of(registry.unknown, host)
    hiding = f"/etc/containers/certs.d/{registry.at} has no file that ends in .crt"
    assert failed(found) == [hiding]


def test_a_store_that_vouches_is_told_with_the_restart(registry: Registry) -> None:
    host = machine("dockerd")
    bundle = host.store.bundle
    host.put(bundle, host.files[bundle].content + registry.pki.trust)
    found = of(registry.unknown, host)
    assert f"passed trust-system: {bundle} vouches for it" in seen(found)
    assert found.remedies[-1] == "systemctl restart docker"


def test_a_machine_on_record_is_sent_to_the_wizard_itself(registry: Registry) -> None:
    host = machine("dockerd")
    answers = f'role = "client"\n[registry]\nhostname = "{NAME}"\nhttps_port = {registry.port}\n'
    side = f'ip = "192.0.2.7"\n[client]\nca_certificate = "{CA}"\n'
    host.put(RECORD, f"{answers}{side}".encode())
    host.put(CA, registry.pki.trust)
    found = of(registry.unknown, host)
    assert found.role == "client"
    assert any(f"run `{AGAIN}` here again" in each for each in found.remedies)
    other = of(registry.unknown.replace(NAME, "other.example"), host)
    assert other.role == ""


def on_record(registry: Registry) -> FakeHost:
    """Give a client of the registry from which its CA was taken away by hand."""
    answers = f'role = "client"\n[registry]\nhostname = "{NAME}"\nhttps_port = {registry.port}\n'
    side = f'ip = "192.0.2.7"\n[client]\nca_certificate = "{CA}"\n'
    host = client("docker dockerd", "localhost", **{f"getent ahosts {NAME}": "127.0.0.1 STREAM\n"})
    host.files |= {RECORD: File(f"{answers}{side}".encode()), CA: File(registry.pki.trust)}
    return host


def test_what_is_ours_to_do_is_offered_as_a_plan(registry: Registry, tmp_path: Path) -> None:
    host = on_record(registry)

    def place(role: str) -> ClientSession:
        assert role == "client"
        return ClientSession({}, host, Journal(tmp_path))

    offered = offer(explained(registry.unknown, host), place)
    assert offered
    assert (offered.command, offered.problem) == (AGAIN, "")
    wanted = f"/etc/docker/certs.d/{registry.at}/ca.crt"
    assert [each.verb for each in offered.differences if each.change.endswith(wanted)] == ["create"]
    assert json.loads(json.dumps(offered.record))["differences"]
    # What only the server can do is not offered here, nor anything about another registry.
    expired = registry.says("x509: certificate has expired or is not yet valid")
    assert offer(explained(expired, host), place) is None
    other = registry.unknown.replace(NAME, "127.0.0.1")
    assert offer(explained(other, host), place) is None


def test_a_plan_that_cannot_be_made_is_told_with_the_command(registry: Registry) -> None:
    def place(_: str) -> ClientSession:
        raise WizardError("The journal is damaged")

    offered = offer(explained(registry.unknown, on_record(registry)), place)
    assert offered
    assert (offered.command, offered.problem) == (AGAIN, "The journal is damaged")


def explained(text: str, host: FakeHost) -> Explained:
    found = explain(text, host, {"HOME": "/root"})
    assert found
    return found


def test_a_certificate_for_other_names_is_read(registry: Registry) -> None:
    host = machine()
    host.commands[("getent", "ahosts", "other.example")] = says("127.0.0.1 STREAM\n")
    text = registry.says(f"x509: certificate is valid for {NAME}, not other.example")
    found = of(text.replace(f"//{NAME}", "//other.example"), host)
    assert f"it holds {NAME}; other.example is not among them" in failed(found)


def test_a_name_that_leads_nowhere_is_told_apart_from_one_that_does(registry: Registry) -> None:
    text = registry.says(f"dial tcp: lookup {NAME} on 192.0.2.53:53: no such host")
    assert "passed" not in seen(of(text, machine())).splitlines()[0]
    host = machine()
    host.commands[("getent", "ahosts", NAME)] = says("", 2)
    found = of(text, host)
    assert f"{NAME} leads nowhere: it is neither in /etc/hosts nor known to DNS" in failed(found)
    assert "registry-wizard clients join" in found.remedies[0]


def test_who_listens_is_looked_up_where_the_registry_is_here() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    host = machine()
    host.commands |= {
        ("ip", "-o", "addr"): says("1: lo inet 127.0.0.1/8"),
        ("ss",): says('LISTEN 0 5 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=7,fd=6))\n'),
    }
    text = (
        f'Get "https://{NAME}:{port}/v2/": dial tcp 127.0.0.1:{port}: connect: connection refused'
    )
    found = of(text, host)
    wanted = f"nothing listens on port {port} of this machine; nginx listens on 80"
    assert wanted in failed(found)


def test_plain_http_is_seen_where_tls_should_be() -> None:
    class Plain(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Plain) as port:
        text = f'Get "https://{NAME}:{port}/v2/": http: server gave HTTP response to HTTPS client'
        found = of(text, machine())
    assert f"{NAME}:{port} answers plain HTTP with 404; it speaks no TLS" in failed(found)


@contextmanager
def serving(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    with quiet(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_login_on_file_is_found_and_not_read_out(registry: Registry) -> None:
    host = machine()
    held = {"auths": {f"https://{registry.at}/v2/": {"auth": "c2VjcmV0"}}}
    host.put("/home/ann/.docker/config.json", json.dumps(held).encode())
    text = registry.says("no basic auth credentials")
    found = of(text, host, {"HOME": "/home/ann"})
    assert f"passed login: /home/ann/.docker/config.json has a login for {registry.at}" in seen(
        found
    )
    assert "c2VjcmV0" not in str(found)
    host.put("/home/ann/.docker/config.json", b'{"auths": [')
    found = of(text, host, {"HOME": "/home/ann"})
    assert "/home/ann/.docker/config.json is damaged" in failed(found)


def test_a_proxy_is_told_without_what_it_is(registry: Registry) -> None:
    text = registry.says("proxyconnect tcp: dial tcp 192.0.2.80:3128: connect: connection refused")
    environ = {"https_proxy": "http://ann:secret@192.0.2.80:3128", "NO_PROXY": "example.com"}
    found = of(text, machine(), environ)
    assert f"this shell has a proxy set, and NO_PROXY does not name {NAME}" in failed(found)
    assert "secret" not in str(found)
    found = of(text, machine(), environ | {"NO_PROXY": ".benet.com"})
    assert failed(found) == []


@dataclass
class Closed(FakeHost):
    """A machine on which this user may look at nothing."""

    folders: dict[str, Folder] = field(default_factory=dict)

    def read(self, path: str) -> File | None:
        raise WizardError(f"{path} may not be read by this user")

    def folder(self, path: str) -> Folder | None:
        raise WizardError(f"{path} may not be read by this user")


TEXTS = [text.replace("192.0.2.", "127.0.0.") for _, text in every()]


@pytest.mark.parametrize("host", [FakeHost(), Closed(), debian()], ids=("bare", "closed", "debian"))
def test_whatever_the_machine_is_like_there_is_an_answer(host: FakeHost) -> None:
    for text in dict.fromkeys(TEXTS):
        found = of(text, host)
        assert found.remedies
        assert all("{" not in each for each in found.remedies)


@settings(deadline=None, max_examples=100)
@tried(st.text() | st.lists(st.sampled_from(TEXTS), max_size=2).map("\n".join))
def test_whatever_the_text_there_is_no_traceback(text: str) -> None:
    explain(text, FakeHost(), {})


# Of the command itself.


def test_the_exit_code_says_whether_it_is_known(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    refused = (
        "curl: (7) Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server"
    )
    assert main(["explain", refused]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "The machine that 127.0.0.1 leads to is there, but nobody listens on port 1"
    )
    assert "FAIL tcp: 127.0.0.1:1 refuses" in out
    assert "What to do:\n  -> " in out

    assert main(["explain", *refused.split()]) == 0
    assert capsys.readouterr().out == out

    (tmp_path / "said").write_text(refused)
    assert main(["explain", str(tmp_path / "said")]) == 0
    assert capsys.readouterr().out == out

    assert main(["explain", "--json", refused]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["known"], record["id"], record["registry"]) == (True, "refused", "127.0.0.1:1")
    assert record["evidence"][0].keys() == {"name", "verdict", "seen", "remedy"}


@pytest.mark.parametrize("text", UNRELATED[1:])
def test_what_is_not_known_is_said_with_what_to_send(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", text]) == 1
    assert "docker version" in capsys.readouterr().out
    assert main(["explain", "--json", text]) == 1
    assert json.loads(capsys.readouterr().out)["known"] is False


def test_standard_input_is_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = b"\xff\x00" * 400_000 + b"\nfailed to register layer: write /x: no space left on device\n"
    for argv in (["explain"], ["explain", "-"]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log)))
        assert main(argv) == 0
        assert capsys.readouterr().out.startswith("A disk is full")


def test_without_a_text_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert main(["explain"]) == 2
    assert "registry-wizard explain 'TEXT'" in capsys.readouterr().err


@pytest.mark.parametrize("text", [b"", b" \n\n"])
def test_an_empty_text_is_no_text(
    text: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["explain"]) == 2
    assert "There is no text to explain" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/none/file.log", "./none.log", "../none"])
def test_a_path_that_leads_nowhere_is_told_as_one(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", path]) == 2
    assert f"{path}: there is no such file" in capsys.readouterr().err
