"""Answers that look harmless: empty passwords, passwords in the wrong place, odd files."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest

from wizard import answers, schema, toml
from wizard.answers import SOURCES, Answers, User
from wizard.errors import BadAnswers
from wizard.questions import Question, Table, entries

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"certificate", "key", "password_file"}


@pytest.mark.parametrize("source", SOURCES)
def test_an_empty_password_is_no_password(source: str) -> None:
    with pytest.raises(BadAnswers) as caught:
        answers.parse(f"[[users]]\nname = 'a'\n{source} = ''", "a file", {})
    assert [problem.key for problem in caught.value.problems] == [f"users[1].{source}"]


@pytest.mark.parametrize("source", ["password_file", "password_env", "password_hash"])
def test_a_password_in_the_wrong_place_is_not_repeated(source: str) -> None:
    with pytest.raises(BadAnswers) as caught:
        answers.parse(f"[[users]]\nname = 'a'\n{source} = 'hunter2'", "a file", {})
    assert "hunter2" not in str(caught.value)


def test_the_path_of_a_missing_password_file_is_shown() -> None:
    with pytest.raises(BadAnswers, match="/nowhere/secret"):
        answers.parse("[[users]]\nname='a'\npassword_file='/nowhere/secret'", "a file", {})


def test_https_cannot_be_on_the_port_of_its_redirect() -> None:
    with pytest.raises(BadAnswers, match="the port of the redirect"):
        answers.parse("registry.https_port = 80", "a file", {})
    alone = answers.parse("registry = {https_port = 80, http_redirect = false}", "a file", {})
    assert alone.registry.https_port == 80


def test_a_password_that_is_gone_since_is_told_in_a_sentence(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    with pytest.raises(BadAnswers, match="No such file"):
        answers.password_of(User("a", password_file=gone), {})
    with pytest.raises(BadAnswers, match="not set"):
        answers.password_of(User("a", password_env="GONE"), {})


def test_a_mark_of_utf_8_in_front_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text('role = "server"', encoding="utf-8-sig")
    assert answers.load(str(path), {}) == Answers()


def test_a_path_that_cannot_be_one_is_told_in_a_sentence() -> None:
    with pytest.raises(BadAnswers, match="cannot be read"):
        answers.load("a\0b", {})


def test_a_file_too_large_for_answers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(BadAnswers, match="1 MiB"):
        answers.load(str(path), {})


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_standard_input_is_utf_8_in_every_locale(encoding: str) -> None:
    code = "from wizard import answers; answers.load('-', {})"
    path = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": encoding}
    argv = (sys.executable, "-c", code)
    good = "authority.organization = 'Bücher'".encode()
    subprocess.run(argv, input=good, check=True, env={**os.environ, **path})
    bad = subprocess.run(
        argv, input=b"\xff", capture_output=True, check=False, env={**os.environ, **path}
    )
    assert b"BadAnswers" in bad.stderr
    assert b"not UTF-8" in bad.stderr


def _questions(kind: type) -> list[tuple[str, Question]]:
    found = []
    for name, entry in entries(kind).items():
        found += _questions(entry.of) if isinstance(entry, Table) else [(name, entry)]
    return found


@pytest.mark.parametrize(("name", "question"), _questions(Answers))
def test_every_example_may_be_answered(name: str, question: Question) -> None:
    refused: list[object] = []
    question.read(question.example, name, refused.append)
    assert name in FILES or not refused


def test_the_schema_takes_empty_texts_as_the_file_does() -> None:
    text = "[authority]\ncertificate = ''"
    jsonschema.validate(toml.read(text), schema.schema())
    assert answers.parse(text, "a file", {}) == Answers()
