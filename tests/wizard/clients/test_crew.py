"""Many clients at once, on machines made of tables: plans, failures that stay alone, the roster."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost, says
from tests.given import given
from wizard.answers import Client
from wizard.changes.files import MarkedLine, WriteFile
from wizard.changes.store import Anchors
from wizard.clients import roster
from wizard.clients.crew import Crew
from wizard.clients.facts import WHICH
from wizard.clients.plan import step_id
from wizard.errors import Interrupted, WizardError
from wizard.events import Event, StepDone, StepFailed
from wizard.executor import Executor
from wizard.hosts import File, Folder
from wizard.journal import Journal
from wizard.refusals import Unreachable
from wizard.troubles import Ours
from wizard.undo import UndoJournal, undo_plan

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.given import Visit
    from wizard.plan import Plan

NAME, IP = "docker.benet.com", "192.168.1.107"
CA = given().pki.trust
OURS = Ours((NAME, IP), 443, CA)
DOCKER = f"/etc/docker/certs.d/{NAME}/ca.crt"
STORE = "/usr/local/share/ca-certificates"


def machine(programs: str, name: str, **more: str) -> FakeHost:
    """Give a Debian client with these programs, which knows nothing of the registry."""
    host = FakeHost(
        commands={
            ("cat", "/etc/os-release"): says('ID=debian\nPRETTY_NAME="Debian 12"\n'),
            ("id", "-u"): says("0\n"),
            ("date", "+%s"): says("1764072000\n"),
            ("sh", "-c"): says(),
            ("sh", "-c", WHICH): says(programs.replace(" ", "\n")),
            ("update-ca-certificates",): says(),
            **{tuple(argv.split()): says(out) for argv, out in more.items()},
        },
        files={"/etc/hosts": File(b"127.0.0.1 localhost\n")},
        name=name,
    )
    host.folders |= {each: Folder() for each in ("/etc", "/run/systemd/system")}
    return host


def crew(hosts: dict[str, FakeHost]) -> Crew:
    def connect(client: Client) -> FakeHost:
        if client.host not in hosts:
            raise Unreachable(f"{client.host} does not answer by SSH", "is it switched on?")
        return hosts[client.host]

    return Crew(OURS, IP, connect)


def clients(*names: str) -> tuple[Client, ...]:
    return tuple(map(Client, names))


def test_each_place_is_where_its_program_looks() -> None:
    hosts = {"a": machine("docker dockerd containerd", "a"), "b": machine("podman crictl", "b")}
    a, b = crew(hosts).visit(clients("a", "b"))
    assert (a.trusting, b.trusting) == (("docker",), ("podman",))
    assert paths(a) == [DOCKER, f"/etc/docker/certs.d/{IP}/ca.crt"]
    assert paths(b) == [each.replace("docker/", "containers/", 1) for each in paths(a)]
    lines = [c.line for c in a.plan[0].changes if isinstance(c, MarkedLine)]
    assert lines == [f"{IP}\t{NAME}"]
    assert (a.plan[0].host, a.plan[0].then) == ("a", ())


def test_what_is_answered_counts_before_what_is_found() -> None:
    (visit,) = crew({"a": machine("docker dockerd", "a")}).visit(
        [Client("a", trust=("podman", "containerd"))]
    )
    assert {path.split("/")[2] for path in paths(visit)} == {"containers", "containerd"}
    toml = next(each for each in contents(visit) if b"[host." in each)
    assert f'[host."https://{NAME}"]'.encode() in toml


def test_a_kubelets_containerd_is_told_of_the_folder_and_restarted() -> None:
    (visit,) = crew({"a": machine("containerd kubelet", "a")}).visit(clients("a"))
    assert "/etc/containerd/config.toml" in paths(visit)
    assert [each.argv for each in visit.plan[0].then] == [("systemctl", "restart", "containerd")]
    (alone,) = crew({"a": machine("containerd ctr", "a")}).visit(clients("a"))
    assert "/etc/containerd/config.toml" not in paths(alone)
    assert alone.plan[0].then == ()


def test_k3s_reads_its_file_when_it_starts() -> None:
    host = machine("k3s", "a", **{"systemctl is-active --quiet k3s": ""})
    (visit,) = crew({"a": host}).visit(clients("a"))
    assert [each.argv for each in visit.plan[0].then] == [("systemctl", "restart", "k3s")]
    assert "/etc/rancher/k3s/registries.yaml" in paths(visit)


def test_the_systems_store_gets_a_file_named_after_the_ca() -> None:
    host = machine("docker", "a")
    host.folders[STORE] = Folder()
    (visit,) = crew({"a": host}).visit(clients("a"))
    assert visit.trusting == ("docker", "system")
    (anchors,) = (c for c in visit.plan[0].changes if isinstance(c, Anchors))
    assert anchors.tool == ("update-ca-certificates",)
    assert anchors.paths[0].endswith(f"-{OURS.fingerprint[:8]}.crt")


def test_a_kubelet_pulls_through_dockers_containerd_too() -> None:
    (visit,) = crew({"a": machine("docker dockerd containerd kubelet", "a")}).visit(clients("a"))
    assert visit.trusting == ("docker", "containerd")


def test_settings_of_somebody_keep_their_mode_and_stay_unseen() -> None:
    host = machine("k3s", "a")
    path = "/etc/rancher/k3s/registries.yaml"
    host.files[path] = File(b"configs:\n  other: {auth: {password: HUNTER2}}\n", 0o640, "a", "b")
    (visit,) = crew({"a": host}).visit(clients("a"))
    change = next(c for c in visit.plan[0].changes if isinstance(c, WriteFile) and c.path == path)
    assert (change.mode, change.owner, change.group) == (0o640, "a", "b")
    found = change.compare(host)
    assert found
    assert found.inverse
    undone = replace(host, files={**host.files, path: change.file})
    back = found.inverse.compare(undone)
    assert back
    assert "HUNTER2" not in found.text + back.text


def test_a_name_that_leads_there_already_needs_no_line() -> None:
    leads = {f"getent ahosts {NAME}": f"{IP} STREAM {NAME}\n"}
    (visit,) = crew({"a": machine("docker", "a", **leads)}).visit(clients("a"))
    assert [c.line for c in visit.plan[0].changes if isinstance(c, MarkedLine)] == [""]


def test_one_that_fails_stops_no_other(tmp_path: Path) -> None:
    hosts = {name: machine("docker", name) for name in "abcd"}
    full = hosts["c"]
    full.write = refuses  # type: ignore[method-assign]
    journal, told = Journal(tmp_path), list[Event]()
    every = crew(hosts).visit(clients("a", "b", "c", "d", "off"))
    ended = crew(hosts).work(every, journal, told.append, lambda: False)
    assert {name: end for name, end in ended.items() if isinstance(end, int)} == dict.fromkeys(
        "abd", 3
    )
    assert "No space left" in str(ended["c"])
    assert "does not answer" in str(ended["off"])
    failed = {each.step for each in told if isinstance(each, StepFailed)}
    assert failed == {step_id("c"), step_id("off")}
    assert sum(isinstance(each, StepDone) for each in told) == 3
    assert all(hosts[name].files[DOCKER].content == CA for name in "abd")

    again = crew(hosts).work(
        crew(hosts).visit(clients("a", "b", "d")), journal, told.append, lambda: False
    )
    assert again == dict.fromkeys("abd", 0)


def test_each_client_is_taken_back_alone_and_byte_for_byte(tmp_path: Path) -> None:
    hosts = {name: machine("docker", name) for name in "ab"}
    journal = Journal(tmp_path)
    crew(hosts).work(crew(hosts).visit(clients("a", "b")), journal, lambda _: None, lambda: False)
    assert sorted(journal.hosts()) == ["a", "b"]
    plan = undo_plan(journal, host="a")
    assert {step.host for step in plan} == {"a"}
    undo(hosts, journal, plan)
    assert hosts["a"].files == {"/etc/hosts": File(b"127.0.0.1 localhost\n")}
    assert DOCKER in hosts["b"].files
    assert journal.hosts() == ("b",)
    journal.forget("b")
    assert undo_plan(journal) == ()


def test_who_asks_to_stop_stops_between_two_changes(tmp_path: Path) -> None:
    hosts = {name: machine("docker", name) for name in "ab"}
    with pytest.raises(Interrupted):
        crew(hosts).work(
            crew(hosts).visit(clients("a", "b")), Journal(tmp_path), lambda _: None, lambda: True
        )
    assert all(set(host.files) == {"/etc/hosts"} for host in hosts.values())


def test_they_are_visited_side_by_side() -> None:
    names = [f"client{n}" for n in range(16)]
    together = threading.Barrier(len(names), timeout=10)

    def connect(client: Client) -> FakeHost:
        together.wait()
        return machine("docker", client.host)

    assert len(Crew(OURS, IP, connect).visit(clients(*names))) == len(names)


def test_a_mistake_of_ours_is_no_failure_of_a_client() -> None:
    def connect(client: Client) -> FakeHost:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Crew(OURS, IP, connect).visit(clients("a"))


def test_the_roster_is_kept_and_goes_with_its_last_entry() -> None:
    here = FakeHost()
    a = roster.Entry(Client("a", trust=("docker",)), "Debian", ("docker",), "AB", "2036", "now")
    b = roster.Entry(Client("b", "ops", 2222, "SHA256:x"), failed=("name",))
    roster.enter(here, [a, b])
    roster.enter(here, [replace(a, good=True)])
    assert roster.read_roster(here) == {"a": replace(a, good=True), "b": b}
    roster.strike(here, ["a"])
    assert [*roster.read_roster(here)] == ["b"]
    roster.strike(here, ["b", "c"])
    assert here.files == {}


def paths(visit: Visit) -> list[str]:
    return [each.path for each in visit.plan[0].changes if isinstance(each, WriteFile)]


def contents(visit: Visit) -> list[bytes]:
    return [each.content for each in visit.plan[0].changes if isinstance(each, WriteFile)]


def refuses(path: str, file: File) -> None:
    raise WizardError(f"{path} could not be written on c: No space left on device")


def undo(hosts: dict[str, FakeHost], journal: Journal, plan: Plan) -> None:
    Executor(dict(hosts), UndoJournal(journal, hosts), lambda _: None).apply(plan)
