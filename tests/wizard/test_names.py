"""What hosts, networks, people and folders may be called."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard import names, paths
from wizard.names import Refused

REFUSED_HOSTS = [
    ("", "is empty"),
    ("a b.com", "space"),
    ("a\nb.com", "control character"),
    ("a_b.com", "underscore"),
    ("http://benet.com", "without http://"),
    ("benet.com/app", "without a path"),
    ("benet.com:5000", "without a port"),
    ("192.168.1.107:5000", "without a port"),
    ("root@benet.com", "without a user"),
    ("*.benet.com", "wildcard"),
    ("benet.com.", "without the dot"),
    (".benet.com", "empty label"),
    ("benet..com", "empty label"),
    ("a" * 64 + ".com", "label of 64 characters"),
    ("a." * 126 + "com", "253 at most"),
    ("-a.com", "begins and ends with a letter"),
    ("é" * 60 + ".com", "international"),
    ("xn--a.com", "international"),
    ("registry", "image on Docker Hub"),
    ("localhost", "every machine itself"),
    ("registry.localhost", "every machine itself"),
    ("localhost.localdomain", "every machine itself"),
    ("192.168.1.300", "looks like an IP address"),
    ("010.0.0.1", "looks like an IP address"),
    ("127.0.0.1", "loopback"),
    ("::1", "loopback"),
    ("0.0.0.0", "unspecified"),
    ("::", "unspecified"),
    ("0.1.2.3", "no machine may use"),
    ("224.0.0.1", "multicast"),
    ("255.255.255.255", "no machine may use"),
    ("169.254.1.1", "link-local"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "zone"),
    ("[2001:db8::1]", "brackets"),
    ("::ffff:127.0.0.1", "IPv4 address alone"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED_HOSTS)
def test_a_host_that_clients_could_not_use_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        names.host(text)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Docker.Benet.COM", "docker.benet.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("192.168.1.107", "192.168.1.107"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("a" * 63 + ".com", "a" * 63 + ".com"),
    ],
)
def test_a_host_is_kept_in_the_one_form_that_certificates_have(written: str, kept: str) -> None:
    assert names.host(written) == kept


@given(st.text(max_size=80))
@settings(deadline=None)
def test_a_host_that_was_taken_once_is_taken_again_unchanged(text: str) -> None:
    try:
        kept = names.host(text)
    except Refused:
        return
    assert names.host(kept) == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (".benet.com", "without the dot"),
        ("com", "top-level domain"),
        ("0.0.0.0/0", "wider"),
        ("::/0", "wider"),
        ("10.0.0.5/24", "10.0.0.0/24"),
        ("127.0.0.0/8", "loopback"),
        ("fe80::/10", "link-local"),
        ("10.0.0.0/33", "no network"),
        ("https://benet.com", "without http://"),
    ],
)
def test_a_ca_is_not_permitted_what_is_not_ones_own(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        names.permitted(text)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Benet.com", "benet.com"),
        ("192.168.1.7", "192.168.1.7"),
        ("192.168.1.7/32", "192.168.1.7"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("fc00::/7", "fc00::/7"),
    ],
)
def test_a_ca_is_permitted_domains_addresses_and_networks(written: str, kept: str) -> None:
    assert names.permitted(written) == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("a:b", "colon"),
        ("a b", "blank"),
        ("a\u00a0b", "blank"),
        ("a\x07", "control character"),
        ("a\u200b", "invisible"),
        ("#a", "comment"),
        ("é" * 128, "256 bytes"),
        ("registry-wizard", "own account"),
    ],
)
def test_a_user_name_that_http_or_htpasswd_cannot_carry_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        names.user(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("data/registry", "begins with /"),
        ("~/registry", "begins with /"),
        ("/", "shared with others"),
        ("//", "shared with others"),
        ("/srv/.", "shared with others"),
        ("/var/lib", "shared with others"),
        ("/etc", "operating system"),
        ("/usr/local/registry", "operating system"),
        ("/bin/x", "operating system"),
        ("/boot/x", "operating system"),
        ("/dev/shm", "kernel"),
        ("/proc/1", "kernel"),
        ("/sys", "kernel"),
        ("/run/registry", "emptied"),
        ("/tmp/registry", "emptied"),
        ("/root/registry", "root alone"),
        ("/var/lib/registry-wizard", "journal"),
        ("/opt/../etc", r"\.\."),
        ("/opt/a\nb", "control character"),
        ("/opt/a\0b", "control character"),
        ('/opt/"a"', "letters, digits"),
        ("/opt/it's", "letters, digits"),
        ("/opt/a b", "letters, digits"),
        ("/opt/a:b", "letters, digits"),
    ],
)
def test_storage_that_would_harm_the_system_or_the_images_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        paths.storage(text)


def test_storage_is_kept_without_doubled_slashes() -> None:
    assert paths.storage("//srv//registry/./images/") == "/srv/registry/images"
