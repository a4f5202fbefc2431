"""The main job on real machines: from fresh to verified, used by real clients, and back again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.hosts.faults import hold_the_package_lock
from tests.installation import Client, departed, events, install, listing, verdicts, wizard

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
SERVER = 'role = "server"\n'
SENTINEL = "S3ntinel-pass.word-nobody-sees"
PASSWORD_FILE = "/etc/registry-wizard/admin.password"


def named(server: Machine, more: str = "") -> str:
    users = f'\n[[users]]\nname = "testuser"\npassword_file = "{password(server)}"\n'
    return f'{SERVER}[registry]\nhostname = "docker.benet.com"\n{more}{users}'


def password(server: Machine) -> str:
    server.put("/root/testuser.password", f"{SENTINEL}\n", "600")
    return "/root/testuser.password"


def client_of(machine: Machine, server: Machine, name: str, port: int = 443) -> Client:
    made = Client(machine, name, port, SENTINEL, "testuser")
    made.trust(server, "" if name[0].isdigit() or ":" in name else server.ip)
    return made


def test_one_command_makes_a_fresh_machine_a_verified_registry(
    server: Machine, client: Machine
) -> None:
    untouched = listing(server)
    dry = wizard(server, "--answers", "-", "--dry-run", stdin=SERVER)
    assert (dry.returncode, dry.stderr) == (10, "")
    assert "create: write /etc/nginx/conf.d/registry.conf" in dry.stdout
    assert departed(server, untouched) == []

    printed = install(server, SERVER)
    assert "FAIL" not in printed
    assert "succeeds for server.internal" in printed
    made = server.run("cat", PASSWORD_FILE).stdout.strip()
    assert f"Password of admin, shown this once: {made}" in printed
    assert (
        server.run("systemctl", "is-enabled", "nginx", "docker-registry").stdout.count("enabled")
        == 2
    )

    user = Client(client, "server.internal", 443, made)
    user.trust(server, server.ip)
    assert user.curl() == "200"
    user.login()
    reference = user.image("team/app")
    digest = user.push(reference)
    login = f"admin:{made}"
    user.skopeo("copy", "--src-creds", login, f"docker://{reference}", "dir:/root/copied")
    user.pull(reference, digest)
    creds = ("--dest-creds", login)
    user.skopeo("copy", *creds, "dir:/root/copied", "docker://server.internal/team/again:2")
    listed = user.skopeo("list-tags", "--creds", login, "docker://server.internal/team/again")
    assert json.loads(listed)["Tags"] == ["2"]
    the_catalog_says_what_was_pushed(server, user, login, digest)


def the_catalog_says_what_was_pushed(
    server: Machine, user: Client, login: str, digest: str
) -> None:
    """Look at two images, at one for two platforms, and at what is left of a deleted one."""
    arm = user.image("team/arm")
    user.push(arm)
    both, one = f"{user.at}/team/both:1.0", f"{user.at}/team/app:1"
    for argv in (
        ("create", both, one, arm),
        ("annotate", both, arm, "--os", "linux", "--arch", "arm64", "--variant", "v8"),
        ("push", both),
    ):
        user.machine.run("docker", "manifest", *argv)
    every = {f"{each['repository']}:{each['tag']}": each for each in catalog(server)}
    assert sorted(every) == ["team/again:2", "team/app:1", "team/arm:1", "team/both:1.0"]
    assert (every["team/app:1"]["digest"], every["team/app:1"]["platforms"]) == (
        digest,
        ["linux/amd64"],
    )
    assert 4_500_000 < every["team/app:1"]["size"] < 4_600_000
    assert every["team/both:1.0"]["platforms"] == ["linux/amd64", "linux/arm64/v8"]
    parts = every["team/app:1"]["size"] + every["team/arm:1"]["size"]
    assert every["team/both:1.0"]["size"] == parts
    assert every["team/both:1.0"]["media_type"].endswith("manifest.list.v2+json")
    the_table_is_for_root_and_what_was_deleted_is_gone(server, user, login)


def the_table_is_for_root_and_what_was_deleted_is_gone(
    server: Machine, user: Client, login: str
) -> None:
    table = wizard(server, "catalog", "TEAM/b").stdout.splitlines()
    assert table[1].split()[:5] == ["team/both", "1.0", "8.6", "MiB", "linux/amd64"]
    assert table[-1] == "1 repository, 1 tag"
    other = server.run("runuser", "-u", "nobody", "--", "registry-wizard", "catalog", check=False)
    assert (other.returncode, other.stdout) == (1, "")
    assert "may not be read by this user\n  -> run it as root" in other.stderr
    user.skopeo("delete", "--creds", login, f"docker://{user.at}/team/again:2")
    assert [each["repository"] for each in catalog(server, "again")] == []
    assert len(catalog(server)) == 3


def catalog(server: Machine, *text: str) -> list[dict[str, Any]]:
    done = wizard(server, "catalog", "--json", *text)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_without_the_ca_a_real_docker_refuses(server: Machine, client: Machine) -> None:
    install(server, named(server))
    user = client_of(client, server, "docker.benet.com")
    user.login()
    client.run("rm", "-r", "/etc/docker/certs.d/docker.benet.com")
    refused = client.run("docker", "pull", "docker.benet.com/any", check=False)
    assert "x509: certificate signed by unknown authority" in refused.stderr
    client.run("sed", "-i", "/docker.benet.com/d", "/etc/hosts")


def test_a_second_run_changes_nothing_and_reloads_nothing(server: Machine) -> None:
    install(server, SERVER)
    before, processes = listing(server), server.run("pgrep", "-a", "nginx|docker-reg").stdout
    second = events(server, SERVER)
    assert second[-1]["event"] == "Finished"
    assert second[-1]["changed"] == 0
    assert verdicts(second) == {"passed"}
    assert departed(server, before) == []
    assert server.run("pgrep", "-a", "nginx|docker-reg").stdout == processes
    assert wizard(server, "--answers", "-", "--dry-run", stdin=SERVER).returncode == 0
    assert wizard(server, "verify").returncode == 0
    status = json.loads(wizard(server, "status", "--json").stdout)
    assert (status["installed"], status["nginx"], status["users"]) == (True, "running", ["admin"])


def test_undo_brings_every_file_back_and_frees_the_ports(server: Machine) -> None:
    quiet = "#!/bin/sh\nexit 101\n"
    server.put("/usr/sbin/policy-rc.d", quiet, "755")
    server.run("apt-get", "install", "-y", "-q", "--no-install-recommends", "libnginx-mod-http-js")
    server.run("apt-get", "install", "-y", "-q", "--no-install-recommends", "docker-registry")
    server.put("/etc/hosts", "127.0.0.1 localhost\r\n# mine, with no last line break", "640")
    server.put("/etc/nginx/conf.d/other.conf", "server { listen 8080; server_name other; }\n")
    server.run("systemctl", "start", "nginx")
    other = "-not -path '/var/lib/registry-wizard*'"
    before = listing(server, other)
    answers = f"{SERVER}[registry]\nhttp_redirect = false\n[certificate]\ndays = 30\n"
    install(server, answers)
    install(server, f"{SERVER}[registry]\ndelete = false\n[certificate]\ndays = 60\n")
    assert wizard(server, "undo", "--dry-run").returncode == 10
    done = wizard(server, "undo")
    assert (done.returncode, done.stderr) == (0, "")
    assert departed(server, before, other) == []
    assert server.run("ss", "-Hltn", "sport = :443 or sport = :5000").stdout == ""
    assert server.run("systemctl", "is-active", "nginx").stdout == "active\n"
    again = wizard(server, "undo", "--json")
    assert json.loads(again.stdout.splitlines()[-1])["changed"] == 0


def test_undo_takes_the_packages_too_when_asked(server: Machine) -> None:
    install(server, SERVER)
    assert wizard(server, "undo", "--packages").returncode == 0
    for package in ("nginx", "nginx-common", "docker-registry"):
        state = server.run("dpkg-query", "-W", "-f", "${db:Status-Status}", package, check=False)
        assert state.stdout in ("", "not-installed")


def test_undo_refuses_what_somebody_changed_since(server: Machine) -> None:
    install(server, SERVER)
    server.run("sh", "-c", "echo '# mine' >> /etc/nginx/conf.d/registry.conf")
    refused = wizard(server, "undo")
    assert refused.returncode == 1
    assert "remove /etc/nginx/conf.d/registry.conf" in refused.stderr
    assert wizard(server, "verify").returncode == 0
    assert wizard(server, "undo", "--force").returncode == 0
    kept = server.run("grep", "-l", "# mine", "-r", "/var/lib/registry-wizard/kept").stdout
    assert kept.count("\n") == 1


def test_it_works_where_init_scripts_start_the_services(
    server_sysv: Machine, client: Machine
) -> None:
    install(server_sysv, named(server_sysv))
    second = events(server_sysv, named(server_sysv))
    assert second[-1]["changed"] == 0
    changed = events(server_sysv, named(server_sysv, "delete = false\n"))
    assert verdicts(changed) == {"passed"}
    user = client_of(client, server_sysv, "docker.benet.com")
    user.login()
    reference = user.image("old/init")
    user.pull(reference, user.push(reference))
    client.run("sed", "-i", "/docker.benet.com/d", "/etc/hosts")
    assert wizard(server_sysv, "undo").returncode == 0
    assert server_sysv.run("ss", "-Hltn", "sport = :443 or sport = :5000").stdout == ""


def test_a_bare_address_on_another_port(server: Machine, client: Machine) -> None:
    users = f'[[users]]\nname = "testuser"\npassword_file = "{password(server)}"\n'
    registry = f'[registry]\nhostname = "{server.ip}"\nhttps_port = 8443\ndelete = false\n'
    install(server, SERVER + registry + users)
    user = client_of(client, server, server.ip, 8443)
    user.login()
    reference = user.image("by/address")
    user.pull(reference, user.push(reference))
    strict = ("openssl", "verify", "-x509_strict", "-verify_ip", server.ip, "-purpose", "sslserver")
    pki = "/etc/registry-wizard/pki"
    server_crt = server.run("cat", f"{pki}/server.crt").stdout
    client.put("/root/server.crt", server_crt)
    said = client.run(*strict, "-CAfile", "/root/ca.crt", "/root/server.crt").stdout
    assert said == "/root/server.crt: OK\n"


def test_every_further_name_and_address_is_served(server: Machine, client: Machine) -> None:
    second, six = f"172.30.{server.network.number}.200", f"fd30:{server.network.number}::200"
    server.add_address(f"{second}/24")
    server.add_address(f"{six}/64")
    more = f'[certificate]\nalt_names = ["registry.benet.com", "{second}", "{six}"]\n'
    printed = install(server, named(server, more))
    every = f"docker.benet.com, registry.benet.com, {server.ip}, {second}, {six}"
    assert f"ok   tls-names: it holds {every}" in printed
    for name in ("registry.benet.com", second):
        user = client_of(client, server, name)
        user.login()
        reference = user.image("by/name")
        user.pull(reference, user.push(reference))
    user = client_of(client, server, six)
    assert user.curl() == "200"
    # Docker 20.10 knows no IPv6 reference; a registry of that address is used by newer ones.
    found = user.curl("/v2/by/name/manifests/1")
    assert found == "200"
    client.run("sed", "-i", "/benet.com/d", "/etc/hosts")


def test_a_registry_on_an_ipv6_address_alone(server: Machine, client: Machine) -> None:
    registry = f'[registry]\nhostname = "{server.ip6}"\nhttps_port = 8443\n'
    users = f'[[users]]\nname = "testuser"\npassword_file = "{password(server)}"\n'
    install(server, SERVER + registry + users)
    user = client_of(client, server, server.ip6, 8443)
    assert user.curl() == "200"


def test_secrets_are_seen_nowhere(server: Machine) -> None:
    server.put("/root/watch", "while :; do cat /proc/[0-9]*/cmdline; sleep 0.02; done\n", "755")
    watch = "sh /root/watch > /root/processes 2>/dev/null & echo $!"
    watcher = server.run("sh", "-c", watch).stdout.strip()
    first = wizard(server, "--answers", "-", stdin=named(server))
    second = wizard(server, "--answers", "-", "--json", stdin=named(server))
    status = wizard(server, "status")
    undone = wizard(server, "undo", "--dry-run")
    server.run("kill", watcher)
    assert (first.returncode, second.returncode) == (0, 0)
    processes = server.run("cat", "/root/processes").stdout
    assert "registry-wizard" in processes
    log = server.run("cat", "/var/log/registry-wizard.log").stdout
    journal = server.run("cat", "/var/lib/registry-wizard/journal.jsonl").stdout
    assert server.run("stat", "-c", "%a", "/var/log/registry-wizard.log").stdout == "600\n"
    key = server.run("cat", "/etc/registry-wizard/pki/ca.key").stdout.splitlines()[1]
    check = server.run("cat", "/etc/registry-wizard/check.password").stdout.strip()
    secret = server.run("cat", "/etc/registry-wizard/http.secret").stdout.strip()
    printed = [each.stdout + each.stderr for each in (first, second, status, undone)]
    for word in (SENTINEL, key, check, secret):
        for place in (*printed, processes, log, journal):
            assert word not in place
        readable = f"grep -rlsF -e '{word}' $(find /etc /var /opt/data -type f -perm -o=r) || true"
        assert server.run("sh", "-c", readable).stdout == ""


def test_it_waits_for_whoever_installs_packages_and_says_who(server: Machine) -> None:
    hold_the_package_lock(server, 20)
    printed = install(server, SERVER)
    assert "Waiting for python3 (pid " in printed


def test_an_interrupt_falls_between_two_changes_and_running_again_goes_on(
    server: Machine,
) -> None:
    start = "registry-wizard --answers - > /root/out 2>&1; echo $? > /root/code"
    server.run("sh", "-c", f"echo 'role = \"server\"' | ({start}) > /dev/null 2>&1 &")
    server.run("sh", "-c", "until grep -q 'Install what is needed' /root/out; do sleep 0.05; done")
    server.run("pkill", "-INT", "-f", "bin/registry-wizard")
    server.run("sh", "-c", "until [ -s /root/code ]; do sleep 0.1; done")
    assert server.run("cat", "/root/code").stdout == "130\n"
    assert (
        "done: install nginx, libnginx-mod-http-js, docker-registry"
        in server.run("cat", "/root/out").stdout
    )
    assert server.run("sh", "-c", "ls /etc/registry-wizard", check=False).returncode != 0
    install(server, SERVER)


def test_after_a_power_cut_all_comes_back(server: Machine) -> None:
    install(server, SERVER)
    server.power_off()
    server.boot()
    assert wizard(server, "verify").returncode == 0


def test_gixy_finds_nothing_in_the_file_for_nginx(server: Machine, tmp_path: Path) -> None:
    install(server, SERVER)
    text = server.run("cat", "/etc/nginx/conf.d/registry.conf").stdout
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"events {{}}\nhttp {{\n{text}\n}}\n")
    gixy = Path(sys.executable).with_name("gixy")
    done = subprocess.run([gixy, whole], check=False, capture_output=True, text=True)
    assert (done.returncode, "No issues found." in done.stdout) == (0, True), done.stdout


OWN_CA = """
cd /root
openssl req -x509 -newkey rsa:3072 -nodes -keyout root.key -out root.crt -days 900 -subj /CN=Root \
    -addext keyUsage=critical,keyCertSign,cRLSign
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout ca.key -out ca.csr \
    -subj /CN=Issuer
printf '%s\\n' basicConstraints=critical,CA:TRUE,pathlen:0 keyUsage=critical,keyCertSign \
    subjectKeyIdentifier=hash authorityKeyIdentifier=keyid > ca.ext
openssl x509 -req -in ca.csr -CA root.crt -CAkey root.key -CAcreateserial -days 800 \
    -extfile ca.ext -out issuer.crt
cat issuer.crt root.crt > ca.crt
"""


def test_a_brought_intermediate_is_used_kept_and_trusted_by_its_root(
    server: Machine, client: Machine
) -> None:
    server.run("sh", "-ec", OWN_CA)
    own = '[authority]\ncertificate = "/root/ca.crt"\nkey = "/root/ca.key"\n'
    install(server, named(server, own))
    assert events(server, named(server, own))[-1]["changed"] == 0
    root = server.run("cat", "/root/root.crt").stdout
    assert server.run("cat", "/etc/docker/certs.d/docker.benet.com/ca.crt").stdout == root
    user = client_of(client, server, "docker.benet.com")
    client.put("/etc/docker/certs.d/docker.benet.com/ca.crt", root)
    user.login()
    reference = user.image("own/ca")
    user.pull(reference, user.push(reference))
    client.run("sed", "-i", "/docker.benet.com/d", "/etc/hosts")
    # What came from outside may go: our own copies serve for all that comes.
    server.run("sh", "-c", "rm /root/*.crt /root/*.key /root/testuser.password")
    assert wizard(server, "verify").returncode == 0
    again = wizard(server, "--answers", "/etc/registry-wizard/answers.toml", "--dry-run")
    assert (again.returncode, again.stderr) == (0, ""), again.stdout
