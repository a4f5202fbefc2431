"""What a password may be, and where it is read from; no refusal repeats any of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import paths
from wizard.hash_kinds import BCRYPT
from wizard.names import Refused, plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

_MOST_BYTES = 72
_READ_BYTES = _MOST_BYTES + len("\ufeff\r\n".encode()) + 1
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def password(text: str) -> str:
    """A password that bcrypt hashes whole and HTTP can carry (RFC 7617, section 2)."""
    if not text:
        raise Refused("is empty")
    plain(text)
    if len(text.encode()) > _MOST_BYTES:
        raise Refused(f"is longer than {_MOST_BYTES} bytes, of which bcrypt would ignore the rest")
    return text


def bcrypt_hash(text: str) -> str:
    """A line's second half as ``htpasswd -B`` writes it; the registry knows no other kind."""
    if not BCRYPT.fullmatch(text):
        raise Refused(
            "is no bcrypt hash, the one kind the registry knows; `htpasswd -nB NAME` makes one"
            " that begins with $2y$, and its cost can be from 04 to 31"
        )
    return text


def file(text: str) -> str:
    """The path of a file with a password in it."""
    path = paths.file(text)
    from_file(path)
    return path


def variable(text: str) -> str:
    """The name of an environment variable, set or not."""
    if not _VARIABLE.fullmatch(text):
        raise Refused("must be the name of an environment variable: letters, digits, underscores")
    return text


def from_file(path: str) -> str:
    """The password in a file, without one line break at its end."""
    try:
        with Path(path).open("rb") as opened:
            content = opened.read(_READ_BYTES)
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}") from None
    return _read(content, "the password in this file")


def from_line(stream: BinaryIO) -> str:
    """The password in the next line of a stream."""
    return _read(stream.readline(_READ_BYTES), "the password in its first line")


def _read(content: bytes, where: str) -> str:
    if len(content) == _READ_BYTES:
        raise Refused(f"holds more than {_MOST_BYTES} bytes, the most that bcrypt takes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("does not hold a password in UTF-8") from None
    return _held(text.removesuffix("\n").removesuffix("\r"), where)


def from_environment(name: str, environ: Mapping[str, str]) -> str:
    """The password in an environment variable."""
    if name not in environ:
        raise Refused("names an environment variable that is not set")
    return _held(environ[name], "the password in this environment variable")


def _held(text: str, where: str) -> str:
    try:
        return password(text)
    except Refused as refused:
        raise Refused(f"{where} {refused}") from None
