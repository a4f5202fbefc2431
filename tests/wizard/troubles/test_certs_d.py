"""Each mistake in certs.d with its text, and the changes that put it right."""

from __future__ import annotations

import pytest

from tests.given import NOW
from tests.wizard.troubles.tree import CORPORATE, FORMER, LEAF, OURS, Tree
from wizard.changes.files import RemoveFile, WriteFile
from wizard.changes.folders import EmptyFolder, MakeFolder
from wizard.pki import Wanted, mint_authority
from wizard.troubles import Ours, Trouble, find_troubles
from wizard.troubles.trouble import REPAIRED

BASE = "/etc/docker/certs.d"
AT = f"{BASE}/docker.benet.com"
PODMAN = "/etc/containers/certs.d/docker.benet.com"
ALICE = "/home/alice/.config/containers/certs.d/docker.benet.com"
KEY = b"-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n"
WRONG = {
    "server.key": (KEY, "failed", "a private key without its certificate; Docker refuses"),
    "ca.cert": (OURS.trust, "failed", "a client's certificate without its key; Docker refuses"),
    "ca.pem": (OURS.trust, "warning", "a certificate under a name that Docker passes over"),
    "cacert.crt.txt": (OURS.trust, "warning", "counts only in a file that ends in .crt"),
    "key.pem": (KEY, "warning", "a private key that nobody needs here"),
    "der.crt": (b"0\x82\x01\x02\xff", "failed", "there is no PEM certificate in it"),
    "empty.crt": (b"", "failed", "newer ones refuse the registry (unable to load CA cert)"),
    "bad.crt": (
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "failed",
        "there is no PEM certificate in it",
    ),
    "server.crt": (LEAF, "warning", "a server's certificate instead of its CA's; it stops"),
    "old.crt": (FORMER, "warning", "a former CA of this registry, which signs nothing any more"),
}
RIGHT = {
    "two.crt": FORMER + OURS.trust,
    "corporate.crt": CORPORATE,
    "README": b"mine",
    "crlf.crt": OURS.trust.replace(b"\n", b"\r\n"),
}


def machine(**files: bytes) -> Tree:
    host = Tree()
    host.put(f"{AT}/ca.crt", OURS.trust)
    for name, content in files.items():
        host.put(f"{AT}/{name}", content)
    return host


def only(host: Tree, ours: Ours = OURS) -> Trouble:
    (found,) = find_troubles(host, ours)
    return found


def repaired(host: Tree, ours: Ours = OURS) -> None:
    for each in find_troubles(host, ours):
        for change in each.changes:
            assert change.compare(host) or isinstance(change, EmptyFolder)
            change.apply(host, print)
            assert change.compare(host) is None
    assert find_troubles(host, ours) == ()


def test_the_right_file_is_no_trouble() -> None:
    assert find_troubles(machine(), OURS) == ()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_told_and_put_away(name: str) -> None:
    content, verdict, text = WRONG[name]
    host = machine(**{name: content})
    found = only(host)
    assert (found.where, found.verdict) == (f"{AT}/{name}", verdict)
    assert text in found.text
    assert found.changes == (RemoveFile(f"{AT}/{name}"),)
    repaired(host)


@pytest.mark.parametrize("name", RIGHT)
def test_what_does_no_harm_stays(name: str) -> None:
    assert find_troubles(machine(**{name: RIGHT[name]}), OURS) == ()


def test_a_clients_pair_stays() -> None:
    assert find_troubles(machine(**{"client.cert": LEAF, "client.key": KEY}), OURS) == ()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (FORMER, "another CA than the one that signed the registry's certificate"),
        (CORPORATE, "certificate signed by unknown authority"),
        (LEAF, "a server's certificate instead of its CA's"),
        (b"", "there is no PEM certificate in it"),
    ],
)
def test_a_wrong_ca_crt_is_written_by_the_trust_step(content: bytes, text: str) -> None:
    found = only(machine(**{"ca.crt": content}))
    assert text in found.text
    assert (found.changes, found.remedy) == ((), REPAIRED)


def test_what_podman_reads_is_put_right_as_well() -> None:
    host = machine()
    host.put(f"{PODMAN}/ca.crt", FORMER)
    host.put(f"{PODMAN}/stray.key", KEY)
    changes = [change for each in find_troubles(host, OURS) for change in each.changes]
    assert RemoveFile(f"{PODMAN}/stray.key") in changes
    assert f"{PODMAN}/ca.crt" in {each.path for each in changes if isinstance(each, WriteFile)}
    repaired(host)
    assert host.files[f"{PODMAN}/ca.crt"].content == OURS.trust


@pytest.mark.parametrize("path", [BASE, AT])
def test_a_folder_that_only_root_can_open_is_opened(path: str) -> None:
    host = machine()
    host.folder_at(path, 0o700)
    found = only(host)
    assert "can be opened by root alone (mode 0700)" in found.text
    assert found.changes == (MakeFolder(path, 0o755),)
    repaired(host)


def test_a_file_that_only_root_can_read_is_told() -> None:
    host = machine()
    host.put(f"{AT}/ca.crt", OURS.trust, 0o600)
    assert "this file can be read by root alone (mode 0600)" in only(host).text
    host = machine()
    host.put(f"{AT}/corporate.crt", CORPORATE, 0o640)
    repaired(host)
    assert host.files[f"{AT}/corporate.crt"].mode == 0o644


def test_a_folder_with_443_is_never_read() -> None:
    host = machine()
    host.put(f"{AT}:443/ca.crt", CORPORATE)
    host.folder_at(f"{AT}:443", 0o700)
    found = only(host)
    assert f"nothing is read from this folder; the right one is {AT}" in found.text
    assert found.changes[-1] == EmptyFolder(f"{AT}:443", 0o700, "root", "root")
    repaired(host)
    assert f"{AT}:443" not in host.folders


def test_what_else_lies_in_it_stays_with_it() -> None:
    host = machine()
    host.put(f"{AT}:443/ca.crt", OURS.trust)
    host.put(f"{AT}:443/notes", b"mine")
    assert only(host).changes == (RemoveFile(f"{AT}:443/ca.crt"),)


def test_a_folder_without_the_port_counts_where_it_is_about_us() -> None:
    ours = Ours(OURS.names, 8443, OURS.trust)
    host = Tree()
    host.put(f"{AT}:8443/ca.crt", OURS.trust)
    host.put(f"{AT}/ca.crt", CORPORATE)
    assert find_troubles(host, ours) == ()  # another registry may be there
    for about_us in (OURS.trust, LEAF, FORMER):
        host.put(f"{AT}/ca.crt", about_us)
        assert f"the right one is {AT}:8443" in only(host, ours).text
    repaired(host, ours)


@pytest.mark.parametrize("path", [PODMAN, ALICE])
def test_an_empty_folder_hides_dockers_from_podman(path: str) -> None:
    host = machine()
    host.folder_at(path, 0o700, "alice")
    host.folder_at(path.replace("docker.benet.com", "another.example"))
    closed = 1 if path == PODMAN else 0
    found = find_troubles(host, OURS)[closed]
    assert f"{path}: this empty folder hides {BASE} from podman" in found.text
    assert "podman looks into it first and no further" in found.text
    (change,) = found.changes
    change.apply(host, print)
    assert path not in host.folders
    assert ("runuser", "-u", "alice", "-g", "alice", "--", "rmdir", path) in host.acts
    assert find_troubles(host, OURS) == ()


def test_a_folder_of_somebodys_home_with_files_in_it_is_theirs_to_mend() -> None:
    host = machine()
    host.put(f"{ALICE}/ca.crt", FORMER, owner="alice")
    host.folder_at(ALICE, owner="alice")
    found = only(host)
    assert "holds no CA of ours" in found.text
    assert found.changes == ()
    assert found.remedy == f"as alice: copy the CA to {ALICE}/ca.crt, or remove that folder"
    host.put(f"{ALICE}/ca.crt", OURS.trust, owner="alice")
    assert find_troubles(host, OURS) == ()


def test_a_name_in_a_home_cannot_pass_for_another_place() -> None:
    host = machine()
    host.put("/etc/passwd", b"root")
    host.folder_at(f"{ALICE}\nd 755 root root {PODMAN}", owner="alice")
    assert find_troubles(host, OURS) == ()


def test_an_ipv6_registry_is_known_by_its_brackets() -> None:
    wanted = Wanted((), ("2001:db8::1",))
    ours = Ours(("2001:db8::1",), 8443, mint_authority(wanted, NOW).certificate)
    host = Tree()
    host.put(f"{BASE}/[2001:db8::1]:8443/ca.crt", OURS.trust)
    assert "another CA" in only(host, ours).text
