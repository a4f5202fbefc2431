"""A client that is reached for the first time: its SSH host key, to compare before it is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from screens import words
from screens.looking import Came, Looking
from wizard.clean import clean
from wizard.refusals import UnknownHostKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.answers import Client


@dataclass(frozen=True)
class Met:
    """A client as it is known now, and what came of looking: a word of ``words.SEEN``."""

    client: Client
    seen: str


class Meeting(Looking[Met]):
    """Connects to a client; dismisses with it, or with None where nobody waited for the end."""

    def __init__(self, client: Client, reach: Callable[[Client], object]) -> None:
        waiting = words.CONNECTING.format(clean(client.host))
        super().__init__(clean(client.host), waiting, lambda: reach(client))
        self.client = client
        self.seen, self.fingerprint = "", ""

    def show(self, came: Came) -> None:
        host = clean(self.client.host)
        if isinstance(came.error, UnknownHostKey):
            self.seen, self.fingerprint = "unknown", came.error.fingerprint
            text = words.KEY_TEXT.format(host, clean(self.fingerprint))
            answers = (("no", words.NO), ("yes", words.YES))
            self.put(text, answers, words.KEY_TITLE.format(host))
        elif came.error:
            self.seen = "not"
            self.put(f"{clean(str(came.error))}\n\n{clean(came.error.hint)}", CLOSE)
        else:
            self.seen = "reached"
            self.put(words.REACHED.format(host), CLOSE)

    def answer(self, button: str) -> None:
        known = replace(self.client, host_key=self.fingerprint)
        yes = button == "yes" and bool(self.fingerprint)
        self.dismiss(Met(known, "reached") if yes else self._as_it_is())

    def action_cancel(self) -> None:
        self.dismiss(self._as_it_is())

    def _as_it_is(self) -> Met | None:
        return Met(self.client, self.seen) if self.seen else None


CLOSE = (("close", words.CLOSE),)
