"""Who may do what from where: every user from every place with every kind of request and client."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.installation import CA, RECORD, Client, install, wizard
from tests.traffic import basic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hosts.machine import Machine

    Told = Callable[[str, object], None]

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
PASSWORDS = {"pusher": "push these", "puller": "pull these", "hand": "made by hand"}
REQUESTS = Path(__file__).with_name("access_requests.py").read_text()
USERS = ("nobody", "wrong", "stranger", "puller", "hand", "pusher")
PLACES = ("near", "far")
ROLE_SENTENCE = "this user may pull only"
PLACE_SENTENCE = "pushes are not taken from"
LOGIN_SENTENCE = "a right user name and password are needed"
ZEROS = f"sha256:{'0' * 64}"
PAST_NGINX = """
import http.client, ssl, sys
how, method, path, login = sys.argv[1:]
trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
if how == "own key":
    pki = "/etc/registry-wizard/pki"
    trust.load_cert_chain(f"{pki}/server.crt", f"{pki}/server.key")
plain = http.client.HTTPConnection("127.0.0.1", 5000)
talk = plain if how == "plain" else http.client.HTTPSConnection("127.0.0.1", 5000, context=trust)
try:
    talk.request(method, path, headers={"Authorization": login})
    print(talk.getresponse().status)
except (ssl.SSLError, ConnectionResetError, BrokenPipeError):
    print("refused")
"""
READS = (
    ("GET", "/v2/"),
    ("GET", "/v2/_catalog"),
    ("GET", "/v2/app/tags/list"),
    ("GET", "/v2/app/manifests/1"),
    ("HEAD", "/v2/app/manifests/1"),
    ("GET", "/v2/app/blobs/{blob}"),
    ("HEAD", "/v2/app/blobs/{blob}"),
    ("GET", f"/v2/app/referrers/{ZEROS}"),
    ("GET", "/v2/app/../app/tags/list"),
    ("GET", "/v2/%61pp/tags/list"),
)
WRITES = (
    ("POST", "/v2/new/blobs/uploads/"),
    ("POST", "/v2/new/blobs/uploads/?mount={blob}&from=app"),
    ("POST", f"/v2/new/blobs/uploads/?digest={ZEROS}"),
    ("PATCH", "/v2/new/blobs/uploads/00000000-0000-0000-0000-000000000000"),
    ("PUT", f"/v2/new/blobs/uploads/00000000-0000-0000-0000-000000000000?digest={ZEROS}"),
    ("DELETE", "/v2/new/blobs/uploads/00000000-0000-0000-0000-000000000000"),
    ("PUT", "/v2/new/manifests/1"),
    ("PUT", "/v2/app/manifests/1"),
    ("DELETE", f"/v2/app/manifests/{ZEROS}"),
    ("DELETE", f"/v2/app/blobs/{ZEROS}"),
    ("PUT", "/v2/%61pp/manifests/1"),
    ("PUT", "//v2/app/manifests/1"),
    ("POST", "/v2/_catalog"),
    ("OPTIONS", "/v2/app/manifests/1"),
    ("PROPFIND", "/v2/app/manifests/1"),
    ("POST", "/v2/app/manifests/1"),
)


@dataclass(frozen=True)
class World:
    server: Machine
    client: Machine
    podman: Machine
    blob: str

    def source(self, machine: Machine, place: str) -> str:
        """Give a machine's address in a place: pushes are taken from the last quarter."""
        return near(machine) if place == "near" else machine.ip

    def go(self, machine: Machine, place: str) -> None:
        """Have all that a machine sends to the server come from this place."""
        source = self.source(machine, place)
        machine.run("ip", "route", "replace", f"{self.server.ip}/32", "dev", "eth0", "src", source)

    def ask(self, place: str, asked: list[tuple[str, str, dict[str, str], str]]) -> list[Answer]:
        """Send requests from a place; give what came back."""
        argv = ("python3", "-c", REQUESTS, self.server.ip, NAME, self.source(self.client, place))
        lines = "".join(f"{json.dumps(each)}\n" for each in asked)
        told = self.client.run(*argv, stdin=lines).stdout.splitlines()
        return [Answer(*json.loads(line)) for line in told]


@dataclass(frozen=True)
class Answer:
    status: int
    challenge: list[str]
    text: str

    @property
    def outcome(self) -> str:
        """Say whether the front let it through, and if not, why not."""
        if self.status == 401:
            return "log in"
        if self.status == 403:
            return "place" if PLACE_SENTENCE in self.text else "role"
        return "through"


def near(machine: Machine) -> str:
    start, _, last = machine.ip.rpartition(".")
    return f"{start}.{192 + int(last)}"


def answers(server: Machine, *, anonymous: bool) -> str:
    start = server.ip.rpartition(".")[0]
    return (
        f'role = "server"\n[registry]\nhostname = "{NAME}"\n'
        f'[access]\nanonymous_pull = {str(anonymous).lower()}\npush_from = ["{start}.192/26"]\n'
        + "".join(
            f'[[users]]\nname = "{user}"\nrole = "{role}"\npassword = "{PASSWORDS[user]}"\n'
            for user, role in (("pusher", "push"), ("puller", "pull"))
        )
    )


def by_hand(server: Machine) -> None:
    """Add a line to htpasswd as people do."""
    server.run("apt-get", "install", "-y", "-q", "--no-install-recommends", "apache2-utils")
    file = "/etc/registry-wizard/htpasswd"
    server.run("htpasswd", "-iB", file, "hand", stdin=PASSWORDS["hand"])


@pytest.fixture(scope="module")
def world(shared_server: Machine, client: Machine, client_podman: Machine) -> World:
    server = shared_server
    install(server, answers(server, anonymous=False))
    by_hand(server)
    for machine in (client, client_podman):
        machine.add_address(f"{near(machine)}/24")
        Client(machine, NAME, 443, "").trust(server, server.ip)
        machine.put(f"/etc/containers/certs.d/{NAME}/ca.crt", server.run("cat", CA).stdout)
    made = World(server, client, client_podman, "")
    made.go(client, "near")
    pusher = Client(client, NAME, 443, PASSWORDS["pusher"], "pusher")
    pusher.login()
    reference = pusher.image("app")
    pusher.push(reference)
    manifest = json.loads(pusher.skopeo("inspect", "--raw", f"docker://{reference}"))
    client.run("docker", "logout", NAME)
    for machine in (client, client_podman):
        script = f"skopeo copy -q --src-creds 'pusher:{PASSWORDS['pusher']}'"
        script += f" docker://{NAME}/app:1 dir:/root/app"
        machine.run("sh", "-c", script)
    return World(server, client, client_podman, manifest["layers"][0]["digest"])


def headers(user: str) -> dict[str, str]:
    if user == "nobody":
        return {}
    name = "puller" if user == "wrong" else user
    return {"Authorization": basic(name, PASSWORDS.get(user, "guessed"))}


def expected(user: str, place: str, method: str, path: str, *, anonymous: bool) -> str:
    """The rule, in a few words."""
    reads = method in ("GET", "HEAD")
    if user == "nobody" and anonymous and reads and path != "/v2/":
        return "through"
    if user in ("nobody", "wrong", "stranger"):
        return "log in"
    if reads:
        return "through"
    if user != "pusher":
        return "role"
    return "through" if place == "near" else "place"


@pytest.mark.parametrize("anonymous", [False, True], ids=["with-login", "anonymous-pull"])
def test_each_user_may_from_each_place_what_the_answers_say(
    world: World,
    anonymous: bool,  # noqa: FBT001
    record_property: Told,
) -> None:
    install(world.server, answers(world.server, anonymous=anonymous))
    cells, wrong = 0, []
    for user, place in product(USERS, PLACES):
        every = [(m, p.format(blob=world.blob)) for m, p in (*READS, *WRITES)]
        got = world.ask(place, [(method, path, headers(user), "") for method, path in every])
        for (method, path), answer in zip(every, got, strict=True):
            cells += 1
            right = expected(user, place, method, path, anonymous=anonymous)
            if answer.outcome != right or not proper(answer, method, anonymous=anonymous):
                wrong.append((user, place, method, path, right, answer))
    record_property("cells", cells)
    assert wrong == []
    assert cells == len(USERS) * len(PLACES) * (len(READS) + len(WRITES)) == 312


def proper(answer: Answer, method: str, *, anonymous: bool) -> bool:
    """Say whether a refusal is one that clients understand: code, sentence and one challenge."""
    if answer.outcome == "through":
        return not answer.challenge
    kind = "Bearer realm=" if anonymous else "Basic realm="
    asks = len(answer.challenge) == 1 and answer.challenge[0].startswith(kind)
    if asks != (answer.status == 401):
        return False
    if method == "HEAD":
        return answer.text == ""
    (error,) = json.loads(answer.text)["errors"]
    return bool(error["code"] == ("UNAUTHORIZED" if answer.status == 401 else "DENIED"))


CLIENTS = ("docker", "podman", "skopeo")
PULL = {
    "docker": "docker image rm -f {at}/app:1 >/dev/null 2>&1; docker pull -q {at}/app:1",
    "podman": "podman image rm -f {at}/app:1 >/dev/null 2>&1; podman pull -q {at}/app:1",
    "skopeo": "skopeo inspect {retry} docker://{at}/app:1 >/dev/null",
}
PUSH = {
    "docker": "docker tag local:1 {at}/by-docker:1 && docker push {at}/by-docker:1",
    "podman": "podman push -q local:1 {at}/by-podman:1",
    "skopeo": "skopeo copy -q dir:/root/app docker://{at}/by-skopeo:1",
}


@pytest.mark.parametrize("anonymous", [False, True], ids=["with-login", "anonymous-pull"])
def test_real_clients_are_let_in_or_told_why_not(
    world: World,
    anonymous: bool,  # noqa: FBT001
    record_property: Told,
) -> None:
    install(world.server, answers(world.server, anonymous=anonymous))
    prepare(world)
    cells, wrong = 0, []
    for client, user, place in product(CLIENTS, ("nobody", "puller", "hand", "pusher"), PLACES):
        machine = world.client if client == "docker" else world.podman
        world.go(machine, place)
        logged_in(machine, client, user)
        for method, scripts in (("GET", PULL), ("PUT", PUSH)):
            script = scripts[client].format(at=NAME, retry="")
            done = machine.run("sh", "-c", script, check=False)
            right = expected(user, place, method, "/v2/app", anonymous=anonymous)
            cells += 1
            if not as_told(right, done.returncode, done.stdout + done.stderr):
                wrong.append((client, user, place, method, right, done.stdout, done.stderr))
    record_property("cells", cells)
    assert wrong == []
    assert cells == 48


def prepare(world: World) -> None:
    """Have the image on each machine under a name that no registry has."""
    world.go(world.client, "near")
    tagged = "docker image inspect local:1 >/dev/null 2>&1 || docker tag {at}/app:1 local:1"
    world.client.run("sh", "-c", tagged.format(at=NAME))
    loaded = "podman image exists local:1 || podman pull -q dir:/root/app && podman tag $(podman"
    world.podman.run("sh", "-c", f"{loaded} images -q | head -n 1) local:1")


def logged_in(machine: Machine, client: str, user: str) -> None:
    """Log in as this user with this client's own command, or out."""
    machine.run("sh", "-c", f"{client} logout {NAME}", check=False)
    if user != "nobody":
        argv = (client, "login", "-u", user, "--password-stdin", NAME)
        machine.run(*argv, stdin=PASSWORDS[user])


def as_told(right: str, code: int, said: str) -> bool:
    if right == "through":
        return code == 0
    sentences = {"role": ROLE_SENTENCE, "place": PLACE_SENTENCE}
    if right in sentences:
        return code != 0 and sentences[right] in said
    asks = (LOGIN_SENTENCE, "no basic auth credentials", "authentication required", "unauthorized")
    return code != 0 and any(each in said for each in asks)


def test_a_wrong_password_is_no_login_with_any_client(world: World) -> None:
    for anonymous in (False, True):
        install(world.server, answers(world.server, anonymous=anonymous))
        for client in CLIENTS:
            machine = world.client if client == "docker" else world.podman
            argv = (client, "login", "-u", "pusher", "--password-stdin", NAME)
            done = machine.run(*argv, stdin="guessed", check=False)
            assert done.returncode != 0, (anonymous, client)
            machine.run("sh", "-c", f"{client} logout {NAME}", check=False)


def test_nobody_comes_past_nginx(world: World) -> None:
    """On the server itself the registry's port is open to every user, and of no use to them."""
    login = headers("pusher")["Authorization"]
    for method, path in (("GET", "/v2/"), ("POST", "/v2/new/blobs/uploads/")):
        for how, wanted in (("plain", "400\n"), ("keyless", "refused\n"), ("own key", "refused\n")):
            said = world.server.run("python3", "-c", PAST_NGINX, how, method, path, login).stdout
            assert said == wanted, (method, how)
    etc = "/etc/registry-wizard"
    secrets = f"{etc}/front {etc}/front.secret {etc}/between.pem {etc}/container/between.pem"
    asked = f"for each in {secrets}; do ! cat $each/* $each 2>/dev/null || exit 1; done"
    world.server.run("runuser", "-u", "nobody", "--", "sh", "-c", asked)
    world.server.run("runuser", "-u", "www-data", "--", "sh", "-c", asked)


def test_what_nginx_remembers_tells_no_login(world: World) -> None:
    logins = [headers(user)["Authorization"] for user in ("pusher", "puller")]
    world.ask("near", [("GET", "/v2/", {"Authorization": each}, "") for each in logins])
    kept = world.server.run("sh", "-c", "cat /run/registry-wizard-logins/*").stdout
    assert "x-registry-wizard-may: p" in kept.lower()
    for login in (*logins, *(each.removeprefix("Basic ") for each in logins), "pusher", "puller"):
        assert login not in kept


def test_where_the_hash_fails_no_login_is_remembered(world: World) -> None:
    install(world.server, answers(world.server, anonymous=False))
    script, right = "/etc/registry-wizard/front/key.js", headers("puller")
    spoiled = f"cp -p {script} /root && sed -i 's/sha256/none/' {script} && nginx -s reload"
    world.server.run("sh", "-c", f"{spoiled} && sleep 1")
    guess = {"Authorization": basic("puller", "guessed")}
    asked = [("GET", "/v2/app/tags/list", each, "") for each in (right, guess, right, {}, guess)]
    outcomes = [each.outcome for each in world.ask("near", asked)]
    world.server.run("sh", "-c", f"cp -p /root/key.js {script} && nginx -s reload")
    assert outcomes == ["through", "log in", "through", "log in", "log in"]


def test_a_changed_user_counts_within_half_a_minute_and_nothing_is_restarted(
    world: World,
) -> None:
    install(world.server, answers(world.server, anonymous=False))
    pids = "systemctl show -P MainPID nginx docker-registry"
    before = world.server.run("sh", "-c", pids).stdout
    login = {"Authorization": basic("puller", PASSWORDS["puller"])}
    asked = [("POST", "/v2/new/blobs/uploads/", login, "")]
    assert [each.outcome for each in world.ask("near", asked)] == ["role"]
    changed = answers(world.server, anonymous=False).replace('role = "pull"', 'role = "push"')
    install(world.server, changed)
    waited = 0.0
    while world.ask("near", asked)[0].outcome != "through":
        waited += 1
        world.server.run("sleep", "1")
        assert waited <= 31
    assert world.server.run("sh", "-c", pids).stdout == before
    assert wizard(world.server, "--answers", RECORD, "--dry-run").returncode == 0
