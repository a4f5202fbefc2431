"""What a password may be and where it comes from; no refusal repeats it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard import passwords
from wizard.names import Refused

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2"
HASH = "$2y$10$zVI5IRzvxjpqKG8QUeaGveWXFJyF.9/iRR7aJgTZXC3OzTnCoM/lO"


@pytest.mark.parametrize("text", ["x", " a b ", "a:b", "pässword", "x" * 72, "é" * 36, "\u00a0"])
def test_any_text_that_bcrypt_takes_whole_is_a_password(text: str) -> None:
    assert passwords.password(text) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (SECRET + "x" * 66, "longer than 72 bytes"),
        ("é" * 37, "longer than 72 bytes"),
        (f"{SECRET}\n", "control character"),
        (f"{SECRET}\0", "control character"),
        (f"{SECRET}\x7f", "control character"),
        (f"{SECRET}\udcff", "control character"),
    ],
)
def test_a_password_that_could_not_be_used_is_refused_unseen(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        passwords.password(text)
    assert SECRET not in str(refused.value)


@given(st.text(max_size=80))
def test_every_password_taken_is_one_that_bcrypt_and_http_can_carry(text: str) -> None:
    try:
        taken = passwords.password(text)
    except Refused:
        return
    assert 0 < len(taken.encode()) <= 72
    assert not set(taken) & set(map(chr, (*range(32), *range(127, 160))))


def test_a_hash_of_every_bcrypt_is_taken() -> None:
    made = bcrypt.hashpw(b"x", bcrypt.gensalt(4)).decode()
    for text in (made, HASH, HASH.replace("$2y$", "$2a$"), HASH.replace("$10$", "$31$")):
        assert passwords.bcrypt_hash(text) == text


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"user:{HASH}",
        f"{HASH}\n",
        HASH[:-1],
        HASH + "x",
        HASH.replace("$2y$", "$2x$"),
        HASH.replace("$10$", "$03$"),
        HASH.replace("$10$", "$32$"),
        HASH.replace("$10$", "$1$"),
        "$apr1$abcdefgh$hunter2hunter2",
        "{SHA}hunter2",
    ],
)
def test_what_the_registry_would_not_know_as_a_hash_is_refused_unseen(text: str) -> None:
    with pytest.raises(Refused, match="htpasswd -nB NAME") as refused:
        passwords.bcrypt_hash(text)
    assert text not in str(refused.value)


@pytest.mark.parametrize("name", ["A", "_", "a1", "REGISTRY_PASSWORD"])
def test_the_name_of_a_variable_is_taken_set_or_not(name: str) -> None:
    assert passwords.variable(name) == name


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "$A", "Ä", "A\n", "A=B"])
def test_what_no_shell_could_set_is_no_variable(name: str) -> None:
    with pytest.raises(Refused, match="name of an environment variable"):
        passwords.variable(name)


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (b"hunter2", "hunter2"),
        (b"hunter2\n", "hunter2"),
        (b"hunter2\r\n", "hunter2"),
        (b" hunter2 \n", " hunter2 "),
        (b"\xef\xbb\xbfhunter2\n", "hunter2"),
        (b"\xef\xbb\xbf" + b"x" * 72 + b"\r\n", "x" * 72),
    ],
)
def test_one_line_break_and_a_mark_of_utf_8_do_not_count(
    tmp_path: Path, content: bytes, read: str
) -> None:
    path = tmp_path / "password"
    path.write_bytes(content)
    assert passwords.from_file(str(path)) == read
    assert passwords.file(str(path)) == str(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the password in this file is empty"),
        (b"\r\n", "the password in this file is empty"),
        (b"hunter2\n\n", "the password in this file has a control character"),
        (b"hunter2\nsecond\n", "the password in this file has a control character"),
        (b"hunter2" + b"x" * 66, "the password in this file is longer than 72 bytes"),
        (b"hunter2" * 1000, "holds more than 72 bytes"),
        (b"hunter2\xff", "does not hold a password in UTF-8"),
    ],
)
def test_a_file_without_a_usable_password_is_refused_unseen(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "password"
    path.write_bytes(content)
    with pytest.raises(Refused, match=words) as refused:
        passwords.file(str(path))
    assert SECRET not in str(refused.value)


def test_a_file_that_is_gone_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read: No such file or directory"):
        passwords.from_file(str(tmp_path / "gone"))


def test_a_variable_is_read_as_it_is() -> None:
    assert passwords.from_environment("A", {"A": " hunter2 "}) == " hunter2 "


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "names an environment variable that is not set"),
        ({"A": ""}, "the password in this environment variable is empty"),
        ({"A": "hunter2\n"}, "the password in this environment variable has a control character"),
        ({"A": SECRET * 11}, "the password in this environment variable is longer than 72 bytes"),
    ],
)
def test_a_variable_without_a_usable_password_is_refused_unseen(
    environ: dict[str, str], words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        passwords.from_environment("A", environ)
    assert SECRET not in str(refused.value)
