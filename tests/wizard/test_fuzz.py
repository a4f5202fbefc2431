"""Whatever a file of somebody else's holds: a sentence or an answer, never a traceback or a loss.

FUZZ=nightly tries fifty times as many as an ordinary run.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fake_host import FakeHost
from tests.given import ANSWERS, FACTS, SOURCE
from tests.given import given as case
from wizard import json_text, sheet
from wizard.answers import Answers, Client, judge, parse
from wizard.changes.daemon import WithoutEntries, WithoutFlags
from wizard.changes.files import MarkedLine
from wizard.changes.kinds import KINDS
from wizard.clients import roster
from wizard.clients.containerd import Containerd
from wizard.clients.rancher import with_entry
from wizard.distros import known, read_os_release
from wizard.errors import BadAnswers, WizardError
from wizard.facts import marked_names
from wizard.hosts import File
from wizard.journal import Journal
from wizard.pem import certificates
from wizard.questions import Question, Table, entries
from wizard.steps import make_plan
from wizard.steps.record import RECORD
from wizard.undo import undo_plan

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = 10_000 if os.environ.get("FUZZ") == "nightly" else 200
few = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# What the files are made of, so that a try comes near to one of them.
WORDS = (
    *("127.0.0.1", "localhost", "docker.benet.com", "# registry-wizard", "#", " ", "\t", "\n"),
    *("\r\n", "=", ":", "-", '"', "'", "[", "]", "{", "}", ",", "\\", "\0", "é", "﻿", "version"),
    *("plugins", "io.containerd.grpc.v1.cri", "registry", "config_path", "mirrors", "configs"),
    *("tls", "ca_file", "insecure-registries", "true", "null", "1", "3", "2", ".", "ID", "debian"),
    *("VERSION_ID", "ID_LIKE", "--insecure-registry", "DOCKER_OPTS", "$(reboot)", "format", "n"),
    *("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "AAAA", "did", "inverse", "host"),
)
texts = st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
contents = st.one_of(st.binary(), texts.map(lambda text: text.encode(errors="surrogatepass")))
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)
inverses = st.one_of(
    st.none(),
    anything,
    st.builds(
        lambda kind, path, more: {"kind": kind, "path": path} | more,
        st.sampled_from(sorted(KINDS)),
        st.one_of(st.just("/x"), anything),
        st.dictionaries(st.sampled_from(["content", "expect", "names", "mode", "key"]), anything),
    ),
)
lines = st.one_of(
    anything,
    st.fixed_dictionaries(
        {"n": st.integers(), "step": st.text(max_size=2), "host": st.text(max_size=2)}
        | {"title": st.text(max_size=2), "did": st.text(max_size=2), "inverse": inverses}
        | {"then": st.one_of(st.just([]), anything)}
    ),
)
AT, CA = "docker.benet.com", "/etc/rancher/k3s/registry-wizard-ca.crt"


@few
@given(contents)
def test_any_hosts_file_gets_our_line_and_gives_it_back(content: bytes) -> None:
    host = FakeHost(files={"/etc/hosts": File(content, 0o640)})
    ours = MarkedLine("/etc/hosts", "# registry-wizard", f"192.0.2.1\t{AT}", (AT,))
    found = ours.compare(host)
    ours.apply(host, lambda _: None)
    assert ours.compare(host) is None
    first, _, rest = host.files["/etc/hosts"].content.partition(b"\n")
    assert first == f"192.0.2.1\t{AT}\t# registry-wizard".encode()
    others = [x for x in content.splitlines(keepends=True) if not ours._ours(x)]
    assert rest == b"".join(others)
    assert host.files["/etc/hosts"].mode == 0o640
    if found and found.inverse and others == content.splitlines(keepends=True):
        found.inverse.apply(host, lambda _: None)
        assert host.files["/etc/hosts"].content == content
    host.commands[("cat", "/etc/hosts")] = FakeHost().run("x")
    marked_names(host)


@few
@given(texts)
def test_any_os_release_is_a_known_system_or_none(text: str) -> None:
    known(read_os_release(text))


@few
@given(contents)
def test_any_bundle_has_certificates_or_none(content: bytes) -> None:
    assert all(pem.startswith(b"-----BEGIN") for pem in certificates(content).values())


@few
@given(contents, st.sampled_from([1, 2]))
def test_any_settings_of_containerd_are_changed_in_one_line_or_not_at_all(
    content: bytes, major: int
) -> None:
    with contextlib.suppress(WizardError):
        found = Containerd(major, File(content))
        made = Containerd(major, File(found.with_folder()))
        assert made.told


@few
@given(contents)
def test_any_registries_yaml_gets_our_entries_or_stays(content: bytes) -> None:
    with contextlib.suppress(WizardError):
        made = with_entry("registries.yaml", content, AT, CA)
        entries = yaml.safe_load(made.decode(errors="surrogateescape"))["configs"]
        assert entries[AT] == {"tls": {"ca_file": CA}}


@few
@given(contents)
def test_any_daemon_json_loses_our_entry_alone_or_stays(content: bytes) -> None:
    host = FakeHost(files={"/etc/docker/daemon.json": File(content)})
    change = WithoutEntries("/etc/docker/daemon.json", "insecure-registries", (AT,))
    with contextlib.suppress(WizardError):
        found = change.compare(host)
        if not found:
            return
        change.apply(host, lambda _: None)
        assert change.compare(host) is None
        if found.inverse:
            found.inverse.apply(host, lambda _: None)
            assert host.files["/etc/docker/daemon.json"].content == content


@few
@given(contents)
def test_any_options_of_docker_lose_our_flag_alone_or_stay(content: bytes) -> None:
    host = FakeHost(files={"/etc/default/docker": File(content)})
    change = WithoutFlags("/etc/default/docker", "--insecure-registry", (AT,))
    with contextlib.suppress(WizardError):
        if change.compare(host):
            change.apply(host, lambda _: None)
            assert change.compare(host) is None


@few
@given(contents)
def test_any_record_of_clients_is_read_or_told(content: bytes) -> None:
    host = FakeHost(files={roster.ROSTER: File(content)})
    with contextlib.suppress(WizardError):
        roster.read_roster(host)


@few
@given(contents)
def test_any_journal_is_read_or_told(tmp_path: Path, content: bytes) -> None:
    journal = Journal(tmp_path)
    journal.path.write_bytes(content)
    with contextlib.suppress(WizardError):
        undo_plan(journal, packages=True)
    with contextlib.suppress(WizardError):
        journal.unsettled_steps()


@few
@given(st.lists(lines, max_size=6))
def test_any_lines_in_the_journal_are_read_or_told(tmp_path: Path, told: list[Any]) -> None:
    journal = Journal(tmp_path)
    journal.path.write_text("".join(json.dumps(line) + "\n" for line in told))
    planned = partial(undo_plan, journal)
    reads = (journal.unsettled_steps, journal.brought, journal.hosts, journal.owed, planned)
    for read in reads:
        with contextlib.suppress(WizardError):
            read()


@few
@given(contents)
def test_any_answers_on_record_are_read_or_told(content: bytes) -> None:
    from wizard.place import former_answers  # noqa: PLC0415

    with contextlib.suppress(WizardError):
        former_answers(FakeHost(files={RECORD: File(content)}))


@few
@given(texts)
def test_any_json_is_read_or_told(text: str) -> None:
    with contextlib.suppress(json_text.Broken):
        json_text.read(text.encode(errors="surrogatepass"))


def _values(question: Question) -> st.SearchStrategy[Any]:
    """Give what is right, what comes near to it, and what is neither."""
    right = st.sampled_from([question.example, question.default, *question.choices])
    example = str(question.example)
    near = st.builds(
        lambda at, text: example[:at] + text + example[at:], st.integers(0, len(example)), texts
    )
    some = right.map(lambda value: list(value) if isinstance(value, tuple) else value)
    return st.one_of(some, near, st.lists(near, max_size=3), texts, anything)


def _table(of: type) -> st.SearchStrategy[Any]:
    keys = {}
    for name, entry in entries(of).items():
        if isinstance(entry, Table):
            one = _table(entry.of)
            keys[name] = st.lists(one, max_size=3) if entry.many else one
        else:
            keys[name] = _values(entry)
    return st.one_of(
        st.fixed_dictionaries({}, optional=keys),
        st.dictionaries(st.one_of(st.sampled_from(sorted(keys)), texts), anything, max_size=3),
    )


DUMPED = sheet.dump(replace(ANSWERS, clients=(Client("192.168.1.108"),)))


@few
@given(_table(Answers))
def test_any_table_of_answers_is_refused_with_sentences_or_makes_a_plan(table: Any) -> None:
    answers, problems = judge(table, {})
    assert all(each.key and each.why for each in problems)
    if not problems:
        filled = replace(answers.registry, hostname="docker.benet.com", ip="192.168.1.107")
        with contextlib.suppress(WizardError):
            planned = replace(answers, registry=filled, users=())  # these have no hashes here
            make_plan(case(planned, replace(FACTS, source=SOURCE)))


@few
@given(st.integers(0, len(DUMPED)), st.integers(0, 20), texts)
def test_any_change_to_an_answers_file_is_read_or_told(at: int, less: int, text: str) -> None:
    with contextlib.suppress(BadAnswers):
        parse(DUMPED[:at] + text + DUMPED[at + less :], "a file", {})
