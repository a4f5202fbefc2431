"""Every answer, with texts that mean something to a shell, nginx, YAML or an option parser.

Each is refused with its key named, or is data wherever it goes: what reads our files finds the same
lines, keys and options in them as with an ordinary answer.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.fake_host import FakeHost, says
from tests.given import FACTS, HASH, NOW, PAIR, SOURCE, SystemdHost, given
from wizard import pki, sheet, toml
from wizard.answers import Answers, judge, parse
from wizard.changes.files import WriteFile
from wizard.changes.kinds import from_json, to_json
from wizard.credentials import Credentials
from wizard.names import RESERVED_USER
from wizard.questions import Question, Table, entries
from wizard.script import script
from wizard.session import wanted_certificates
from wizard.ssh import SshHost
from wizard.steps import make_plan
from wizard.trial import attempt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.changes.commands import Command
    from wizard.given import Given
    from wizard.plan import Plan

HOSTILE = (
    *("$(touch owned)", "`touch owned`", "${IFS}", "; touch owned;", "&& reboot", "| sh", "> /x"),
    *("'", '"', "\\", "'; touch owned; '", '"; return 200; "', "\n", "a\nb", "\r\n", "\t", "\0"),
    *("-", "--", "-oProxyCommand=touch owned", "--privileged", "-v/:/x", " ", "a b", "#", "%h"),
    *("{", "}", "{{ 7 * 7 }}", "{% raw %}", "; } server {", "$host", "$request_uri", "include /x;"),
    *("[x]", "- x", "x: y", "&a", "*a", "!!python/none", "|", ">", "@", "null", "~", "true"),
    *("../../etc/passwd", "/../x", "//", "é", "\u202e", "\ufeff", "😀", "\x1b[2J", "x" * 300),
)
ENVIRON = {"TESTUSER_PASSWORD": "from outside", "x": "y"}
EVERYWHERE = ("package", "container")
BASES: dict[str, dict[str, Any]] = {
    "package": {"registry": {"runtime": "package"}},
    "container": {"registry": {"runtime": "container", "image_archive": "/root/registry.tar"}},
    "source": {
        "registry": {"runtime": "package"},
        "proxy": {"install": "source", "source_archive": "/root/nginx-1.26.3.tar.gz"},
    },
}


def questions(of: type, where: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Question]]:
    for name, entry in entries(of).items():
        if isinstance(entry, Table):
            yield from questions(entry.of, (*where, name))
        else:
            yield (*where, name), entry


# Of these no text is taken, alone or in the middle of an ordinary answer; of those none alone.
REFUSE = {
    *("role", "registry.ip", "registry.runtime", "proxy.install", "proxy.source_sha256"),
    *("authority.certificate", "authority.key", "clients.host_key", "clients.trust"),
    *("users.password_file", "users.password_hash", "users.password_env", "client.trust"),
    *("access.push_from", "users.role"),
}
REFUSE_ALONE = REFUSE | {
    *("registry.hostname", "registry.image", "registry.storage", "certificate.alt_names"),
    *("authority.permitted", "proxy.prefix", "client.ca_fingerprint"),
}
TEXTS = {".".join(keys): each for keys, each in questions(Answers) if each.kind in (str, tuple)}


def document(base: str, key: str, value: str) -> dict[str, Any]:
    """Give whole answers, ordinary but for one, as they stand in a file."""
    found: dict[str, Any] = {"role": "server", "registry": {}, "users": [{}], "clients": [{}]}
    found |= {table: dict(inner) for table, inner in BASES[base].items()}
    found["registry"] |= {"hostname": "docker.benet.com", "ip": "192.168.1.107"}
    found["users"] = [{"name": "testuser", "password_hash": HASH}]
    found["clients"] = [{"host": "192.168.1.108"}]
    table, _, name = key.rpartition(".")
    inner = found.setdefault(table, {}) if table else found
    inner = inner[0] if isinstance(inner, list) else inner
    inner[name] = [value] if TEXTS[key].kind is tuple else value
    if table == "users" and name.startswith("password") and name != "password_hash":
        del inner["password_hash"]
    if table == "authority" and name in ("certificate", "key"):
        inner |= {other: "/root/x" for other in ("certificate", "key") if other != name}
    return found


def shapes(key: str, base: str) -> Iterator[str]:
    """Give each text; for the first of the bases in the middle of an ordinary answer, too."""
    example = TEXTS[key].example
    ordinary = str(example[0] if isinstance(example, tuple) else example)
    yield from HOSTILE
    if base == "package":
        yield from (f"{ordinary[:3]}{text}{ordinary[3:]}" for text in HOSTILE)


@dataclass(frozen=True)
class Rendered:
    """What a plan writes and runs, and who reads it."""

    given: Given

    @cached_property
    def plan(self) -> Plan:
        return make_plan(self.given)

    @cached_property
    def files(self) -> dict[str, WriteFile]:
        every = (each for step in self.plan for each in step.changes)
        plain = (each for each in every if isinstance(each, WriteFile))
        return {re.sub(r"[0-9A-F]{30,}", "SERIAL", each.path): each for each in plain}

    @cached_property
    def commands(self) -> list[Command]:
        return [each for step in self.plan for each in step.then]

    @cached_property
    def script(self) -> str:
        return script(self.given, self.plan)


def rendered(answers: Answers) -> Rendered:
    facts = replace(FACTS, source=SOURCE)
    wanted = wanted_certificates(answers)
    made = given(answers, facts)
    hashes = {each.name: HASH for each in answers.users} | {RESERVED_USER: HASH}
    return Rendered(
        replace(
            made,
            pki=pki.issue(wanted, pki.mint_authority(wanted, NOW), NOW),
            credentials=Credentials(hashes, "check", "", "s3cret", "fr0nt", PAIR),
        )
    )


def accepted(base: str, key: str) -> Iterator[tuple[str, Answers]]:
    """Give each text that may be answered; of every other the problem names the key."""
    for text in dict.fromkeys(shapes(key, base)):
        answers, problems = judge(document(base, key, text), ENVIRON)
        if not problems:
            yield text, answers
        table = key.partition(".")[0]
        assert all(each.key.startswith(table) for each in problems), (text, problems)


@cache
def all_rendered(base: str, key: str) -> tuple[tuple[str, Rendered], ...]:
    """Give what each text that may be answered is rendered to."""
    found = tuple((text, rendered(answers)) for text, answers in accepted(base, key))
    assert bool(found) == (key not in (REFUSE if base == "package" else REFUSE_ALONE))
    return found


def outline(whole: object) -> object:
    """Give the keys and the shape of a YAML document, without its values."""
    if isinstance(whole, dict):
        return {key: outline(value) for key, value in whole.items()}
    return [outline(each) for each in whole] if isinstance(whole, list) else type(whole)


@pytest.fixture(scope="module")
def ordinary() -> dict[str, Rendered]:
    found = {}
    for base in BASES:
        answers, problems = judge(document(base, "role", "server"), ENVIRON)
        assert problems == ()
        found[base] = rendered(answers)
    return found


@pytest.mark.parametrize(
    ("base", "key"),
    [*((base, key) for base in EVERYWHERE for key in TEXTS)]
    + [("source", key) for key in TEXTS if key.startswith("proxy.")],
)
def test_it_is_refused_or_it_is_data(base: str, key: str, ordinary: dict[str, Rendered]) -> None:
    for text, made in all_rendered(base, key):
        answers = made.given.answers
        assert parse(sheet.dump(answers), "a file", ENVIRON) == answers, text
        assert made.files.keys() == ordinary[base].files.keys() or key in (*PATHS, PREFIX), text
        read_by_their_readers(made, ordinary[base], text)
        for change in made.files.values():
            record = json.loads(json.dumps(to_json(change, bytes.hex)))
            assert from_json(record, bytes.fromhex) == change
        if text.strip("-"):
            assert not any(is_option(text, command.argv) for command in made.commands)


# These say where files go.
PATHS = ("registry.hostname", "registry.ip", "certificate.alt_names", "registry.storage")
PREFIX = "proxy.prefix"


def is_option(text: str, argv: tuple[str, ...]) -> bool:
    """Say whether a text became an option, or a part of one."""
    return any(word.startswith("-") and text in word for word in argv)


def read_by_their_readers(made: Rendered, ordinary: Rendered, text: str) -> None:
    for path, change in made.files.items():
        if path.endswith(".yml"):
            former = ordinary.files[path].content
            assert outline(yaml.safe_load(change.content)) == outline(yaml.safe_load(former)), text
        if path.endswith("htpasswd"):
            lines = change.content.decode().splitlines()
            assert len(lines) == len(ordinary.files[path].content.splitlines()), text
            assert all(line.endswith(f":{HASH}") for line in lines), text
        if path.endswith(".sh"):
            is_shell(change.content)
    is_shell(made.script.encode())
    # A password in the clear is asked for, which takes its lines.
    assert abs(made.script.count("\n") - ordinary.script.count("\n")) < 40, text


def is_shell(text: bytes) -> None:
    done = subprocess.run(["sh", "-n"], check=False, input=text, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("base", ["package", "container"])
def test_nginx_reads_the_same_lines_of_every_site(base: str, ordinary: dict[str, Rendered]) -> None:
    """Let nginx itself test each site that any text makes, once each."""
    former = ordinary[base].files[ordinary[base].given.nginx.site].content
    sites: dict[bytes, str] = {}
    for key in TEXTS:
        for text, made in all_rendered(base, key):
            site = made.files[made.given.nginx.site].content
            sites[site] = f"{key} = {toml.literal(text)}"
            same = site.count(b"\n") == former.count(b"\n")
            assert same or key in PATHS, sites[site]
    for content, told in sites.items():
        case = replace(ordinary[base].given, host=SystemdHost())
        change = ordinary[base].files[case.nginx.site]
        tried = attempt(change, content, case)
        assert (tried.refusal, tried.tried_by) == ("", "nginx"), told


HOST_KEYS = ("SHA256:" + "A" * 43, "SHA256:" + "+/" * 21 + "+")


@pytest.mark.parametrize("host_key", ["", *HOST_KEYS], ids=["known", "answered", "odd"])
@pytest.mark.parametrize("key", ["clients.host", "clients.user", "clients.host_key"])
def test_ssh_is_told_data_only(key: str, host_key: str) -> None:
    """As it connects anew, with each host key that may be answered: no odd text may."""
    ordinary = TEXTS["clients.host_key"].example
    texts = [*accepted("package", key), *accepted_key(host_key or str(ordinary))]
    for text, answers in texts:
        client = replace(answers.clients[0], host_key=host_key)
        shown = says(f"256 {host_key} {client.host} (ED25519)\n")
        commands = {("ssh",): says(), ("ssh", "-O", "check"): says("", 255)}
        local = FakeHost(commands | {("ssh-keygen",): shown})
        host = SshHost(client.host, client.user, client.port, client.host_key, local)  # type: ignore[arg-type]
        host.run("printf", "%s", text)
        given = (client.host, client.user, client.host_key)
        for argv in local.acts:
            assert not any(is_option(each, argv) for each in given if each), argv
        scans = [argv for argv in local.acts if "StrictHostKeyChecking=accept-new" in argv]
        opened = [argv for argv in local.acts if "ControlMaster=yes" in argv]
        assert (len(scans), len(opened)) == (int(bool(host_key)), 1)


def accepted_key(text: str) -> Iterator[tuple[str, Answers]]:
    answers, problems = judge(document("package", "clients.host_key", text), ENVIRON)
    assert problems == ()
    yield text, answers


@pytest.mark.parametrize("text", HOSTILE)
def test_a_word_for_a_shell_of_another_machine_stays_one_word(text: str) -> None:
    if "\0" in text:
        return
    local = FakeHost({("ssh",): says()})
    SshHost("192.168.1.108", "root", 22, "", local).run("printf", "[%s]", text)  # type: ignore[arg-type]
    line = next(each for each in local.acts if each[-1].startswith("exec "))[-1]
    done = subprocess.run(["sh", "-c", line], check=True, capture_output=True)
    assert done.stdout == f"[{text}]".encode(errors="surrogateescape")
