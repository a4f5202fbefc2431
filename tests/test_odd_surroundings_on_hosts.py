"""Odd and hostile surroundings on real machines: a sentence or a right result, nothing broken."""

from __future__ import annotations

import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.hosts import faults, registry_image
from tests.installation import Client, departed, install, listing, wizard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
ANSWERS = f'role = "server"\n[registry]\nhostname = "{NAME}"\n'
SITE, CERTS_D = "/etc/nginx/conf.d/registry.conf", "/etc/docker/certs.d"
CA = f"{CERTS_D}/{NAME}/ca.crt"
NOT_OURS = "-not -path '/var/lib/registry-wizard*' -not -path '/var/lib/nginx*'"
PACKAGES = "-not -path '/var/lib/dpkg/*' -not -path '/var/lib/apt/*'"


@pytest.fixture(scope="module")
def machine(network: Network, images: dict[str, Path], application: Path) -> Machine:
    """Give one machine for all of them: each leaves it as it found it, but for the packages."""
    made = network.machine("odd", application, images["server"])
    made.put("/root/a.toml", ANSWERS)
    return made


def refused(machine: Machine, code: int, *words: str, argv: tuple[str, ...] = ()) -> None:
    done = wizard(machine, *(argv or ("--answers", "/root/a.toml")))
    assert done.returncode == code, done.stdout[-2000:] + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def undone(machine: Machine, *argv: str) -> None:
    done = wizard(machine, "undo", *argv)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def has_packages(machine: Machine) -> None:
    """Have the packages here already, which stay after undo."""
    if machine.run("test", "-x", "/usr/sbin/nginx", check=False).returncode:
        install(machine, ANSWERS)
        undone(machine)


@contextmanager
def full(machine: Machine, folder: str, room: int) -> Iterator[None]:
    """Let a folder's disk run full; within, ``roomy`` gives it room; the disk goes afterwards."""
    machine.run("sh", "-ec", faults.FULL, "sh", folder, str(room))
    try:
        yield
    finally:
        machine.run("umount", "--lazy", folder)


def roomy(machine: Machine, folder: str) -> None:
    machine.run("mount", "-o", "remount,size=200m", folder)


# This one comes first, as it has the packages installed, and taken away again.
@pytest.mark.parametrize(
    ("folder", "room", "word"),
    [
        ("/etc", 0, "ended with 100"),  # by apt: nginx is unpacked, and its settings are not there
        ("/usr/sbin", 0, "/usr/sbin/policy-rc.d could not be written"),
        ("/var/lib/registry-wizard", 8, "The journal /var/lib/registry-wizard/journal.jsonl"),
    ],
    ids=["etc", "sbin", "journal"],
)
def test_a_full_disk_stops_a_run_and_with_room_the_next_ends_it(
    machine: Machine, folder: str, room: int, word: str
) -> None:
    machine.run("mkdir", "-p", "-m", "700", "/var/lib/registry-wizard")
    before = listing(machine, NOT_OURS, PACKAGES)
    with full(machine, folder, room):
        refused(machine, 1, word, "No space left on device", "make room")
        roomy(machine, folder)
        left = machine.run(
            "find", "/etc", "/usr/sbin", "/var/lib", "-name", ".registry-wizard.*"
        ).stdout
        assert left == ""
        install(machine, ANSWERS)
        undone(machine, "--packages")
        gone = departed(machine, before, NOT_OURS, PACKAGES)
        # What Debian's packages never take away: users, links at boot, nginx's first page.
        theirs = re.compile(r"/etc/(group|passwd|g?shadow|rc)|/var/www")
        assert [line for line in gone if not theirs.match(line)] == []


STREAMS = {
    "closed output": (">&-", 10, ""),
    "all closed": ("<&- >&- 2>&-", 10, ""),
    "no standard error": ("2>&-", 10, ""),
    "full output": ("> /dev/full", 1, "Standard output could not be written: No space left"),
    "both full": ("> /dev/full 2>&1", 1, ""),
    "nobody reads": ("| true; exit ${PIPESTATUS[0]}", 1, ""),
}
COMMANDS = ("--answers /root/a.toml --dry-run", "--answers /root/a.toml --dry-run --json")


@pytest.mark.parametrize("case", STREAMS)
def test_standard_streams_that_take_nothing(machine: Machine, case: str) -> None:
    redirect, code, words = STREAMS[case]
    for command in COMMANDS:
        done = machine.run("bash", "-c", f"registry-wizard {command} {redirect}", check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
        assert words in done.stderr


def test_without_standard_input_the_answers_cannot_be_read(machine: Machine) -> None:
    done = machine.run("bash", "-c", "registry-wizard --answers - <&-", check=False)
    assert (done.returncode, "standard input: cannot be read" in done.stderr) == (2, True)
    done = machine.run("bash", "-c", "registry-wizard <&- >&-", check=False)
    assert (done.returncode, "There is no terminal to ask on" in done.stderr) == (2, True)


def test_help_and_answers_into_a_full_disk(machine: Machine) -> None:
    for command in ("--help", "answers", "answers --schema", "status", "script --answers a.toml"):
        script = f"cd /root; registry-wizard {command} > /dev/full"
        done = machine.run("bash", "-c", script, check=False)
        assert (done.returncode, "No space left" in done.stderr) == (1, True), (command, done)
        assert "Traceback" not in done.stderr


SURROUNDINGS = {
    "Turkish": ("env", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8"),
    "Japanese": ("env", "LANG=ja_JP.eucJP"),
    "POSIX": ("env", "LC_ALL=POSIX"),
    "unknown locale": ("env", "LC_ALL=xx_YY.nonsense"),
    "ASCII alone": ("env", "PYTHONIOENCODING=ascii"),
    "an empty environment": ("env", "-i", "/bin/sh", "-c", 'exec "$@"', "sh"),
    "an empty PATH": ("env", "-i", "PATH="),
    "no sbin and no HOME": ("env", "-u", "HOME", "PATH=/usr/bin:/bin"),
    "a deleted folder": (
        "sh",
        "-c",
        'mkdir /tmp/gone; cd /tmp/gone; rmdir /tmp/gone; exec "$@"',
        "_",
    ),
    "Docker elsewhere": ("env", "DOCKER_HOST=tcp://192.0.2.1:2375", "LD_PRELOAD=/nowhere.so"),
}


def test_surroundings_change_nothing_of_the_plan(machine: Machine) -> None:
    program = ("/usr/local/bin/registry-wizard", "--answers", "/root/a.toml", "--dry-run", "--json")
    usual = machine.run(*program, check=False)
    for case, words in SURROUNDINGS.items():
        done = machine.run(*words, *program, check=False)
        assert (case, done.returncode) == (case, 10), done.stderr
        assert shape(done.stdout) == shape(usual.stdout), case
        assert "Traceback" not in done.stderr


def shape(events: str) -> list[str]:
    """Give what would be done, without the keys and hashes that are new each time."""
    named = (line.partition('"text"')[0] for line in events.splitlines())
    return [re.sub(r"[0-9A-F]{30,}", "SERIAL", line) for line in named]


def test_a_name_in_other_letters_needs_no_locale(machine: Machine) -> None:
    answers = ANSWERS.replace(NAME, "dépôt.benet.com")
    for words in SURROUNDINGS["POSIX"], SURROUNDINGS["ASCII alone"]:
        argv = (*words, "registry-wizard", "--answers", "-", "--dry-run")
        done = machine.run(*argv, stdin=answers, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (10, False), done.stderr
        assert "xn--dpt-bma0d.benet.com" in done.stdout


MODES = (
    "find /etc/registry-wizard /etc/nginx/conf.d /etc/docker /var/lib/registry-wizard /opt/data"
    " /var/log/registry-wizard.log /etc/hosts ! -path '*/kept/*' ! -path '*/issued/*.crt'"
    " -printf '%p %m %u:%g\n' | sort"
)


def test_the_umask_changes_no_mode(machine: Machine) -> None:
    found = []
    for umask in ("000", "077"):
        machine.run("rm", "-rf", "/var/log/registry-wizard.log", "/var/lib/registry-wizard")
        # Its journal is gone: nobody knows any more that nginx and its first site are not others'.
        machine.run("rm", "-f", "/etc/nginx/sites-enabled/default")
        script = f"umask {umask}; registry-wizard --answers /root/a.toml"
        machine.run("sh", "-c", script)
        found.append(machine.run("sh", "-c", MODES).stdout)
        undone(machine)
    assert found[0] == found[1]
    modes = {line.split()[0]: line.split()[1] for line in found[0].splitlines()}
    assert modes[f"{CERTS_D}/{NAME}"] == "755"
    assert modes["/etc/registry-wizard/pki/server.key"] == "600"
    assert modes["/etc/registry-wizard/pki/ca.key"] == "400"
    assert modes["/var/lib/registry-wizard/journal.jsonl"] == "600"


def test_a_run_whose_output_and_log_are_lost_goes_on_to_its_end(machine: Machine) -> None:
    machine.run("ln", "-sf", "/dev/full", "/var/log/registry-wizard.log")
    script = "registry-wizard --answers /root/a.toml > /dev/full"
    done = machine.run("sh", "-c", script, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert "The log /var/log/registry-wizard.log cannot be written" in done.stderr
    assert "the work goes on without it" in done.stderr
    assert "Standard output could not be written" in done.stderr
    assert wizard(machine, "verify").returncode == 0
    script = "registry-wizard undo | head -n 1 > /dev/null; exit ${PIPESTATUS[0]}"
    assert machine.run("bash", "-c", script, check=False).returncode == 1
    machine.run("rm", "/var/log/registry-wizard.log")
    assert wizard(machine, "undo", "--dry-run").returncode == 0
    assert "There is no registry of ours" in wizard(machine, "status").stdout


ODD_HOSTS = (
    f"127.0.0.1 localhost\r\n127.0.1.1\t{NAME} odd # mine\r\n".encode()
    + b"192.0.2.1 caf\xe9 # \xff\xfe\x00 \x80\r\n"
    + b"192.0.2.2\tother.example\t# registry-wizard \r\n"
    + b"".join(b"10.1.2.3 host%d.example\n" % number for number in range(100_000))
    + b"192.0.2.3 last"
)


def test_an_odd_hosts_file_is_read_written_and_given_back(machine: Machine) -> None:
    former = machine.run("cat", "/etc/hosts").stdout
    machine.put("/etc/hosts", ODD_HOSTS)
    machine.run("cp", "/etc/hosts", "/root/hosts")
    install(machine, ANSWERS)
    addresses = {line.split()[0] for line in resolved(machine)}
    assert addresses == {machine.ip}
    lines = machine.run("head", "-n", "4", "/etc/hosts").stdout.splitlines()
    assert lines[0] == f"{machine.ip}\t{NAME}\t# registry-wizard"
    was = f"127.0.1.1\t{NAME} odd # mine"
    assert lines[2].rstrip() == f"{machine.ip}\t{NAME} odd # registry-wizard: was {was}"
    assert wizard(machine, "--answers", "/root/a.toml", "--dry-run").returncode == 0
    undone(machine)
    machine.run("cmp", "/etc/hosts", "/root/hosts")
    machine.put("/etc/hosts", former)


def resolved(machine: Machine) -> list[str]:
    return machine.run("getent", "ahosts", NAME).stdout.splitlines()


def test_a_machine_whose_own_name_is_the_registrys_keeps_it(machine: Machine) -> None:
    former = machine.run("cat", "/etc/hosts").stdout
    machine.put("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {NAME} docker\n")
    machine.run("hostname", "docker")
    assert machine.run("hostname", "-f").stdout == f"{NAME}\n"
    install(machine, 'role = "server"\n')
    assert {line.split()[0] for line in resolved(machine)} == {machine.ip}
    assert machine.run("hostname", "-f").stdout == f"{NAME}\n"
    machine.run("sh", "-c", "echo 192.0.2.9 later >> /etc/hosts")
    undone(machine)
    assert machine.run("cat", "/etc/hosts").stdout.splitlines() == [
        "127.0.0.1 localhost",
        f"127.0.1.1 {NAME} docker",
        "192.0.2.9 later",
    ]
    machine.run("hostname", "odd")
    machine.put("/etc/hosts", former)


def test_files_and_folders_behind_links_are_written_there(machine: Machine) -> None:
    places = ("/etc/hosts", "/etc/nginx/conf.d", CERTS_D)
    machine.run("mkdir", "-p", CERTS_D)
    for number, place in enumerate(places):
        script = 'mkdir -p /data; mv "$1" "/data/$2"; ln -s "/data/$2" "$1"'
        machine.run("sh", "-ec", script, "sh", place, str(number))
    before = machine.run("sh", "-c", "find /data -type f -exec sha256sum {} +").stdout
    install(machine, ANSWERS)
    for number, place in enumerate(places):
        assert machine.run("readlink", place).stdout == f"/data/{number}\n"
    assert machine.run("ls", "/data/1/registry.conf", f"/data/2/{NAME}/ca.crt").returncode == 0
    undone(machine)
    assert machine.run("sh", "-c", "find /data -type f -exec sha256sum {} +").stdout == before
    for number, place in enumerate(places):
        script = 'rm "$1"; mv "/data/$2" "$1"'
        machine.run("sh", "-ec", script, "sh", place, str(number))


def test_links_that_lead_nowhere_are_named_and_left_alone(machine: Machine) -> None:
    has_packages(machine)
    machine.put(f"{CERTS_D}/another.example/ca.crt", "theirs")
    before = listing(machine, NOT_OURS)
    for place, words in {
        "/etc/hosts": "/etc/hosts could not be written: it is a link to /nowhere, which is not",
        CERTS_D: f"The folder {CERTS_D} could not be made: File exists",
    }.items():
        script = (
            'mkdir -p "$(dirname "$1")"; [ ! -e "$1" ] || mv "$1" "$1.away"; ln -s /nowhere "$1"'
        )
        machine.run("sh", "-ec", script, "sh", place)
        refused(machine, 1, words, "then run again")
        assert machine.run("readlink", place).stdout == "/nowhere\n"
        machine.run("sh", "-c", 'rm "$1"; [ ! -e "$1.away" ] || mv "$1.away" "$1"', "sh", place)
        install(machine, ANSWERS)
        undone(machine)
    assert departed(machine, before, NOT_OURS) == []


@contextmanager
def immutable(machine: Machine, *paths: str) -> Iterator[None]:
    """Protect files as chattr does; from outside, as the machine has no chattr itself."""
    inside = [f"/proc/{machine.pid}/root{path}" for path in paths]
    subprocess.run(["chattr", "+i", *inside], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *inside], check=True)


def test_protected_files_are_told_with_chattr(machine: Machine) -> None:
    has_packages(machine)
    before = listing(machine, NOT_OURS)
    with immutable(machine, "/etc/hosts"):
        refused(
            machine, 1, "/etc/hosts could not be written: Operation not permitted", "chattr -ia"
        )
    install(machine, ANSWERS)
    answers = ANSWERS + "https_port = 8443\n"
    with immutable(machine, SITE):
        done = wizard(machine, "--answers", "-", stdin=answers)
        assert (done.returncode, f"{SITE} could not be written" in done.stderr) == (1, True)
    install(machine, ANSWERS)
    for path in CA, SITE:
        with immutable(machine, path):
            words = (f"{path} could not be removed: Operation not permitted", "chattr -ia")
            refused(machine, 1, *words, argv=("undo",))
    undone(machine)
    assert departed(machine, before, NOT_OURS) == []


def test_without_the_systems_store(machine: Machine) -> None:
    machine.run("mv", "/etc/ssl", "/etc/ssl.away")
    done = wizard(machine, "--answers", "/root/a.toml")
    assert (done.returncode, "there is no such bundle" in done.stderr) == (0, True), done.stderr
    undone(machine)
    assert machine.run("find", "/etc/ssl", "!", "-type", "d").stdout == ""
    machine.run("sh", "-c", "rm -rf /etc/ssl; mv /etc/ssl.away /etc/ssl")


def test_a_clock_that_cannot_be_right(machine: Machine) -> None:
    """A double of `date`, the one clock that is asked: machines have no clock of their own."""
    for seconds, code, words in (
        (0, 3, "The clock says 1970-01-01, so certificates would be wrong"),
        (2208988800, 10, "The clock says 2040-01-01: whoever has the right time"),
    ):
        script = f'#!/bin/sh\n[ "$1" = +%s ] && echo {seconds} || exec /bin/date "$@"\n'
        machine.put("/usr/local/sbin/date", script, "755")
        refused(machine, code, words, argv=("--answers", "/root/a.toml", "--dry-run"))
    machine.run("rm", "/usr/local/sbin/date")


HOW_TO = f"""
echo "$1 {NAME}" >> /etc/hosts
mkdir -p /etc/pki/CA/private /opt/data/registry /opt/nginx/sbin /opt/nginx/conf /opt/nginx/logs
cd /etc/pki/CA
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout private/cakey.pem -out cacert.pem \
    -subj "/O=benet/CN=ca.benet.com" 2> /dev/null
openssl req -new -newkey rsa:2048 -nodes -keyout /opt/nginx/conf/server.key -out server.csr \
    -subj "/O=benet/CN={NAME}" 2> /dev/null
openssl x509 -req -in server.csr -CA cacert.pem -CAkey private/cakey.pem -CAcreateserial \
    -days 365 -out /opt/nginx/conf/server.crt 2> /dev/null
cat > /opt/nginx/conf/nginx.conf << 'END'
user www-data;
pid /opt/nginx/logs/nginx.pid;
error_log /opt/nginx/logs/error.log;
events {{ }}
http {{
    access_log off;
    server {{
        listen 443 ssl;
        server_name {NAME};
        ssl_certificate server.crt;
        ssl_certificate_key server.key;
        client_max_body_size 0;
        location / {{ proxy_pass http://127.0.0.1:5000; }}
    }}
}}
END
mkdir /root/deb && cd /root/deb && dpkg-deb -x /var/cache/apt/archives/nginx_*.deb .
cp usr/sbin/nginx /opt/nginx/sbin/nginx
mkdir -p /var/log/nginx /var/lib/nginx
/opt/nginx/sbin/nginx -c /opt/nginx/conf/nginx.conf
cat /etc/pki/CA/cacert.pem >> /etc/ssl/certs/ca-certificates.crt
cat > /etc/docker/daemon.json << END
{{ "insecure-registries": ["{NAME}", "$1:5000", "other:5000"] }}
END
systemctl restart docker
docker load -q -i /root/registry.tar
docker run -d --name registry --restart=always -p 5000:5000 \
    -v /opt/data/registry:/var/lib/registry registry:2.8.2
"""


PLACES = (
    "find /opt/nginx/conf /etc/pki /etc/docker /etc/hosts /etc/ssl -type f -exec sha256sum {} +"
)


def by_hand(machine: Machine) -> list[str]:
    return sorted(machine.run("sh", "-c", PLACES).stdout.splitlines())


def test_what_the_classic_how_to_leaves_is_explained_and_taken_over(server_docker: Machine) -> None:
    machine = server_docker
    machine.put("/root/registry.tar", registry_image.docker_archive().read_bytes())
    machine.run("sh", "-ec", HOW_TO, "sh", machine.ip)
    user = Client(machine, "localhost", 5000, "")
    digest = user.push(user.image("old/thing"))
    machine.put("/root/a.toml", f'{ANSWERS}runtime = "package"\n')
    before = by_hand(machine)
    explains_it_all(machine)
    assert by_hand(machine) == before
    assert machine.run("docker", "ps", "-q").stdout != ""

    # As the sentences say. The user is made by the package that is not there yet.
    machine.run("sh", "-ec", "docker stop registry; docker update --restart=no registry")
    machine.run("sh", "-c", "kill $(cat /opt/nginx/logs/nginx.pid); sleep 1")
    machine.run("sh", "-ec", "useradd -rU docker-registry; chown -R docker-registry: /opt/data")
    done = wizard(machine, "--answers", "/root/a.toml")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    password = machine.run("cat", "/etc/registry-wizard/admin.password").stdout.strip()
    Client(machine, NAME, 443, password).login()
    machine.run("docker", "pull", f"{NAME}/old/thing@{digest}")
    assert '"other:5000"' in machine.run("cat", "/etc/docker/daemon.json").stdout
    gives_it_all_back(machine, before)


def explains_it_all(machine: Machine) -> None:
    refused(
        machine,
        3,
        "CN=ca.benet.com,O=benet was pasted into this generated file",
        f"{NAME}, {machine.ip}:5000 in insecure-registries",
        "Port 5000 is held by Docker for the container registry (image registry:2.8.2)",
        "docker stop registry && docker update --restart=no registry",
        "its images are in /opt/data/registry",
        "Port 443 is held by /opt/nginx/sbin/nginx, an nginx that is not the distribution's",
        "/opt/nginx/sbin/nginx -s quit",
        "/opt/data/registry holds files of root",
    )


def gives_it_all_back(machine: Machine, before: list[str]) -> None:
    """What somebody put beside a package's own files meanwhile is not wiped with them."""
    machine.put("/etc/nginx/ssl/their own.key", "key\n", "600")
    undone(machine, "--packages")
    assert machine.run("cat", "/etc/nginx/ssl/their own.key").stdout == "key\n"
    assert by_hand(machine) == before
    # It is Debian's program here, whose folders go with the package.
    machine.run("mkdir", "-p", "/var/lib/nginx", "/var/log/nginx")
    machine.run("/opt/nginx/sbin/nginx", "-c", "/opt/nginx/conf/nginx.conf")
    machine.run("docker", "start", "registry")
    machine.run("sh", "-c", f"sleep 1; curl -sSk https://{NAME}/v2/_catalog | grep old/thing")
