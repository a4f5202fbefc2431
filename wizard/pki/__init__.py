"""The private CA and the server certificate, made in memory. The home of ``cryptography``."""

from __future__ import annotations

from wizard.pki import between
from wizard.pki.authority import Authority, Wanted, mint_authority
from wizard.pki.certificates import (
    days_left,
    describe,
    describe_key,
    due,
    ends,
    fields,
    fingerprint,
    life,
    serial,
    subject,
    until,
)
from wizard.pki.judge import Shown
from wizard.pki.leaf import by_another, ends_with_its_ca, issued
from wizard.pki.problems import problems
from wizard.pki.server import Pki, belong_together, issue, keep_or_issue, reason_to_issue

__all__ = (
    "Authority",
    "Pki",
    "Shown",
    "Wanted",
    "belong_together",
    "between",
    "by_another",
    "days_left",
    "describe",
    "describe_key",
    "due",
    "ends",
    "ends_with_its_ca",
    "fields",
    "fingerprint",
    "issue",
    "issued",
    "keep_or_issue",
    "life",
    "mint_authority",
    "problems",
    "reason_to_issue",
    "serial",
    "subject",
    "until",
)
