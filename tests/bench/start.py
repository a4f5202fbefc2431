"""The wizard as it really starts, its journal in a folder given."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from screens import front

if TYPE_CHECKING:
    from wizard.session import Session


def opened(_: str) -> Session:
    from wizard.journal import Journal  # noqa: PLC0415  (as late as the wizard itself does it)
    from wizard.session import Session  # noqa: PLC0415

    return Session({}, journal=Journal(Path(sys.argv[1]) / "journal"))


if __name__ == "__main__":
    sys.exit(front.ask(opened, plain=False))
