"""A text in the user's own editor, in a file that nobody else can read."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Debian's own choice, then what POSIX has everywhere.
FALLBACK = "sensible-editor", "vi"


def edited(text: str, path: str, environ: Mapping[str, str]) -> str:
    """Give the text as it was left in the editor; it is shown under the name of ``path``.

    Raise OSError where no editor can be started, ValueError where what is left is no UTF-8 text.
    """
    with tempfile.TemporaryDirectory(prefix="registry-wizard-") as folder:  # 0700
        file = Path(folder) / Path(path).name
        file.touch(0o600)
        file.write_text(text, encoding="utf-8")
        with _keyboard_is_the_editors():
            _start(environ, str(file))
        return file.read_bytes().decode()


def _start(environ: Mapping[str, str], file: str) -> None:
    own = environ.get("VISUAL") or environ.get("EDITOR")
    *others, last = (own,) if own else FALLBACK
    for each in others:
        try:
            _run(each, file, environ)
        except FileNotFoundError:
            continue
        return
    _run(last, file, environ)


def _run(editor: str, file: str, environ: Mapping[str, str]) -> None:
    done = subprocess.run([*shlex.split(editor), file], check=False, env={**os.environ, **environ})
    if done.returncode:
        raise OSError(done.returncode, f"it ended with {done.returncode}", editor)


@contextlib.contextmanager
def _keyboard_is_the_editors() -> Iterator[None]:
    """Let ctrl+c mean what it means in the editor, and nothing to us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Not SIG_IGN, which the editor would inherit.
    numbers = (signal.SIGINT, signal.SIGQUIT)
    former = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        yield
    finally:
        for number, act in former.items():
            signal.signal(number, act)
