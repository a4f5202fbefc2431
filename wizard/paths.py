"""What the path of a file or of the registry's storage may be; each refusal is a sentence."""

from __future__ import annotations

import os
import posixpath
import string
from pathlib import Path

from wizard.names import Refused, plain

_SYSTEM = "belongs to the operating system"
_UNREAL = "is kept by the kernel and holds no files of ours"
_FLEETING = "is emptied at a restart or after some days, and the images with it"
_SHARED = "is shared with others; take a folder of the registry's own in it"

_TREES = {
    "/bin": _SYSTEM,
    "/boot": _SYSTEM,
    "/etc": _SYSTEM,
    "/lib": _SYSTEM,
    "/lib64": _SYSTEM,
    "/sbin": _SYSTEM,
    "/usr": _SYSTEM,
    "/dev": _UNREAL,
    "/proc": _UNREAL,
    "/sys": _UNREAL,
    "/run": _FLEETING,
    "/tmp": _FLEETING,  # noqa: S108  it is refused here
    "/var/run": _FLEETING,
    "/var/tmp": _FLEETING,  # noqa: S108  it is refused here
    "/root": "can be entered by root alone, and the registry does not run as root everywhere",
    "/var/lib/registry-wizard": "is where the wizard keeps its journal",
}
"""Where storage cannot be, neither in the folder itself nor anywhere below it."""

_PLAIN = frozenset("/._-" + string.ascii_letters + string.digits)
_FOLDERS = ("/", "/home", "/media", "/mnt", "/opt", "/srv", "/var", "/var/lib", "/var/log")
"""What cannot be storage itself, but may well have it below."""


def absolute(text: str) -> str:
    """A path from the root, without doubled slashes and dots."""
    if not plain(text):
        raise Refused("is empty")
    if not text.startswith("/"):
        raise Refused("must be a whole path that begins with /, to mean the same from everywhere")
    if ".." in text.split("/"):
        raise Refused("has .. in it; write where that leads")
    return "/" + posixpath.normpath(text).lstrip("/")


def file(text: str) -> str:
    """An ordinary file that is there and can be read now."""
    path = absolute(text)
    try:
        found = Path(path)
        found.stat()
        ordinary = found.is_file()
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}") from None
    if not ordinary:
        raise Refused("is no ordinary file" + (" but a folder" if found.is_dir() else ""))
    if not os.access(path, os.R_OK):
        raise Refused("may not be read by this user")
    return path


def storage(text: str) -> str:
    """A folder that may be the registry's alone; it need not exist.

    Its path goes into files of the registry, of systemd and of a container engine. What each of
    them reads as its own punctuation (quotes, blanks, colons, percent signs, …) is refused.
    """
    path = absolute(text)
    if not all(char.isalnum() or char in "/._-+@" for char in path):
        raise Refused("may have letters, digits, and . _ - + @ in its folders' names only")
    return _own(path)


def prefix(text: str) -> str:
    """A folder that a program built from source may have to itself; it need not exist.

    It goes through ./configure, make and the shell unquoted, so it is plainer than storage.
    """
    path = absolute(text)
    if not all(char in _PLAIN for char in path):
        raise Refused("may have the letters a to z, digits, and . _ - in its folders' names only")
    return path if path.startswith("/usr/local/") else _own(path)


def _own(path: str) -> str:
    if path in _FOLDERS:
        raise Refused(_SHARED)
    above = (path, *map(str, Path(path).parents))
    why = next((f"{place} {_TREES[place]}" for place in above if place in _TREES), "")
    if why:
        raise Refused(f"cannot be used: {why}")
    return path
