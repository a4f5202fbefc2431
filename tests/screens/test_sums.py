"""What checks came to, in a few words."""

from __future__ import annotations

import pytest

from screens.sums import none_failed
from wizard.events import Checked

SAID = {
    "all 2 checks passed": ("passed", "passed"),
    "2 checks passed, 1 with a warning": ("passed", "warning", "passed"),
    "1 checks passed, 1 with a warning, 2 not looked at": (
        "skipped",
        "passed",
        "warning",
        "skipped",
    ),
}


@pytest.mark.parametrize(("said", "verdicts"), SAID.items())
def test_all_is_said_only_where_each_passed(said: str, verdicts: tuple[str, ...]) -> None:
    assert none_failed(Checked(f"c{n}", each, "") for n, each in enumerate(verdicts)) == said
