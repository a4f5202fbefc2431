"""Bundles that hide the world, and CAs that were pasted: found, repaired, and given back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.wizard.troubles.tree import (
    CORPORATE,
    DEBIAN,
    EL,
    LEAF,
    OURS,
    WORLD,
    Tree,
    debian,
    el,
    fingerprint,
    fingerprints,
)
from wizard.changes.files import Link, RemoveFile
from wizard.changes.store import Anchors
from wizard.troubles import find_troubles
from wizard.troubles.roots import public_roots
from wizard.troubles.trouble import REPAIRED

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.troubles import Trouble

MANUAL = "/etc/pki/tls/certs/ca-certificates.crt"


def state(host: Tree) -> object:
    return dict(host.files), dict(host.links)


def applied(host: Tree, changes: tuple[Change, ...]) -> list[Change]:
    """Apply as the executor does; give the inverses, newest first."""
    inverses: list[Change] = []
    for change in changes:
        found = change.compare(host)
        if found:
            assert found.inverse
            inverses.insert(0, found.inverse)
            change.apply(host, print)
            assert change.compare(host) is None
    return inverses


def repaired_and_back(host: Tree, *wanted: bytes) -> None:
    """Repair everything, see that the world and these CAs are trusted for good, and undo it."""
    before = state(host)
    changes = tuple(dict.fromkeys(c for each in find_troubles(host, OURS) for c in each.changes))
    inverses = applied(host, changes)
    assert find_troubles(host, OURS) == ()
    host.refresh()
    assert fingerprints(host, host.store.bundle) == {fingerprint(p) for p in (*WORLD, *wanted)}
    assert find_troubles(host, OURS) == ()
    for inverse in inverses:
        inverse.apply(host, print)
        assert inverse.compare(host) is None
    assert state(host) == before


def only(host: Tree) -> Trouble:
    (found,) = find_troubles(host, OURS)
    return found


def test_a_store_that_nobody_touched_has_no_trouble() -> None:
    assert find_troubles(debian(), OURS) == ()
    assert find_troubles(el(), OURS) == ()


def test_no_store_is_no_trouble() -> None:
    assert find_troubles(Tree(), OURS) == ()
    assert "there is no store of CAs here" in public_roots(Tree()).seen


def test_a_pasted_ca_gets_a_file_of_its_own() -> None:
    host = debian()
    bundle = host.files[DEBIAN.bundle]
    host.files[DEBIAN.bundle] = replace(bundle, content=bundle.content + OURS.trust + CORPORATE)
    found = only(host)
    assert found.verdict == "warning"
    assert "CN=The corporate CA" in found.text
    assert "were pasted into this generated file" in found.text
    assert f"the next update-ca-certificates drops them: each belongs into {DEBIAN.anchors}" in (
        found.text
    )
    (change,) = found.changes
    assert isinstance(change, Anchors)
    assert f"{DEBIAN.anchors}/The-corporate-CA-{fingerprint(CORPORATE)[:8]}.crt" in change.paths
    shown = change.compare(host)
    assert shown
    assert "The-corporate-CA" in shown.text
    repaired_and_back(host, OURS.trust, CORPORATE)


def test_for_our_servers_certificate_our_ca_is_kept() -> None:
    host = debian()
    bundle = host.files[DEBIAN.bundle]
    host.files[DEBIAN.bundle] = replace(bundle, content=bundle.content + LEAF)
    repaired_and_back(host, OURS.trust)


def test_an_overwritten_bundle_is_made_anew_and_what_it_held_is_kept() -> None:
    host = debian()
    host.put(DEBIAN.bundle, OURS.trust, 0o600)
    hidden, pasted = find_troubles(host, OURS)
    assert hidden.verdict == "failed"
    assert "reads this bundle first; it holds 1, and 6 are in the store's sources" in hidden.text
    assert "all public names are refused" in hidden.text
    assert "systemctl restart docker" in hidden.text
    assert hidden.changes == pasted.changes
    failed = public_roots(host)
    assert (failed.verdict, failed.remedy) == ("failed", REPAIRED)
    assert "lacks 6 of its 6 sources" in failed.seen
    repaired_and_back(host, OURS.trust)


@pytest.mark.parametrize("content", [b"", None])
def test_a_bundle_that_is_empty_or_gone_is_made_anew(content: bytes | None) -> None:
    host = debian()
    if content is None:
        del host.files[DEBIAN.bundle]
        assert "there is no such bundle" in only(host).text
    else:
        host.put(DEBIAN.bundle, content)
        assert "it holds 0, and 6 are" in only(host).text
    repaired_and_back(host)


def test_undo_leaves_a_store_alone_that_was_updated_since() -> None:
    host = debian()
    bundle = host.files[DEBIAN.bundle]
    host.files[DEBIAN.bundle] = replace(bundle, content=bundle.content + CORPORATE)
    (change,) = only(host).changes
    (inverse,) = applied(host, (change,))
    new = OURS.trust
    host.put(f"{DEBIAN.anchors}/new.crt", new)
    host.refresh()
    told: list[str] = []
    inverse.apply(host, told.append)
    assert inverse.compare(host) is None
    assert f"{DEBIAN.bundle} was updated since, so its former text does not come back" in told
    assert fingerprint(new) in fingerprints(host, DEBIAN.bundle)


def test_the_manuals_append_on_el_hides_the_bundle_and_is_put_away() -> None:
    host = el()
    host.put(MANUAL, OURS.trust)
    found = only(host)
    assert found.where == MANUAL
    assert "it holds 1, and 6 are in /etc/pki/tls/certs/ca-bundle.crt" in found.text
    assert [type(each) for each in found.changes] == [Anchors, RemoveFile]
    repaired_and_back(host, OURS.trust)


def test_what_hides_it_and_is_in_the_store_anyway_is_put_away_alone() -> None:
    host = el()
    host.put(f"{EL.anchors}/ours.pem", OURS.trust)
    host.refresh()
    host.put(MANUAL, OURS.trust)
    assert only(host).changes == (RemoveFile(MANUAL),)
    repaired_and_back(host, OURS.trust)


def test_a_link_that_hides_it_goes_and_what_it_leads_to_stays() -> None:
    host = el()
    host.put("/root/mine.pem", OURS.trust)
    path = "/etc/ssl/certs/ca-certificates.crt"
    host.links = {MANUAL: "/root/mine.pem", path: "/root/mine.pem", **host.links}
    found = only(host)
    assert found.changes[-1] == Link(path)


def test_an_append_through_a_link_on_el_is_a_paste() -> None:
    host = el()
    host.links[MANUAL] = EL.bundle
    bundle = host.files[EL.bundle]
    host.files[EL.bundle] = replace(bundle, content=bundle.content + CORPORATE)
    assert "was pasted into this generated file" in only(host).text
    repaired_and_back(host, CORPORATE)


def test_a_packages_own_file_is_told_and_left() -> None:
    host = el()
    host.put(MANUAL, OURS.trust)
    host.packaged.add(MANUAL)
    found = only(host)
    assert found.changes == ()
    assert "it is a package's own file, so it is left alone" in found.remedy


def test_a_store_of_ones_own_cas_alone_is_pointed_out() -> None:
    told = public_roots(debian())
    assert told.verdict == "warning"
    assert "has 6 certificates, no well-known root" in told.seen
