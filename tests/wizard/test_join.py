"""The script that makes a machine a client, run in rooms of a few files; and the line for it."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import http.server
import shutil
import signal
import ssl
import subprocess
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.given import ANSWERS, NOW, given
from tests.rooms import HOSTS, Room, make_room
from tests.wizard.test_script import CASES as SCRIPTS
from tests.wizard.test_script import shellcheck
from wizard import pki
from wizard.answers import Certificate
from wizard.changes.files import MarkedLine
from wizard.facts import HOSTS_MARKER
from wizard.hosts import LocalHost
from wizard.join import LINE, Join, join_of
from wizard.script.publish import join_script
from wizard.troubles.trouble import file_stem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ("shellcheck",)

SHELLS = {
    "dash": ("/usr/bin/dash",),
    "bash": ("/usr/bin/bash",),
    "busybox": ("/usr/bin/busybox", "sh"),
}
NAMES = ("docker.benet.com", "registry.benet.com")
CA = pki.mint_authority(pki.Wanted(NAMES, ("192.168.1.107",)), NOW).certificate
JOIN = Join(NAMES, ("192.168.1.107",), "192.168.1.107", 443, CA)
ODD = pki.Wanted(
    ("xn--mller-kva.example.com",), (), ca_common_name="Müller's $(CA), no. 1 /\\", organization="x"
)
JOINS = {
    "names": JOIN,
    "a port": replace(JOIN, port=8443),
    "an address": replace(JOIN, names=()),
    "IPv6": replace(JOIN, names=(), addresses=("2001:db8::107",), ip="2001:db8::107", port=8443),
    "an odd CA": Join(
        ODD.names, ("10.0.0.7",), "10.0.0.7", 443, pki.mint_authority(ODD, NOW).certificate
    ),
}
STATE = "/var/lib/registry-wizard-join"
LINE_ON_TOP = b"192.168.1.107\tdocker.benet.com registry.benet.com\t# registry-wizard\n"


@pytest.fixture(scope="module", autouse=True)
def busybox() -> None:
    if subprocess.run(
        ["sh", "-c", "command -v busybox"], check=False, capture_output=True
    ).returncode:
        argv = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "busybox-static"]
        subprocess.run(argv, check=True)


@pytest.fixture(params=SHELLS)
def any_room(request: pytest.FixtureRequest, tmp_path: Path) -> Room:
    return furnished(make_room(tmp_path / "room", *SHELLS[request.param]))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return furnished(make_room(tmp_path / "room"))


def furnished(room: Room, join: Join = JOIN) -> Room:
    room.put("/root/join.sh", join.script)
    return room


def joined(room: Room, *argv: str, code: int = 0, before: str = "") -> str:
    done = room.run("/root/join.sh", *argv, before=before)
    assert done.returncode == code, done.stdout + done.stderr
    assert code or not done.stderr
    return done.stdout + done.stderr


def hosts(room: Room) -> bytes:
    return room.path("/etc/hosts").read_bytes()


# What it says.


@pytest.mark.parametrize("join", JOINS)
def test_it_is_sound_posix_shell(join: str, shellcheck: str) -> None:
    for argv in (*((*each, "-n") for each in SHELLS.values()), (shellcheck, "-s", "sh", "-")):
        done = subprocess.run(argv, check=False, input=JOINS[join].script, capture_output=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_it_holds_no_secret() -> None:
    case = given()
    join = join_of(case.answers, case.pki.trust)
    text = join.script.decode() + join.line
    keys = [*case.pki.key.splitlines()[1:-1], *case.pki.authority.key.splitlines()[1:-1]]
    credentials = case.credentials
    secrets = [*credentials.hashes.values(), credentials.http_secret, *map(bytes.decode, keys)]
    for word in (*secrets, "PRIVATE KEY", "password="):
        assert word not in text


def test_the_same_is_written_from_the_same() -> None:
    assert JOIN.script == replace(JOIN).script
    assert JOIN.sha256 == hashlib.sha256(JOIN.script).hexdigest()


def test_the_ca_in_it_is_told_by_name_and_fingerprint() -> None:
    text = JOIN.script.decode()
    assert f"fingerprint={pki.fingerprint(CA)}\n" in text
    assert CA.decode().strip() in text
    assert file_stem(CA).endswith(pki.fingerprint(CA).replace(":", "").lower()[:8])
    odd = file_stem(JOINS["an odd CA"].trust)
    assert odd.startswith("M-ller-s-CA-no.-1-")


def test_a_damaged_script_touches_nothing(room: Room) -> None:
    text = JOIN.script.replace(CA.splitlines()[3], CA.splitlines()[3][::-1])
    room.put("/root/join.sh", text)
    before = room.listing()
    assert "this file was damaged on its way" in joined(room, code=1)
    assert room.listing() == before


# The line.


SERVED = b"echo it runs\necho > /ran\nexit 4\n"


def pasted(room: Room, url: str) -> subprocess.CompletedProcess[str]:
    return room.run("-c", LINE.format(url=url, sha256=hashlib.sha256(SERVED).hexdigest()))


@pytest.mark.parametrize("tool", ["curl", "wget"])
def test_the_line_fetches_compares_and_runs(any_room: Room, tool: str, tmp_path: Path) -> None:
    any_room.has(tool, *(["openssl"] if tool == "wget" else []))  # for busybox's own wget
    with registry(tmp_path, NOW, served=SERVED) as join:
        done = pasted(any_room, join.url)
    assert (done.returncode, done.stdout) == (4, "it runs\n")
    assert not list(any_room.path("/tmp").iterdir())


@pytest.mark.parametrize("tool", ["curl", "wget", "none"])
def test_the_line_runs_nothing_else(any_room: Room, tool: str, tmp_path: Path) -> None:
    if tool != "none":
        any_room.has(tool)
    with registry(tmp_path, NOW, served=SERVED.replace(b"4", b"5")) as join:
        done = pasted(any_room, join.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(
        f"Stopped: {join.url} is out of reach, or not what the registry made; nothing was run\n"
    )
    assert not any_room.path("/ran").exists()
    assert not list(any_room.path("/tmp").iterdir())


def test_the_line_leads_to_the_address_and_port() -> None:
    assert "u='https://192.168.1.107/join.sh'" in JOIN.line
    assert "u='https://[2001:db8::107]:8443/join.sh'" in JOINS["IPv6"].line
    assert JOIN.sha256 in JOIN.line
    assert "\n" not in JOIN.line


# What it does.


def test_it_joins_once_and_takes_everything_back(any_room: Room) -> None:
    any_room.has("docker", "podman", "containerd")
    any_room.has_store()
    before = any_room.listing()
    assert "/etc/docker/certs.d/docker.benet.com/ca.crt" in joined(any_room, "--dry-run", code=10)
    assert any_room.listing() == before

    first = joined(any_room)
    assert hosts(any_room) == LINE_ON_TOP + HOSTS
    for place in ("docker", "containers", "containerd"):
        for name in (*NAMES, "192.168.1.107"):
            assert any_room.path(f"/etc/{place}/certs.d/{name}/ca.crt").read_bytes() == CA
    anchor = f"/usr/local/share/ca-certificates/{file_stem(CA)}.crt"
    assert any_room.path(anchor).read_bytes() == CA
    assert CA in any_room.path("/etc/ssl/certs/ca-certificates.crt").read_bytes()
    assert "ok    docker.benet.com leads to 192.168.1.107" in first
    assert any_room.path(STATE).stat().st_mode & 0o777 == 0o700

    after = any_room.listing()
    assert joined(any_room, "--dry-run").startswith("Nothing has to be changed")
    assert "Nothing has to be changed on this machine.\nChecks:" in joined(any_room)
    assert any_room.listing() == after

    assert "/etc/hosts" in joined(any_room, "--remove", "--dry-run", code=10)
    joined(any_room, "--remove")
    assert any_room.listing() == before
    assert "nothing to take back" in joined(any_room, "--remove")


def test_with_a_port_every_folder_has_it(room: Room) -> None:
    furnished(room, JOINS["IPv6"]).has("docker")
    joined(room)
    assert [each.name for each in room.path("/etc/docker/certs.d").iterdir()] == [
        "[2001:db8::107]:8443"
    ]
    assert hosts(room) == HOSTS  # an address needs no line


def test_containerd_gets_its_table_and_is_told_what_to_look_at(room: Room) -> None:
    room.has("containerd")
    said = joined(room)
    toml = room.path("/etc/containerd/certs.d/docker.benet.com/hosts.toml").read_text()
    assert toml == (
        'server = "https://docker.benet.com"\n\n[host."https://docker.benet.com"]\n'
        '  capabilities = ["pull", "resolve", "push"]\n'
        '  ca = "/etc/containerd/certs.d/docker.benet.com/ca.crt"\n'
    )
    assert '[plugins."io.containerd.grpc.v1.cri".registry]' in said
    config = '  config_path = "/x:/etc/containerd/certs.d"\n'
    room.put("/etc/containerd/config.toml", config)
    assert "Left to you" not in joined(room)
    assert room.path("/etc/containerd/config.toml").read_text() == config


def test_dockers_own_containerd_is_left_to_docker(room: Room) -> None:
    room.has("containerd", "dockerd")
    joined(room)
    assert not room.path("/etc/containerd").exists()


def test_a_kubelet_pulls_through_containerd_beside_docker_too(room: Room) -> None:
    room.has("containerd", "dockerd", "kubelet")
    joined(room)
    for place in ("docker", "containerd"):
        assert room.path(f"/etc/{place}/certs.d/docker.benet.com/ca.crt").read_bytes() == CA


def test_k3s_gets_its_registries_where_there_are_none(room: Room) -> None:
    room.has("k3s")
    before = room.listing()
    assert "systemctl restart k3s (on an agent: k3s-agent)" in joined(room)
    file = room.path("/etc/rancher/k3s/registries.yaml")
    assert f"tls: {{ca_file: /etc/rancher/k3s/{file_stem(CA)}.crt}}" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "Nothing has to be changed" in joined(room)
    joined(room, "--remove")
    assert room.listing() == before


def test_k3ss_own_registries_are_never_edited(room: Room) -> None:
    room.has("k3s")
    own = room.put("/etc/rancher/k3s/registries.yaml", "mirrors: {}\n")
    said = joined(room)
    assert own.read_text() == "mirrors: {}\n"
    assert 'Add to it, and restart k3s:\n    mirrors:\n      "docker.benet.com":' in said
    own.write_text(f"tls: {{ca_file: /etc/rancher/k3s/{file_stem(CA)}.crt}}\n")
    assert "Left to you" not in joined(room)


def test_a_restart_is_made_only_when_asked_for(room: Room) -> None:
    room.has("rke2")
    room.put("/tools/systemctl", '#!/bin/sh\necho "$*" >> /asked\n', 0o755)
    joined(room, "--restart")
    assert "restart rke2-server\n" in room.path("/asked").read_text()


def test_trust_limits_where_it_goes_and_reaches_what_is_not_here_yet(room: Room) -> None:
    room.has("docker", "podman")
    joined(room, "--trust", "podman")
    assert not room.path("/etc/docker").exists()
    joined(room, "--trust=containerd,podman")
    assert room.path("/etc/containerd/certs.d/docker.benet.com/hosts.toml").exists()
    assert "has no store of CAs that is known here" in joined(room, "--trust", "system", code=1)


# The hosts file.


@pytest.mark.parametrize("content", [b"", HOSTS, b"a\r\nb\r\n", b"\xff\xfe\n# x", None])
def test_our_line_is_the_one_that_the_wizard_writes(
    content: bytes | None, any_room: Room, tmp_path: Path
) -> None:
    any_room.has("docker")
    path, twin = any_room.path("/etc/hosts"), tmp_path / "twin"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
        twin.write_bytes(content)
    before = any_room.listing()
    joined(any_room)
    line = f"192.168.1.107\t{' '.join(NAMES)}"
    MarkedLine(str(twin), HOSTS_MARKER, line).apply(LocalHost(), lambda _: None)
    assert path.read_bytes() == twin.read_bytes()
    joined(any_room, "--remove")
    assert any_room.listing() == before


def test_the_hosts_file_keeps_its_mode_and_the_link_to_it(room: Room) -> None:
    room.has("docker")
    real = room.put("/etc/real", HOSTS, 0o640)
    path = room.path("/etc/hosts")
    path.unlink()
    path.symlink_to("real")
    joined(room)
    assert real.read_bytes() == LINE_ON_TOP + HOSTS
    assert (path.is_symlink(), real.stat().st_mode & 0o777) == (True, 0o640)
    joined(room, "--remove")
    assert (path.is_symlink(), real.read_bytes()) == (True, HOSTS)
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_name_that_leads_there_already_gets_no_line(room: Room) -> None:
    room.has("docker")
    room.put("/etc/hosts", "192.168.1.107 docker.benet.com\n")
    joined(room)
    assert hosts(room) == (
        b"192.168.1.107\tregistry.benet.com\t# registry-wizard\n192.168.1.107 docker.benet.com\n"
    )
    room.put("/etc/hosts", "192.168.1.107 docker.benet.com registry.benet.com\n")
    assert "Nothing has to be changed" in joined(room)


def test_a_former_line_of_ours_makes_room_and_anothers_stays(any_room: Room) -> None:
    any_room.has("docker")
    other = b"192.0.2.7\tother.benet.com\t# registry-wizard\n"
    old = b"192.0.2.8\tdocker.benet.com\t# registry-wizard\r\n"
    content = other + old + HOSTS
    any_room.put("/etc/hosts", content)
    joined(any_room)
    assert hosts(any_room) == LINE_ON_TOP + other + HOSTS
    joined(any_room, "--remove")
    assert hosts(any_room) == content


def test_what_came_into_the_hosts_file_since_stays(any_room: Room) -> None:
    any_room.has("docker")
    joined(any_room)
    any_room.put("/etc/hosts", b"10.0.0.1 new\n" + hosts(any_room))
    joined(any_room, "--remove")
    assert hosts(any_room) == b"10.0.0.1 new\n" + HOSTS
    assert not any_room.path(STATE).exists()


# What is in the way.


def test_what_was_there_comes_back(room: Room) -> None:
    room.has("docker")
    former = room.put("/etc/docker/certs.d/docker.benet.com/ca.crt", "former\n", 0o640)
    link = room.path("/etc/docker/certs.d/registry.benet.com/ca.crt")
    link.parent.mkdir()
    link.symlink_to(former)
    before = room.listing()
    joined(room)
    assert former.read_bytes() == link.read_bytes() == CA
    assert not link.is_symlink()
    joined(room, "--remove")
    assert room.listing() == before


def test_what_somebody_changed_since_stays_and_is_told(room: Room) -> None:
    room.has("docker")
    joined(room)
    path = room.put("/etc/docker/certs.d/docker.benet.com/ca.crt", "mine\n")
    said = joined(room, "--remove", code=1)
    assert "left /etc/docker/certs.d/docker.benet.com/ca.crt: somebody changed it since" in said
    assert path.read_text() == "mine\n"
    assert hosts(room) == HOSTS
    path.unlink()
    joined(room, "--remove")
    assert not room.path(STATE).exists()


def test_a_new_ca_takes_over_and_the_first_state_comes_back(room: Room) -> None:
    room.has("docker")
    room.has_store()
    before = room.listing()
    joined(room)
    new = pki.mint_authority(pki.Wanted(NAMES, ()), NOW).certificate
    furnished(room, replace(JOIN, trust=new))
    joined(room)
    assert room.path("/etc/docker/certs.d/docker.benet.com/ca.crt").read_bytes() == new
    joined(room, "--remove")
    assert room.listing() == before


def test_two_registries_come_and_go_by_themselves(room: Room) -> None:
    room.has("docker")
    room.has_store()
    before = room.listing()
    wanted = pki.Wanted(("other.benet.com",), ("10.0.0.9",))
    other = Join(
        wanted.names,
        wanted.addresses,
        "10.0.0.9",
        8443,
        pki.mint_authority(wanted, NOW).certificate,
    )
    joined(room)
    furnished(room, other)
    joined(room)
    assert hosts(room) == b"10.0.0.9\tother.benet.com\t# registry-wizard\n" + LINE_ON_TOP + HOSTS
    furnished(room)
    joined(room, "--remove")
    assert hosts(room) == b"10.0.0.9\tother.benet.com\t# registry-wizard\n" + HOSTS
    furnished(room, other)
    joined(room, "--remove")
    assert room.listing() == before


READ_ONLY = 'mount --bind "$root/{0}" "$root/{0}" && mount -o remount,ro,bind "$root/{0}"'
FULL = (
    'mount -t tmpfs -o size=4k full "$root/{0}" &&'
    ' dd if=/dev/zero of="$root/{0}/full" bs=4k 2>&1 || :'
)


@pytest.mark.parametrize("folder", ["etc", "var/lib", "etc/docker"])
@pytest.mark.parametrize("trouble", [READ_ONLY, FULL], ids=["read-only", "full"])
def test_a_disk_that_takes_nothing_leaves_everything_as_it_was(
    folder: str, trouble: str, any_room: Room
) -> None:
    any_room.has("docker")
    any_room.path(f"/{folder}").mkdir(exist_ok=True)
    before = any_room.listing()
    said = joined(any_room, "--trust", "docker", code=1, before=trouble.format(folder))
    assert "could not be written: " in said
    assert "for example: mount -o remount,rw /" in said
    assert "Nothing was changed." in said
    assert any_room.listing() == before


def test_a_folder_in_a_files_place_is_told(room: Room) -> None:
    room.has("docker")
    room.path("/etc/docker/certs.d/192.168.1.107/ca.crt").mkdir(parents=True)
    before = room.listing()
    assert "is a folder, and a file belongs there" in joined(room, code=1)
    assert room.listing() == before


BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
STORE = "/tools/update-ca-certificates"


def test_a_store_whose_tool_failed_stays_due(any_room: Room) -> None:
    any_room.has("docker")
    any_room.has_store()
    before = any_room.listing()
    joined(any_room, "--trust", "docker")
    works = any_room.path(STORE).read_bytes()
    any_room.put(STORE, "#!/bin/sh\necho it broke\nexit 1\n", 0o755)
    for _ in range(2):
        said = joined(any_room, "--trust", "docker,system", code=1)
        assert "Stopped: update-ca-certificates failed: it broke" in said
    assert CA not in any_room.path(BUNDLE).read_bytes()
    assert "then update-ca-certificates" in joined(any_room, "--dry-run", code=10)
    any_room.put(STORE, works, 0o755)
    assert "ran update-ca-certificates" in joined(any_room)
    assert CA in any_room.path(BUNDLE).read_bytes()
    assert "Nothing has to be changed" in joined(any_room)
    joined(any_room, "--remove")
    assert any_room.listing() == before


def test_a_bundle_that_lost_the_ca_is_made_anew(any_room: Room) -> None:
    any_room.has_store()
    joined(any_room)
    bundle = any_room.path(BUNDLE)
    bundle.write_bytes(CA.replace(b"\n", b"\r\n"))  # it holds it all the same
    assert "Nothing has to be changed" in joined(any_room)
    bundle.write_bytes(CA.replace(CA.splitlines()[3], CA.splitlines()[3][::-1]))
    assert "ran update-ca-certificates" in joined(any_room)
    assert CA in bundle.read_bytes()


def test_a_bundle_that_does_not_take_the_ca_is_told(any_room: Room) -> None:
    any_room.has_store()
    any_room.put(STORE, "#!/bin/sh\n", 0o755)
    said = joined(any_room, code=4)
    assert f"FAIL  {BUNDLE} does not hold the CA" in said


def killed(room: Room, tool: str, last: str) -> None:
    """Run it until this tool has done its work on a last argument that ends so; SIGKILL then."""
    path = room.path(f"/tools/{tool}")
    works = path.rename(path.with_name(f"{tool}.works"))
    path.write_text(
        "#!/usr/bin/dash\n"
        f'/tools/{tool}.works "$@"\n'
        f'for last; do :; done; case ${{last-}} in *{last}) kill -9 "$(cat /pid)" ;; esac\n'
    )
    path.chmod(0o755)
    script = "echo $$ > /pid; . /root/join.sh"
    assert room.run("-c", script, "/root/join.sh").returncode == -signal.SIGKILL
    works.rename(path)
    for left in room.path("/tmp").iterdir():  # its working folder, which nobody can clear away
        shutil.rmtree(left)


DOCKERS = "/etc/docker/certs.d/docker.benet.com/ca.crt"
KILLS = [
    ("mv", DOCKERS, False),
    ("mv", DOCKERS, True),
    ("mv", "/hosts.toml", False),
    ("mv", "/registries.yaml", True),
    ("mv", f"{file_stem(CA)}.crt", True),
    ("chmod", "/ca.crt.registry-wizard", False),
    ("cat", "/new", True),  # beside /etc/hosts
    ("mv", "/etc/hosts", True),
    ("update-ca-certificates", "", False),
    ("update-ca-certificates", "", True),
]


@pytest.mark.parametrize(("tool", "last", "replacing"), KILLS, ids=map(str, range(len(KILLS))))
@pytest.mark.parametrize("again", [False, True], ids=["at once", "after another run"])
def test_a_kill_between_two_steps_can_be_taken_back(
    tool: str, last: str, room: Room, *, replacing: bool, again: bool
) -> None:
    room.has("docker", "containerd", "k3s")
    room.has_store()
    before = room.listing()
    if replacing:
        old = pki.mint_authority(pki.Wanted(NAMES, ()), NOW).certificate
        joined(furnished(room, replace(JOIN, trust=old, ip="192.168.1.99")))
        furnished(room)
    killed(room, tool, last)
    if again:
        joined(room)
        assert CA in room.path(BUNDLE).read_bytes()
        assert "Nothing has to be changed" in joined(room)
    joined(room, "--remove")
    assert room.listing() == before


def test_what_an_earlier_script_was_killed_at_is_taken_back(room: Room) -> None:
    room.has("docker", "containerd", "k3s")
    before = room.listing()
    joined(room)
    record = room.path(f"{STATE}/docker.benet.com/record")
    lines = record.read_text().splitlines(keepends=True)
    record.write_text("".join(line for line in lines if not line.startswith("left|")))
    joined(room, "--remove")
    assert room.listing() == before


def test_what_came_between_two_runs_stays(any_room: Room) -> None:
    any_room.has("docker")
    any_room.has_store()
    joined(any_room)
    any_room.put("/etc/hosts", b"10.0.0.1 new\n" + hosts(any_room))
    other = pki.mint_authority(pki.Wanted(("other.benet.com",), ()), NOW).certificate
    any_room.put("/usr/local/share/ca-certificates/other.crt", other)
    any_room.run(STORE)
    new = pki.mint_authority(pki.Wanted(NAMES, ()), NOW).certificate
    furnished(any_room, replace(JOIN, ip="192.168.1.99", trust=new))
    joined(any_room)
    joined(any_room, "--remove")
    assert hosts(any_room) == b"10.0.0.1 new\n" + HOSTS
    assert any_room.path(BUNDLE).read_bytes() == b"-----BEGIN CERTIFICATE-----\n" + other


def test_a_bundle_that_its_tool_broke_comes_back(any_room: Room) -> None:
    any_room.has_store()
    any_room.put(STORE, f"#!/bin/sh\n: > {BUNDLE}\necho it broke\nexit 1\n", 0o755)
    before = any_room.listing()
    said = joined(any_room, code=1)
    assert said.endswith("Nothing was changed.\n")
    assert any_room.listing() == before


def test_a_ca_that_the_tool_does_not_take_out_is_told(any_room: Room) -> None:
    any_room.has_store()
    before = any_room.listing()
    joined(any_room)
    works = any_room.path(STORE).read_bytes()
    bundle = any_room.path(BUNDLE)
    bundle.write_bytes(bundle.read_bytes() + CA)
    any_room.put(STORE, "#!/bin/sh\necho it broke\nexit 1\n", 0o755)
    said = joined(any_room, "--remove", code=1)
    assert f"left {BUNDLE}: update-ca-certificates failed: it broke" in said
    any_room.put(STORE, works, 0o755)
    joined(any_room, "--remove")
    assert any_room.listing() == before


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--force",), "there is no option --force; sh join.sh --help names them"),
        (("--trust",), "--trust needs to know where: --trust docker,system"),
        (("--trust", "rkt"), "--trust knows no rkt, but: docker podman containerd k3s rke2 system"),
        (("--remove", "--trust", "docker"), "--remove takes back all that was put here"),
    ],
)
def test_a_wrong_option_is_a_sentence(argv: tuple[str, ...], said: str, any_room: Room) -> None:
    before = any_room.listing()
    assert said in joined(any_room, *argv, code=2)
    assert any_room.listing() == before


def test_where_nothing_is_that_pulls_it_says_so(room: Room) -> None:
    before = room.listing()
    assert "nothing that pulls images was found here" in joined(room, code=1)
    assert room.listing() == before
    assert "ends with 10" in joined(room, "--help")


NOBODY = ("/usr/bin/setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "/usr/bin/dash")


def test_without_root_and_sudo_it_says_so_and_shows_all_the_same(tmp_path: Path) -> None:
    room = furnished(make_room(tmp_path / "room"))
    room.has("docker")
    room = replace(room, shell=NOBODY)
    room.path("/root").chmod(0o755)
    assert "it needs root, and there is no sudo here" in joined(room, code=1)
    assert "/etc/hosts: 192.168.1.107" in joined(room, "--dry-run", code=10)


def test_without_root_it_goes_on_through_sudo(tmp_path: Path) -> None:
    room = furnished(make_room(tmp_path / "room"))
    room.put("/tools/sudo", '#!/bin/sh\necho "sudo $*"\n', 0o755)
    room = replace(room, shell=NOBODY)
    assert "sudo -- sh /root/join.sh --trust docker" in joined(room, "--trust", "docker")


# What it checks.


@contextlib.contextmanager
def registry(
    tmp_path: Path, now: dt.datetime, status: int = 401, served: bytes = b""
) -> Iterator[Join]:
    """Be a registry at 127.0.0.1, as far as an answer to /v2/ goes."""
    wanted = pki.Wanted(NAMES[:1], ("127.0.0.1",))
    made = pki.issue(wanted, pki.mint_authority(wanted, now), now)
    (tmp_path / "pair.pem").write_bytes(made.certificate + made.key)

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if served else status)
            self.send_header("Content-Length", str(len(served)))
            self.end_headers()
            self.wfile.write(served)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing: whoever does not trust it hangs up."""

    server = Quiet(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Join(wanted.names, wanted.addresses, "127.0.0.1", server.server_port, made.trust)
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("tool", ["openssl", "curl"])
def test_it_sees_a_registry_that_stands(tool: str, any_room: Room, tmp_path: Path) -> None:
    sees_a_registry_that_stands(any_room, tool, tmp_path)


def test_it_sees_one_by_wget(room: Room, tmp_path: Path) -> None:
    """By GNU's: busybox's own verifies no certificate, and takes the place of any other."""
    sees_a_registry_that_stands(room, "wget", tmp_path)


def sees_a_registry_that_stands(room: Room, tool: str, folder: Path) -> None:
    room.has("docker", tool)
    with registry(folder, dt.datetime.now(dt.UTC)) as join:
        said = joined(furnished(room, join))
    for place in join.places:
        assert f"ok    {place} is trusted with this CA alone, and asks for a login" in said


@pytest.mark.parametrize("tool", ["openssl", "curl", "wget"])
def test_it_says_what_is_wrong(tool: str, room: Room, tmp_path: Path) -> None:
    room.has("docker", tool)
    now = dt.datetime.now(dt.UTC)
    with registry(tmp_path, now + dt.timedelta(days=9)) as join:
        said = joined(furnished(room, join), code=4)
        assert f"This machine's clock says {now:%Y-%m-%d}" in said
    with registry(tmp_path, now) as join:
        wrong = replace(join, trust=CA)
        assert "certificate of another CA" in joined(furnished(room, wrong), code=4)
    assert "does not answer from here" in joined(furnished(room, join), code=4)
    with registry(tmp_path, now, status=200) as join:
        assert "answers /v2/ with 200 instead of asking" in joined(furnished(room, join), code=4)


# In the server's own script, which mints the CA where it runs.


@pytest.mark.parametrize("case", ["defaults", "names", "own CA"])
def test_the_servers_script_puts_the_same_one_together(case: str, tmp_path: Path) -> None:
    planned = SCRIPTS[case]
    minted = given(planned.answers).pki.trust  # not the one of the plan
    trust = planned.pki.trust if case == "own CA" else minted
    (tmp_path / "ca.crt").write_bytes(trust)
    lines = join_script(planned, f'"{tmp_path}/ca.crt"')
    shell = f'set -eu; LC_ALL=C; work={tmp_path}\nput() {{ cat > "{tmp_path}/$4"; }}\n'
    (tmp_path / "var/www/registry-wizard").mkdir(parents=True)
    done = subprocess.run(["sh"], check=False, input=shell + lines, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    made = (tmp_path / "var/www/registry-wizard/join.sh").read_bytes()
    assert made == join_of(planned.answers, trust).script


def test_an_odd_cas_name_is_read_alike_by_the_servers_script(tmp_path: Path) -> None:
    odd = JOINS["an odd CA"].trust
    (tmp_path / "ca.crt").write_bytes(odd)
    lines = join_script(given(replace(ANSWERS, certificate=Certificate())), '"$work/ca.crt"')
    words = lines.partition("\n{\n")[0]
    done = subprocess.run(
        ["sh"],
        check=True,
        input=f'export LC_ALL=C; work={tmp_path}\n{words}\nfile_stem "$work/ca.crt"\n',
        text=True,
        capture_output=True,
    )
    assert done.stdout == f"{file_stem(odd)}\n"
