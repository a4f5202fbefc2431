"""The table of contents of an installation: its steps, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.steps import (
    accounts,
    authority,
    built,
    hosts_line,
    packages,
    proxy,
    record,
    registry,
    retired,
    services,
    trust,
    unit,
)

if TYPE_CHECKING:
    from wizard.given import Given
    from wizard.plan import Plan

STEPS = (
    packages,
    built,
    hosts_line,
    authority,
    accounts,
    registry,
    proxy,
    unit,
    services,
    retired,
    trust,
    record,
)


def our_plan(given: Given) -> Plan:
    """Give the plan as the wizard would have it, before anybody chose otherwise.

    A step without a change is none of this installation's: it is left away.
    """
    return tuple(step for each in STEPS if (step := each.plan(given)).changes)


def make_plan(given: Given) -> Plan:
    return given.choices.applied(our_plan(given))
