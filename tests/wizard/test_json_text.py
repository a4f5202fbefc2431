"""One item is taken out of a list in a JSON text, and not another byte is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wizard import json_text

KEY = "insecure-registries"
OURS = "docker.benet.com"
BLANKS = st.text(" \t\r\n", max_size=3)
NAMES = st.sampled_from([OURS, "other:5000", "10.0.0.0/8", 'odd"\\name', "Umlaut-ä", "", "]", ","])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | NAMES
    | st.floats(allow_nan=False, allow_infinity=False, width=16),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def spelled(draw: st.DrawFn, value: Any) -> str:
    """Write a value as somebody might: blanks anywhere, letters escaped or not."""

    def blank() -> str:
        return draw(BLANKS)

    if isinstance(value, list):
        items = [f"{blank()}{draw(spelled(each))}{blank()}" for each in value]
        return f"[{','.join(items) or blank()}]"
    if isinstance(value, dict):
        return draw(members(list(value.items())))
    if isinstance(value, str) and draw(st.booleans()):
        return '"' + "".join(f"\\u{ord(char):04x}" for char in value) + '"'
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


@st.composite
def members(draw: st.DrawFn, pairs: list[tuple[str, Any]]) -> str:
    """Write an object of pairs, which may name a key twice."""
    texts = [
        f"{draw(BLANKS)}{draw(spelled(key))}{draw(BLANKS)}:{draw(BLANKS)}{draw(spelled(value))}"
        for key, value in pairs
    ]
    return "{" + f"{draw(BLANKS)},".join(texts) + draw(BLANKS) + "}"


PAIRS = st.lists(
    st.tuples(st.just(KEY), st.lists(NAMES, max_size=4)) | st.tuples(NAMES, VALUES), max_size=4
)
BOMS = st.sampled_from(["", json_text.BOM])


def pairs_of(text: str) -> Any:
    return json.loads(text.removeprefix(json_text.BOM), object_pairs_hook=list)


def gone(name: str) -> bool:
    return name == OURS


quickly = settings(max_examples=60, deadline=None)


@quickly
@given(PAIRS.flatmap(members), BOMS, BLANKS)
def test_nothing_but_the_item_is_another_afterwards(text: str, bom: str, last: str) -> None:
    """Duplicate keys stay two, and the same name in another list stays where it is."""
    before = f"{bom}{text}{last}"
    after = json_text.without(before, KEY, gone)
    wanted = [
        (key, [each for each in value if each != OURS] if key == KEY else value)
        for key, value in pairs_of(before)
    ]
    assert pairs_of(after) == wanted
    assert json_text.without(after, KEY, gone) == after


@quickly
@given(PAIRS.flatmap(members), BOMS)
def test_every_byte_outside_of_the_lists_stays(text: str, bom: str) -> None:
    before = bom + text
    after = json_text.without(before, KEY, gone)
    assert outside(before) == outside(after)
    # What is left is a part of what was, in its order: bytes are taken out, none are put in.
    rest = iter(before)
    assert all(char in rest for char in after)


def outside(text: str) -> list[str]:
    """Give what stands before, between and after the lists of our key."""
    lists = [whole for whole, _ in json_text._lists(text, KEY)]
    starts, ends = [0, *(each.end for each in lists)], [*(each.start for each in lists), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


@quickly
@given(PAIRS.flatmap(members))
def test_a_text_without_the_item_is_the_same_text(text: str) -> None:
    assume(OURS not in json_text.names(text, KEY))
    assert json_text.without(text, KEY, gone) == text


@given(st.binary())
def test_any_bytes_come_back_as_they_were(content: bytes) -> None:
    assert json_text.write(json_text.read(content)) == content


EDITS = {
    b'{"insecure-registries": ["docker.benet.com"]}': b'{"insecure-registries": []}',
    b'{"insecure-registries":["a","docker.benet.com"],"x":1}': (
        b'{"insecure-registries":["a"],"x":1}'
    ),
    b'{\r\n  "insecure-registries": [\r\n    "docker.benet.com",\r\n    "a"\r\n  ]\r\n}': (
        b'{\r\n  "insecure-registries": [\r\n    "a"\r\n  ]\r\n}'
    ),
    b'{"insecure-registries" : [ "a" , "docker.benet.com" , "b" ]}': (
        b'{"insecure-registries" : [ "a" , "b" ]}'
    ),
    b'{"dns": ["docker.benet.com"], "\\u0069nsecure-registries": ["docker\\u002ebenet.com"]}\xff': (
        None
    ),
    b'{"dns": ["docker.benet.com"], "\\u0069nsecure-registries": ["docker\\u002ebenet.com"]}': (
        b'{"dns": ["docker.benet.com"], "\\u0069nsecure-registries": []}'
    ),
    b'\xef\xbb\xbf{"insecure-registries": ["docker.benet.com", "\xff"]}': (
        b'\xef\xbb\xbf{"insecure-registries": ["\xff"]}'
    ),
}


@pytest.mark.parametrize("before", EDITS, ids=range(len(EDITS)))
def test_it_reads_as_if_a_careful_person_had_done_it(before: bytes) -> None:
    wanted = EDITS[before]
    text = json_text.read(before)
    if wanted is None:
        with pytest.raises(json_text.Broken):
            json_text.without(text, KEY, gone)
    else:
        assert json_text.write(json_text.without(text, KEY, gone)) == wanted


BROKEN = {
    '{"a": 1,\n  "b" 2}': "line 2, column 7: Expecting ':' delimiter",
    '{"a": 1,}': "line 1, column ",
    '["insecure-registries"]': "line 1, column 1: this is no object",
    '\n\n  "text"': "line 3, column 3: this is no object",
    '{"insecure-registries": "docker.benet.com"}': "line 1, column 25: insecure-registries is no",
    '{"insecure-registries":\n ["a", 5000]}': "line 2, column 8: insecure-registries holds what is",
    '{"a": "NaN",\n "b": NaN}': "line 2, column 7: NaN is no JSON",
    "[" * 100000: "line 1, column 1: this is nested too deeply",
    "{'a': 1}": "line 1, column 2: ",
    '{"a": 1} // why': "line 1, column 10: Extra data",
    f'{json_text.BOM}{{"a": }}': "line 1, column 7: ",
}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_what_cannot_be_read_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(json_text.Broken) as refusal:
        json_text.names(text, KEY)
    assert str(refusal.value).startswith(BROKEN[text])


@pytest.mark.parametrize("text", ["", " \n", json_text.BOM])
def test_an_empty_file_says_nothing(text: str) -> None:
    assert json_text.names(text, KEY) == ()
    assert not json_text.has(text, KEY)
