"""A zoo of broken registries: the checks name each one's fault first, and raise no other alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.zoo.faults import FAULTS, RIGHT
from tests.zoo.world import Zoo

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def zoo(shared_server: Machine) -> Zoo:
    """Give a machine with all of them at work."""
    made = Zoo(shared_server)
    made.open()
    return made


def alarms(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what was found wrong; what could not be looked at then is no alarm."""
    return [each for each in told if each["verdict"] not in ("passed", "skipped")]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_one_raises_no_alarm(zoo: Zoo, name: str) -> None:
    told = zoo.verify(name)
    assert alarms(told) == []
    assert {"api", "push", "pull"} <= {each["name"] for each in told}


@pytest.mark.parametrize("name", FAULTS)
def test_its_fault_is_named_first_and_alone(
    zoo: Zoo, name: str, record_property: Callable[[str, object], None]
) -> None:
    fault, found = FAULTS[name], alarms(zoo.verify(name))
    record_property("is", [f"{each['verdict']} {each['name']}: {each['seen']}" for each in found])
    assert {each["name"] for each in found} == {fault.named}
    assert found[0]["verdict"] == fault.verdict
    assert fault.word in found[0]["seen"]
    assert all(each["remedy"] for each in found)
