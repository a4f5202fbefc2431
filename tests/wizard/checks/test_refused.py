"""What a registry's refusal is told as; the documents are those that a real one gave."""

from __future__ import annotations

import errno
import json

import pytest

from wizard.checks.refused import meaning
from wizard.front import Reply


def document(code: str, detail: object = None, message: str = "m") -> bytes:
    return json.dumps({"errors": [{"code": code, "message": message, "detail": detail}]}).encode()


def driver(number: int) -> dict[str, object]:
    inner = {"Op": "mkdir", "Path": "/opt/data/registry/docker", "Err": number}
    return {"DriverName": "filesystem", "Enclosed": inner}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ENOSPC, "the disk of its storage is full"),
        (errno.EROFS, "its storage is read-only"),
        (errno.EACCES, "it may not write its storage"),
    ],
)
def test_an_error_of_the_storage_is_told_by_its_cause(number: int, text: str) -> None:
    said, remedy = meaning(Reply(500, {}, document("UNKNOWN", driver(number))))
    assert said == f": {text}"
    assert remedy


def test_an_error_of_the_storage_is_told_by_its_words_where_there_is_no_number() -> None:
    said = "write /opt/data/registry/docker/registry/v2/x/data: no space left on device"
    assert (
        meaning(Reply(500, {}, document("UNKNOWN", said)))[0] == ": the disk of its storage is full"
    )


def test_a_code_of_the_api_is_told_in_words() -> None:
    assert meaning(Reply(403, {}, document("DENIED")))[0] == ": this user may not do that"


def test_an_unknown_code_is_quoted_harmlessly() -> None:
    said, remedy = meaning(Reply(500, {}, document("ODD", "d\x1b[31m", "what")))
    assert (said, remedy) == (": ODD what d", "")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"errors": []}', b'{"errors": [1]}', b'{"errors": {}}', b"1"]
)
def test_what_is_no_such_document_is_told_by_its_status(body: bytes) -> None:
    assert meaning(Reply(413, {}, body))[0] == ": a limit of nginx"
    assert meaning(Reply(418, {}, body)) == ("", "")
