"""The table of contents of an installation: its steps, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.steps import (
    accounts,
    again,
    authority,
    built,
    container,
    firewall,
    hosts_line,
    packages,
    proxy,
    publish,
    record,
    registry,
    renewal,
    repair,
    retired,
    selinux,
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
    publish,
    accounts,
    registry,
    selinux,
    container,
    proxy,
    unit,
    again,
    renewal,
    services,
    retired,
    firewall,
    trust,
    repair,
    record,
)


def our_plan(given: Given) -> Plan:
    """Give the plan as the wizard would have it, before anybody chose otherwise."""
    every = (step.plan(given) for step in STEPS)
    return tuple(each for each in every if each.changes or each.id in given.unsettled)


def make_plan(given: Given) -> Plan:
    return given.choices.applied(our_plan(given))
