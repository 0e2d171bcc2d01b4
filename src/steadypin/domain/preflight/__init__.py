"""Preflight: everything that can be known about a Pin before it is sent, from facts that somebody has gathered.

    Facts -> preflight -> Findings by step: account (2), board (3), media, text and link (4); times, repeats (1)

Pure: the same function serves composing, importing, the look-ahead and the last look before sending. What could not be
looked at yet is `pending`, never passed over in silence.
"""

from __future__ import annotations

from steadypin.domain.findings import Finding, in_order
from steadypin.domain.preflight.account import account_findings
from steadypin.domain.preflight.asleep import asleep_findings
from steadypin.domain.preflight.board import board_findings
from steadypin.domain.preflight.content import content_findings
from steadypin.domain.preflight.facts import Account, Facts
from steadypin.domain.preflight.media import media_findings, together
from steadypin.domain.preflight.repeats import repeat_findings
from steadypin.domain.preflight.siblings import Looks, Sibling, site_of
from steadypin.domain.preflight.times import time_findings

__all__ = ["Account", "Facts", "Looks", "Sibling", "preflight", "site_of", "together"]

CHECKS = (
    time_findings,
    asleep_findings,
    repeat_findings,
    account_findings,
    board_findings,
    media_findings,
    content_findings,
)


def preflight(facts: Facts) -> tuple[Finding, ...]:
    """Every Finding about one Pin, by step and gravity; only what deserves a word."""
    return in_order(finding for check in CHECKS for finding in check(facts))
