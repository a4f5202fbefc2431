"""What the checks look at: a registry from here, and what is seen of it more than once."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wizard.changes.files import digest
from wizard.checks.said import Unseen
from wizard.errors import WizardError
from wizard.facts import resolve_names
from wizard.front import Front, Reply, fetch_unverified
from wizard.peer import Meeting, Peer, meet, reach
from wizard.pki import Shown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from wizard.checks.own import Own
    from wizard.checks.target import Target
    from wizard.hosts import Host


RELOAD_SECONDS = 5


@dataclass(frozen=True)
class Depth:
    """How far the checks go."""

    push: bool = True  # whether anything may be written into the registry
    warn_days: int | None = None  # below which days left are a failure


DEEP = Depth()


@dataclass(frozen=True)
class Scene:
    """A registry from here; asked for once, what is seen of it is remembered."""

    target: Target
    host: Host
    now: dt.datetime
    environ: Mapping[str, str] = field(default_factory=dict)
    own: Own | None = None  # the installation, on its server
    depth: Depth = DEEP
    known: bool = False  # on record on this machine, as its server or as a client of it
    _kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def resolved(self) -> dict[str, tuple[str, ...]]:
        """Give where each name leads from here, by hosts file and DNS."""
        return resolve_names(self.host, self.target.names)

    def rightly(self, name: str) -> set[str]:
        """Give the addresses to which a name may lead: a server may have several of its own."""
        here = self.own.local if self.own else ()
        return {self.target.ip, *here} if self.target.ip else set(self.resolved.get(name, ()))

    @cached_property
    def doors(self) -> tuple[str, ...]:
        """Give every address at which the registry should answer."""
        if self.target.ip:
            here = (self.own.local if self.own else ()) or (self.target.ip,)
            others = (each for each in self.target.addresses if each in here)
            return tuple(dict.fromkeys((self.target.ip, *others)))
        led = (each for name in self.target.names for each in self.resolved[name])
        return tuple(dict.fromkeys((*self.target.addresses, *led)))

    @cached_property
    def reached(self) -> dict[str, str]:
        return {address: reach(address, self.target.port) for address in self.doors}

    @property
    def open(self) -> tuple[str, ...]:
        return tuple(each for each in self.doors if self.reached[each] == "open")

    @property
    def door(self) -> str:
        """Give the address that is used for all that needs one only. Raises Unseen."""
        if not self.open:
            raise Unseen("nothing answers there")
        return self.open[0]

    @property
    def views(self) -> tuple[tuple[str, str], ...]:
        """Give each name with each address that it is met at; an address is met at itself."""
        named = ((name, each) for name in self.target.names for each in self.open)
        bare = ((each, each if each in self.open else self.door) for each in self.target.addresses)
        return (*named, *bare)

    def met(self, name: str, address: str) -> Meeting:
        """Meet who answers under a name; remembered, as many ask about it."""
        found: Meeting = self.once(("met", name, address), lambda: self._meet(name, address))
        return found

    def _meet(self, name: str, address: str) -> Meeting:
        """On its own server a reload may take a moment to show: new workers have to begin."""
        while True:
            found = meet(address, self.target.port, name)
            if self._as_on_disk(found) or time.monotonic() > self._settled_by:
                return found
            time.sleep(0.1)

    def _as_on_disk(self, found: Meeting) -> bool:
        if self.own is None or found.peer is None:
            return True
        return digest(found.peer.sent[0]) == self.own.fingerprint

    @cached_property
    def _settled_by(self) -> float:
        return time.monotonic() + RELOAD_SECONDS

    @property
    def meeting(self) -> Meeting:
        return self.met(self.target.name, self.door)

    def peer(self, name: str, address: str) -> Peer:
        """Give who answers by TLS under a name. Raises Unseen where nobody does."""
        found = self.met(name, address).peer
        if found is None:
            raise Unseen(f"{name} shows no certificate")
        return found

    @property
    def first(self) -> Peer:
        return self.peer(self.target.name, self.door)

    def shown(self, name: str, address: str) -> Shown:
        sent = self.peer(name, address).sent
        found: Shown = self.once(("shown", sent), lambda: Shown.of(sent, self.target.ca))
        return found

    @cached_property
    def front(self) -> Front:
        """Give the registry as a client that trusts it asks it. Raises Unseen."""
        target, login = self.target, (self.target.user, self.target.password)
        strict = self.own is not None
        return Front(target.name, self.door, target.port, target.ca, *login, strict=strict)

    def front_of(self, name: str, address: str) -> Front:
        return replace(self.front, name=name, address=address)

    @property
    def hello(self) -> Reply:
        """Give what /v2/ says to whoever has no login; the certificate was looked at before.

        Raises Unseen where it says nothing, which is waited for once.
        """
        found: Reply = self.once("hello", self._hello)
        return found

    def _hello(self) -> Reply:
        try:
            return fetch_unverified(self.door, self.target.port, self.target.name, "/v2/")
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unseen(str(error) or type(error).__name__) from None

    def answer(self, name: str, address: str) -> Reply:
        """Give what /v2/ says under a name, to a client that trusts it but has no login.

        Raises OSError, http.client's errors, or Unseen; no silence is waited for twice.
        """
        self.peer(name, address)
        front = self.front_of(name, address).anonymous()
        found: Reply = self.once(("answer", name, address), lambda: front.ask("GET", "/v2/"))
        return found

    @property
    def needs_login(self) -> bool:
        return self.hello.status == 401

    @property
    def by_token(self) -> bool:
        """Say whether it hands out tokens, as large registries do; those are not followed here."""
        if self.own:  # ours takes a password as well
            return False
        return "bearer" in self.hello.headers.get("www-authenticate", "").lower()

    @property
    def may_enter(self) -> bool:
        """Say whether there is a way in: a login that was given, or none needed."""
        return not self.needs_login or (bool(self.target.user) and not self.by_token)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Give what was made for this key, and make it the first time; errors are kept, too."""
        if key not in self._kept:
            try:
                self._kept[key] = make(), None
            except (OSError, WizardError, Unseen) as why:
                self._kept[key] = None, why
        made, stopped = self._kept[key]
        if stopped:
            raise stopped
        return made

    def seen(self, key: Any) -> Any:
        """Give what was made for this key; None where nothing was."""
        return self._kept.get(key, (None, None))[0]

    def installed(self) -> Own:
        assert self.own is not None  # noqa: S101  (asked on the server only)
        return self.own
