"""Where the new password of a user comes from: a file, standard input, the terminal, or chance."""

from __future__ import annotations

import contextlib
import getpass
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard import passwords
from wizard.clean import clean
from wizard.credentials import generate_password
from wizard.errors import BadUsage, Interrupted
from wizard.names import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

TRIES = 3
WAYS = (
    "--password-file FILE, --password-file - for standard input, or --generate, which shows the"
    " password it makes once"
)


@dataclass(frozen=True)
class Source:
    """What the command line says of a password: a file, ``-`` for standard input; or make one."""

    file: str = ""
    generate: bool = False

    def __bool__(self) -> bool:
        return bool(self.file or self.generate)

    def password(self, name: str) -> str:
        """Give the password for a user. Raises BadUsage, Interrupted."""
        if self.generate:
            return generate_password()
        return _from(self.file) if self.file else _typed(name)


def _from(file: str) -> str:
    try:
        found = passwords.from_line(sys.stdin.buffer) if file == "-" else passwords.from_file(file)
    except Refused as refused:
        raise BadUsage(f"--password-file {file}: {refused}") from None
    return found


def _typed(name: str) -> str:
    """Ask whoever sits at the terminal, twice and without showing it."""
    if not sys.stdin.isatty():
        raise BadUsage(f"There is no terminal to ask for the password of {clean(name)}", WAYS)
    with _interruptible():
        for _ in range(TRIES):
            password, wrong = _tried(clean(name))
            if not wrong:
                return password
            sys.stderr.write(f"{wrong}\n")
            sys.stderr.flush()
    raise BadUsage(f"No password was given in {TRIES} tries; nothing was touched", WAYS)


def _tried(name: str) -> tuple[str, str]:
    """Give what was typed, and what is wrong with it."""
    try:
        typed = passwords.password(getpass.getpass(f"Password for {name} (not shown): "))
        again = getpass.getpass("The same again: ")
    except Refused as refused:
        return "", f"It {refused}"
    except UnicodeDecodeError:
        return "", "It is not in UTF-8"
    return typed, "" if typed == again else "The two differ"


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """End the question at a signal: elsewhere one waits for the end of a change."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
    former = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("\n")
        raise Interrupted("Stopped before anything was changed") from None
    finally:
        for number, before in former.items():
            signal.signal(number, before)
