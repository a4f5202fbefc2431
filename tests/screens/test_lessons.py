"""Every question that is asked has its words: a lesson that fits on a small screen, and choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screens import words
from screens.client_form import CLIENT_FIELDS
from screens.form import QUESTIONS
from screens.lessons import LESSONS, ON_A_CLIENT
from screens.pages import CLIENT_PAGES, KEYS_OF, NOT_ASKED, PAGES
from screens.words import CHOICES

if TYPE_CHECKING:
    from screens.pages import Page

TABLES = {"users.name", "users.role", "users.password", "clients.host", "clients.host_key"}
EVERY = {**LESSONS, **{f"{key} on a client": text for key, text in ON_A_CLIENT.items()}}
ASKED = set().union(*KEYS_OF.values())


def test_each_question_has_one_and_none_is_left_over() -> None:
    assert set(LESSONS) == ASKED | TABLES


@pytest.mark.parametrize("key", EVERY)
def test_a_lesson_is_a_paragraph(key: str) -> None:
    assert 60 <= len(EVERY[key].split()) <= 130
    assert "\n" not in EVERY[key]
    assert EVERY[key].endswith(".")


@pytest.mark.parametrize("pages", [PAGES, CLIENT_PAGES])
def test_every_question_is_asked_on_one_page_or_named_as_not_asked(pages: tuple[Page, ...]) -> None:
    asked = [key for page in pages for key in page.keys]
    assert len(set(asked)) == len(asked)
    assert sorted((*ASKED, *NOT_ASKED)) == sorted(QUESTIONS)


def test_what_means_something_else_on_a_client_is_told_otherwise_there() -> None:
    both = KEYS_OF["server"] & KEYS_OF["client"]
    assert set(ON_A_CLIENT) == both
    assert both < set(words.HELP_ON_A_CLIENT)


def test_each_field_of_a_client_has_its_words() -> None:
    assert set(words.CLIENT_FIELDS) == set(words.CLIENT_STANDS_IN) == set(CLIENT_FIELDS)


def test_every_choice_that_is_asked_is_explained_in_a_line() -> None:
    asked = {key: QUESTIONS[key].choices for page in PAGES for key in page.keys}
    assert {key: (*texts,) for key, texts in CHOICES.items()} == {
        key: choices for key, choices in asked.items() if choices
    }
    assert max(len(text) for texts in CHOICES.values() for text in texts.values()) <= 39


def test_what_is_asked_conditionally_stands_below_what_it_depends_on() -> None:
    for page in PAGES:
        for key, (other, values) in page.when.items():
            assert page.keys.index(other) < page.keys.index(key)
            assert set(values) < set(QUESTIONS[other].choices)
