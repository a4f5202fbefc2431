"""A store of CAs on real files, made anew by a tool and given back with every byte and link."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engine import HOST, Engine
from tests.wizard.troubles.tree import CORPORATE, OURS, WORLD, fingerprint
from wizard.changes.store import Anchors
from wizard.errors import WizardError
from wizard.pem import certificates, digest_of

if TYPE_CHECKING:
    from pathlib import Path

# What update-ca-certificates does to a folder, as far as undo is about it: bundle and links.
TOOL = """#!/bin/sh
cd "$1" || exit
cat sources/* > bundle.new && mv bundle.new certs/bundle
for file in sources/*; do ln -sf "../$file" "certs/$(basename "$file").pem"; done
find certs -xtype l -delete
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Give a folder with sources, a bundle with two pasted CAs, and links to nowhere."""
    for folder in ("sources", "certs"):
        (tmp_path / folder).mkdir()
    for number, pem in enumerate(WORLD):
        (tmp_path / f"sources/{number}.crt").write_bytes(pem)
    (tmp_path / "tool").write_text(TOOL)
    bundle = tmp_path / "certs/bundle"
    bundle.write_bytes(b"".join(WORLD) + b"# mine\r\n" + OURS.trust + CORPORATE)
    bundle.chmod(0o640)
    (tmp_path / "certs/gone.pem").symlink_to("/nowhere")
    (tmp_path / "certs/0.crt.pem").symlink_to("elsewhere")
    return tmp_path


def change(store: Path, *kept: bytes) -> Anchors:
    made = {fingerprint(pem) for pem in (*WORLD, *kept)}
    return Anchors(
        str(store / "certs/bundle"),
        ("sh", str(store / "tool"), str(store)),
        tuple(str(store / f"sources/kept{number}.crt") for number in range(len(kept))),
        b"".join(kept),
        digest_of(made),
        "    whose they are",
    )


def state(store: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(store.rglob("*")):
        if "journal" not in path.parts and not path.is_dir():
            link = path.is_symlink()
            found[str(path)] = path.readlink() if link else (path.read_bytes(), path.stat().st_mode)
    return found


def test_it_is_made_once_and_given_back_whole(store: Path) -> None:
    before, engine = state(store), Engine(store)
    wanted = change(store, OURS.trust, CORPORATE)
    found = wanted.compare(HOST)
    assert found
    assert found.text.endswith("holds 8 certificates; sh makes it anew\n    whose they are")
    step = engine.step(wanted)
    assert (engine.apply(step), engine.apply(step)) == (1, 0)
    bundle = (store / "certs/bundle").read_bytes()
    assert len(certificates(bundle)) == 8
    assert b"mine" not in bundle
    assert engine.undo() == 1
    assert state(store) == before
    assert engine.undo() == 0


def test_a_bundle_that_was_not_there_is_not_there_again(store: Path) -> None:
    (store / "certs/bundle").unlink()
    before, engine = state(store), Engine(store)
    assert engine.apply(engine.step(change(store))) == 1
    assert (store / "certs/bundle").exists()
    assert engine.undo() == 1
    assert state(store) == before


def test_an_interrupted_one_goes_on_and_still_goes_back(store: Path) -> None:
    """Killed between the files and the tool: the files are there, the bundle is the former one."""
    before, engine = state(store), Engine(store)
    wanted = change(store, OURS.trust, CORPORATE)
    found = wanted.compare(HOST)
    assert found
    engine.journal.record(engine.step(wanted), wanted, found.inverse)
    (store / "sources/kept0.crt").write_bytes(OURS.trust)
    assert engine.apply(engine.step(wanted)) == 1
    assert engine.undo() == 1
    assert state(store) == before


def test_a_tool_that_fails_is_an_error_in_its_words(store: Path) -> None:
    (store / "tool").write_text("echo no room >&2; exit 3")
    with pytest.raises(WizardError, match="ended with 3: no room"):
        change(store, OURS.trust).apply(HOST, print)


def test_a_family_whose_sources_are_not_counted_is_content_with_its_own(store: Path) -> None:
    wanted = Anchors(
        str(store / "certs/bundle"),
        ("sh", str(store / "tool"), str(store)),
        (str(store / "sources/kept.crt"),),
        CORPORATE,
    )
    before, engine = state(store), Engine(store)
    assert engine.apply(engine.step(wanted)) == 1
    assert wanted.compare(HOST) is None
    assert engine.undo() == 1
    assert state(store) == before


def test_what_was_pasted_and_then_two_cas_of_ours_go_in_one_undo(store: Path) -> None:
    """A repair, our CA as a file of its own after it, and another CA at a later run."""
    before, engine = state(store), Engine(store)
    engine.apply(engine.step(change(store, CORPORATE)))
    for number, pem in enumerate((OURS.trust, WORLD[0][:-1] + b"\n")):
        ours = replace(
            change(store), paths=(str(store / f"sources/ours{number}.crt"),), content=pem, makes=""
        )
        engine.apply(engine.step(ours))
    engine.undo()
    assert state(store) == before
    assert engine.plan() == ()
