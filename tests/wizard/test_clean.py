"""Text that is not ours does nothing to a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.clean import LONGEST, clean

LINES = {
    "\x1b[31mred\x1b[0m": "red",
    "\x1b]0;title\x07after": "after",
    "\x1b]8;;http://x\x1b\\link": "link",
    "10%\r50%\r100%": "100%",
    "100%\r": "100%",
    "bell\x07 and \x9b31m": "bell and 31m",
    "a\tb [/etc/docker/certs.d]": "a\tb [/etc/docker/certs.d]",
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_keeps_its_words_only(line: str) -> None:
    assert clean(line) == LINES[line]


@given(st.text())
def test_nothing_is_left_that_a_terminal_obeys(line: str) -> None:
    assert all(
        char == "\t" or (char >= " " and not "\x7f" <= char <= "\x9f") for char in clean(line)
    )


def test_a_line_without_an_end_is_cut() -> None:
    assert len(clean("x" * 1_000_000)) == LONGEST
