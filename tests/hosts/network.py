"""A network for machines, all of which are gone afterwards, whatever happens."""

from __future__ import annotations

import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.hosts import image
from tests.hosts.machine import Network

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def network() -> Iterator[Network]:
    image.need_tools()
    # A run that is ended tidies its machines away, as an interrupted one does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="registry-wizard-hosts-") as state:
        made = Network.up(Path(state))
        try:
            yield made
        finally:
            made.down()
