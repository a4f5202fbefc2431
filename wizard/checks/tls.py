"""Looks at TLS: version, certificate, who signed it, and the clocks that judge it."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.files import digest
from wizard.checks.machine import looked_up
from wizard.checks.said import Look, Said, Unseen, all_of, aside, bad, doubt, good, verdict
from wizard.clients.checks import SKEW_SECONDS
from wizard.front import reason
from wizard.peer import accepts_old

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.checks.scene import Scene
    from wizard.pki import Shown

DAYS_TO_WARN = 30
RENEW = "registry-wizard renew --force, on the registry's server"
REISSUE = "have the certificate issued again, with this put right"


def version(scene: Scene) -> Look:
    """TLS 1.2 or 1.3 is what every container runtime takes; older ones are open to attacks."""
    found = scene.meeting
    remedy = "nginx: ssl_protocols TLSv1.2 TLSv1.3;"
    old = accepts_old(scene.door, scene.target.port, scene.target.name)
    if found.peer is None:
        spoken = f"{old} is all that it takes" if old else f"no version in common: {found.said}"
        yield bad(f"no client of today can connect: {spoken}", remedy)
        return
    seen = f"{found.peer.version}, {found.peer.cipher}"
    if old:
        yield doubt(f"{seen}, but it takes {old} as well, which nobody should use", remedy)
    else:
        yield good(f"{seen}, and nothing older is accepted")


def http2(scene: Scene) -> Look:
    chosen = scene.first.protocol
    said = {"h2": "HTTP/2 is offered"}.get(chosen, "HTTP/1.1: HTTP/2 is not offered, nor needed")
    yield good(said)


def clock(scene: Scene) -> Look:
    """A certificate is judged by clocks, so they are compared before its dates are."""
    ahead = _ahead(scene)
    if ahead is None:
        yield aside("not compared: the registry sends no Date")
        return
    if abs(ahead) <= SKEW_SECONDS:
        yield good(f"this clock and the registry's are {abs(ahead):.0f} s apart")
        return
    way = "ahead of" if ahead > 0 else "behind"
    seen = f"this clock is {_span(abs(ahead))} {way} the registry's"
    remedy = "set the one that is wrong: timedatectl set-ntp true"
    there = scene.now - dt.timedelta(seconds=ahead)
    here = bool([*_chain(scene).wrong_dates(scene.now)])
    if here and not [*_chain(scene).wrong_dates(there)]:
        yield bad(f"{seen}; by the registry's clock the certificate is valid, by this not", remedy)
    else:
        yield doubt(seen, remedy)


def _ahead(scene: Scene) -> float | None:
    try:
        said = scene.hello.headers.get("date", "")
        return (dt.datetime.now(dt.UTC) - parsedate_to_datetime(said)).total_seconds()
    except (Unseen, ValueError, TypeError):
        return None


def _span(seconds: float) -> str:
    sizes = ((86400, "days"), (3600, "hours"), (60, "minutes"))
    size, unit = next((s for s in sizes if seconds >= 2 * s[0]), (1, "seconds"))
    return f"{seconds / size:.0f} {unit}"


def _chain(scene: Scene) -> Shown:
    return scene.shown(scene.target.name, scene.door)


def _every(scene: Scene, ask: Callable[[Shown], Iterator[str]]) -> list[str]:
    """Ask about every certificate that is shown; names and addresses may be shown others."""
    views = dict.fromkeys(scene.shown(*view) for view in scene.views)
    return [said for each in views for said in ask(each)]


def dates(scene: Scene) -> Look:
    wrong = _every(scene, lambda each: each.wrong_dates(scene.now))
    ends = f"{pki.ends(_pem(scene)):%Y-%m-%d}"
    yield from all_of(f"valid now, until {ends}", wrong, RENEW)


def chain(scene: Scene) -> Look:
    """Signed by exactly the CA that is trusted, and all in between is sent along."""
    if not scene.target.ca:
        yield _by_system(scene)
        return
    wrong = _every(scene, lambda each: iter((*filter(None, (each.why_no_chain(),)),)))
    wrong += _every(scene, lambda each: each.wrong_issuers())
    remedy = "give each client the CA that signs now, and nginx the whole chain (fullchain)"
    trusted = _chain(scene).chain[-1].subject.rfc4514_string()
    yield from all_of(f"signed by {trusted}, whom we trust", wrong, remedy)


def _by_system(scene: Scene) -> Said:
    why = _system_refuses(scene)
    remedy = "a private CA is trusted by nobody until it is given: verify --url ... --ca FILE"
    return verdict(not why, f"this machine's own store of CAs: {why or 'it is trusted'}", remedy)


def _system_refuses(scene: Scene) -> str:
    """Say why the system's store does not vouch for it; names and dates are asked elsewhere."""
    roots = looked_up(scene).first
    return replace(scene.front, ca=b"".join(roots.held.values()) if roots else b"").why_untrusted()


def usage(scene: Scene) -> Look:
    wrong = _every(scene, lambda each: each.wrong_uses())
    odd = _every(scene, lambda each: each.odd_uses())
    if odd and not wrong:  # whether OpenSSL minds it depends on what its CA may sign
        say = bad if scene.front.why_untrusted() else doubt
        yield from (say(each, REISSUE) for each in dict.fromkeys(odd))
    if wrong or not odd:
        yield from all_of("made for servers", wrong, REISSUE)


def constraints(scene: Scene) -> Look:
    """A CA that may sign for some names only has signed for no other."""
    wrong = _every(scene, lambda each: each.forbidden())
    remedy = "take that name out of the certificate, or make a CA that may sign for it"
    yield from all_of("the CA may sign for every name in it", wrong, remedy)


def names(scene: Scene) -> Look:
    """Every name and address that clients use stands in the certificate as what it is."""
    wrong = [why for view in scene.views if (why := scene.shown(*view).why_not(view[0]))]
    held = ", ".join(dict.fromkeys(name for name, _ in scene.views))
    yield from all_of(f"it holds {held}", wrong, f"{REISSUE}: as a subject alternative name")


def trust(scene: Scene) -> Look:
    """A real handshake for each name, as Go's clients do it; then the strict one of others."""
    wrong = []
    for view in scene.views:
        try:
            replace(scene.front_of(*view), strict=False).connect().close()
        except OSError as error:
            wrong.append(f"{view[0]} is refused: {reason(error)}")
    every = ", ".join(dict.fromkeys(name for name, _ in scene.views))
    yield from all_of(f"a handshake that trusts the CA alone succeeds for {every}", wrong, REISSUE)
    if not wrong:
        yield from _strictly(scene)


def _strictly(scene: Scene) -> Look:
    try:
        replace(scene.front, strict=True).connect().close()
    except ssl.SSLError as error:
        seen = f"Docker takes it, but strict clients (Python 3.13) refuse it: {reason(error)}"
        yield doubt(seen, REISSUE)


def days(scene: Scene) -> Look:
    """How long it lasts; whoever asks for a number of days wants to be woken below it."""
    left = pki.days_left(_pem(scene), scene.now)
    ends = [pki.days_left(_to_pem(each), scene.now) for each in _above(scene)]
    seen = f"{left} days left" + (f", {min(ends)} for the CA" if ends else "")
    fewest = min(left, *ends, left)
    asked = scene.depth.warn_days
    # What lives for a short time is renewed late: a third of its life before its end.
    few = min(DAYS_TO_WARN, pki.life(_pem(scene)).days // 4)
    if asked is not None and fewest < asked:
        yield bad(f"{seen}; {asked} were asked for", RENEW)
    elif asked is None and fewest < few:
        yield doubt(seen, RENEW)
    else:
        yield good(seen)


def _pem(scene: Scene) -> bytes:
    return _to_pem(scene.first.sent[0])


def _to_pem(der: bytes) -> bytes:
    return ssl.DER_cert_to_PEM_cert(der).encode()


def _above(scene: Scene) -> tuple[bytes, ...]:
    return _chain(scene).issuers if scene.target.ca else ()


def untrusted(scene: Scene) -> Look:
    """The control: whoever trusts nobody must be refused, or the checks above prove nothing."""
    try:
        scene.front.connect_without_ca()
    except ssl.SSLCertVerificationError:
        yield good("a client without the CA is told not to trust it")
        return
    yield bad("a client without the CA trusts it", "this cannot be: look at this machine's OpenSSL")


def system(scene: Scene) -> Look:
    """What this machine's own store says; certs.d may trust it without that."""
    why = _system_refuses(scene)
    said = "trusts it, too" if not why else "does not trust it; Docker and podman have certs.d"
    yield good(f"this machine's own store of CAs {said}")


def served(scene: Scene) -> Look:
    """What nginx shows under each name is what lies on the disk."""
    lies = scene.installed().fingerprint
    wrong = [
        f"{name} shows another certificate than the one in {scene.installed().certificate}"
        for name, address in scene.views
        if digest(scene.peer(name, address).sent[0]) != lies
    ]
    remedy = f"reload nginx: systemctl reload {scene.installed().nginx.service}"
    yield from all_of("nginx shows the certificate that lies on the disk", wrong, remedy)
