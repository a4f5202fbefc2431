"""A shell that runs one line after another, each at the cost of a round trip alone."""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
from typing import IO, TYPE_CHECKING

from wizard.child import Child

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AT_ONCE = 1 << 16  # bytes


class Talk:
    """A shell at work, whose lines each end with a mark that nothing else can print by chance."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._mark = secrets.token_hex(16)
        self._shell = Child(argv, environment)

    def ask(self, line: str) -> tuple[int, bytes, bytes] | None:
        """Run a simple command with nothing on its standard input; give its code and outputs.

        None: the shell is gone, and whether the command has run is not known.
        """
        told = f"printf '{self._mark} %s\\n' $?; printf '{self._mark}\\n' >&2\n"
        try:
            self._stream(self._shell.stdin).write(f"{line} < /dev/null; {told}".encode())
            self._stream(self._shell.stdin).flush()
            out, err = self._heard()
        except (OSError, ValueError):  # it has ended, or was hung up
            return None
        code = out[out.rindex(self._mark.encode()) :].split()[1]
        return int(code), self._before(out), self._before(err)

    def hang_up(self) -> None:
        """End it; between two lines nothing runs in it."""
        for each in (self._shell.stdin, self._shell.stdout, self._shell.stderr):
            with contextlib.suppress(OSError):
                self._stream(each).close()
        self._shell.terminate()  # one whose other end is lost would not end by itself
        self._shell.wait()

    def _heard(self) -> tuple[bytes, bytes]:
        """Read both outputs up to the mark in each. Raise OSError where one ends before."""
        streams = [self._stream(self._shell.stdout), self._stream(self._shell.stderr)]
        kept = {each.fileno(): bytearray() for each in streams}
        with selectors.DefaultSelector() as waiting:
            for descriptor in kept:
                waiting.register(descriptor, selectors.EVENT_READ)
            while waiting.get_map():
                for key, _ in waiting.select():
                    if self._ended(key.fd, kept[key.fd]):
                        waiting.unregister(key.fd)
        out, err = (bytes(each) for each in kept.values())
        return out, err

    def _ended(self, descriptor: int, kept: bytearray) -> bool:
        """Read on; say whether the mark is there now."""
        piece = os.read(descriptor, AT_ONCE)
        if not piece:
            raise BrokenPipeError
        kept += piece
        mark = self._mark.encode()
        return kept.endswith(b"\n") and mark in kept[-len(mark) - len(" 255\n") :]

    def _before(self, said: bytes) -> bytes:
        return said[: said.rindex(self._mark.encode())]

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream  # noqa: S101  (all three were asked for)
        return stream
