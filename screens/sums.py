"""What checks came to, in a few words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from screens import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.events import Checked


def none_failed(checked: Iterable[Checked]) -> str:
    """Sum up checks of which none failed: "all" only where each of them passed."""
    counts = Counter(each.verdict for each in checked)
    if set(counts) <= {"passed"}:
        return words.CHECKS_ALL.format(counts["passed"])
    others = ((words.CHECKS_WARNED, "warning"), (words.CHECKS_SKIPPED, "skipped"))
    said = [text.format(counts[verdict]) for text, verdict in others if counts[verdict]]
    return ", ".join((words.CHECKS_SOME.format(counts["passed"]), *said))
