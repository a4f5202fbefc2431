"""Every question that is asked has its lesson: a paragraph that fits on a small screen."""

from __future__ import annotations

import pytest

from screens.lessons import LESSONS
from screens.pages import PAGES

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
