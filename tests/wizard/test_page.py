"""The page for browsers, as it is put together: whole names, and nothing but text in its holes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from tests.given import ANSWERS, NOW, given
from wizard import page
from wizard.answers import Answers, Certificate, Registry
from wizard.join import PUBLISHED, SCRIPT, Join, join_of
from wizard.pki import Authority, Wanted, mint_authority, until
from wizard.script.publish import told_later
from wizard.script.words import fed
from wizard.steps import proxy

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("docker.benet.com", "registry.benet.com")
EVIL = """</dd><script>alert('a & b')</script>"""


def of(join: Join) -> str:
    return dict(page.files(join))[f"{PUBLISHED}/page.html"].decode()


class Reader(HTMLParser):
    """What a browser makes of it: the elements, their attributes, the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def made(registry: Registry, *alt_names: str, common_name: str = "") -> Join:
    answers = replace(
        Answers(registry=registry), certificate=replace(Certificate(), alt_names=alt_names)
    )
    wanted = Wanted(NAMES, (), ca_common_name=common_name)
    return join_of(answers, mint_authority(wanted, NOW).certificate)


def test_every_name_of_the_registry_and_its_ca_is_there() -> None:
    join = made(Registry(hostname=NAMES[0], ip="192.168.1.107"), NAMES[1])
    text = Reader(of(join)).text
    for wanted in (*NAMES, "192.168.1.107", join.fingerprint, join.line, until(join.trust)):
        assert wanted in text


@pytest.mark.parametrize(
    ("name", "ip", "port", "at"),
    [
        ("docker.benet.com", "10.0.0.7", 443, "docker.benet.com"),
        ("docker.benet.com", "10.0.0.7", 8443, "docker.benet.com:8443"),
        ("10.0.0.7", "10.0.0.7", 5443, "10.0.0.7:5443"),
        ("2001:db8::7", "2001:db8::7", 5443, "[2001:db8::7]:5443"),
    ],
)
def test_what_is_typed_has_the_port_and_the_brackets(
    name: str, ip: str, port: int, at: str
) -> None:
    join = made(Registry(hostname=name, ip=ip, https_port=port))
    found = Reader(of(join))
    assert ("data-at", at) in found.attributes
    for wanted in (
        f"docker login -u NAME {at}\n",
        f"docker tag IMAGE {at}/IMAGE",
        f"docker push {at}/IMAGE",
        f"docker pull {at}/IMAGE",
        f"skopeo list-tags docker://{at}/NAME",
        f"/etc/docker/certs.d/{at}/ca.crt",
        f"/etc/containers/certs.d/{at}/ca.crt",
        f'[host."https://{at}"]',
        f'  "{at}":\n    endpoint: ["https://{at}"]\n',
    ):
        assert wanted.rstrip("\n") in found.text
    by_name = name != ip
    assert ("Where DNS does not know the name" in found.text) == by_name


def test_markup_in_a_name_of_the_ca_is_text() -> None:
    join = made(Registry(hostname=NAMES[0], ip="10.0.0.7"), common_name=EVIL[:64])
    found = Reader(of(join))
    assert found.tags.count("script") == 1
    assert "alert('a & b')" in found.text
    odd = replace(join, names=(f"{EVIL}.benet.com",))
    assert Reader(of(odd)).tags.count("script") == 1


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    found = Reader(of(join_of(ANSWERS, given().pki.trust)))
    assert "style" not in found.tags
    assert not [name for name, _ in found.attributes if name == "style" or name.startswith("on")]
    linked = {value for name, value in found.attributes if name in ("href", "src")}
    assert linked == {"/icon.svg", "/page.css", "/page.js", "/ca.crt", "#trust"}


def test_nginx_serves_every_file_of_it() -> None:
    text = proxy.plan(given()).changes[-1].content.decode()  # type: ignore[attr-defined]
    for name in page.NAMES:
        assert name.replace(".", r"\.") in text


MOMENT = 'moment() { date -u -d "$(openssl x509 -noout "$1" -in "$2" | cut -d= -f2)" +%s; }\n'


@pytest.mark.parametrize(
    "common_name",
    [
        "docker.benet.com CA",
        EVIL[:64],
        'a, b + "c" = \\ ; # <&d>',
        "#Gr\u00f6\u00dfe\u00a0`id` $(id) ",
    ],
    ids=["plain", "markup", "punctuation", "odd"],
)
def test_the_script_writes_the_very_same_around_a_ca_that_it_makes(
    tmp_path: Path, common_name: str
) -> None:
    case = given()
    join = made(Registry(hostname=NAMES[0], ip="192.168.1.107"), common_name=common_name)
    case = replace(case, pki=replace(case.pki, authority=Authority(join.trust, b"")))
    join = join_of(case.answers, case.pki.trust)
    (tmp_path / "ca.crt").write_bytes(join.trust)
    (tmp_path / "join.sh").write_bytes(join.script)
    holes = {
        value: words.replace(SCRIPT, str(tmp_path / "join.sh"))
        for value, words in told_later(case, str(tmp_path / "ca.crt")).items()
    }
    wanted = of(join)
    text = fed("cat", wanted.encode(), holes)
    assert join.fingerprint not in text
    done = subprocess.run(["sh", "-c", MOMENT + text], check=True, capture_output=True)
    assert done.stdout.decode() == wanted
