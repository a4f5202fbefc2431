"""The plan as a file to keep: an answers file, or a shell script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from screens import words
from screens.frame import Confirm, Dialog, button, say
from wizard.clean import clean
from wizard.errors import WizardError

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wizard.place import Place

PATHS = {"answers": "/root/registry-answers.toml", "script": "/root/registry-install.sh"}
TITLES = {"answers": words.SAVE_ANSWERS, "script": words.SAVE_SCRIPT}


class Save(Dialog[str]):
    """Dismisses with a sentence about what was saved, or why not."""

    def __init__(self, session: Place[Any, Any], given: Any) -> None:
        super().__init__()
        self.session, self.given = session, given

    def inside(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield say(words.SAVE_TITLE, classes="heading")
            for name in self.session.texts(self.given):
                with Horizontal(classes="row"):
                    yield button(TITLES[name], name, first=name == "answers")
                    yield Input(PATHS[name], compact=True, id=f"{name}-path")
            yield Horizontal(button(words.CANCEL, "cancel"), classes="buttons")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        self._save((event.input.id or "").removesuffix("-path"))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id in PATHS:
            self._save(event.button.id)
        else:
            self.action_cancel()

    def _save(self, kind: str) -> None:
        path = Path(self.query_one(f"#{kind}-path", Input).value)
        if path.exists():
            question = words.SAVE_REPLACE.format(clean(str(path)))
            self.app.push_screen(Confirm(question), lambda yes: self._write(kind, path, yes))
        else:
            self._write(kind, path, yes=True)

    def _write(self, kind: str, path: Path, yes: bool | None) -> None:  # noqa: FBT001
        if not yes:
            return
        try:
            self.session.save(self.given, kind, str(path))
        except WizardError as error:
            self.dismiss(str(error))
        else:
            self.dismiss(words.SAVED.format(path))
