"""Which machines are to trust the registry, asked line by line; each is tried once it is listed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from screens import plain_words as words
from screens.client_form import (
    CLIENT_FIELDS,
    as_typed,
    client_line,
    client_of,
    client_problems,
    with_client,
)
from screens.lessons import lesson
from screens.words import CLIENT_STANDS_IN as STANDS_IN
from screens.words import CLIENT_STAYS, KEY_TEXT, REACHED, SEEN, translated
from wizard.errors import WizardError
from wizard.refusals import UnknownHostKey

if TYPE_CHECKING:
    from screens.form import Form
    from screens.looks import Looks
    from screens.plain_talk import Talk
    from wizard.answers import Client

ASKED = ("host", "user", "port", "trust")


@dataclass(frozen=True)
class Clients:
    form: Form
    talk: Talk
    looks: Looks

    def ask(self) -> bool:
        """Change the list until it is right; say False where somebody goes back instead."""
        while True:
            self._list()
            typed = self.talk.ask(words.CLIENTS_ASK)
            if not typed or typed in words.BACK:
                return not typed
            self._act(typed)

    def _list(self) -> None:
        self.talk.say()
        self.talk.say(words.CLIENTS if self.form.clients else words.CLIENTS_NONE)
        for number, client in enumerate(self.form.clients, start=1):
            seen = SEEN.get(self.looks.known.get(client.host, ""), "")
            self.talk.say(f"{number}. {client_line(client, seen)}", indent="  ")

    def _act(self, typed: str) -> None:
        word, _, number = typed.partition(" ")
        if typed in words.HELP:
            self.talk.say(lesson("clients.host"))
        elif typed == words.CLIENTS_WORDS["add"]:
            self._change(None)
        elif word not in words.CLIENTS_WORDS.values():
            self.talk.say(words.NOT_UNDERSTOOD.format(typed))
        elif not number.isdecimal() or not 0 < int(number) <= len(self.form.clients):
            self.talk.say(words.CLIENT_NO_NUMBER)
        else:
            self._act_on(word, self.form.clients[int(number) - 1])

    def _act_on(self, word: str, client: Client) -> None:
        if word == words.CLIENTS_WORDS["change"]:
            self._change(client)
        elif word == words.CLIENTS_WORDS["look"]:
            self._meet(client)
        else:
            self.form.clients = tuple(each for each in self.form.clients if each != client)
            self.talk.say(words.REMOVED.format(client.host))
            if client.host in self.looks.known:
                self.talk.say(CLIENT_STAYS.format(client.host, client.host))

    def _change(self, former: Client | None) -> None:
        """Ask for each field; going back at any of them leaves the list as it was."""
        typed, name = as_typed(former), former.host if former else ""
        for field in ASKED:
            if not self._field(field, typed, name):
                return
        client = client_of(typed)[0]
        self.form.clients = with_client(self.form.clients, name, client)
        self._meet(client)

    def _field(self, field: str, typed: dict[str, str], former: str) -> bool:
        question = CLIENT_FIELDS[field]
        while True:
            stands = typed[field] or (STANDS_IN[field] if field != "host" else words.NOTHING)
            said = self.talk.ask(f"{translated(question.title)} [{stands}]:").strip()
            if said in words.BACK:
                return False
            if said in words.HELP:
                self.talk.say(translated(question.help))
                continue
            if said:
                typed[field] = "" if said == words.EMPTY else said
            why = client_problems(self.form.clients, former, typed).get(field)
            if not why:
                return True
            self.talk.say(words.WRONG.format(why))

    def _meet(self, client: Client) -> None:
        """Connect, which shows whether its host key is known; ask about one that is not."""
        self.talk.say(words.CONNECTING.format(client.host))
        try:
            self.looks.reach(client)
        except UnknownHostKey as unknown:
            self.talk.say(KEY_TEXT.format(client.host, unknown.fingerprint))
            if self.talk.yes(words.KEY_SAME, default=False):
                known = replace(client, host_key=unknown.fingerprint)
                self.form.clients = with_client(self.form.clients, client.host, known)
            else:
                self.talk.say(words.KEY_NOT)
        except WizardError as error:
            self.talk.say(f"{error}\n{words.REMEDY.format(error.hint)}")
        else:
            self.talk.say(REACHED.format(client.host))
