"""Every text that a program prints about a registry is told by its cause, and no other one is."""

from __future__ import annotations

import string
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.wizard.failure_texts import AT, OTHERS, UNRELATED, H, every
from wizard.explain import LOOKS, WAYS
from wizard.failures import CAUSES, Cause, Failure, Quoted, _pattern, of_step, recognise, remedy_of
from wizard.failures.quoted import LARGEST, LONGEST, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = every()
WORDS = sorted({word for _, text in TEXTS for word in text.split()})
OTHER_HOSTS = ("registry-1.docker.io", "docker.io", "deb.mirror.lan", "registry.internal")
texts = st.one_of(
    st.text(),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    st.lists(st.sampled_from([text for _, text in TEXTS]), max_size=3).map("\n".join),
    st.lists(st.sampled_from([*WORDS, "\n", "://", "@", '"', "[", "{at}", "{", "%s"])).map("".join),
)


@pytest.mark.parametrize(("cause", "text"), TEXTS)
def test_each_text_has_its_cause(cause: str, text: str) -> None:
    found = recognise(text)
    assert found
    assert found.known.id == cause


def test_every_cause_has_a_text() -> None:
    assert {cause.id for cause in CAUSES} == {cause for cause, _ in TEXTS}


@pytest.mark.parametrize("text", UNRELATED)
def test_what_is_not_about_a_registry_is_not_known(text: str) -> None:
    assert recognise(text) is None


def test_ids_are_unique_and_looks_are_there() -> None:
    assert len({cause.id for cause in CAUSES}) == len(CAUSES)
    assert {look for cause in CAUSES for look in cause.looks} <= set(LOOKS)
    assert {look for cause in CAUSES for look in cause.looks} == set(LOOKS)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_every_sentence_can_be_said_of_any_text(cause: str) -> None:
    for role in WAYS:
        failure = Failure(cause, Quoted())  # type: ignore[arg-type]
        assert all("{" not in each for each in (failure.cause, *failure.remedies(WAYS[role])))


@settings(deadline=None, max_examples=300)
@given(texts)
def test_whatever_the_text_there_is_an_answer(text: str) -> None:
    found = recognise(text)
    if found:
        for each in (found.cause, *found.remedies(WAYS[""])):
            assert each
            assert all(char.isprintable() for char in each)


SECRETS = (
    'Get "https://admin:{}@docker.benet.com:8443/v2/": x509: certificate has expired',
    (
        "curl -u admin:{} https://docker.benet.com:8443/v2/\ncurl: (22) The requested URL returned"
        " error: 401"
    ),
    "> Authorization: Basic {}\n< HTTP/1.1 401 Unauthorized\nhttps://docker.benet.com:8443/v2/",
    (
        "docker login -u admin -p {} docker.benet.com:8443\nError response from daemon: login"
        " attempt to https://docker.benet.com:8443/v2/ failed with status: 401 Unauthorized"
    ),
    "podman login --password={} docker.benet.com:8443: invalid username/password",
    '{{"auth": "{}"}} docker.benet.com:8443/tiny:1 no basic auth credentials',
    "password={} https://docker.benet.com:8443/v2/ 502 Bad Gateway",
    "lookup docker.benet.com:8443/x: Bearer {} 502 Bad Gateway",
    'Get "https://admin:p@{}@docker.benet.com:8443/v2/": x509: certificate has expired',
    'Get "https://admin:{}@w0rd@docker.benet.com:8443/v2/": dial tcp: lookup h: no such host',
    *(
        f"curl {flag} https://docker.benet.com:8443/v2/\ncurl: (22) returned error: 401"
        for flag in (
            "-kuadmin:{}",
            "-sku admin:{}",
            "-uadmin:{}",
            "--user admin:{}",
            "--user=admin:{}",
            "-U admin:{}",
            "--proxy-user admin:{}",
            "-u 'admin:my {}'",
            "-H 'Authorization: Token {}'",
        )
    ),
    "> Proxy-Authorization: Own x {}\nhttps://docker.benet.com:8443/v2/ 502 Bad Gateway",
    '{{"auth":"my {}"}} docker.benet.com:8443/tiny:1 no basic auth credentials',
    '{{\\"auth\\": \\"{}\\"}} docker.benet.com:8443/tiny:1 no basic auth credentials',
)


@pytest.mark.parametrize("text", SECRETS)
@settings(deadline=None, max_examples=40)
@given(secret=st.text(string.ascii_letters + string.digits + "/.:-_", min_size=8, max_size=30))
def test_no_secret_is_said_again(text: str, secret: str) -> None:
    assume(secret not in text)  # as much as a part of the name that is no secret
    found = recognise(text.format(secret))
    assert found
    said = " ".join((str(found.quoted), found.cause, *found.remedies(WAYS[""])))
    assert secret not in said.replace(AT, "")


def test_the_name_after_a_password_with_an_at_sign_is_read() -> None:
    found = recognise('Get "https://user:p@ss@w0rd@docker.benet.com:8443/v2/": x509: no such host')
    assert found
    assert found.quoted.at == AT
    digest = f'failed to resolve reference "{AT}/tiny@sha256:{"ab" * 32}": {AT}/tiny: not found'
    found = recognise(digest)
    assert found
    assert found.quoted.image == f"{AT}/tiny@sha256:{'ab' * 32}"


def test_names_times_and_addresses_are_read_out_of_the_text() -> None:
    said = dict(reversed(TEXTS))
    found = recognise(said["wrong-name"])
    assert found
    assert (found.quoted.at, found.quoted.names) == (AT, ("a.example", "b.example"))
    assert "a.example, b.example" in found.cause
    found = recognise(next(text for cause, text in TEXTS if cause == "expired"))
    assert found
    assert found.quoted.now
    assert found.quoted.limit
    assert (found.quoted.now - found.quoted.limit).days == 1
    found = recognise(next(text for cause, text in TEXTS if cause == "dns-down"))
    assert found
    assert (found.quoted.resolver, found.quoted.name) == ("192.0.2.53", H)
    found = recognise(next(text for cause, text in TEXTS if cause == "refused"))
    assert found
    assert (found.quoted.dialled, found.quoted.port) == (("192.0.2.10",), 8443)
    found = recognise(OTHERS["ca-file"][0])
    assert found
    assert found.quoted.path == "/root/ca.crt"


@pytest.mark.parametrize(("cause", "text"), TEXTS)
def test_the_registry_is_the_one_that_the_text_names(cause: str, text: str) -> None:
    found = recognise(text)
    assert found
    if AT in text and cause != "port-lost":
        assert found.quoted.at == AT
    elif H in text:
        assert found.quoted.name == H
    else:
        assert found.quoted.name in ("", "192.0.2.10", *OTHER_HOSTS)


IPV6 = 'Get "https://[2001:db8::10]:8443/v2/": remote error: tls: unrecognized name'


def test_an_ipv6_registry_is_read() -> None:
    found = recognise(IPV6)
    assert found
    assert (found.quoted.name, found.quoted.port, found.quoted.at) == (
        "2001:db8::10",
        8443,
        "[2001:db8::10]:8443",
    )


def test_the_image_is_read() -> None:
    found = recognise(f'failed to resolve reference "{AT}/team/app:2": {AT}/team/app:2: not found')
    assert found
    assert found.quoted.image == f"{AT}/team/app:2"
    assert f"no image {AT}/team/app:2" in found.cause


SEVERAL = {
    # What is definite explains a symptom, whichever comes first.
    "ca-unknown": f"no basic auth credentials\nGet https://{AT}/v2/: x509: certificate signed by"
    " unknown authority",
    # A server's own log explains what the client was told.
    "upstream-selinux": "received unexpected HTTP status: 502 Bad Gateway\n2026/11/23 [crit]"
    " connect() to 127.0.0.1:5000 failed (13: Permission denied) while connecting to upstream",
    # Of two that are equal the first one counts.
    "no-such-name": f"dial tcp: lookup {H}: no such host\ndial tcp 192.0.2.1:443: connect:"
    " connection refused",
}


@pytest.mark.parametrize("cause", SEVERAL)
def test_of_several_errors_the_one_counts_that_explains_the_rest(cause: str) -> None:
    found = recognise(SEVERAL[cause])
    assert found
    assert found.known.id == cause


# What an exception of Python says by itself, as a check has it.
EXCEPTIONS = {
    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer"
    " certificate (_ssl.c:992)": "run the wizard again: it puts the CA where each program looks",
    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired"
    " (_ssl.c:992)": "a new one on the server: run `registry-wizard renew`",
    "[Errno 111] Connection refused": "on the server: systemctl status nginx",
    "[Errno -2] Name or service not known": "run the wizard again: it puts the line for",
    "timed out": "is the machine on, and is this its address?",
    "Remote end closed connection without response": "try again; if it stays so",
    "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)": "is it the right port?",
    "list index out of range": "",
}


@pytest.mark.parametrize("text", EXCEPTIONS)
def test_one_line_says_what_to_do_about_an_exception(text: str) -> None:
    said = remedy_of(text)
    assert said.startswith(EXCEPTIONS[text])
    assert bool(said) is bool(EXCEPTIONS[text])
    assert "\n" not in said


PUSHED = "push refers to repository ["
HOSTILE = {
    "long names": f"{PUSHED}{'a' * 1900}\n",
    "names with a port": f"{PUSHED}{'a' * 1900}:1/x\n",
    "short lines": f"{PUSHED}\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_row_takes_long_for_a_text_that_wants_it_to(name: str) -> None:
    """A row that is quadratic takes seconds, thousands of times what a plain one takes."""
    line = HOSTILE[name]
    text = lines_of(line * (LARGEST // len(line)))
    took = {cause.id: min(spent(cause, text) for _ in range(3)) for cause in CAUSES}
    assert max(took.values()) < 200 * took["docker-down"], took


UNITS = (
    *(
        "\n",
        " \n",
        "- ",
        "> ",
        "-u ",
        "-ku",
        "'authorization ",
        "authorization: ",
        "://a:",
        "://a@",
    ),
    *("W: \n", "Err:1 \n ", "go: \n", "a/simple", "ConnectionPool(host='", '"auth": "', "'-u '"),
    *("docker.io/x ", "certificate is valid for ", "unable to configure", "_token", "= "),
)


@pytest.mark.parametrize("unit", UNITS)
def test_no_text_takes_long_beside_a_plain_one(unit: str) -> None:
    """Texts of one size, in lines that are as long as they are looked at, or shorter."""
    line = (unit * LONGEST)[: LONGEST - 1] + "\n"
    text, plain = line * (LARGEST // LONGEST), "a plain word\n" * (LARGEST // 13)
    assert taken(text) < 60 * max(taken(plain), 0.01)


def taken(text: str) -> float:
    return elapsed(lambda: (recognise(text), of_step(text, text)))


def spent(cause: Cause, text: str) -> float:
    pattern = _pattern(cause, bare=True)
    return elapsed(lambda: pattern.search(text))


def elapsed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def test_a_long_log_is_searched_in_a_moment() -> None:
    line = 'Get "https://docker.benet.com:8443/v2/": dial tcp 192.0.2.10 a.b-c: not refused 404\n'
    for text in (
        line * 3000,
        "a" * 250_000,
        "a.b/" * 60_000,
        "https://" + "a-" * 100_000,
        "/" * 200_000,
        "The push refers to repository [a.b:1/c]\n" * 3000,
    ):
        begin = time.perf_counter()
        recognise(text + "\n502 Bad Gateway")
        assert time.perf_counter() - begin < 10
