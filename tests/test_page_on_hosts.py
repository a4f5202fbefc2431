"""The page at the registry's own address, in a real browser, and what nobody gets beside it."""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests import traffic
from tests.browser import browser, violations
from tests.installation import CA, install
from tests.traffic import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.hosts.machine import Machine

    Told = Callable[[str, object], None]

pytestmark = pytest.mark.host
NAME = "docker.benet.com"
SERVER = f'role = "server"\n[registry]\nhostname = "{NAME}"\n{traffic.user()}'
URL = f"https://{NAME}/"
SEED = Path(__file__).parent / "hosts/seed.py"
# A second registry over the same storage, which asks for no login: hashing 14,000 would take long.
# The storage is in memory: it is filled, and gone, in a moment.
OPEN = """set -e; cd /root
storage=$(sed -n 's/.*rootdirectory: "\\(.*\\)"/\\1/p' /etc/docker/registry/config.yml)
mount -t tmpfs tmpfs "$storage"
chown docker-registry:www-data "$storage"; chmod 750 "$storage"
python3 - << 'END'
import re
text = open("/etc/docker/registry/config.yml").read()
text = re.sub(r"(?m)^  tls:\\n(    .*\\n)+", "", text).replace("127.0.0.1:5000", "127.0.0.1:5001")
open("/root/open.yml", "w").write(text)
END
chmod 644 open.yml; cp open.yml /tmp/open.yml
setsid setpriv --reuid docker-registry --regid docker-registry --clear-groups \
    docker-registry serve /tmp/open.yml > /dev/null 2>&1 &
echo $! > /root/open.pid
until ss -Hltn | grep -q 127.0.0.1:5001; do sleep 0.1; done
"""
COUNT, TAGS = 2000, 5
EVIL = '<img src=x onerror="document.title=1">'
ODD = """import json, runpy
seed = runpy.run_path("/root/seed.py")
evil, oci = '<img src=x onerror="document.title=1">', "application/vnd.oci.image"
docker = "application/vnd.docker"
registry = seed["Registry"](5001)
name = "zoo/odd"
layer = registry.blob(name, b"layer" * 300000)


def put(tag, type_, **more):
    text = json.dumps({"schemaVersion": 2, "mediaType": type_, **more}).encode()
    registry.manifest(name, tag, text, type_)
    return {"mediaType": type_, "digest": "sha256:" + seed["hashlib"].sha256(text).hexdigest(),
            "size": len(text)}


def config(type_, **more):
    text = json.dumps({"os": "linux", "created": "2026-11-20T10:00:00.5Z", **more}).encode()
    return registry.blob(name, text) | {"mediaType": type_}


image, listing = f"{docker}.distribution.manifest.v2+json", f"{oci}.index.v1+json"
dc, oc = f"{docker}.container.image.v1+json", f"{oci}.config.v1+json"
dl, ol = (layer | {"mediaType": each} for each in (f"{docker}.image.rootfs.diff.tar.gzip",
                                                   f"{oci}.layer.v1.tar+gzip"))
put("docker", image, config=config(dc, architecture="arm64", variant="v8"), layers=[dl])
put("evil", f"{oci}.manifest.v1+json", layers=[ol], config=config(
    oc, architecture=evil, author=evil,
    config={"Labels": {"org.opencontainers.image.title": evil}}))
put("artifact", f"{oci}.manifest.v1+json", layers=[ol],
    config=registry.blob(name, b"{}") | {"mediaType": "application/x-" + evil})
put("broken-config", f"{oci}.manifest.v1+json", layers=[ol],
    config=registry.blob(name, b"no json") | {"mediaType": oc})
parts = [put(arch, f"{oci}.manifest.v1+json", layers=[ol], config=config(oc, architecture=arch))
         | {"platform": {"os": "linux", "architecture": arch}} for arch in ("amd64", "arm64")]
lost = put("amd64", f"{oci}.manifest.v1+json", layers=[ol], config=config(oc, architecture="s390x"))
told = {"os": "unknown", "architecture": "unknown"}
put("index", listing, manifests=[*parts, lost | {"platform": told}])
"""


@dataclass(frozen=True)
class Target:
    machine: Machine
    browser: Browser
    seconds: float  # that filling the registry took

    def context(self, **settings: Any) -> BrowserContext:
        made = self.browser.new_context(**settings)
        made.set_default_timeout(20_000)
        return made


@pytest.fixture(scope="module")
def target(shared_server: Machine) -> Iterator[Target]:
    machine = shared_server
    install(machine, SERVER)
    machine.run("sh", "-c", OPEN)
    begun = time.monotonic()
    machine.put("/root/seed.py", SEED.read_bytes())
    machine.run("python3", "/root/seed.py", "5001", str(COUNT), str(TAGS))
    seconds = time.monotonic() - begun
    machine.run("python3", "-", stdin=ODD)
    certificate = machine.run("cat", CA.replace("ca.crt", "server.crt")).stdout
    with browser(NAME, machine.ip, certificate) as started:
        yield Target(machine, started, seconds)


class Watched:
    """A page that was opened, and all that its console complained of."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.said: list[str] = []
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("console", lambda line: self._heard(line.type, line.text))
        self.page.goto(URL)

    def _heard(self, kind: str, text: str) -> None:
        # The browser itself notes each answer of 400 and above; 401 is how a login is asked for.
        if kind in ("error", "warning") and "status of 401" not in text:
            self.said.append(text)

    def sign_in(self, password: str = PASSWORD) -> None:
        self.page.fill("#user", USER)
        self.page.fill("#password", password)
        self.page.click("#sign-in button")

    def listed(self) -> Page:
        self.sign_in()
        expect(self.page.locator("#session")).not_to_be_empty()
        return self.page

    def opened(self, name: str) -> Page:
        self.page.fill("#search", name)
        self.page.click("#repositories summary")
        self.page.wait_for_selector(".tags .facts code")
        return self.page


def facts(page: Page, tag: str) -> dict[str, str]:
    """Give what the page tells of a tag."""
    row = page.locator(".tags > li").filter(has=page.locator("h3", has_text=re.compile(f"^{tag}$")))
    row.locator("dd").first.wait_for()
    titles, texts = row.locator("dt"), row.locator("dd")
    return dict(zip(titles.all_inner_texts(), texts.all_inner_texts(), strict=True))


def test_who_signs_in_wrong_is_told_and_right_sees_the_list(target: Target) -> None:
    with target.context() as context:
        watched = Watched(context)
        page = watched.page
        assert page.is_visible("#sign-in")
        assert page.is_hidden("#found")
        watched.sign_in("wrong" + EVIL)
        expect(page.locator("#told")).not_to_be_empty()
        words = "The registry does not know this user with this password."
        assert page.inner_text("#told") == words
        watched.listed()
        assert page.inner_text("#session") == f"Signed in as {USER}"
        assert page.inner_text("#told") == ""
        kept = "[localStorage.length, sessionStorage.length, document.cookie, location.href]"
        assert page.evaluate(kept) == [0, 0, "", URL]
        page.click("#sign-out")
        assert page.is_visible("#sign-in")
        assert page.locator("#repositories li").count() == 0
        assert page.input_value("#password") == ""
        assert watched.said == []


# Notes when the list was asked for, and when all of it stood there.
LISTED = """() => { const count = document.querySelector("#count");
document.querySelector("#sign-in").addEventListener("submit",
    () => { window.begun = performance.now(); }, {capture: true});
new MutationObserver(() => { if (count.textContent === "2,001 images")
    window.took ??= performance.now() - window.begun; }).observe(count,
    {childList: true, characterData: true, subtree: true}); }"""
FOUND = """() => { const search = document.querySelector("#search"), begun = performance.now();
search.value = "app-1234"; search.dispatchEvent(new Event("input"));
document.querySelector("#repositories").offsetHeight;
return performance.now() - begun; }"""


def test_thousands_are_listed_and_found(target: Target, record_property: Told) -> None:
    with target.context() as context:
        watched = Watched(context)
        watched.page.evaluate(LISTED)
        page = watched.listed()
        expect(page.locator("#count")).to_have_text("2,001 images")
        listed, found = page.evaluate("window.took"), page.evaluate(FOUND)
        assert page.inner_text("#count") == "1 of 2,001 images"
        assert page.inner_text("#repositories summary") == "team2/app-1234"
        record_property("filled in s", round(target.seconds, 1))
        record_property("listed in ms", round(listed))
        record_property("found in ms", round(found))
        assert listed < 15_000
        assert found < 1000
        page.fill("#search", "app-1234:1.3")
        page.wait_for_selector(".tags .facts code")
        assert page.locator(".tags h3").all_inner_texts() == ["1.3"]
        assert page.inner_text(".opened > p") == "1 of 5 tags"
        page.fill("#search", EVIL)
        assert page.inner_text("#count") == "0 of 2,001 images"
        assert watched.said == []


def test_pages_of_the_list_are_turned_over(target: Target) -> None:
    with target.context() as context:
        page = Watched(context).listed()
        assert page.locator("#repositories > li").count() == 50
        assert page.inner_text("#place") == "1 to 50"
        assert page.is_disabled("#former")
        page.click("#next")
        assert page.inner_text("#place") == "51 to 100"
        page.click("#former")
        assert page.inner_text("#place") == "1 to 50"
        page.fill("#search", "team3/")  # where the search narrows it, it begins again
        assert page.inner_text("#count") == "286 of 2,001 images"
        for _ in range(5):
            page.click("#next")
        assert page.inner_text("#place") == "251 to 286"
        assert page.is_disabled("#next")


def test_what_is_in_a_repository_is_told_whatever_it_is(target: Target) -> None:
    with target.context() as context:
        watched = Watched(context)
        watched.listed()
        page = watched.opened("zoo/odd")
        docker = facts(page, "docker")
        assert docker["Platform"] == "linux/arm64/v8"
        assert (docker["Size"], docker["Created"]) == ("1.5 MB", "2026-11-20 10:00 UTC")
        assert re.fullmatch("sha256:[0-9a-f]{64}", docker["Digest"])
        index = facts(page, "index")
        assert index["Platforms"] == "linux/amd64, linux/arm64"
        assert index["Size"] == "1.5 MB for linux/amd64, 1.5 MB for linux/arm64"
        evil = facts(page, "evil")
        assert (evil["Author"], evil["About"]) == (EVIL, EVIL)
        assert evil["Platform"] == f"linux/{EVIL}"
        assert facts(page, "artifact")["Kind"] == f"artifact, application/x-{EVIL}"
        broken = facts(page, "broken-config")
        assert broken["Problem"] == "Its config: What the registry has there is no JSON."
        assert page.locator("main img").count() == 0
        assert "private Docker registry" in page.title()
        assert watched.said == []


def test_the_registrys_own_words_are_shown_as_text(target: Target) -> None:
    refusal = json.dumps({"errors": [{"code": "DENIED", "message": EVIL}]})
    with target.context() as context:
        watched = Watched(context)
        page = watched.listed()
        page.route("**/tags/list", lambda route: route.fulfill(status=403, body=refusal))
        page.fill("#search", "zoo/odd")
        page.click("#repositories summary")
        expect(page.locator(".opened")).to_contain_text("img")
        assert page.inner_text(".opened") == f"{EVIL}."
        page.unroute("**/tags/list")
        gone = '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'
        page.route("**/manifests/*", lambda route: route.fulfill(status=404, body=gone))
        page.click("#repositories summary")
        page.click("#repositories summary")
        page.wait_for_selector(".tags dd")
        assert page.locator(".tags dd").first.inner_text() == "It was deleted meanwhile."
        assert page.locator("main img").count() == 0


def test_what_is_copied_is_what_is_shown(target: Target) -> None:
    with target.context(permissions=["clipboard-read", "clipboard-write"]) as context:
        watched = Watched(context)
        page = watched.page
        line = target.machine.run("grep", "-m1", "join.sh", "/etc/registry-wizard/next-steps.txt")
        for what, wanted in {
            "Make a client of a machine": line.stdout.strip(),
            "Log in": f"docker login -u NAME {NAME}",
        }.items():
            page.get_by_role("button", name=f"Copy: {what}").click()
            expect(page.locator("#said")).to_have_text("Copied")
            assert page.evaluate("navigator.clipboard.readText()") == wanted
            expect(page.locator("#said")).to_be_empty()
        watched.listed()
        watched.opened("app-0007")
        page.locator(".tags button").first.press("Enter")
        expect(page.locator("#said")).to_have_text("Copied")
        command = f"docker pull {NAME}/team0/app-0007:1.5"
        assert page.evaluate("navigator.clipboard.readText()") == command
        assert watched.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_within_reach_of_everybody(target: Target, scheme: Any) -> None:
    with target.context(color_scheme=scheme) as context:
        watched = Watched(context)
        page = watched.page
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        assert violations(page) == []
        watched.listed()
        watched.opened("zoo/odd")
        assert violations(page) == []
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        dark = max(map(int, re.findall(r"\d+", paper))) < 64
        assert dark == (scheme == "dark")


def test_a_phone_is_wide_enough_and_the_keyboard_is_enough(target: Target) -> None:
    with target.context(viewport={"width": 360, "height": 740}) as context:
        watched = Watched(context)
        page = watched.page
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        page.keyboard.press("Tab")  # to the link in the introduction
        page.focus("#user")
        for word in (USER, PASSWORD):
            page.keyboard.type(word)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#session")).not_to_be_empty()
        page.keyboard.type("zoo/odd")  # the search has the focus
        page.focus("#repositories summary")
        page.keyboard.press("Enter")
        page.wait_for_selector(".tags .facts code")
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_javascript_it_says_what_counts(target: Target) -> None:
    machine = target.machine
    with target.context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(URL)
        text = page.inner_text("body")
    argv = ("openssl", "x509", "-noout", "-in", CA)
    printed = machine.run(*argv, "-fingerprint", "-sha256").stdout
    subject = machine.run(*argv, "-subject", "-nameopt", "RFC2253").stdout
    line = machine.run("grep", "-m1", "join.sh", "/etc/registry-wizard/next-steps.txt").stdout
    for wanted in (
        printed.strip().partition("=")[2],
        subject.strip().removeprefix("subject="),
        line.strip(),
        "The list of images needs JavaScript",
        "registry-wizard catalog",
        f"skopeo list-tags docker://{NAME}/NAME",
        f"docker push {NAME}/IMAGE",
        "Docker Desktop for Windows",
        "k3s",
    ):
        assert wanted in text
    assert "Sign in" not in text


def test_nothing_but_its_own_scripts_is_run(target: Target) -> None:
    with target.context() as context:
        watched = Watched(context)
        page = watched.page
        page.evaluate(
            """() => { const script = document.createElement("script");
            script.textContent = "window.ran = true"; document.body.append(script);
            const image = `<img src=x onerror="window.ran = true">`;
            document.body.insertAdjacentHTML("beforeend", image);
            }"""
        )
        page.wait_for_timeout(200)
        assert page.evaluate("window.ran") is None
        assert [each for each in watched.said if "Content Security Policy" in each]


def answer(machine: Machine, path: str, method: str = "GET") -> tuple[int, str, str]:
    """Give status, headers in small letters, and content; the path is sent as it stands."""
    trust = ssl._create_unverified_context()
    with (
        socket.create_connection((machine.ip, 443), 10) as plain,
        trust.wrap_socket(plain, server_hostname=NAME) as line,
    ):
        request = f"{method} {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n"
        line.sendall(request.encode())
        with line.makefile("rb") as stream:
            head, _, body = stream.read().decode("latin-1").partition("\r\n\r\n")
    return int(head.split(None, 2)[1]), head.lower(), body


def test_it_is_served_with_strict_headers(target: Target) -> None:
    kinds = {
        "/": "text/html",
        "/page.css": "text/css",
        "/page.js": "text/javascript",
        "/registry.js": "text/javascript",
        "/icon.svg": "image/svg+xml",
    }
    for path, kind in kinds.items():
        status, headers, _ = answer(target.machine, path)
        assert status == 200
        assert f"content-type: {kind}; charset=utf-8" in headers
        assert headers.count("x-content-type-options: nosniff") == 1
        assert "referrer-policy: no-referrer" in headers
        assert "cache-control: no-cache" in headers
        assert "content-security-policy: default-src 'none'; script-src 'self';" in headers
        assert "unsafe" not in headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_who_asks_for_api_v1_is_told_what_to_do(target: Target, method: str) -> None:
    for path in ("/v1/_ping", "/v1/search?q=nginx", "/v1/"):
        status, headers, body = answer(target.machine, path, method)
        assert (status, "content-type: application/json" in headers) == (404, True)
        assert f"open {URL} in a browser" in json.loads(body)["errors"][0]["message"]


ROOTS = ("", "/", "/page.js/", "/join.sh/", "/v1/", "/icon.svg")
UPS = (
    "/..",
    "/%2e%2e",
    "/..%2f..",
    "/.%2e",
    "/..%5c..",
    "/..\\..",
    "/%252e%252e",
    "//..",
    "/..;/..",
)
KEPT = (
    "/etc/registry-wizard/htpasswd",
    "/etc/registry-wizard/pki/ca.key",
    "/opt/data/registry/docker/registry/v2/repositories/zoo/odd/_manifests/tags/evil/current/link",
    "/etc/passwd",
)
OTHERS = (
    "/ca.key",
    "/server.key",
    "/htpasswd",
    "/.htpasswd",
    "/answers.toml",
    "/next-steps.txt",
    "/page.html.j2",
    "/page.js%00",
    "/page.js%0a",
    "/page.js/",
    "/page.js.bak",
    "/PAGE.JS",
    "/page%2ejs/../ca.key",
    "//etc/passwd",
    "/docker/registry/v2/repositories/",
    "/var/www/registry-wizard/",
    "/registry-wizard/page.html",
    "/index.html",
    "/.git/config",
    "/nginx_status",
    "/debug/vars",
    "/metrics",
    "/proc/self/environ",
    "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/v2",
    "/v2/../etc/passwd",
    "/v2/%2e%2e/%2e%2e/etc/passwd",
)
PATHS = (*(root + 4 * up + kept for root in ROOTS[:4] for up in UPS for kept in KEPT), *OTHERS)


def test_nothing_that_is_kept_is_reached_beside_it(target: Target, record_property: Told) -> None:
    secret = re.compile(r"root:x:|\$2[aby]\$|PRIVATE KEY|Index of|password_hash|_manifests")
    found = {}
    for path in PATHS:
        found[path], _, body = answer(target.machine, path)
        assert not secret.search(body), path
    wrong = {path: status for path, status in found.items() if status not in (301, 400, 401, 404)}
    assert wrong == {}
    assert [path for path, status in found.items() if status == 301] in ([], ["/v2"])
    record_property("paths", len(PATHS))


def test_the_catalog_on_the_server_finds_them_as_well(
    target: Target, record_property: Told
) -> None:
    timed = "begun=$(date +%s%N); registry-wizard catalog {} > /root/told; code=$?;"
    timed += " echo $code $((($(date +%s%N) - begun) / 1000000)) $(wc -l < /root/told)"
    for what, lines in {"app-1234": TAGS, "--json": COUNT * TAGS + 7}.items():
        said = target.machine.run("sh", "-c", timed.format(what)).stdout.split()
        record_property(f"catalog {what} in ms", int(said[1]))
        told = target.machine.run("cat", "/root/told").stdout
        assert (said[0], told.count("app-1234")) == ("0", TAGS)
        assert lines <= int(said[2]) <= lines + 3


def test_where_anybody_may_read_the_list_is_there_at_once(target: Target) -> None:
    install(target.machine, f"{SERVER}[access]\nanonymous_pull = true\n")
    with target.context() as context:
        watched = Watched(context)
        page = watched.page
        expect(page.locator("#session")).to_have_text("Open to everybody")
        expect(page.locator("#count")).to_have_text("2,001 images")
        assert page.is_hidden("#sign-in")
        assert page.is_hidden("#sign-out")
        assert facts(watched.opened("app-0007"), "1.5")["Platform"] == "linux/amd64"
        assert watched.said == []
