"""Looks at the installation itself, on machines made of tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fake_host import FakeHost, says
from tests.given import ANSWERS, NOW
from wizard.changes.files import RemoveFile, WriteFile
from wizard.checks import Own, Scene, own, target_of
from wizard.checks.accounts import accounts as every_account
from wizard.credentials import HTPASSWD
from wizard.distros import DISTROS
from wizard.hosts import File, Folder
from wizard.journal import Journal
from wizard.pki import Wanted, issue, mint_authority
from wizard.plan import Step
from wizard.renewal import UNITS

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.checks.said import Said

BCRYPT = "$2y$10$" + "a" * 53
CHECKER = f"registry-wizard:{BCRYPT}\n"


def scene(host: FakeHost, journal: Journal | None = None) -> Scene:
    made = Own(ANSWERS, DISTROS["debian"], b"", journal or Journal(), "systemd")
    return Scene(target_of(ANSWERS, b""), host, NOW, own=made)


def accounts(text: str) -> list[Said]:
    return list(every_account(scene(FakeHost(files={HTPASSWD: File(text.encode())}))))


def test_users_with_bcrypt_hashes_are_right() -> None:
    (said,) = accounts(f"{CHECKER}# a comment\n\nanna:{BCRYPT.replace('2y', '2b')}\n")
    assert (said.verdict, said.seen) == ("passed", "2 users, each with a bcrypt hash")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("anna:$apr1$x$y", "warning: a hash of MD5, which is not what"),
        ("anna:{SHA}x", "warning: a hash of SHA-1"),
        ("anna:$6$x", "warning: a hash of SHA-512"),
        ("anna:{PLAIN}geheim", "warning: the password itself"),
        ("anna:plain", "failed: no bcrypt hash, nor another that nginx can compare"),
        ("anna", "failed: it has no colon, so it lets nobody in"),
    ],
)
def test_a_line_that_is_weak_or_lets_nobody_in_is_told_without_its_secret(
    line: str, text: str
) -> None:
    (said,) = accounts(f"{CHECKER}{line}\n")
    verdict, _, text = text.partition(": ")
    assert said.verdict == verdict
    assert f"line 2 ({'anna' if ':' in line else '?'})" in said.seen
    assert text in said.seen
    assert line.partition(":")[2] not in said.seen or ":" not in line


def test_without_the_user_of_the_checks_nothing_else_can_be_tried() -> None:
    (said,) = accounts(f"anna:{BCRYPT}\n")
    assert "does not know registry-wizard" in said.seen


def df(free: int) -> FakeHost:
    lines = f"Filesystem 1-blocks Used Available Capacity Mounted\nd 9 9 {free} 9% /\n"
    return FakeHost({("df",): says(lines)})


@pytest.mark.parametrize(
    ("mib", "verdicts"),
    [
        (63, ["failed", "failed"]),
        (64, ["warning", "passed"]),
        (2047, ["warning", "passed"]),
        (2048, ["passed", "passed"]),
    ],
)
def test_a_full_disk_fails_and_a_tight_one_warns_where_images_lie(
    mib: int, verdicts: list[str]
) -> None:
    found = list(own.disk(scene(df(mib * 1024 * 1024))))
    assert [each.verdict for each in found] == verdicts


def test_a_storage_that_is_not_there_is_no_storage() -> None:
    (said,) = own.storage(scene(FakeHost()))
    assert said.seen == "/opt/data/registry is not there"


def test_the_first_folder_that_the_registry_may_not_write_is_named() -> None:
    storage = ANSWERS.registry.storage
    folders = {storage: Folder(), f"{storage}/docker": Folder(), "/": Folder()}
    host = FakeHost({("runuser",): says(f"{storage}/docker\n")}, folders=folders)
    (said,) = own.storage(scene(host))
    assert said.seen == (
        f"docker-registry, as whom the registry runs, may not write {storage}/docker"
    )


def test_a_file_that_somebody_changed_since_is_named(tmp_path: Path) -> None:
    journal, step = Journal(tmp_path), Step("proxy", "Proxy", "Why.", ())
    host, path = FakeHost(), "/etc/nginx/conf.d/registry.conf"
    change = WriteFile(path, b"ours\n")
    found = change.compare(host)
    assert found
    assert isinstance(found.inverse, RemoveFile)
    journal.record(step, change, found.inverse)
    change.apply(host, lambda _: None)
    (as_left,) = own.drift(scene(host, journal))
    assert as_left.verdict == "passed"
    host.files[path] = File(b"theirs\n")
    (changed,) = own.drift(scene(host, journal))
    assert changed.verdict == "warning"
    assert changed.seen.endswith(path)


def test_files_that_nginx_could_not_start_with_are_told_by_its_own_line() -> None:
    said = 'nginx: [emerg] unknown directive "tpyo" in /etc/nginx/conf.d/a.conf:1\nnginx: failed'
    host = FakeHost({("nginx", "-t"): says("", 1, said)})
    (found,) = own.nginx_files(scene(host))
    assert 'unknown directive "tpyo" in /etc/nginx/conf.d/a.conf:1' in found.seen


def test_without_a_renewal_that_was_ever_set_up_there_is_a_warning_only(tmp_path: Path) -> None:
    journal, host = Journal(tmp_path), FakeHost()
    served = issue_one()
    made = replace(scene(host, journal).installed(), served=served)
    (said,) = own.renewed(replace(scene(host, journal), own=made))
    assert (said.verdict, said.remedy) == ("warning", "run the wizard again")
    change = WriteFile(min(UNITS.values()), b"unit\n")
    found = change.compare(host)
    assert found
    journal.record(Step("renewal", "Renewal", "Why.", ()), change, found.inverse)
    (said,) = own.renewed(replace(scene(host, journal), own=made))
    assert said.verdict == "failed"


def issue_one() -> bytes:
    """Give a server's certificate, as it lies on the disk."""
    wanted = Wanted(("docker.benet.com",), ())
    return issue(wanted, mint_authority(wanted, NOW), NOW).certificate
