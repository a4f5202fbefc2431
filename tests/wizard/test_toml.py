"""TOML's mistakes with line and column, and values as they stand in a file."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard import toml

HIDES = "the line is not shown, as it may hold a password"


def problem(text: str) -> str:
    with pytest.raises(toml.NotToml) as caught:
        toml.read(text)
    return str(caught.value.problem)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[registry", "at its end: expected ']' at the end of a table declaration"),
        ("role = server", "line 1, column 8: this is no value; a text must stand in quotes"),
        ("role 1", "line 1, column 6: there must be a = between key and value"),
        ("role = 1 2", "line 1, column 10: this line must end here"),
        ("\n\né = 1", "line 3, column 1: a line is key = value, a [table], or a # and a comment"),
        ("a = 1\na = 2\n", "line 2, column 6: this was answered before"),
        ("[a]\n[a]", "line 2, column 3: cannot declare ('a',) twice"),
        ('a = "b', "at its end: unterminated string"),
        ("a = " + "9" * 5000, "the text: has a number of too many digits"),
        ("a = " + "[" * 5000, "lists within lists without end"),
        ('a = "\ud800"', "the text: has half a character in it, a surrogate"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, words: str) -> None:
    assert words in problem(text)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "a = '" + "x" * 300 + "' "])
def test_the_caret_stands_under_the_mistake(before: str, ending: str) -> None:
    *_, line, caret = problem(f"[a]{ending}{before}\tb = 1 !{ending}").split("\n")
    assert line[len(caret) - 1] == ("!" if not before else "b")
    assert len(line) <= 6 + 70


@pytest.mark.parametrize(
    "text",
    [
        "[[users]]\npassword = hunter2",
        "[[users]\nhunter2",
        "users = [{name = 'a', password = hunter2}]",
        "password = hunter2",
        "[registry]\nPASSWD = hunter2",
        "[x]\nhash = hunter2",
        "[x]\na = $2y$10$hunter2",
        "[[users]]\na = '''\n[registry]\n''' hunter2",
        "[[users]]\nx = hunter2",
        "[[users]]\nx = hunter2 # [registry]",
    ],
)
def test_a_line_that_may_hold_a_password_is_not_shown(text: str) -> None:
    assert "hunter2" not in problem(text)
    assert HIDES in problem(text)


def test_a_line_of_another_table_is_shown_though_users_came_before() -> None:
    assert "hostname = a.b" in problem("[[users]]\nname = 'a'\n[registry]\nhostname = a.b")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a", '"a"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("a\n\r\tb", '"a\\n\\r\\tb"'),
        ("\x1b[31m", '"\\u001B[31m"'),
        ("a\u202eb", '"a\\u202Eb"'),
        ("\U000e0001", '"\\U000E0001"'),
        ("bücher", '"bücher"'),
        (True, "true"),
        (443, "443"),
        (("a", 1, False), '["a", 1, false]'),
        ((), "[]"),
    ],
)
def test_a_value_is_written_so_that_all_of_it_is_seen(value: object, written: str) -> None:
    assert toml.literal(value) == written


TEXTS = st.text(st.characters(codec="utf-8"))


@given(TEXTS | st.integers() | st.booleans() | st.lists(TEXTS))
def test_what_is_written_is_read_back(value: object) -> None:
    assert tomllib.loads(f"a = {toml.literal(value)}") == {"a": value}


@given(TEXTS)
def test_an_error_repeats_a_value_short_and_on_one_line(text: str) -> None:
    assert toml.shown(text).isprintable()
    assert len(toml.shown(text)) <= 80


@pytest.mark.parametrize("value", [["hunter2"], ("hunter2",), {"password": "hunter2"}])
def test_an_error_repeats_nothing_that_has_parts(value: object) -> None:
    assert toml.shown(value) == ""


def test_an_error_repeats_no_number_of_thousands_of_digits() -> None:
    assert toml.shown(10**5000) == "a number of more than 64 bits"
    assert toml.shown(-(2**63)) == str(-(2**63))


@pytest.mark.parametrize(
    ("name", "written"),
    [("https_port", "https_port"), ("a-1", "a-1"), ("", '""'), ("a b", '"a b"'), ("ä", '"ä"')],
)
def test_a_key_is_bare_where_toml_allows_it(name: str, written: str) -> None:
    assert toml.key(name) == written


def test_an_explanation_becomes_comment_lines_that_fit() -> None:
    lines = toml.comment("word " * 100 + "x" * 90)
    assert all(line.startswith("# ") for line in lines)
    assert max(map(len, lines[:-1])) <= 78
    assert lines[-1] == "# " + "x" * 90
