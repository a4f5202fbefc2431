"""Every question that is asked has its words: a lesson that fits on a small screen, and choices."""

from __future__ import annotations

import pytest

from screens.form import QUESTIONS
from screens.lessons import LESSONS
from screens.pages import NOT_ASKED, PAGES
from screens.words import CHOICES

USERS = {"users.name", "users.password"}


def test_each_question_has_one_and_none_is_left_over() -> None:
    asked = {key for page in PAGES for key in page.keys}
    assert set(LESSONS) == asked | USERS


@pytest.mark.parametrize("key", LESSONS)
def test_a_lesson_is_a_paragraph(key: str) -> None:
    words = LESSONS[key].split()
    assert 60 <= len(words) <= 130
    assert "\n" not in LESSONS[key]
    assert LESSONS[key].endswith(".")


def test_every_question_is_asked_on_one_page_or_named_as_not_asked() -> None:
    asked = [key for page in PAGES for key in page.keys]
    assert sorted((*asked, *NOT_ASKED)) == sorted(QUESTIONS)


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
