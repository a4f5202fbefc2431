"""The CA that whoever answers as the registry has sent, shown before it is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens import words
from screens.looking import Came, Looking
from screens.offered import Offered
from wizard.clean import clean
from wizard.names import in_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.answers import Answers


class FirstUse(Looking[str]):
    """Fetches the CA; dismisses with its fingerprint where somebody has compared that."""

    def __init__(self, answers: Answers, fetch: Callable[[Answers], Offered]) -> None:
        registry = answers.registry
        self.at = clean(in_url(registry.hostname, registry.https_port))
        waiting = words.FETCHING.format(self.at)
        super().__init__(words.FIRST_USE_TITLE, waiting, lambda: fetch(answers))
        self.fingerprint = ""

    def show(self, came: Came) -> None:
        if isinstance(came.found, Offered):
            self.fingerprint = came.found.fingerprint
            parts = (
                words.FIRST_USE_TEXT.format(self.at),
                f"{words.FIRST_USE_COMPARE}\n{self.fingerprint}",
                "\n".join(map(clean, came.found.described.split("\n"))),
            )
            answers = (("no", words.CANCEL), ("trust", words.TRUST_IT))
            self.put("\n\n".join(parts), answers)
        elif came.error:
            text = f"{clean(str(came.error))}\n\n{clean(came.error.hint)}"
            self.put(text, (("no", words.CLOSE),))

    def answer(self, button: str) -> None:
        self.dismiss(self.fingerprint if button == "trust" else None)
