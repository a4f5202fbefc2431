"""A zoo of broken registries: the checks name each one's fault first, and raise no other alarm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.installation import alarms
from tests.zoo.faults import FAULTS, RIGHT
from tests.zoo.world import Zoo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from tests.hosts.machine import Machine

    Told = dict[str, Future[list[dict[str, Any]]]]

pytestmark = pytest.mark.host
AT_ONCE = 6


@pytest.fixture(scope="module")
def told(shared_server: Machine, request: pytest.FixtureRequest) -> Iterator[Told]:
    """Give what the checks say of each that is asked for; several at once, as many of them wait."""
    zoo = Zoo(shared_server)
    zoo.open()
    items = (each for each in request.session.items if each.path == request.path)
    found = (each for each in items if isinstance(each, pytest.Function))
    names = [str(each.callspec.params["name"]) for each in found]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(zoo.verify, name) for name in reversed(names)}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_one_raises_no_alarm(told: Told, name: str) -> None:
    found = told[name].result()
    assert alarms(found) == []
    passed = {each["name"] for each in found if each.get("verdict") == "passed"}
    assert {"tls-trust", "login", "push", "pull"} <= passed


@pytest.mark.parametrize("name", FAULTS)
def test_its_fault_is_named_first_and_alone(
    told: Told, name: str, record_property: Callable[[str, object], None]
) -> None:
    fault, found = FAULTS[name], alarms(told[name].result())
    said = [f"{each['verdict']} {each['name']}: {each['seen']}" for each in found]
    record_property("is", "; ".join(said))
    assert {each["name"] for each in found} == {fault.named}, said
    assert found[0]["verdict"] == fault.verdict
    assert fault.word in f"{found[0]['seen']}; {found[0]['remedy']}"
    assert all(each["remedy"] for each in found)
