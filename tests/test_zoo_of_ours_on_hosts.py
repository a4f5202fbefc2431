"""What goes wrong later with an installation of ours is named first, and raises no other alarm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.hosts.fixtures import fresh
from tests.installation import alarms, install, wizard
from tests.zoo.ours import FAULTS, NAME, bring_about, mend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.hosts.machine import Machine, Network

pytestmark = pytest.mark.host
ANSWERS = f'role = "server"\n[registry]\nhostname = "{NAME}"\n'


@pytest.fixture(scope="module")
def installed(network: Network, images: dict[str, Path], application: Path) -> Iterator[Machine]:
    """Give a machine with a Docker Engine and an installation of ours, for all of them in turn."""
    with fresh(network, "ours", application, images["server-docker"]) as machine:
        install(machine, ANSWERS)
        yield machine


def found_on(machine: Machine) -> list[dict[str, Any]]:
    done = wizard(machine, "verify", "--json")
    assert done.returncode in (0, 4), done.stdout + done.stderr
    return alarms([json.loads(line) for line in done.stdout.splitlines()])


@pytest.mark.parametrize("name", FAULTS)
def test_its_fault_is_named_first_and_alone(
    installed: Machine, name: str, record_property: Callable[[str, object], None]
) -> None:
    fault = FAULTS[name]
    try:
        bring_about(installed, name)
        found = found_on(installed)
    finally:
        mend(installed, name)
    said = [f"{each['verdict']} {each['name']}: {each['seen']}" for each in found]
    record_property("is", "; ".join(said))
    assert found[0]["name"] == fault.named, said
    assert {each["name"] for each in found} <= {fault.named, fault.also}, said
    assert found[0]["verdict"] == fault.verdict
    assert fault.word in found[0]["seen"]


def test_mended_it_raises_no_alarm(installed: Machine) -> None:
    assert found_on(installed) == []
