"""A bundle that hides the store's own, and certificates pasted into a bundle that is generated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.files import Link, RemoveFile
from wizard.changes.store import Anchors
from wizard.pem import certificates, digest_of
from wizard.troubles.trouble import STORE, Ours, Trouble, file_stem, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.changes import Change
    from wizard.troubles.store import Bundle, Seen, Store

FEW = 20
TIMES = 5
RESTART = (
    " Docker reads the store only when it starts: it is restarted where that stops no container,"
    " else `systemctl restart docker` is left to you"
)


def find(seen: Seen, ours: Ours) -> Iterator[Trouble]:
    if seen.store is None:
        return
    first = seen.first
    strays = _strays(seen, first.held) if first else {}
    own = first is None or _is_own(first, seen)
    anchors = _anchors(seen, seen.store, _kept(strays, ours))
    if _shadowed(seen):
        yield _hidden(seen, (anchors,) if own else _aside(seen, anchors))
    if first and own and strays and seen.sources:
        yield _pasted(first, strays, seen.store, anchors)


def _shadowed(seen: Seen) -> bool:
    """Say whether the bundle that Go reads first holds few, and there are many elsewhere."""
    count = len(seen.first.held) if seen.first else 0
    most = max([len(each.held) for each in seen.bundles] + [len(seen.chosen)])
    return count < FEW and most > TIMES * count


def _hidden(seen: Seen, changes: tuple[Change, ...]) -> Trouble:
    if seen.first is None:
        bundle = seen.store.bundle if seen.store else ""
        what = f"there is no such bundle, though its sources hold {len(seen.chosen)} certificates"
        return Trouble(STORE, bundle, what, _hurts(), changes=changes)
    elsewhere = max(seen.bundles, key=lambda each: len(each.held))
    place, many = f"in {elsewhere.path}", len(elsewhere.held)
    if len(seen.chosen) > many:
        place, many = "in the store's sources", len(seen.chosen)
    count = len(seen.first.held)
    what = f"Go, so Docker too, reads this bundle first; it holds {count}, and {many} are {place}"
    if changes:
        return Trouble(STORE, seen.first.real, what, _hurts(), changes=changes)
    by_hand = "it is a package's own file, so it is left alone: install that package again"
    return Trouble(STORE, seen.first.real, what, _hurts(), remedy=by_hand)


def _hurts() -> str:
    return f"Docker Hub and all public names are refused then (x509).{RESTART}"


def _aside(seen: Seen, anchors: Anchors) -> tuple[Change, ...]:
    """Take away what stands before the store's own bundle; what it held is kept as anchors."""
    first = seen.first
    if first is None or (seen.packaged and not first.linked):
        return ()
    away = Link(first.path) if first.linked else RemoveFile(first.real)
    return (anchors, away) if anchors.paths else (away,)


def _pasted(first: Bundle, strays: Mapping[str, bytes], store: Store, anchors: Anchors) -> Trouble:
    subjects = "; ".join(_named(pem) for pem in strays.values())
    what = f"{subjects} {'was' if len(strays) == 1 else 'were'} pasted into this generated file"
    why = f"the next {store.tool[0]} drops them: each belongs into {store.anchors}"
    return Trouble(STORE, first.path, what, why, "warning", (anchors,))


def _strays(seen: Seen, held: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give what a bundle holds that no source of the store explains."""
    return {digest: pem for digest, pem in held.items() if digest not in seen.sources}


def _kept(strays: Mapping[str, bytes], ours: Ours) -> dict[str, bytes]:
    """Give the CAs to keep trusted; for a certificate that ours has signed it is ours."""
    kept = {}
    for digest, pem in strays.items():
        signed = told(pem).get("issuer") == ours.subject
        kept[ours.fingerprint if signed else digest] = ours.trust if signed else pem
    return kept


def _anchors(seen: Seen, store: Store, kept: Mapping[str, bytes]) -> Anchors:
    new = {digest: pem for digest, pem in kept.items() if digest not in seen.sources}
    paths = {_path(store, pem, seen.taken): pem for pem in new.values()}
    return Anchors(
        store.bundle,
        store.tool,
        tuple(paths),
        b"".join(pem for held in paths.values() for pem in certificates(held).values()),
        digest_of(seen.chosen | set(new)) if seen.chosen else "",
        "\n".join(f"    {path}: {_named(pem)}" for path, pem in paths.items()),
    )


def _path(store: Store, pem: bytes, taken: frozenset[str]) -> str:
    path = anchor_path(store, pem)
    return path if path not in taken else anchor_path(store, pem, digits=16)


def anchor_path(store: Store, pem: bytes, digits: int = 8) -> str:
    return f"{store.anchors}/{file_stem(pem, digits)}{store.ending}"


def _named(pem: bytes) -> str:
    return told(pem).get("subject", "a certificate that cannot be understood")


def _is_own(first: Bundle, seen: Seen) -> bool:
    """Say whether the first bundle is the one that the store's tool makes."""
    return seen.store is not None and seen.store.bundle in (first.path, first.real)
