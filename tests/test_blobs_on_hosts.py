"""Layers that nginx sends from the storage itself: as the registry would, and never without it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.installation import Client, install
from tests.traffic import NOTHING, PASSWORD, USER, Visitor, basic, digest, user

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.hosts.machine import Machine
    from tests.traffic import Headers

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
SERVER = f'role = "server"\n[registry]\nhostname = "{NAME}"\n{user()}'
SETTINGS = "/etc/docker/registry/config.yml"
STORAGE, OWNER = "/opt/data/registry", "docker-registry"
BLOBS = f"{STORAGE}/docker/registry/v2/blobs/sha256"
STRAIGHT = Path(__file__).with_name("ask_the_registry.py").read_text()
SEED = (Path(__file__).parent / "hosts/seed.py").read_text()
LAYER = bytes(range(256)) * 400
OTHER, EMPTY = b"of another repository" * 99, b""
LARGE = LAYER * 120  # which threads read for nginx
NONE = f"sha256:{'0' * 64}"
D, E, L = digest(LAYER), digest(OTHER), digest(LARGE)
BOTH = pytest.mark.parametrize("layer", [LAYER, LARGE], ids=["small", "large"])
LATE = "Mon, 01 Jan 2035 00:00:00 GMT"
ASKED: dict[str, tuple[str, str, Headers]] = {
    "whole": ("GET", f"/v2/app/blobs/{D}", NOTHING),
    "head": ("HEAD", f"/v2/app/blobs/{D}", NOTHING),
    "empty": ("GET", f"/v2/app/blobs/{digest(EMPTY)}", NOTHING),
    "compressed": ("GET", f"/v2/app/blobs/{D}", {"Accept-Encoding": "gzip"}),
    "first bytes": ("GET", f"/v2/app/blobs/{D}", {"Range": "bytes=0-9"}),
    "one byte": ("GET", f"/v2/app/blobs/{D}", {"Range": "bytes=7-7"}),
    "from there on": ("GET", f"/v2/app/blobs/{D}", {"Range": "bytes=1000-"}),
    "last bytes": ("GET", f"/v2/app/blobs/{D}", {"Range": "bytes=-5"}),
    "more than there is": ("GET", f"/v2/app/blobs/{D}", {"Range": "bytes=5-999999999"}),
    "part if the same": (
        "GET",
        f"/v2/app/blobs/{D}",
        {"Range": "bytes=0-0", "If-Range": f'"{D}"'},
    ),
    "unless the same": ("GET", f"/v2/app/blobs/{D}", {"If-None-Match": f'"{D}"'}),
    "if newer": ("GET", f"/v2/app/blobs/{D}", {"If-Modified-Since": LATE}),
    "deeper name": ("GET", f"/v2/team/b-1/c.d__e/blobs/{E}", NOTHING),
    "of a mirror": ("GET", f"/v2/app/blobs/{D}?ns=docker.io", NOTHING),
    "another's layer": ("GET", f"/v2/app/blobs/{E}", NOTHING),
    "no such layer": ("GET", f"/v2/app/blobs/{NONE}", NOTHING),
    "no such repository": ("GET", f"/v2/none/blobs/{D}", NOTHING),
    "short digest": ("GET", "/v2/app/blobs/sha256:abc", NOTHING),
    "capitals in it": ("GET", f"/v2/app/blobs/{D.upper()}", NOTHING),
    "another algorithm": ("GET", f"/v2/app/blobs/sha512:{'0' * 128}", NOTHING),
    "capitals in the name": ("GET", f"/v2/APP/blobs/{D}", NOTHING),
    "two slashes": ("GET", f"/v2//app/blobs/{D}", NOTHING),
    "up and down": ("GET", f"/v2/app/../team/b-1/c.d__e/blobs/{E}", NOTHING),
    "digest after digest": ("GET", f"/v2/app/blobs/{D}/../{E}", NOTHING),
    "hidden slash": ("GET", f"/v2/app/blobs/{D}%2f..%2f{E}", NOTHING),
    "hidden letter": ("GET", f"/v2/%61pp/blobs/{D}", NOTHING),
    "slash at the end": ("GET", f"/v2/app/blobs/{D}/", NOTHING),
    "a digest in the name": ("GET", f"/v2/app/blobs/{D}/blobs/{E}", NOTHING),
    "large": ("GET", f"/v2/app/blobs/{L}", NOTHING),
    "large, first bytes": ("GET", f"/v2/app/blobs/{L}", {"Range": "bytes=0-9"}),
    "large, last bytes": ("GET", f"/v2/app/blobs/{L}", {"Range": "bytes=-11000001"}),
    "large, unless the same": ("GET", f"/v2/app/blobs/{L}", {"If-None-Match": f'"{L}"'}),
    "large, another's": ("GET", f"/v2/team/b-1/c.d__e/blobs/{L}", NOTHING),
    "posted": ("POST", f"/v2/app/blobs/{D}", NOTHING),
    "patched": ("PATCH", f"/v2/app/blobs/{D}", NOTHING),
    "options": ("OPTIONS", f"/v2/app/blobs/{D}", NOTHING),
    "deleted where it is not": ("DELETE", f"/v2/app/blobs/{NONE}", NOTHING),
}
KIND = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
ASIDE = ("date", "server", "connection", "x-content-type-options")


@pytest.fixture(scope="module")
def visitor(shared_server: Machine) -> Visitor:
    """Give a client of a registry that has two repositories, each with a layer of its own."""
    install(shared_server, SERVER)
    visitor = Visitor.of(shared_server)
    for content in (LAYER, LARGE, EMPTY):
        visitor.push_blob("app", content)
    visitor.push_blob("team/b-1/c.d__e", OTHER)
    return visitor


def straight(
    server: Machine, method: str, path: str, headers: Headers = NOTHING
) -> tuple[int, dict[str, str], bytes]:
    """Ask the registry itself, past nginx."""
    asked = json.dumps([method, path, dict(headers)])
    told = server.run("python3", "-c", STRAIGHT, stdin=asked).stdout
    status, found, body = json.loads(told)
    return status, lowered(found), base64.b64decode(body)


def lowered(found: Iterable[Sequence[str]]) -> dict[str, str]:
    return {name.lower(): text for name, text in found if name.lower() not in ASIDE}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_the_answer_is_the_registrys(
    visitor: Visitor, shared_server: Machine, asked: tuple[str, str, Headers]
) -> None:
    method, path, headers = asked
    status, found, body = visitor.ask(method, path, headers=headers)
    assert (status, lowered(found.items()), body) == straight(shared_server, *asked)


@pytest.mark.parametrize("part", [f"bytes={len(LAYER)}-", "bytes=9-5"])
def test_a_part_that_is_not_there_is_refused(visitor: Visitor, part: str) -> None:
    """The registry promises more bytes here than it sends, so this answer is nginx's own."""
    status, found, _ = visitor.ask("GET", f"/v2/app/blobs/{D}", headers={"Range": part})
    assert (status, found["Content-Range"]) == (416, f"bytes */{len(LAYER)}")


def test_several_parts_at_once_are_sent(visitor: Visitor) -> None:
    status, found, body = visitor.ask(
        "GET", f"/v2/app/blobs/{D}", headers={"Range": "bytes=0-1,300-301"}
    )
    assert (status, found.get_content_type()) == (206, "multipart/byteranges")
    assert LAYER[:2] in body
    assert LAYER[300:302] in body


def asked_of(server: Machine, *words: str) -> int:
    """Say how often the registry was asked for something, by its own log."""
    log = server.run("journalctl", "-u", "docker-registry", "-o", "cat", "--no-pager").stdout
    return sum(all(word in line for word in words) for line in log.splitlines())


@BOTH
def test_nginx_asks_the_registry_and_reads_the_file(
    visitor: Visitor, shared_server: Machine, layer: bytes
) -> None:
    visitor.push_blob("counted", layer)
    path = f"/v2/counted/blobs/{digest(layer)}"
    for _ in range(3):
        visitor.must(200, "GET", path)
    assert asked_of(shared_server, f"HEAD {path}") == 3
    assert asked_of(shared_server, f"GET {path}") == 0


@pytest.mark.parametrize("login", ["", basic("visitor", "guessed"), "Bearer anonymous"])
def test_without_a_right_login_nothing_is_read(visitor: Visitor, login: str) -> None:
    nobody = Visitor(visitor.address, visitor.trust, login)
    for path in (f"/v2/app/blobs/{D}", f"/v2/app/blobs/{L}"):
        for method in ("GET", "HEAD"):
            nobody.must(401, method, path)


def test_the_storage_has_no_address_of_its_own(visitor: Visitor) -> None:
    plain = D.removeprefix("sha256:")
    for path in (f"/{plain[:2]}/{plain}/data", f"/docker/registry/v2/blobs/sha256/{plain[:2]}"):
        visitor.must(404, "GET", path)
    visitor.must(404, "GET", "/@storage")
    visitor.must(404, "GET", "/@large")
    visitor.must(401, "GET", "/-/stored")


def test_a_layer_counts_once_it_is_committed_and_until_it_is_deleted(visitor: Visitor) -> None:
    content = secrets.token_bytes(99_999)
    path = f"/v2/brief/blobs/{digest(content)}"
    visitor.push_blob("elsewhere", content)
    begun, _ = visitor.must(202, "POST", "/v2/brief/blobs/uploads/")
    sent, _ = visitor.must(202, "PATCH", begun["Location"], content)
    visitor.must(404, "GET", path)
    visitor.must(201, "PUT", f"{sent['Location']}&digest={digest(content)}")
    assert visitor.must(200, "GET", path)[1] == content
    visitor.must(202, "DELETE", path)
    visitor.must(404, "GET", path)
    visitor.must(200, "GET", f"/v2/elsewhere/blobs/{digest(content)}")


def test_a_cut_pull_goes_on_where_it_was(visitor: Visitor) -> None:
    content = secrets.token_bytes(20 * 1024 * 1024)
    visitor.push_blob("long", content)
    path, got = f"/v2/long/blobs/{digest(content)}", b""
    while len(got) < len(content):
        talk = http.client.HTTPSConnection(visitor.address, timeout=60, context=visitor.trust)
        said = {"Authorization": visitor.login, "Range": f"bytes={len(got)}-"}
        talk.request("GET", path, headers=said)
        got += talk.getresponse().read(3_000_001)
        talk.close()
    assert digest(got) == digest(content)


def test_what_is_being_pulled_is_sent_to_its_end_when_it_is_deleted(
    visitor: Visitor, shared_server: Machine
) -> None:
    """Deleted in the registry, and its file, too, as a garbage collection does."""
    content = secrets.token_bytes(64 * 1024 * 1024)
    visitor.push_blob("doomed", content)
    path, seen = f"/v2/doomed/blobs/{digest(content)}", hashlib.sha256()
    talk = http.client.HTTPSConnection(visitor.address, timeout=60, context=visitor.trust)
    talk.request("GET", path, headers={"Authorization": visitor.login})
    reply = talk.getresponse()
    seen.update(reply.read(1024))
    visitor.must(202, "DELETE", path)
    plain = digest(content).removeprefix("sha256:")
    shared_server.run("rm", "-r", f"{BLOBS}/{plain[:2]}/{plain}")
    visitor.must(404, "GET", path)
    while part := reply.read(1 << 20):
        seen.update(part)
    talk.close()
    assert f"sha256:{seen.hexdigest()}" == digest(content)


def test_many_push_and_pull_one_layer_at_once(visitor: Visitor) -> None:
    content = secrets.token_bytes(4 * 1024 * 1024)
    path, until = f"/v2/race/blobs/{digest(content)}", time.monotonic() + 8

    def push(number: int) -> None:
        while time.monotonic() < until:
            visitor.push_blob("race", content)

    def pull(number: int) -> list[int]:
        seen = []
        while time.monotonic() < until:
            status, _, body = visitor.ask("GET", path)
            # In the moment in which its link is written anew, the registry itself says 500.
            assert body == content if status == 200 else b'{"errors":' in body
            seen.append(status)
        return seen

    def delete(number: int) -> None:
        while time.monotonic() < until:
            status, _, _ = visitor.ask("DELETE", path)
            assert status in (202, 404)
            time.sleep(0.2)

    with ThreadPoolExecutor(9) as pool:
        pushes = [pool.submit(push, number) for number in range(4)]
        pulls = [pool.submit(pull, number) for number in range(4)]
        gone = pool.submit(delete, 0)
        seen = {status for each in pulls for status in each.result()}
        for each in (*pushes, gone):
            each.result()
    assert 200 in seen


def test_docker_pulls_while_layers_are_deleted(
    visitor: Visitor, shared_server: Machine, client: Machine
) -> None:
    """It gets the image whole or is told what is missing; once pushed again, it is there."""
    docker = Client(client, NAME, 443, PASSWORD, USER)
    docker.trust(shared_server, shared_server.ip)
    time.sleep(6)  # Go reads a hosts file again after five seconds
    docker.login()
    reference = docker.image("deleted")
    taken = docker.push(reference)
    manifest = json.loads(
        visitor.must(200, "GET", f"/v2/deleted/manifests/{taken}", headers=KIND)[1]
    )
    layers = [each["digest"] for each in manifest["layers"]]
    client.run("docker", "save", "-o", "/root/image.tar", reference)
    for turn, layer in enumerate(layers * 2):
        client.run("docker", "rmi", "-f", reference, "layer:one", check=False)
        client.run("docker", "image", "prune", "-a", "-f")
        with ThreadPoolExecutor(1) as pool:
            pulled = pool.submit(client.run, "docker", "pull", reference, check=False)
            time.sleep(turn * 0.05)
            visitor.must(202, "DELETE", f"/v2/deleted/blobs/{layer}")
            done = pulled.result()
        assert done.returncode == 0 or "unknown" in done.stderr + done.stdout
        client.run("docker", "load", "-q", "-i", "/root/image.tar")
        docker.push(reference)
    docker.pull(reference, taken)


# What may become of the storage behind nginx's back; the registry still gives the layer.
HIDDEN = {
    "folder": (f"chown docker-registry: {STORAGE}", f"chgrp www-data {STORAGE}"),
    "file": ("chmod 600 {file}", "chmod 644 {file}"),
}


@BOTH
@pytest.mark.parametrize(("hide", "show"), HIDDEN.values(), ids=HIDDEN.keys())
def test_where_nginx_cannot_read_it_the_registry_sends_it(
    visitor: Visitor, shared_server: Machine, hide: str, show: str, layer: bytes
) -> None:
    file, path = stored(layer), f"/v2/app/blobs/{digest(layer)}"
    before = asked_of(shared_server, f'"GET {path}')
    shared_server.run("sh", "-c", hide.format(file=file))
    try:
        assert visitor.must(200, "GET", path)[1] == layer
    finally:
        shared_server.run("sh", "-c", show.format(file=file))
    assert asked_of(shared_server, f'"GET {path}') == before + 1


def stored(content: bytes) -> str:
    """Give the file that holds a layer."""
    plain = digest(content).removeprefix("sha256:")
    return f"{BLOBS}/{plain[:2]}/{plain}/data"


def test_a_file_that_is_gone_is_no_empty_layer(visitor: Visitor, shared_server: Machine) -> None:
    """The registry remembers that it had it, so it says yes, and then cannot open it."""
    content = secrets.token_bytes(999)
    visitor.push_blob("lost", content)
    shared_server.run("rm", stored(content))
    with pytest.raises(http.client.IncompleteRead):
        visitor.ask("GET", f"/v2/lost/blobs/{digest(content)}")


# What an admin may have said for the whole of nginx, and must not count here.
FOR_ALL = {
    "satisfied by any": "satisfy any; allow all;",
    "a cache": "proxy_cache_path /var/cache/adm keys_zone=adm:1m; proxy_cache adm;"
    " proxy_cache_valid any 10m;",
    "other errors": "error_page 401 403 404 500 /mine.html; proxy_intercept_errors on;"
    " recursive_error_pages on;",
    "files kept open": "open_file_cache max=99; open_file_cache_valid 60s;"
    " open_file_cache_errors on;",
    "other headers": "expires 30d; charset utf-8; charset_types *; max_ranges 0;"
    " gzip_types *; etag on; add_header X-Mine yes;",
}


@pytest.mark.parametrize("size", [5000, 12_000_000])
@pytest.mark.parametrize("said", FOR_ALL.values(), ids=FOR_ALL.keys())
def test_what_is_said_for_all_of_nginx_opens_and_changes_nothing(
    visitor: Visitor, shared_server: Machine, said: str, size: int
) -> None:
    content = secrets.token_bytes(size)
    path, settings = f"/v2/brief/blobs/{digest(content)}", "/etc/nginx/conf.d/00-admin.conf"
    shared_server.put(settings, said)
    try:
        shared_server.run("sh", "-c", "nginx -t -q && nginx -s reload && sleep 1")
        visitor.push_blob("brief", content)
        found, body = visitor.must(200, "GET", path)
        assert (body, lowered(found.items())) == (content, lowered(as_ever(content).items()))
        visitor.must(206, "GET", path, headers={"Range": "bytes=1-2"})
        visitor.must(404, "GET", f"/v2/brief/blobs/{E}")
        visitor.must(202, "DELETE", path)
        visitor.must(404, "GET", path)
        nobody = Visitor(visitor.address, visitor.trust, basic(USER, "guessed"))
        for each in (path, "/v2/", f"/v2/app/blobs/{D}"):
            found, _ = nobody.must(401, "GET", each)
            assert found["WWW-Authenticate"]
    finally:
        shared_server.run("sh", "-c", f"rm {settings}; nginx -s reload; sleep 1")


def as_ever(content: bytes) -> dict[str, str]:
    """Give the headers of a layer."""
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "max-age=31536000",
        "Content-Length": str(len(content)),
        "Content-Type": "application/octet-stream",
        "Docker-Content-Digest": digest(content),
        "Docker-Distribution-Api-Version": "registry/2.0",
        "ETag": f'"{digest(content)}"',
    }


@pytest.mark.parametrize("size", [999, 12_000_000])
def test_a_link_in_the_storage_leads_to_nothing_of_others(
    visitor: Visitor, shared_server: Machine, size: int
) -> None:
    content = secrets.token_bytes(size)
    visitor.push_blob("linked", content)
    file = stored(content)
    link = f"mv {file} {file}.kept; ln -s /etc/registry-wizard/htpasswd {file}; chown -h {OWNER}"
    shared_server.run("sh", "-c", f"{link} {file}")
    before = asked_of(shared_server, f'"GET /v2/linked/blobs/{digest(content)}')
    with contextlib.suppress(http.client.IncompleteRead):
        _, _, body = visitor.ask("GET", f"/v2/linked/blobs/{digest(content)}")
        assert b"$2" not in body
    assert asked_of(shared_server, f'"GET /v2/linked/blobs/{digest(content)}') == before + 1


# Other kinds of storage and of registry, which an admin may set up by hand.
IN_MEMORY = "/^  filesystem:/,/rootdirectory:/c\\  inmemory: {}"
AWAY = "/^  tls:$/,/clientcas:/d; s/:5000/:5001/; s|rootdirectory:.*|rootdirectory: /srv/far|"
CACHE = f"""sed '{AWAY}' {SETTINGS} > /srv/far.yml; chmod 644 /srv/far.yml
mkdir -p /srv/far; chown docker-registry: /srv/far
systemd-run -q --unit far -p User=docker-registry docker-registry serve /srv/far.yml
until ss -Hltn 'sport = :5001' | grep -q .; do sleep 0.1; done
echo 'proxy: {{remoteurl: "http://127.0.0.1:5001"}}' >> {SETTINGS}
"""
FILL = """import runpy, sys
seed = runpy.run_path("/root/seed.py")
seed["Registry"](5001).blob("far", sys.stdin.buffer.read())
"""


@pytest.fixture
def settings(shared_server: Machine) -> Iterator[None]:
    """Let a test change the registry's settings, and put them back in the end."""
    shared_server.run("cp", "-p", SETTINGS, "/root/kept.yml")
    yield
    shared_server.run("cp", "-p", "/root/kept.yml", SETTINGS)
    restart(shared_server)


def restart(server: Machine) -> None:
    up = "until ss -Hltn 'sport = :5000' | grep -q .; do sleep 0.05; done"
    server.run("sh", "-c", f"systemctl restart docker-registry; {up}")


@pytest.mark.usefixtures("settings")
def test_storage_that_is_no_folder_is_left_to_the_registry(
    visitor: Visitor, shared_server: Machine
) -> None:
    shared_server.run("sed", "-i", IN_MEMORY, SETTINGS)
    restart(shared_server)
    visitor.must(404, "GET", f"/v2/app/blobs/{D}")
    visitor.push_blob("app", OTHER)
    assert visitor.must(200, "GET", f"/v2/app/blobs/{E}")[1] == OTHER


@pytest.mark.usefixtures("settings")
def test_a_pull_through_cache_fetches_first_and_is_read_then(
    visitor: Visitor, shared_server: Machine
) -> None:
    content = secrets.token_bytes(300_000).hex()
    path = f"/v2/far/blobs/{digest(content.encode())}"
    shared_server.run("sh", "-ec", CACHE)
    shared_server.put("/root/seed.py", SEED)
    shared_server.run("python3", "-c", FILL, stdin=content)
    restart(shared_server)
    assert visitor.must(200, "GET", path)[1] == content.encode()
    fetched = stored(content.encode())
    shared_server.run("sh", "-c", f"until [ -s {fetched} ]; do sleep 0.1; done")
    before = asked_of(shared_server, f'"GET {path}')
    assert visitor.must(200, "GET", path)[1] == content.encode()
    visitor.must(404, "GET", f"/v2/far/blobs/{NONE}")
    assert asked_of(shared_server, f'"GET {path}') == before
