"""Passwords are kept where they are right, and nothing of somebody else's is lost."""

from __future__ import annotations

import bcrypt
import pytest

from wizard.credentials import (
    BETWEEN,
    COPIES,
    FRONT_SECRET,
    HTPASSWD,
    Login,
    make_credentials,
    password_file,
)


def nothing(path: str) -> None:
    return None


def test_without_users_an_admin_is_made_with_a_password_that_works() -> None:
    made = make_credentials((), (), nothing)
    assert list(made.hashes) == ["admin", "registry-wizard"]
    assert bcrypt.checkpw(made.admin_password.encode(), made.hashes["admin"].encode())
    assert made.hashes["admin"].startswith("$2b$10$")
    assert len({made.admin_password, made.check_password, made.http_secret}) == 3


def test_a_second_time_everything_is_kept() -> None:
    first = make_credentials((Login("ann", "pässword"),), (), nothing)
    files = {
        HTPASSWD: first.htpasswd,
        password_file("registry-wizard"): first.check_password.encode() + b"\n",
        "/etc/registry-wizard/http.secret": first.http_secret.encode() + b"\n",
        FRONT_SECRET: first.front_secret.encode() + b"\n",
        BETWEEN: first.between,
    }
    assert make_credentials((Login("ann", "pässword"),), (), files.get) == first
    changed = make_credentials((Login("ann", "another"),), (), files.get)
    assert changed.hashes["ann"] != first.hashes["ann"]
    assert changed.hashes["registry-wizard"] == first.hashes["registry-wizard"]


def test_where_nginx_and_the_registry_have_two_keys_both_get_a_new_one() -> None:
    ours, other = (make_credentials((), (), nothing).between for _ in range(2))
    package, container = COPIES

    def made(**files: bytes) -> bytes:
        there = {"front": BETWEEN, "package": package, "container": container}
        return make_credentials((), (), {there[k]: v for k, v in files.items()}.get).between

    assert made(front=ours) == made(front=ours, package=ours) == ours
    assert made(front=ours, package=other, container=ours) == ours  # as it was before a container
    assert made(front=ours, package=other) not in (ours, other)
    assert made(package=ours) != ours


def test_hand_made_entries_stay_and_former_users_go() -> None:
    files = {HTPASSWD: b"hand:$2y$05$x\nformer:$2y$05$y\nno line at all\n"}
    made = make_credentials((Login("ann", hash="$2y$10$z"),), ("former",), files.get)
    assert list(made.hashes) == ["hand", "ann", "registry-wizard"]
    assert made.hashes["ann"] == "$2y$10$z"


def test_nothing_secret_is_in_a_repr() -> None:
    made = make_credentials((Login("ann", "S3ntinel"),), (), nothing)
    secrets = (made.check_password, made.http_secret, made.front_secret, made.between.decode())
    for word in ("S3ntinel", *secrets, made.hashes["ann"]):
        assert word not in repr(made) + repr(Login("ann", "S3ntinel", made.hashes["ann"]))


@pytest.mark.parametrize("found", ["$apr1$x$y", "{SHA}x", "plain", "$2y$10$cut", "", "$2y$99$x"])
def test_a_found_hash_that_is_not_bcrypt_is_made_anew(found: str) -> None:
    files = {HTPASSWD: f"ann:{found}\n".encode()}
    made = make_credentials((Login("ann", "password"),), (), files.get)
    assert bcrypt.checkpw(b"password", made.hashes["ann"].encode())


@pytest.mark.parametrize("content", [b"\xff", b"x" * 73, b"a\0b", b"a\nb\n", b"\n", b""])
def test_a_kept_password_that_an_edit_has_spoilt_is_made_anew(content: bytes) -> None:
    files = {password_file("admin"): content, password_file("registry-wizard"): content}
    made = make_credentials((), (), files.get)
    for name, password in (
        ("admin", made.admin_password),
        ("registry-wizard", made.check_password),
    ):
        assert len(password) == 22
        assert bcrypt.checkpw(password.encode(), made.hashes[name].encode())


def test_an_edited_password_is_kept_and_hashed() -> None:
    made = make_credentials((), (), {password_file("admin"): b" my own one\n"}.get)
    assert made.admin_password == "my own one"
    assert bcrypt.checkpw(b"my own one", made.hashes["admin"].encode())


def test_a_longer_http_secret_is_kept() -> None:
    files = {"/etc/registry-wizard/http.secret": b"x" * 100}
    assert make_credentials((), (), files.get).http_secret == "x" * 100
