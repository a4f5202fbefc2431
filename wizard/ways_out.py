"""What a system says where it refuses to write, and the way out of each."""

from __future__ import annotations

import errno
import posixpath

# Of these none is a mistake of ours, wherever it comes up.
REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def way_out(said: str, path: str) -> str:
    """Give what to do where a path could not be written, from the words of the refusal."""
    folder = posixpath.dirname(path) or "."
    remedy = next((text for words, text in (*_DISK, *_PATH) if words in said.lower()), _ANY)
    return f"{remedy.format(path=path, folder=folder)}, then run again"


def of_disk(said: str) -> str:
    """Give what to do where a command's words blame a disk; empty where they do not."""
    remedy = next((text for words, text in _DISK if words in said.lower()), "")
    return remedy and f"{remedy.format(folder='')}, then run again".replace(" )", ")")


_ANY = "free space, remount read-write or lift the protection"
_LINK = "a link on the way leads nowhere (namei -l {path} shows which): mend or remove it"
_ROOM = "make room (df -h {folder}), or files are too many (df -i {folder})"
# strerror(3) as glibc and musl have it; commands print the same words. The second is apt's.
_DISK = (
    ("no space left on device", _ROOM),
    ("enough free space", _ROOM),
    ("quota exceeded", "make room, or raise root's quota (repquota -a shows it)"),
    ("read-only file system", "mount it read-write (findmnt and dmesg say why it is not)"),
    ("i/o error", "look after the disk (dmesg says what is wrong with it)"),
    ("input/output error", "look after the disk (dmesg says what is wrong with it)"),
)
_PATH = (
    (
        "operation not permitted",
        "lift its protection (lsattr -d {path} {folder} shows an i or an a; chattr -ia takes it)",
    ),
    ("no such file or directory", _LINK),
    ("file exists", _LINK),
    ("not a directory", _LINK),
    ("symbolic link", _LINK),
    ("which is not there", _LINK),
)
