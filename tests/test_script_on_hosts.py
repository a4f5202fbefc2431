"""The script on real machines: it sets a registry up without us, and we find nothing to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.installation import CA, Client, departed, found_right, listing, wizard
from tests.test_end_to_end import OWN_CA

if TYPE_CHECKING:
    import subprocess

    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
SERVER = 'role = "server"\n'
RECORD = "/etc/registry-wizard/answers.toml"
SENTINEL = "S3ntinel-pass.word-nobody-sees"
HASH = "$2y$10$zVI5IRzvxjpqKG8QUeaGveWXFJyF.9/iRR7aJgTZXC3OzTnCoM/lO"


def printed(machine: Machine, *argv: str, stdin: str = "", **env: str) -> str:
    """Give the script as the machine prints it, without a word on the side."""
    done = wizard(machine, "script", *argv, stdin=stdin, env=env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def run(machine: Machine, script: str, **env: str) -> subprocess.CompletedProcess[str]:
    machine.put("/root/script.sh", script, "600")
    done = machine.run("sh", "/root/script.sh", check=False, env=env)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done


def stands(machine: Machine) -> None:
    """Take a fresh machine through everything: print, run, verify, run again, go on with us."""
    untouched = listing(machine)
    script = printed(machine, "--answers", "-", stdin=SERVER)
    assert departed(machine, untouched) == []

    first = run(machine, script)
    assert f"wrote {CA}" in first.stdout
    found_right(machine)

    before = listing(machine, "-not -path /root/script.sh")
    second = machine.run("sh", stdin=script)  # as through ssh
    assert "wrote" not in second.stdout
    assert departed(machine, before, "-not -path /root/script.sh") == []
    found_right(machine)

    done = wizard(machine, "--answers", RECORD)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    again = printed(machine)
    assert "Keep this file private: it has the bcrypt hashes of admin in it" in again
    assert "wrote" not in run(machine, again).stdout


def test_it_makes_a_fresh_machine_a_verified_registry(server: Machine, client: Machine) -> None:
    stands(server)
    password = server.run("cat", "/etc/registry-wizard/admin.password").stdout.strip()
    user = Client(client, "server.internal", 443, password)
    user.trust(server, server.ip)
    user.login()
    reference = user.image("by/script")
    user.pull(reference, user.push(reference))
    client.run("sed", "-i", "/server.internal/d", "/etc/hosts")
    for unit in ("nginx", "docker-registry"):
        assert server.run("systemctl", "is-enabled", unit).stdout == "enabled\n"


def test_it_works_where_init_scripts_start_the_services(server_sysv: Machine) -> None:
    stands(server_sysv)


def told(server: Machine, *sources: tuple[str, str], more: str = "") -> str:
    users = [f'[[users]]\nname = "{name}"\n{source}\n' for name, source in sources]
    return f'{SERVER}[registry]\nhostname = "docker.benet.com"\n{more}{"".join(users)}'


ASK = """
import base64, http.client, ssl, sys
host, ca = sys.argv[1:]
front = http.client.HTTPSConnection(host, context=ssl.create_default_context(cafile=ca))
login = base64.b64encode(sys.stdin.buffer.read()).decode()
front.request("GET", "/v2/", headers={"Authorization": f"Basic {login}"})
print(front.getresponse().status)
"""


def status(server: Machine, user: str, password: str) -> int:
    """Log in on the machine itself; give the status of the answer."""
    argv = ("python3", "-c", ASK, "docker.benet.com", CA)
    return int(server.run(*argv, stdin=f"{user}:{password}").stdout)


def test_passwords_come_from_where_the_answers_say_and_are_seen_nowhere(server: Machine) -> None:
    words = {name: f"{SENTINEL}-{name} $(x)'\\" for name in ("file", "variable", "clear")}
    server.put("/root/a file", f"\ufeff{words['file']}\r\n", "600")
    answers = told(
        server,
        ("file", 'password_file = "/root/a file"'),
        ("variable", 'password_env = "TESTUSER_PASSWORD"'),
        ("clear", f'password = """{words["clear"]}"""'.replace("\\", "\\\\")),
        ("hash", f'password_hash = "{HASH}"'),
    )
    env = {"TESTUSER_PASSWORD": words["variable"]}
    script = printed(server, "--answers", "-", stdin=answers, **env)
    assert SENTINEL not in script
    server.put("/root/script.sh", script, "600")
    refused = server.run("sh", "/root/script.sh", check=False, env=env)
    assert refused.returncode == 1
    assert "Stopped: the environment has no password for clear in PASSWORD_3" in refused.stderr

    watch = "while :; do cat /proc/[0-9]*/cmdline; done > /root/processes 2>/dev/null & echo $!"
    watcher = server.run("sh", "-c", watch).stdout.strip()
    done = run(server, script, **env, PASSWORD_3=words["clear"])
    server.run("kill", watcher)
    processes = server.run("cat", "/root/processes").stdout
    secret = server.run("cat", "/etc/registry-wizard/http.secret").stdout.strip()
    assert "htpasswd" in processes
    for word in (SENTINEL, secret):
        assert word not in processes + done.stdout + done.stderr
    found_right(server)
    for name, password in words.items():
        assert status(server, name, password) == 200
    assert "wrote" not in run(server, script).stdout  # who has a password may keep it


def test_it_brings_an_installation_of_ours_up_to_date(server: Machine) -> None:
    server.put("/root/p", f"{SENTINEL}\n", "600")
    file = 'password_file = "/root/p"'
    first = wizard(server, "--answers", "-", stdin=told(server, ("gone", file), ("kept", file)))
    assert first.returncode == 0, first.stderr
    server.run("sh", "-c", f"echo 'somebody:{HASH}' >> /etc/registry-wizard/htpasswd")
    ca = server.run("cat", CA).stdout
    more = 'delete = false\n[certificate]\nalt_names = ["registry.benet.com"]\n'
    more = more + "[authority]\npermitted = []\n"
    refused = wizard(
        server, "script", "--answers", "-", stdin=told(server, ("kept", file), more=more)
    )
    assert (refused.returncode, refused.stdout) == (3, "")

    more = "delete = false\n[certificate]\ndays = 30\n"
    script = printed(server, "--answers", "-", stdin=told(server, ("kept", file), more=more))
    run(server, script)
    found_right(server, due=())
    assert server.run("cat", CA).stdout == ca
    users = server.run("cut", "-d:", "-f1", "/etc/registry-wizard/htpasswd").stdout.split()
    assert sorted(users) == ["kept", "registry-wizard", "somebody"]
    assert (status(server, "kept", SENTINEL), status(server, "gone", SENTINEL)) == (200, 401)


def test_a_brought_intermediate_is_used_by_its_own_key(server: Machine) -> None:
    server.run("sh", "-ec", OWN_CA)
    own = '[authority]\ncertificate = "/root/ca.crt"\nkey = "/root/ca.key"\n'
    script = printed(server, "--answers", "-", stdin=SERVER + own)
    assert "# The key of your own CA is read from /root/ca.key." in script
    run(server, script)
    server.run("sh", "-c", "rm /root/*.crt /root/*.key")
    found_right(server)
    assert "wrote" not in run(server, printed(server)).stdout


def test_what_nginx_refuses_is_taken_back(server: Machine) -> None:
    script = printed(server, "--answers", "-", stdin=SERVER)
    run(server, script)
    before = server.run("cat", "/etc/nginx/conf.d/registry.conf").stdout
    server.put("/root/script.sh", script.replace("client_max_body_size 0", "no_such_word 0"))
    refused = server.run("sh", "/root/script.sh", check=False)
    assert refused.returncode == 1
    assert "Stopped: nginx -t refuses /etc/nginx/conf.d/registry.conf" in refused.stderr
    assert server.run("cat", "/etc/nginx/conf.d/registry.conf").stdout == before
    found_right(server)


def test_on_another_machine_it_touches_nothing(server: Machine, server_sysv: Machine) -> None:
    script = printed(server, "--answers", "-", stdin=SERVER)
    server_sysv.put("/root/script.sh", script)
    before = listing(server_sysv)
    refused = server_sysv.run("sh", "/root/script.sh", check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Stopped: this was written for a machine with systemd\n"
    server.add_address("192.0.2.9/24")
    moved = script.replace(f"*' {server.ip} '*", "*' 192.0.2.10 '*")
    server.put("/root/script.sh", moved)
    assert "the machine with the address" in server.run("sh", "/root/script.sh", check=False).stderr
    assert departed(server_sysv, before) == []
