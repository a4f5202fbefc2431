"""What an explanation takes for this machine's own registry, and what it offers to do about it."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import Answers as Said
from tests.fake_host import FakeHost, recorded, says
from tests.own_ca import own_ca
from wizard.answers import Answers, Client, Proxy, Registry
from wizard.errors import WizardError
from wizard.explain import AGAIN, RENEW, Explained, command, explain, of_machine, of_network
from wizard.explain.of_trust import LARGEST, file
from wizard.explain.offer import Offer, offer
from wizard.explain.scene import Scene, on_record
from wizard.failures import Quoted
from wizard.hosts import File
from wizard.journal import Journal
from wizard.session import PKI, Session
from wizard.sheet import dump
from wizard.steps.record import RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.events import Checked

NAME, IP, PORT = "docker.benet.com", "192.168.1.107", 1
REGISTRY = Registry(hostname=NAME, ip=IP, https_port=PORT)
SERVER = Answers(registry=REGISTRY, clients=(Client("a"),))
EXPIRED = f'Get "https://{NAME}:{PORT}/v2/": x509: certificate has expired or is not yet valid'


def server(answers: Answers = SERVER) -> FakeHost:
    host = recorded("debian-12")
    host.files[RECORD] = File(dump(answers).encode(), 0o600)
    host.commands |= {("getent", "ahosts", NAME): says("127.0.0.1 STREAM\n"), ("ss",): says()}
    return host


def of(text: str, host: FakeHost) -> Explained:
    found = explain(text, host, {"HOME": "/root"})
    assert found
    return found


def nobody(role: str) -> Session:
    raise AssertionError(f"a session for the role {role} was opened")


FULL = "write /x: no space left on device"
OURS = {
    EXPIRED: "server",
    f"docker pull {NAME}:{PORT}/x\n{FULL}": "server",
    f"docker pull {NAME}/x\nunexpected status from HEAD request: {FULL}": "server",
    EXPIRED.replace(f":{PORT}", ":9443"): "",
    EXPIRED.replace(NAME, "other.example"): "",
    "curl: (60) SSL certificate problem: certificate has expired": "",
    FULL: "",
}


@pytest.mark.parametrize("text", OURS)
def test_only_what_the_text_names_with_its_port_is_ours(text: str) -> None:
    found = of(text, server())
    assert found.role == OURS[text]
    assert any("`registry-wizard" in each and " here" in each for each in found.remedies) is bool(
        found.role and "renew" in " ".join(found.failure.known.remedies)
    )
    if not found.role:
        assert offer(found, nobody) is None


def test_a_renewal_is_offered_without_a_plan_and_run_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = offer(of(EXPIRED, server()), nobody)
    assert offered == Offer(RENEW)
    assert offered.record == {"command": RENEW, "differences": [], "problem": ""}
    renewed: list[int] = []

    def renew() -> int:
        renewed.append(1)
        return 4

    doors = command.Doors(nobody, lambda: lambda: False, renew)
    monkeypatch.setattr(command, "LocalHost", server)

    assert command.run((EXPIRED,), {}, doors, json=False) == 0
    out = capsys.readouterr().out
    assert f"can renew the certificate of this registry, if it is due.\nTo renew it: {RENEW}" in out
    assert "would change nothing" not in out

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for answer, code in (("n", 0), ("y", 4)):
        monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        assert command.run((EXPIRED,), {}, doors, json=False) == code
        assert "Renew it now? [y/N]" in capsys.readouterr().out
        assert len(renewed) == (answer == "y")
    assert command.run((EXPIRED,), {}, doors, json=True) == 0
    assert json.loads(capsys.readouterr().out)["offer"]["command"] == RENEW
    assert len(renewed) == 1


HAS_DOCKER: Said = {("test", "-S"): says(), ("dockerd", "--version"): says("Docker version 26.1.5")}


@pytest.mark.parametrize("runtime", ["package", "container"])
def test_a_preview_asks_no_other_machine_for_anything(runtime: str, tmp_path: Path) -> None:
    def reached(client: Client) -> FakeHost:
        raise AssertionError(f"{client.host} was visited")

    host = server(replace(SERVER, registry=replace(REGISTRY, runtime=runtime)))
    ca = own_ca()
    host.files |= {f"{PKI}/ca.crt": File(ca.pem), f"{PKI}/ca.key": File(ca.key_pem)}
    asked: list[str] = []
    if runtime == "container":
        host.commands |= HAS_DOCKER
    host.docker.remote_digest = asked.append  # type: ignore[method-assign, assignment]
    session = Session({}, host, Journal(tmp_path), connect=reached)
    text = f"The push refers to repository [{NAME}:{PORT}/new]\nunknown: 413 Payload Too Large"
    offered = offer(of(text, host), lambda _: session)
    assert offered
    assert offered.command == AGAIN
    assert not offered.problem
    assert offered.differences
    assert not asked
    # The clients stay on record, though nobody asks them.
    kept = [each for each in offered.differences if each.change.endswith(RECORD)]
    assert not [each.text for each in kept if '\n-host = "a"' in each.text]


def test_the_registrys_log_is_named_as_it_runs() -> None:
    text = f"unexpected status from HEAD request to https://{NAME}:{PORT}/v2/x: 502 Bad Gateway"
    for runtime, words in (
        ("package", "journalctl -u docker-registry -n 50"),
        ("container", "docker logs --tail 50 registry-wizard"),
    ):
        host = server(replace(SERVER, registry=replace(REGISTRY, runtime=runtime)))
        said = " ".join(of(text, host).remedies)
        assert words in said
        assert ("journalctl" in said) is (runtime == "package")
    elsewhere = " ".join(of(text, FakeHost()).remedies)
    assert "journalctl -u docker-registry" in elsewhere
    assert "docker logs" in elsewhere


def scene(host: FakeHost, **said: object) -> Scene:
    return Scene(host, Quoted(NAME, PORT, **said), {}, on_record(host))  # type: ignore[arg-type]


def only(found: object) -> Checked:
    [one] = list(found)  # type: ignore[call-overload]
    return one  # type: ignore[no-any-return]


def test_a_name_that_leads_to_more_addresses_is_not_wrong() -> None:
    host = server()
    for leads, verdict in (
        (IP, "passed"),
        (f"{IP} 2001:db8::7", "warning"),
        ("192.0.2.8", "failed"),
    ):
        lines = "".join(f"{each} STREAM {NAME}\n" for each in leads.split())
        host.commands[("getent", "ahosts", NAME)] = says(lines)
        found = only(of_network.name(scene(host)))
        assert (found.verdict, bool(found.remedy)) == (verdict, verdict == "failed")


@pytest.mark.parametrize("line", ["nameserver ", "nameserver    ", "nameserver\t", "nameservers x"])
def test_a_resolver_that_is_not_said_is_none(line: str) -> None:
    host = FakeHost(files={"/etc/resolv.conf": File(f"{line}\n".encode())})
    assert "no DNS server is named" in next(of_network.resolvers(scene(host))).seen
    host.files["/etc/resolv.conf"] = File(f"{line}\nnameserver\t192.0.2.53 \n".encode())
    assert "asked at 192.0.2.53" in next(of_network.resolvers(scene(host))).seen


@pytest.mark.parametrize("error", [IndexError, KeyError, TypeError, WizardError])
def test_a_look_that_fails_stops_no_explanation(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_: Scene) -> object:
        raise error("so")

    monkeypatch.setitem(explain.__globals__["LOOKS"], "clock", look)
    assert any(each.name == "clock" for each in of(EXPIRED, server()).evidence)


REFUSED = "[error] connect() failed (111: Connection refused) while connecting to upstream\n"


@pytest.mark.parametrize("prefix", ["", "/opt/nginx"])
def test_the_right_log_of_nginx_is_read_and_only_its_last_hour(prefix: str) -> None:
    proxy = Proxy(install="source", prefix=prefix) if prefix else Proxy()
    answers = replace(SERVER, proxy=proxy, registry=replace(REGISTRY, runtime="package"))
    host = server()
    path = f"{prefix}/logs/error.log" if prefix else "/var/log/nginx/error.log"
    there = Scene(host, Quoted(NAME, PORT), {}, answers)
    now = dt.datetime.now()  # noqa: DTZ005
    for minutes, told in ((5, True), (59, True), (61, False), (3 * 24 * 60, False)):
        stamp = f"{now - dt.timedelta(minutes=minutes):%Y/%m/%d %H:%M:%S}"
        old = "2020/01/01 00:00:00 [crit] 1#1: no space left on device\nmore of it\n"
        host.commands[("tail", "-n", "50", path)] = says(f"{old}{stamp} {REFUSED}")
        found = [each for each in of_machine.behind(there) if each.name == "nginx"]
        assert [each.seen.startswith(path) for each in found] == [True] * told
        assert all("nginx is up, and the registry" in each.seen for each in found)


@pytest.mark.parametrize(
    ("mode", "size", "why"),
    [
        ("81a4", 100, ""),
        ("81a4", LARGEST, ""),
        ("81a4", LARGEST + 1, "is 4 MiB large"),
        ("21b6", 0, "is no regular file"),
        ("41ed", 4096, "is no regular file"),
    ],
)
def test_a_file_is_looked_at_before_it_is_read(mode: str, size: int, why: str) -> None:
    class Careful(FakeHost):
        def read(self, path: str) -> File | None:
            assert not why or path != "/root/ca.crt"
            return super().read(path)

    host = Careful(files={"/root/ca.crt": File(own_ca().pem)})
    host.commands[("stat", "-L", "-c", "%f %s", "/root/ca.crt")] = says(f"{mode} {size}\n")
    found = only(file(scene(host, path="/root/ca.crt")))
    assert found.verdict == ("failed" if why else "passed")
    assert why in found.seen
    missing = only(file(scene(FakeHost(), path="/root/ca.crt")))
    assert "there is no file /root/ca.crt" in missing.seen
