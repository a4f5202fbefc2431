"""Which nginx it is, what stands in the way of building one, and how the answer may change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST, Engine
from tests.fake_host import FakeHost, says
from tests.given import ANSWERS, FACTS, FROM_SOURCE, SOURCE, given
from wizard.changes.built import STAMP, RemoveBuild
from wizard.changes.files import RemoveFile, WriteFile
from wizard.changes.services import Service
from wizard.facts import Listener
from wizard.hosts import File, Folder
from wizard.nginx import BUILT_SERVICE, UNIT, built_nginx, nginx_of, packaged_nginx
from wizard.plan import Step
from wizard.source_archive import Archive
from wizard.source_facts import Past, Short, Source, read_source
from wizard.steps import make_plan
from wizard.survey import redirects, survey

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.answers import Answers
    from wizard.changes import Change
    from wizard.facts import Facts

PREFIX = "/opt/nginx"
STAMPED = File(b"# Written\nversion 1.26.3\nsha256 5e5e\nconfigure --a\n")
BUILT = RemoveBuild(PREFIX, (PREFIX,))
NGINX_ON_443 = replace(FACTS, listeners=(Listener("*", 443, "nginx", 7),))
BLOCKERS = {
    "The source archive /root/nginx-1.26.3.tar.gz is cut off": Source(
        archive=Archive("is cut off: its end is missing")
    ),
    "is of nginx 1.21.4, which is too old": Source(archive=Archive(version="1.21.4", sha256="a")),
    "/opt/nginx holds what the wizard did not put there (a, b, c, d, e and 2 more)": replace(
        SOURCE, strangers=tuple("abcdefg")
    ),
    "Port 443 is held by /usr/sbin/nginx, which was here before": replace(
        SOURCE, others=((443, "/usr/sbin/nginx"),)
    ),
    "The disk at /var has 3 MiB free; building nginx takes 128": replace(
        SOURCE, short=(Short("/var", 3 << 20, 128 << 20),)
    ),
}


def with_source(source: Source, facts: Facts = FACTS) -> Facts:
    return replace(facts, source=source)


def changes(answers: Answers, source: Source, brought: str = "") -> list[Change]:
    case = given(answers, with_source(source), brought)
    return [change for step in make_plan(case) for change in step.changes]


def test_the_answers_say_which_nginx_it_is() -> None:
    assert nginx_of(ANSWERS, FACTS.distro) == packaged_nginx(FACTS.distro)
    assert nginx_of(FROM_SOURCE, FACTS.distro) == built_nginx(PREFIX)
    assert nginx_of(ANSWERS, None).site == "/etc/nginx/conf.d/registry.conf"
    assert built_nginx("/opt/x").test == ("/opt/x/sbin/nginx", "-t")


def test_nothing_stands_in_the_way_of_a_good_archive() -> None:
    assert survey(FROM_SOURCE, with_source(SOURCE)) == ()


@pytest.mark.parametrize("text", BLOCKERS)
def test_a_blocker_says_what_and_what_to_do(text: str) -> None:
    (found,) = survey(FROM_SOURCE, with_source(BLOCKERS[text]))
    assert found.blocker
    assert text in found.text
    assert found.remedy
    assert survey(ANSWERS, with_source(BLOCKERS[text])) == ()


def test_the_digest_is_compared_where_one_is_given() -> None:
    right = replace(FROM_SOURCE.proxy, source_sha256=SOURCE.archive.sha256.upper())
    assert survey(replace(FROM_SOURCE, proxy=right), with_source(SOURCE)) == ()
    wrong = replace(right, source_sha256="a" * 64)
    (found,) = survey(replace(FROM_SOURCE, proxy=wrong), with_source(SOURCE))
    assert f"has the SHA-256 {SOURCE.archive.sha256}, not {'a' * 64}" in found.text


def test_somebody_elses_nginx_on_port_80_only_costs_the_redirect() -> None:
    on_80 = replace(FACTS, listeners=(Listener("*", 80, "nginx", 7),))
    assert redirects(FROM_SOURCE, with_source(SOURCE, on_80))
    theirs = with_source(replace(SOURCE, others=((80, "/usr/sbin/nginx"),)), on_80)
    assert not redirects(FROM_SOURCE, theirs)
    (found,) = survey(FROM_SOURCE, theirs)
    assert not found.blocker


def machine(*files: str, **programs: str) -> FakeHost:
    """Give a machine with room, these files and these programs by process id."""
    host = FakeHost({("df",): says("Filesystem\n/dev/vda 9 9 9999999999 1% /\n")})
    for pid, path in programs.items():
        host.commands["readlink", f"/proc/{pid[1:]}/exe"] = says(f"{path}\n")
    host.files |= dict.fromkeys(files, STAMPED)
    return host


def read(host: FakeHost, past: Past | None = None, facts: Facts = FACTS) -> Source:
    return read_source(host, FROM_SOURCE, facts, past or Past())


@pytest.mark.parametrize(
    ("program", "brought", "theirs"),
    [
        ("/opt/nginx/sbin/nginx", "", False),
        ("/opt/nginx/sbin/nginx (deleted)", "", False),
        ("/usr/sbin/nginx", "nginx", False),
        ("/usr/sbin/nginx", "", True),
        ("/usr/local/nginx/sbin/nginx", "nginx", True),
    ],
)
def test_an_nginx_is_ours_where_we_built_or_brought_it(
    program: str, brought: str, *, theirs: bool
) -> None:
    past = Past(brought=frozenset(brought.split()))
    others = read(machine(_7=program), past, NGINX_ON_443).others
    assert others == (((443, program),) if theirs else ())


def test_what_was_built_stands_when_its_archive_is_gone() -> None:
    host = machine(f"{PREFIX}/{STAMP}")
    assert read(host, Past(FROM_SOURCE)).archive == Archive(version="1.26.3", sha256="5e5e")
    other = replace(FROM_SOURCE, proxy=replace(FROM_SOURCE.proxy, source_archive="/else"))
    assert read(host, Past(other)).archive.problem == "is not there"
    assert read(machine(), Past(FROM_SOURCE)).archive.problem == "is not there"


def test_what_lies_in_the_prefix_is_theirs_but_for_what_we_put_there() -> None:
    host = machine()
    host.commands["find", "-H", PREFIX] = says("d nginx\nf mine\nd conf\n")
    assert read(host).strangers == ("conf", "mine")
    assert read(host, Past(builds=(BUILT,))).strangers == ()
    host.files[f"{PREFIX}/{STAMP}"] = STAMPED
    assert read(host).strangers == ()
    file = machine()
    file.commands[("find", "-H", PREFIX)] = says("f nginx\n")
    assert read(file).strangers == (PREFIX,)


def test_a_disk_that_is_too_small_is_named() -> None:
    host = machine()
    host.folders["/var"] = Folder()
    host.commands[("df", "-P", "-B1", "/var")] = says(f"F\n/dev/vda 9 9 {5 << 20} 99% /var\n")
    assert read(host).short == (Short("/var", 5 << 20, 128 << 20),)


def test_no_archive_is_looked_at_for_the_package() -> None:
    host = machine()
    found = read_source(host, ANSWERS, FACTS, Past())
    assert found == Source()
    assert host.acts == []


def test_from_package_to_source_the_former_stops_and_reads_us_no_more() -> None:
    plan = changes(FROM_SOURCE, replace(SOURCE, site=True), "nginx")
    off = plan.index(Service("nginx", running=False, enabled=False))
    assert plan.index(Service(BUILT_SERVICE, port=443)) > off
    assert RemoveFile("/etc/nginx/conf.d/registry.conf") in plan
    assert RemoveFile("/etc/nginx/conf.d/registry.conf") not in changes(FROM_SOURCE, SOURCE)


def test_an_nginx_that_was_here_before_us_goes_on() -> None:
    case = given(FROM_SOURCE, with_source(replace(SOURCE, site=True)))
    stops = [each for each in changes(FROM_SOURCE, SOURCE) if isinstance(each, Service)]
    assert all(each.running for each in stops)
    (proxy,) = (step for step in make_plan(case) if step.id == "proxy")
    assert [command.argv[-1] for command in proxy.then] == [BUILT_SERVICE, "nginx"]


def test_from_source_to_package_all_of_it_goes_once_it_has_stopped() -> None:
    plan = changes(ANSWERS, Source(built=(BUILT,), unit=True), "nginx")
    off = plan.index(Service(BUILT_SERVICE, running=False, enabled=False))
    gone: list[Change] = [
        RemoveFile(UNIT["systemd"]),
        RemoveFile(f"{PREFIX}/conf/nginx.conf"),
        BUILT,
    ]
    assert [plan.index(each) > off for each in gone] == [True, True, True]
    assert plan.index(BUILT) > plan.index(gone[1])


def test_a_build_that_is_not_on_record_is_stopped_and_stays() -> None:
    plan = changes(ANSWERS, Source(unit=True))
    assert Service(BUILT_SERVICE, running=False, enabled=False) in plan
    assert not any(isinstance(each, RemoveBuild) for each in plan)
    assert RemoveFile(UNIT["systemd"]) not in plan


def test_another_prefix_takes_over_from_the_former() -> None:
    former = RemoveBuild("/opt/former", ())
    plan = changes(FROM_SOURCE, replace(SOURCE, built=(former, BUILT), unit=True))
    assert former in plan
    assert BUILT not in plan
    units = [each for each in plan if isinstance(each, WriteFile) and each.path == UNIT["systemd"]]
    assert b"ExecStart=/opt/nginx/sbin/nginx" in units[0].content
    assert RemoveFile(UNIT["systemd"]) not in plan


def test_each_init_system_has_its_own_service() -> None:
    facts = replace(FACTS, init="init scripts", source=SOURCE)
    plan = [each for step in make_plan(given(FROM_SOURCE, facts)) for each in step.changes]
    (script,) = (each for each in plan if each.key == f"file:{UNIT['init scripts']}")
    assert isinstance(script, WriteFile)
    assert script.mode == 0o755
    assert script.content.startswith(b"#!/bin/sh\n# Written by registry-wizard;")


def test_undo_goes_to_the_first_state_though_another_step_had_the_last_word(
    tmp_path: Path,
) -> None:
    engine, path = Engine(tmp_path), str(tmp_path / "file")
    engine.apply(engine.step(WriteFile(path, b"ours\n")))
    retire = Step("retire", "Retire", "for a test", (RemoveFile(path),))
    engine.apply(retire)
    assert [step.id for step in engine.plan()] == ["step"]
    engine.undo()
    assert HOST.read(path) is None
    assert engine.plan() == ()


def test_what_was_built_is_on_record_until_it_is_taken_back(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    assert engine.journal.builds() == ()
    engine.journal.record(engine.step(), BUILT, BUILT)
    engine.journal.record(engine.step(), BUILT, replace(BUILT, folders=()))
    assert engine.journal.builds() == (BUILT,)
    engine.journal.mark_undone("localhost", BUILT.key)
    assert engine.journal.builds() == ()
