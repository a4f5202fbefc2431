"""Who may log in, asked line by line; of a password only its hash is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from screens import plain_words as words
from screens.form import Form, hashed, password_problem, user_problem, with_user
from screens.lessons import LESSONS
from screens.words import PASSWORDS_DIFFER, ROLES, USER_HAS
from wizard.answers import User
from wizard.credentials import generate_password, hash_password

if TYPE_CHECKING:
    from screens.plain_talk import Talk


@dataclass(frozen=True)
class Users:
    form: Form
    talk: Talk

    def ask(self) -> bool:
        """Change the list until it is right; say False where somebody goes back instead."""
        while True:
            self._list()
            typed = self.talk.ask(words.USERS_ASK)
            if not typed or typed in words.BACK:
                return not typed
            self._act(typed)

    def _list(self) -> None:
        self.talk.say()
        self.talk.say(words.USERS if self.form.users else words.NOBODY)
        for number, user in enumerate(self.form.users, start=1):
            self.talk.say(f"{number}. {USER_HAS[user.role].format(user.name)}", indent="  ")

    def _act(self, typed: str) -> None:
        word, _, number = typed.partition(" ")
        if typed in words.HELP:
            self.talk.say(LESSONS["users.name"])
        elif typed == words.USERS_WORDS["add"]:
            self._add()
        elif word not in words.USERS_WORDS.values():
            self.talk.say(words.NOT_UNDERSTOOD.format(typed))
        elif not number.isdecimal() or not 0 < int(number) <= len(self.form.users):
            self.talk.say(words.USER_NO_NUMBER)
        else:
            self._change(word, self.form.users[int(number) - 1])

    def _change(self, word: str, user: User) -> None:
        if word == words.USERS_WORDS["password"]:
            self._with_password(user)
        elif word == words.USERS_WORDS["role"]:
            self._put(user, replace(user, role=self._role(user)))
        else:
            self.form.users = tuple(each for each in self.form.users if each != user)
            self.talk.say(words.REMOVED.format(user.name))

    def _add(self) -> None:
        while True:
            name = self.talk.ask(words.USER_NAME)
            if not name or name in words.BACK:
                return
            if name in words.HELP:
                self.talk.say(LESSONS["users.name"])
                continue
            why = user_problem(self.form.users, "", name)
            if not why:
                user = User(name)
                self._with_password(replace(user, role=self._role(user)))
                return
            self.talk.say(words.WRONG.format(f"{name} {why}"))

    def _role(self, user: User) -> str:
        """Ask what a user may do; Enter and going back leave it as it is."""
        while True:
            typed = self.talk.ask(words.USER_ROLE.format(user.name, user.role)).strip()
            if not typed or typed in words.BACK:
                return user.role
            if typed in ROLES:
                return typed
            helps = typed in words.HELP
            self.talk.say(LESSONS["users.role"] if helps else words.USER_ROLES)

    def _put(self, former: User, user: User) -> None:
        self.form.users = with_user(self.form.users, former.name, user)

    def _with_password(self, user: User) -> None:
        """Ask until the password is right, typed twice; none typed has one made."""
        while True:
            password = self.talk.ask_secret(words.USER_PASSWORD.format(user.name))
            if password == words.BACK[0]:  # the words themselves may be somebody's password
                return
            if password == words.HELP[0]:
                self.talk.say(LESSONS["users.password"])
                continue
            why = self._problem(password)
            if not why:
                self._keep(user, password)
                return
            self.talk.say(words.WRONG.format(why))

    def _problem(self, password: str) -> str:
        if not password:
            return ""
        why = password_problem(password)
        if why:
            return why
        again = self.talk.ask_secret(words.USER_AGAIN)
        return "" if again == password else PASSWORDS_DIFFER

    def _keep(self, user: User, password: str) -> None:
        made = password or generate_password()
        with_hash = hashed(user, hash_password(made))
        self._put(user, with_hash)
        if password:
            self.talk.say(words.USER_DONE.format(user.name))
        else:
            self.talk.say(words.USER_MADE.format(user.name))
            self.talk.lines(made, indent="    ")
