"""The answers file: what it may say, and what is said about what it may not."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard import answers, schema, sheet, toml
from wizard.answers import Answers, Authority, Certificate, Registry, User
from wizard.errors import BadAnswers

if TYPE_CHECKING:
    from pathlib import Path

FULL = """
role = "server"
[registry]
hostname = "docker.benet.com"
ip = "192.168.1.107"
https_port = 8443
http_redirect = false
runtime = "package"
storage = "/srv/registry"
delete = false
[certificate]
common_name = "docker.benet.com"
alt_names = ["registry.benet.com", "192.168.2.107"]
days = 825
[authority]
common_name = "benet CA"
organization = "Benet"
permitted = ["benet.com", "192.168.1.0/24"]
[proxy]
install = "package"
[[users]]
name = "testuser"
password = "pwd123"
"""
HASH = "$2y$10$" + "a" * 53
ENVIRON = {"SECRET": "from outside", "LONG": "x" * 73, "NOTHING": "", "LINES": "a\nb"}


def read(text: str) -> Answers:
    return answers.parse(text, "a file", ENVIRON)


def refusals(text: str) -> dict[str, str]:
    """Why each key was refused."""
    with pytest.raises(BadAnswers) as caught:
        read(text)
    return {problem.key: problem.why for problem in caught.value.problems}


def test_a_file_that_says_only_the_role_is_enough() -> None:
    assert read('role = "server"') == Answers() == read("")


def test_a_file_with_every_answer() -> None:
    found = read(FULL)
    assert found.registry == Registry(
        hostname="docker.benet.com",
        ip="192.168.1.107",
        https_port=8443,
        http_redirect=False,
        runtime="package",
        storage="/srv/registry",
        delete=False,
    )
    assert found.certificate.alt_names == ("registry.benet.com", "192.168.2.107")
    assert [user.name for user in found.users] == ["testuser"]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("role", '"node"', 'must be "server" or "client"'),
        ("role", "1", "text in quotes"),
        ("registry.hostname", '"registry"', "Docker Hub"),
        ("registry.hostname", '"docker benet.com"', "space"),
        ("registry.hostname", '"docker\\u0007.benet.com"', "control character"),
        ("registry.hostname", '["benet.com"]', "text in quotes"),
        ("registry.ip", '"docker.benet.com"', "neither an IPv4 nor an IPv6"),
        ("registry.ip", '"127.0.0.1"', "loopback"),
        ("registry.https_port", "0", "from 1 to 65535"),
        ("registry.https_port", "70000", "from 1 to 65535"),
        ("registry.https_port", "-443", "from 1 to 65535"),
        ("registry.https_port", '"443"', "whole number"),
        ("registry.https_port", "true", "whole number"),
        ("registry.https_port", "443.0", "whole number"),
        ("registry.https_port", "0x" + "f" * 9000, "from 1 to 65535"),
        ("registry.http_redirect", "1", "true or false"),
        ("registry.runtime", '"podman"', 'must be "auto" or "container" or "package"'),
        ("registry.image", '"registry"', "needs a tag or a digest"),
        ("registry.image", '"Registry:3"', "in lower case"),
        ("registry.image_archive", '"registry.tar"', "begins with /"),
        ("proxy.prefix", '"/etc/nginx"', "operating system"),
        ("proxy.prefix", '"/opt/my nginx"', "letters a to z"),
        ("proxy.source_sha256", '"abc"', "64 hexadecimal digits"),
        ("registry.storage", '"data"', "begins with /"),
        ("registry.storage", '"/etc"', "operating system"),
        ("registry.delete", '"yes"', "true or false"),
        ("certificate.common_name", '"' + "x" * 65 + '"', "65 characters"),
        ("certificate.common_name", '" x"', "without a space"),
        ("certificate.alt_names", '"a.com"', "list in square brackets"),
        ("certificate.days", "0", "from 1 to 825"),
        ("certificate.days", "826", "Apple"),
        ("authority.common_name", '"a\\nb"', "control character"),
        ("authority.organization", '"' + "x" * 65 + '"', "65 characters"),
        ("authority.permitted", "5", "list in square brackets"),
        ("authority.certificate", '"ca.crt"', "begins with /"),
        ("authority.certificate", '"/nowhere/ca.crt"', "No such file"),
        ("authority.key", '"/"', "folder"),
        ("proxy.install", '"binary"', 'must be "package" or "source"'),
    ],
)
def test_an_impossible_value_is_refused_with_its_reason(key: str, value: str, words: str) -> None:
    assert words in refusals(f"{key} = {value}")[key]


@pytest.mark.parametrize(
    ("key", "items", "place", "words"),
    [
        ("certificate.alt_names", '["a.com", "b"]', "[2]", "Docker Hub"),
        ("certificate.alt_names", '["a.com", 1]', "[2]", "text in quotes"),
        ("certificate.alt_names", '["a.com", "A.com"]', "[2]", "already"),
        ("authority.permitted", '["com", "a.com"]', "[1]", "top-level"),
        ("authority.permitted", '["10.0.0.1", "10.0.0.1/32"]', "[2]", "already"),
    ],
)
def test_one_wrong_item_of_a_list_is_named(key: str, items: str, place: str, words: str) -> None:
    assert words in refusals(f"{key} = {items}")[key + place]


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("[registry]\nhostnam = 1", "registry.hostnam", "did you mean hostname?"),
        ("hostname = 1", "hostname", "did you mean registry.hostname?"),
        ("[regestry]", "regestry", "did you mean registry?"),
        ('"a b" = 1', '"a b"', "no question"),
        ("[acces]\nanonymous_pull = true", "acces", "did you mean access?"),
        ("[[clients]]\nhost = 'a'\nport = 22\nsudo = true", "clients[1].sudo", "no question"),
        ("[[users]]\nname='a'\npassword='b'\nrole='all'", "users[1].role", '"push" or "pull"'),
        ("registry = 1", "registry", "under [registry]"),
        ("[[registry]]", "registry", "under [registry]"),
        ("[users]\nname = 'a'", "users", "[[users]] in double brackets"),
        ("users = ['a']", "users[1]", "must be a table"),
    ],
)
def test_what_nobody_asked_for_is_refused(text: str, key: str, words: str) -> None:
    assert words in refusals(text)[key]


@pytest.mark.parametrize(
    ("user", "key", "words"),
    [
        ("password = 'a'", ".name", "missing"),
        ("name = ''\npassword = 'a'", ".name", "empty"),
        ("name = 'a:b'\npassword = 'a'", ".name", "colon"),
        ("name = 'registry-wizard'\npassword = 'a'", ".name", "own account"),
        ("name = 'a'", "", "none of them"),
        ("name = 'a'\npassword = 'a'\npassword_env = 'SECRET'", "", "password and password_env"),
        ("name = 'a'\npassword = 5", ".password", "text in quotes"),
        ("name = 'a'\npassword = '" + "é" * 37 + "'", ".password", "72 bytes"),
        ("name = 'a'\npassword = \"a\\nb\"", ".password", "control character"),
        ("name = 'a'\npassword = \"a\\u0000b\"", ".password", "control character"),
        ("name = 'a'\npassword_hash = '$apr1$abc'", ".password_hash", "no bcrypt hash"),
        (f"name = 'a'\npassword_hash = '{HASH}x'", ".password_hash", "no bcrypt hash"),
        (f"name = 'a'\npassword_hash = '{HASH.replace('10', '03')}'", ".password_hash", "04 to 31"),
        (f"name = 'a'\npassword_hash = '{HASH.replace('10', '32')}'", ".password_hash", "04 to 31"),
        ("name = 'a'\npassword_file = 'secret'", ".password_file", "begins with /"),
        ("name = 'a'\npassword_file = '/nowhere/x'", ".password_file", "No such file"),
        ("name = 'a'\npassword_file = '/'", ".password_file", "folder"),
        ("name = 'a'\npassword_env = 'A-B'", ".password_env", "letters, digits"),
        ("name = 'a'\npassword_env = 'UNSET'", ".password_env", "not set"),
        ("name = 'a'\npassword_env = 'NOTHING'", ".password_env", "empty"),
        ("name = 'a'\npassword_env = 'LONG'", ".password_env", "72 bytes"),
        ("name = 'a'\npassword_env = 'LINES'", ".password_env", "control character"),
    ],
)
def test_a_user_who_could_not_log_in_is_refused(user: str, key: str, words: str) -> None:
    assert words in refusals(f"[[users]]\n{user}")["users[1]" + key]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"x" * 73, "72 bytes"),
        (b"x" * 5000, "72 bytes"),
        (b"a\nb\n", "control character"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_password_file_without_a_usable_password_is_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "password"
    path.write_bytes(content)
    text = f"[[users]]\nname = 'a'\npassword_file = '{path}'"
    assert words in refusals(text)["users[1].password_file"]


def test_two_users_of_one_name_are_refused() -> None:
    user = "[[users]]\nname = 'a'\npassword = 'x'\n"
    assert "twice" in refusals(user + user)["users[2].name"]


def test_a_ca_of_ones_own_needs_its_key(tmp_path: Path) -> None:
    path = tmp_path / "ca.crt"
    path.write_text("a certificate")
    assert "no key" in refusals(f"[authority]\ncertificate = '{path}'")["authority"]


@pytest.mark.parametrize("kind", ["EC PRIVATE KEY", "PRIVATE KEY"])
def test_a_ca_key_written_instead_of_its_path_is_not_repeated(kind: str) -> None:
    text = f'[authority]\nkey = """-----BEGIN {kind}-----\nhunter2\n"""'
    with pytest.raises(BadAnswers) as caught:
        read(text)
    assert "hunter2" not in str(caught.value)
    assert "authority.key = (hidden)" in str(caught.value)


def test_an_address_as_hostname_must_be_the_address() -> None:
    text = "[registry]\nhostname = '192.168.1.5'\nip = '192.168.1.6'"
    assert "another address" in refusals(text)["registry.hostname"]


def test_all_problems_are_told_at_once_and_with_examples() -> None:
    text = "x = 1\n[registry]\nhostname = 'vm'\nhttps_port = 0\n[certificate]\ndays = 900"
    with pytest.raises(BadAnswers) as caught:
        read(text)
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["x", "registry.hostname", "registry.https_port", "certificate.days"]
    assert 'registry.hostname = "vm": needs a dot' in str(caught.value)
    assert '(for example: "docker.benet.com")' in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f"password = '{'hunter2' * 11}'",
        'password = "hunter2\\u0007"',
        "password = ['hunter2']",
        "password_hash = 'hunter2'",
        "pasword = 'hunter2'",
        "password = 'hunter2",
        "password = hunter2",
        'password = """\n[x]\nhunter2\\q"""',
    ],
)
def test_no_error_repeats_a_password(text: str) -> None:
    with pytest.raises(BadAnswers) as caught:
        read(f"[[users]]\nname = 'a'\n{text}")
    assert "hunter2" not in str(caught.value)


def test_no_password_is_in_the_text_of_answers() -> None:
    assert "pwd123" not in repr(read(FULL))


def test_a_mistake_in_toml_is_shown_with_its_line_and_a_caret() -> None:
    with pytest.raises(BadAnswers) as caught:
        read("[registry]\nhostname = docker.benet.com\n")
    assert str(caught.value).endswith(
        "line 2, column 12: this is no value; a text must stand in quotes\n"
        "      hostname = docker.benet.com\n"
        "                 ^"
    )


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadAnswers, match="cannot be read"):
        answers.load(str(tmp_path / name), {})


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text('role = "server"', encoding="utf-16")
    with pytest.raises(BadAnswers, match="not UTF-8"):
        answers.load(str(path), {})


def _run(code: str, given_input: bytes = b"") -> str:
    """What a new Python prints."""
    argv = (sys.executable, "-c", code)
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(argv, input=given_input, capture_output=True, check=True, env=path)
    return done.stdout.decode().strip()


def test_a_hyphen_reads_standard_input() -> None:
    code = "from wizard import answers; print(answers.load('-', {}).registry.https_port)"
    assert _run(code, b"registry.https_port = 8443") == "8443"


def test_reading_answers_imports_nothing_large() -> None:
    code = (
        "import sys; from wizard import answers, sheet; sheet.template();"
        "print({'idna', 'bcrypt', 'cryptography', 'jinja2', 'sh'} & set(sys.modules))"
    )
    assert _run(code) == "set()"


def test_a_password_comes_from_wherever_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(b"from a file\r\n")
    users = (
        User("a", password="in the file"),
        User("b", password_file=str(path)),
        User("c", password_env="SECRET"),
        User("d", password_hash=HASH),
    )
    found = [answers.password_of(user, ENVIRON) for user in users]
    assert found == ["in the file", "from a file", "from outside", None]


def test_the_template_reads_as_nothing_answered() -> None:
    assert read(sheet.template()) == Answers()


def test_the_template_explains_every_question() -> None:
    template = sheet.template()
    asked = [line.lstrip("#").split(" =")[0] for line in template.splitlines() if " = " in line]
    for key in ("role", "hostname", "ip", "days", "permitted", "install", "name", "password_env"):
        assert key in asked
    assert max(map(len, template.splitlines())) <= 100


def test_the_schema_takes_what_is_right() -> None:
    validator = jsonschema.Draft202012Validator(schema.schema())
    validator.check_schema(schema.schema())
    validator.validate(toml.read(sheet.template()))
    validator.validate(toml.read(FULL))


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "[registry]\nimage = 5",
        "[access]\npush_from = '10.0.0.0/8'",
        "[access]\nanonymous_pull = 'yes'",
        "registry.https_port = true",
        "registry.https_port = 0",
        "certificate.days = 826",
        "role = 'node'",
        "[[users]]\npassword = 'a'",
        "[[users]]\nname = 'a'",
        "[[users]]\nname = 'a'\npassword = 'a'\npassword_env = 'A'",
    ],
)
def test_the_schema_refuses_what_is_wrong(text: str) -> None:
    validator = jsonschema.Draft202012Validator(schema.schema())
    assert not validator.is_valid(toml.read(text))
    assert refusals(text)


LINE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)
HOSTS = st.sampled_from(["", "a.b", "xn--bcher-kva.example", "192.168.1.107", "2001:db8::1"])
USERS = st.lists(
    st.builds(
        lambda name, given: replace(User(name), **given),
        st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20),
        st.one_of(
            st.builds(lambda text: {"password": f"x{text}"}, LINE.filter(lambda t: len(t) < 18)),
            st.just({"password_hash": HASH}),
            st.just({"password_env": "SECRET"}),
        ),
    ),
    max_size=3,
    unique_by=lambda user: user.name,
).map(tuple)
ANSWERS = st.builds(
    Answers,
    registry=st.builds(
        Registry,
        hostname=HOSTS,
        https_port=st.integers(81, 65535),
        http_redirect=st.booleans(),
        runtime=st.sampled_from(["auto", "container", "package"]),
        storage=st.just("/srv/régistre@1"),
        delete=st.booleans(),
    ),
    certificate=st.builds(
        Certificate,
        common_name=LINE.map(str.strip),
        alt_names=st.sampled_from([(), ("a.b",), ("a.b", "10.0.0.1")]),
        days=st.integers(1, 825),
    ),
    authority=st.builds(
        Authority,
        common_name=LINE.map(str.strip),
        organization=LINE.map(str.strip),
        permitted=st.sampled_from([(), ("a.b", "10.0.0.0/8")]),
    ),
    users=USERS,
).filter(lambda found: found.certificate.alt_names or not found.certificate.common_name)


def test_nginx_from_source_needs_an_archive() -> None:
    with pytest.raises(BadAnswers, match=r"proxy\.source_archive: is needed"):
        read('[proxy]\ninstall = "source"\n')
    read('[proxy]\ninstall = "source"\nsource_archive = "/root/nginx-1.30.0.tar.gz"\n')


def test_a_common_name_with_addresses_alone_is_refused() -> None:
    text = '[registry]\nhostname = "192.0.2.1"\n[certificate]\ncommon_name = "x"\n'
    with pytest.raises(BadAnswers, match="common_name: cannot be with addresses"):
        read(text)
    assert read(text + 'alt_names = ["a.b"]\n').certificate.common_name == "x"


@given(ANSWERS)
@settings(deadline=None, max_examples=50)
def test_what_is_written_is_read_back(given_answers: Answers) -> None:
    assert read(sheet.dump(given_answers)) == given_answers


def _taken_or_refused(text: str) -> None:
    try:
        read(text)
    except BadAnswers as error:
        assert error.problems  # noqa: PT017  both ends are right


@given(st.text() | st.text('[]"=.#{}\n\\x1', max_size=40))
@settings(deadline=None)
def test_any_text_is_answers_or_refused(text: str) -> None:
    _taken_or_refused(text)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml.literal(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return toml.literal(value)


TABLES = ("role", "registry", "certificate", "authority", "proxy", "users", "x")
PLAIN = ("hostname", "ip", "https_port", "storage", "alt_names", "permitted", "key", "name")
SECRETS = ("password", "password_file", "password_env", "password_hash")
KEYS = st.sampled_from((*TABLES, *PLAIN, *SECRETS))
VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
@settings(deadline=None)
def test_any_values_are_answers_or_refused(document: dict[str, Any]) -> None:
    _taken_or_refused("\n".join(f"{key} = {_toml(value)}" for key, value in document.items()))


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("[[clients]]\nport = 22", "clients[1].host", "missing"),
        ("[[clients]]\nhost = '-oProxyCommand=x'", "clients[1].host", "letters, digits"),
        ("[[clients]]\nhost = 'a b'", "clients[1].host", "space"),
        ("[[clients]]\nhost = 'a;reboot'", "clients[1].host", "letters, digits"),
        ("[[clients]]\nhost = 'a'\nuser = '-l'", "clients[1].user", "user's name"),
        ("[[clients]]\nhost = 'a'\nhost_key = 'abc'", "clients[1].host_key", "ssh-keygen -lf"),
        (
            "[[clients]]\nhost = 'a'\ntrust = ['lxc']",
            "clients[1].trust[1]",
            "one of docker, podman",
        ),
        ("[[clients]]\nhost = 'a'\n[[clients]]\nhost = 'a'", "clients[2].host", "twice"),
        ("role = 'client'", "registry.hostname", "which registry"),
        ("role = 'client'", "client.ca_fingerprint", "anybody could hand"),
        ("role = 'client'\n[client]\nca_fingerprint = 'ab:cd'", "client.ca_fingerprint", "64 hex"),
        ("role = 'client'\n[[clients]]\nhost = 'a'", "clients", "visits no other machine"),
    ],
)
def test_what_cannot_be_a_client_is_refused_with_its_reason(
    text: str, key: str, words: str
) -> None:
    assert words in refusals(text)[key]


def test_a_fingerprint_may_be_written_as_openssl_prints_it() -> None:
    text = "role = 'client'\nregistry.hostname = 'docker.benet.com'\n"
    found = answers.parse(f"{text}client.ca_fingerprint = '{':'.join(['AB'] * 32)}'", "a file", {})
    assert found.client.ca_fingerprint == "ab" * 32
