"""Terminals for tests: a program is started on one, typed at, read, and looked after."""

from tests.terminal.inside import inside
from tests.terminal.pty import Pty
from tests.terminal.tmux import Tmux, need_tmux

__all__ = ["Pty", "Tmux", "inside", "need_tmux"]
