"""Each distribution: by which row it is planned, and the whole plan as a reviewer reads it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import MACHINES, recorded, says
from tests.given import ANSWERS, given
from tests.wizard.test_steps import GOLDEN, shown, steady
from wizard.changes.files import WriteFile
from wizard.changes.packagers import PACKAGERS
from wizard.changes.packages import InstallPackages
from wizard.distros import DEBIAN, DEBIAN_13, DISTROS, NEWER, Distro, known, names
from wizard.facts import complete, read_facts, resolve
from wizard.given import dns_names
from wizard.runtime import Docker
from wizard.steps import make_plan
from wizard.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.changes import Change
    from wizard.events import Found
    from wizard.given import Given

COMPOSED = sorted(path.stem for path in MACHINES.glob("*.json") if path.stem != "linux")
DOCKER = Docker("running", "29.1.3", command=True)
# Where the distribution has neither the registry nor Docker, somebody installed Docker.
CASES = {name: Docker() for name in COMPOSED} | {"rocky-9-docker": DOCKER}
ROWS = {
    "ID=debian\nVERSION_ID=12": DEBIAN,
    "ID=debian\nVERSION_ID=13": DEBIAN_13,
    "ID=debian\nVERSION_ID=14": replace(DEBIAN_13, tried=False),
    "ID=debian\nVERSION_ID=11": replace(DEBIAN, tried=False),
    "ID=debian": replace(DEBIAN_13, tried=False),
    "ID=raspbian\nVERSION_ID=12\nID_LIKE=debian": DISTROS["raspbian"],
    "ID=rhel\nVERSION_ID=9.4\nID_LIKE=fedora": DISTROS["rhel"],
    "ID=linuxmint\nVERSION_ID=22\nID_LIKE='ubuntu debian'": replace(
        DISTROS["ubuntu"], like="Ubuntu"
    ),
    "ID=ol\nVERSION_ID=9\nID_LIKE=fedora": replace(DISTROS["fedora"], like="Fedora"),
    "ID=sled\nID_LIKE=suse": replace(DISTROS["sles"], like="SUSE Linux Enterprise"),
    "ID=manjaro\nID_LIKE=arch": replace(DISTROS["arch"], like="Arch Linux"),
    "ID=nixos": None,
    "": None,
}


@pytest.mark.parametrize("text", ROWS)
def test_a_system_is_known_by_its_id_and_version_else_by_likeness(text: str) -> None:
    pairs = (line.split("=", 1) for line in text.splitlines())
    assert known({key: value.strip("'") for key, value in pairs}) == ROWS[text]


@pytest.mark.parametrize("row", [*DISTROS.values(), *(row for _, row in NEWER.values())])
def test_every_row_is_whole(row: Distro) -> None:
    assert row.manager in PACKAGERS
    assert row.refresh
    assert row.compiler
    for path in (row.conf_d, row.anchors, row.registry_file, row.default_site, row.nginx_conf):
        assert path == "" or path.startswith("/")
    assert (row.registry == "") == (row.registry_file == "") == (row.registry_service == "")


def facts_of(case: str) -> Given:
    """Give all that a plan for this machine is made from."""
    host = recorded(case.removesuffix("-docker"))
    facts = replace(read_facts(host, ANSWERS), docker=CASES[case])
    answers = complete(ANSWERS, facts, None)
    facts = resolve(host, facts, dns_names(answers))
    assert facts.distro
    return replace(given(facts=facts), answers=answers, distro=facts.distro, facts=facts, host=host)


def told(case: Given) -> str:
    """Tell what the survey finds and, where nothing stands in the way, the plan."""
    found = survey(case.answers, case.facts)
    lines = [f"{case.facts.os}, {case.facts.init}; runtime {case.answers.registry.runtime}"]
    lines.append(f"trust store: {case.distro.anchors}, then {' '.join(case.distro.refresh)}")
    lines += [line for each in found for line in finding(each)]
    if not any(each.blocker for each in found):
        lines += list(planned(case))
    return "\n".join(lines) + "\n"


def finding(each: Found) -> tuple[str, str]:
    return f"{'stops' if each.blocker else 'warns'}: {each.text}", f"  -> {each.remedy}"


def planned(case: Given) -> Iterator[str]:
    for step in make_plan(case):
        yield f"{step.id}: {step.title}"
        for change in step.changes:
            yield f"  {change.label}"
            yield from (f"    {line}" for line in brief(change, case))
        yield from (f"  then {' '.join(command.argv)}" for command in step.then)


AS_ON_DEBIAN = {
    steady(change.content.decode())
    for step in make_plan(given())
    for change in step.changes
    if isinstance(change, WriteFile)
}


def brief(change: Change, case: Given) -> list[str]:
    """A file that is the same on Debian 12 is not written out again."""
    if isinstance(change, InstallPackages):
        due = change.compare(case.host)
        return [repr(change), due.text if due else "nothing is missing"]
    lines = shown(change)
    same = isinstance(change, WriteFile) and steady(change.content.decode()) in AS_ON_DEBIAN
    return [lines[0], "as in defaults.txt"] if same and len(lines) > 1 else lines


@pytest.mark.parametrize("case", CASES)
def test_the_plan_for_a_distribution_is_as_reviewed(case: str) -> None:
    text = steady(told(facts_of(case)))
    path = GOLDEN / f"{case}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text


@pytest.mark.parametrize("machine", COMPOSED)
def test_a_machine_that_was_not_recorded_says_so(machine: str) -> None:
    record = json.loads((MACHINES / f"{machine}.json").read_text())
    kinds = ("Composed, not recorded: ", "Recorded on ")
    assert machine == "debian-12" or record["note"].startswith(kinds)


@pytest.mark.parametrize("case", ["debian-12", "debian-13"])
def test_what_is_installed_for_real_in_our_tests_has_no_warning(case: str) -> None:
    assert survey(facts_of(case).answers, facts_of(case).facts) == ()


def test_planned_from_documentation_is_said_and_so_is_likeness() -> None:
    (found,) = survey(facts_of("ubuntu-24.04").answers, facts_of("ubuntu-24.04").facts)
    assert found.text == "Ubuntu 24.04.3 LTS is planned from documentation, not run in our tests"
    assert (found.remedy, found.blocker) == ("look at the review closely", False)
    (found,) = survey(facts_of("linuxmint-22").answers, facts_of("linuxmint-22").facts)
    assert found.text == "Linux Mint 22 is planned by likeness with Ubuntu, not run in our tests"


def test_an_unknown_system_is_told_which_ones_are_known() -> None:
    case = given()
    found = survey(case.answers, replace(case.facts, distro=None, os="NixOS 26.05"))[0]
    assert found.text == "This is NixOS 26.05, which is not known here yet"
    assert names() in found.remedy
    assert "Rocky Linux" in names()


NGINX_CONF = """# configuration file /etc/nginx/nginx.conf:
http {
    include       mime.types;
    server { listen       80; server_name  localhost; }
    %s
}
"""


def with_nginx(machine: str, more: str) -> Given:
    """Give a machine where nginx is, and what its nginx.conf says besides upstream's."""
    host = recorded(machine)
    host.commands |= {("nginx",): says(), ("nginx", "-T"): says(NGINX_CONF % more)}
    facts = read_facts(host, ANSWERS)
    assert facts.distro
    return replace(given(facts=facts), distro=facts.distro)


def test_an_nginx_that_would_not_read_our_site_stops_it_with_the_line_to_add() -> None:
    mine = "server { listen 80; server_name mine.example; }"
    facts = with_nginx("arch", mine).facts
    blockers = [each for each in survey(ANSWERS, facts) if each.blocker]
    assert [each.text for each in blockers] == [
        "nginx here reads no file in /etc/nginx/conf.d, where our site would stand"
    ]
    assert "add `include /etc/nginx/conf.d/*.conf;` to the http block" in blockers[0].remedy
    for line in ("include /etc/nginx/conf.d/*.conf;", "include conf.d/*.conf;"):
        assert with_nginx("arch", f"{mine}\n{line}").facts.unread == ""
    assert with_nginx("opensuse-leap-15.6", f"{mine}\ninclude vhosts.d/*.conf;").facts.unread == ""


def test_an_nginx_conf_in_which_nobody_set_anything_up_is_replaced_in_whole() -> None:
    case = with_nginx("arch", "")
    assert (case.facts.bare, case.facts.unread) == (True, "")
    assert "write /etc/nginx/nginx.conf" in "\n".join(planned(case))
    theirs = with_nginx("arch", "include /etc/nginx/conf.d/*.conf;\nserver { server_name a.b; }")
    assert "write /etc/nginx/nginx.conf" not in "\n".join(planned(theirs))


def test_busyboxs_own_tools_are_not_taken_for_a_machine_without_addresses() -> None:
    host = recorded("alpine-3.22")
    host.commands[("ip", "-j")] = says("", 1, "ip: invalid option -- 'j'\n")
    del host.commands[("ip", "-j", "addr", "show", "scope", "global")]
    facts = read_facts(host, ANSWERS)
    assert facts.without == ("ip",)
    texts = [(each.text, each.remedy) for each in survey(ANSWERS, facts) if each.blocker]
    assert "ip of iproute2 cannot be used here" in texts[0][0]
    assert "apk add iproute2" in texts[0][1]
