"""The users of a registry on the command line: add, remove, and other passwords."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wizard import names as rules
from wizard import passwords
from wizard.answers import PULL, User
from wizard.ask_password import Source
from wizard.changes.files import RemoveFile, digest
from wizard.clean import clean
from wizard.credentials import ADMIN, HTPASSWD, password_file
from wizard.errors import BadUsage, Blocked
from wizard.events import Finished, Found, Tell
from wizard.headless import NOTHING_TO_CHANGE, THERE_ARE_CHANGES, as_json
from wizard.known_users import There, there
from wizard.log import logged
from wizard.names import RESERVED_USER, Refused
from wizard.next_commands import NEXT_STEPS
from wizard.steps import accounts, proxy, record
from wizard.steps.authority import PKI
from wizard.steps.front import REMEMBERED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from wizard.changes import Change
    from wizard.given import Given
    from wizard.plan import Plan, Step
    from wizard.session import Session


@dataclass(frozen=True)
class Asked:
    """What the command line said of one user."""

    name: str
    role: str = ""
    source: Source = field(default_factory=Source)


@dataclass(frozen=True)
class Wish:
    """The users as they are to be, and what is to be said at the end."""

    there: There
    users: tuple[User, ...]
    gone: tuple[str, ...] = ()  # those among them who were put into htpasswd by hand
    stale: tuple[str, ...] = ()  # whose former password is no good any more
    said: str = ""
    already: str = ""  # where nothing has to be changed


def add(session: Session, asked: Asked, tell: Tell, *, dry_run: bool) -> int:
    """Put a user on record, or give one who is there another role; a password only where asked."""
    name, found = _name(asked.name), there(session)
    asks = asked.source or name not in found.names
    password = asked.source.password(name) if asks else ""
    found = there(session)  # whoever was asked may have taken a while
    user = _wanted(found, name, asked.role, password)
    stale = (name,) if password else ()
    said = f"{clean(name)} may {user.role}"
    wish = Wish(found, _with(found.users, user), (), stale, said, f"{said} already")
    return _carry_out(session, wish, tell, password * asked.source.generate, dry_run=dry_run)


def passwd(session: Session, asked: Asked, tell: Tell, *, dry_run: bool) -> int:
    """Give a user another password; who was put into htpasswd by hand is on record then."""
    name = _known(there(session), asked.name)
    password = asked.source.password(name)
    found = there(session)
    user = _wanted(found, _known(found, name), "", password)
    said = f"{clean(name)} has another password, and may {user.role}"
    if name in found.by_hand:
        said += "; it was put into htpasswd by hand, and is on record now"
    already = f"{clean(name)} has this password already"
    wish = Wish(found, _with(found.users, user), (), (name,), said, already)
    return _carry_out(session, wish, tell, password * asked.source.generate, dry_run=dry_run)


def remove(session: Session, names: tuple[str, ...], tell: Tell, *, dry_run: bool) -> int:
    """Take users off the record and out of htpasswd."""
    found = there(session)
    gone = tuple(dict.fromkeys(_known(found, name) for name in names))
    left = tuple(each for each in found.users if each.name not in gone)
    if not left:
        raise BadUsage(
            "Nobody on record would be left to log in, so nothing was touched",
            "add another user first: registry-wizard users add NAME",
        )
    said = f"{', '.join(map(clean, gone))} {'is' if len(gone) == 1 else 'are'} gone"
    by_hand = tuple(name for name in gone if name in found.by_hand)
    return _carry_out(session, Wish(found, left, by_hand, gone, said), tell, "", dry_run=dry_run)


def _name(name: str) -> str:
    """Give a name that somebody can log in with. Raises BadUsage."""
    try:
        return rules.user(name)
    except Refused as refused:
        raise BadUsage(f"{clean(name)}: {refused}" if name else f"The name {refused}") from None


def _known(found: There, name: str) -> str:
    if name == RESERVED_USER:
        _name(name)
    if name not in found.names:
        raise BadUsage(
            f"There is no user {clean(name)}", f"there are: {', '.join(map(clean, found.names))}"
        )
    return name


def _wanted(found: There, name: str, role: str, password: str) -> User:
    """Give the user as asked for; what was not said stays, and by hand somebody may pull."""
    user = found.user(name) or User(name)
    if name in found.by_hand:
        user = User(name, PULL, password_hash="" if password else _taken_over(found, name))
    user = replace(user, role=role or user.role)
    return User(name, user.role, password=password) if password else user


def _taken_over(found: There, name: str) -> str:
    try:
        return passwords.bcrypt_hash(found.hashes[name])
    except Refused as refused:
        raise BadUsage(
            f"The line of {clean(name)} in {HTPASSWD} {refused}",
            "give a password, too: --password-file FILE, or --generate",
        ) from None


def _with(users: tuple[User, ...], user: User) -> tuple[User, ...]:
    if any(each.name == user.name for each in users):
        return tuple(user if each.name == user.name else each for each in users)
    return (*users, user)


def _carry_out(session: Session, wish: Wish, tell: Tell, made: str, *, dry_run: bool) -> int:
    """Change who may log in, and nothing else; a password that was ``made`` is shown at the end."""
    given = session.prepare_users(wish.there.former, wish.users, wish.gone)
    plan = _plan(session, given, wish)
    for each in _overruled(wish):
        tell(each)
    if dry_run:
        count = len(session.preview(plan, tell))
        tell(Finished(0, f"{count} changes would be made; nothing was touched"))
        return THERE_ARE_CHANGES if count else NOTHING_TO_CHANGE
    changed = session.apply(plan, logged(tell))
    tell(Finished(changed, _end(given, wish) if changed else wish.already))
    if made:
        _show(wish.stale[0], made, as_record=tell is as_json)
    return 0


def _end(given: Given, wish: Wish) -> str:
    former = {each.name: each.role for each in wish.there.users}
    other = any(former.get(each.name, each.role) != each.role for each in wish.users)
    known = any(name in wish.there.hashes for name in wish.stale)
    within = f"within {REMEMBERED} seconds" if given.remembers else "at once"
    if wish.stale and known:
        return f"{wish.said}; whoever is logged in as before is refused {within}"
    return f"{wish.said}, {within}" if other else wish.said


def _plan(session: Session, given: Given, wish: Wish) -> Plan:
    """Give the steps that users are in; nginx is told only where it needs to know."""
    given.choices.refuse_stale(tuple(each.plan(given) for each in (accounts, proxy, record)))
    former = replace(given, answers=replace(given.answers, users=wish.there.users))
    told = _chosen(given, proxy) != _chosen(former, proxy)
    due = (accounts, *([proxy] * told))
    _refuse_other(session, *(tuple(_chosen(each, s) for s in due) for each in (former, given)))
    logins, kept = _chosen(given, accounts), _chosen(given, record)
    return (
        replace(logins, changes=(*logins.changes, *_stale(session, wish))),
        *(_chosen(given, each) for each in due[1:]),
        replace(kept, changes=tuple(c for c in kept.changes if _is_known(session, given, c))),
    )


def _chosen(given: Given, step: ModuleType) -> Step:
    """Give a step with what was chosen of it in the review."""
    return given.choices.applied((step.plan(given),))[0]


def _refuse_other(session: Session, before: Plan, after: Plan) -> None:
    """Raise Blocked where what users build on is neither as it was left nor as it is to be.

    Somebody changed it by hand, or it is another version's: that is shown before it is written.
    """
    differ = [{each.change for each in session.preview(p, lambda _: None)} for p in (before, after)]
    other = differ[0] & differ[1] - {f"write {HTPASSWD}"}
    if other:
        names = ", ".join(sorted(each.removeprefix("write ") for each in other))
        raise Blocked(
            f"Nothing was touched, as these are not as the wizard leaves them: {names}",
            "they were changed by hand, or by another version: run registry-wizard, which shows"
            " what it would change, then this again",
        )


def _stale(session: Session, wish: Wish) -> Iterator[Change]:
    """Take away the file with the generated password of admin, where that is good no more."""
    path = password_file(ADMIN)
    found = session.read(path) if ADMIN in wish.stale else None
    if found is not None:
        yield RemoveFile(path, digest(found))  # the journal keeps no copy of it


def _is_known(session: Session, given: Given, change: Change) -> bool:
    """What to type next has the CA's fingerprint in it: where its key is gone, it stays."""
    authority = given.pki.authority.certificate
    return change.key != f"file:{NEXT_STEPS}" or session.read(f"{PKI}/ca.crt") == authority


def _overruled(wish: Wish) -> Iterator[Found]:
    """Tell of whom somebody changed the line of, who is on record otherwise."""
    for each in wish.there.users:
        kept = wish.there.hashes.get(each.name)
        if each.password_hash not in ("", kept) and each in wish.users:
            yield Found(
                blocker=False,
                text=f"The line of {clean(each.name)} in {HTPASSWD} was changed by hand; it is"
                " again as on record",
                remedy=f"registry-wizard users passwd {clean(each.name)} changes a password",
            )


def _show(name: str, made: str, *, as_record: bool) -> None:
    """Show a password once, on standard output alone: it is in no log."""
    if as_record:
        sys.stdout.write(json.dumps({"event": "Password", "user": name, "password": made}) + "\n")
    else:
        sys.stdout.write(f"\nPassword of {clean(name)}, shown this once: {made}\n")
    sys.stdout.flush()
