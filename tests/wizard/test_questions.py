"""One question, one answer: what is taken, what is refused, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from wizard.names import Refused
from wizard.questions import Limits, Question, ask, entries, read, section, sections, unknown

if TYPE_CHECKING:
    from wizard.errors import Problem


def shout(text: str) -> str:
    if not text.islower():
        raise Refused("must be in small letters")
    return text.upper()


@dataclass(frozen=True)
class Tea:
    kind: str = ask("green", "Kind", "Which tea.", example="black", choices=("green", "black"))
    minutes: int = ask(3, "Minutes", "How long.", example=5, limits=Limits(1, 9, "it gets bitter"))
    milk: bool = ask(False, "Milk", "With milk.", example=True)  # noqa: FBT003  a question's default
    guests: tuple[str, ...] = ask((), "Guests", "Who comes.", example=("ann", "bob"), check=shout)


@dataclass(frozen=True)
class Key:
    owner: str = ask("", "Owner", "Whose.", example="ann", check=shout, required=True)
    word: str = ask("", "Word", "In the clear.", example="x", check=shout, secret=True, filled=True)
    file: str = ask("", "File", "Where it is.", example="/k", filled=True)


@dataclass(frozen=True)
class House:
    tea: Tea = section(Tea, "The tea.", together=("kind", "guests"))
    keys: tuple[Key, ...] = sections(Key, "The keys.", one_of=("word", "file"))


def told(document: dict[str, Any], kind: type = House) -> tuple[Any, dict[str, str]]:
    """Give what was read, and what was said about each key."""
    found: list[Problem] = list(unknown(kind, document))
    return read(kind, document, "", found.append), {each.key: each.why for each in found}


def test_what_is_not_answered_is_the_default() -> None:
    assert told({}) == (House(), {})
    assert told({"tea": {}, "keys": []}) == (House(), {})


def test_every_answer_is_kept_as_its_check_gives_it() -> None:
    tea = {"kind": "black", "minutes": 9, "milk": True, "guests": ["ann", "bob"]}
    house, said = told({"tea": tea, "keys": [{"owner": "ann", "word": "sesame"}]})
    assert said == {}
    assert house == House(
        Tea("black", 9, milk=True, guests=("ANN", "BOB")), (Key("ANN", "SESAME"),)
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("kind", "red", 'must be "green" or "black"'),
        ("kind", 1, "must be a text in quotes"),
        ("minutes", 0, "must be from 1 to 9: it gets bitter"),
        ("minutes", 10, "must be from 1 to 9: it gets bitter"),
        ("minutes", True, "must be a whole number, without quotes"),
        ("minutes", 3.0, "must be a whole number, without quotes"),
        ("minutes", "3", "must be a whole number, without quotes"),
        ("milk", 1, "must be true or false, without quotes"),
        ("milk", "no", "must be true or false, without quotes"),
        ("guests", "ann", "must be a list in square brackets"),
        ("guests", {"ann": 1}, "must be a list in square brackets"),
    ],
)
def test_a_refused_answer_leaves_the_default(name: str, value: object, words: str) -> None:
    assert told({name: value}, Tea) == (Tea(), {name: words})


def test_the_wrong_items_of_a_list_are_told_one_by_one() -> None:
    tea, said = told({"guests": ["ann", "Bob", 5, "ann", "eve"]}, Tea)
    assert tea.guests == ("ANN", "EVE")
    assert said == {
        "guests[2]": "must be in small letters",
        "guests[3]": "must be a text in quotes",
        "guests[4]": "is in this list already",
    }


def test_a_problem_shows_value_and_example() -> None:
    found: list[Problem] = []
    read(Tea, {"minutes": 10, "guests": ["Bob"]}, "tea.", found.append)
    assert list(map(str, found)) == [
        "tea.minutes = 10: must be from 1 to 9: it gets bitter (for example: 5)",
        'tea.guests[1] = "Bob": must be in small letters (for example: "ann")',
    ]


@pytest.mark.parametrize("value", ["Sesame", 5, ["Sesame"], ""])
def test_a_secret_is_never_repeated(value: object) -> None:
    found: list[Problem] = []
    read(Key, {"owner": "ann", "word": value}, "", found.append)
    assert [each.value for each in found] == ["(hidden)"]
    assert "sesame" not in repr(Key("ann", "sesame"))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ({"word": "a"}, {"keys[1].owner": "is missing"}),
        ({"owner": "", "word": "a"}, {"keys[1].owner": "must be in small letters"}),
        ({"owner": "a"}, {"keys[1]": "needs exactly one of word, file; it has none of them"}),
        (
            {"owner": "a", "word": "a", "file": "/a"},
            {"keys[1]": "needs exactly one of word, file; it has word and file"},
        ),
        ({"owner": "a", "word": ""}, {"keys[1].word": "must be in small letters"}),
        ("a", {"keys[1]": "must be a table"}),
    ],
)
def test_a_table_of_a_list_is_told_by_its_number(key: object, said: dict[str, str]) -> None:
    assert told({"keys": [key]})[1] == said


@pytest.mark.parametrize("value", [1, "a", {}, {"owner": "a"}])
def test_a_list_of_tables_wants_double_brackets(value: object) -> None:
    assert "[[keys]] in double brackets" in told({"keys": value})[1]["keys"]


@pytest.mark.parametrize("value", [1, "a", [], [{}]])
def test_one_table_wants_single_brackets(value: object) -> None:
    assert told({"tea": value}) == (House(), {"tea": "must be one table, under [tea]"})


def test_answers_that_belong_together_come_together_or_not_at_all() -> None:
    why = "has kind but no guests; give both or none"
    assert told({"tea": {"kind": "black"}})[1] == {"tea": why}
    assert told({"tea": {"kind": "black", "guests": ["ann"]}})[1] == {}


@pytest.mark.parametrize(
    ("document", "key", "words"),
    [
        ({"teas": {}}, "teas", "did you mean tea?"),
        ({"minutes": 3}, "minutes", "did you mean tea.minutes?"),
        ({"tea": {"minute": 3}}, "tea.minute", "did you mean minutes?"),
        ({"tea": {"sugar cubes": 3}}, 'tea."sugar cubes"', "is no question here"),
        ({"keys": [{"owner": "a", "word": "b", "fil": "c"}]}, "keys[1].fil", "did you mean file?"),
    ],
)
def test_an_unknown_key_is_told_with_the_one_meant(
    document: dict[str, Any], key: str, words: str
) -> None:
    assert words in told(document)[1][key]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    document = {"x": 1, "tea": {"minutes": 0, "milk": 1}, "keys": [{}, 5]}
    wanted = ["x", "tea.minutes", "tea.milk", "keys[1]", "keys[1].owner", "keys[2]"]
    assert list(told(document)[1]) == wanted


def test_the_questions_of_a_dataclass_are_in_its_order() -> None:
    assert list(entries(Tea)) == ["kind", "minutes", "milk", "guests"]
    assert all(isinstance(each, Question) for each in entries(Tea).values())
