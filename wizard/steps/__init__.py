"""The table of contents of an installation: its steps, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.steps import (
    accounts,
    authority,
    container,
    firewall,
    hosts_line,
    packages,
    proxy,
    record,
    registry,
    selinux,
    services,
    trust,
)

if TYPE_CHECKING:
    from wizard.given import Given
    from wizard.plan import Plan

STEPS = (
    packages,
    hosts_line,
    authority,
    accounts,
    registry,
    selinux,
    container,
    proxy,
    services,
    firewall,
    trust,
    record,
)


def our_plan(given: Given) -> Plan:
    """Give the plan as the wizard would have it, before anybody chose otherwise."""
    return tuple(step for each in STEPS if (step := each.plan(given)).changes)


def make_plan(given: Given) -> Plan:
    return given.choices.applied(our_plan(given))
