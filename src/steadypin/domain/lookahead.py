"""When a scheduled Pin is looked at again before its time, what a look at its link is good for, and what puts it at risk.

composed -> at once -> 7 days, 24 h, 75 min, 65 min and 10 min before its time
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from steadypin.domain.findings import Finding, Level
from steadypin.domain.link_checks import RISKS
from steadypin.domain.words import Cause

DAY_AHEAD, ASK_AHEAD, HOUR_AHEAD = timedelta(hours=24), timedelta(minutes=75), timedelta(minutes=65)
AHEAD = (timedelta(days=7), DAY_AHEAD, ASK_AHEAD, HOUR_AHEAD, timedelta(minutes=10))
"""Before its time. At ASK_AHEAD the link, the account and the boards are asked for, so that HOUR_AHEAD is about how they
are now, and what it finds is told a whole hour before. The last one leaves some minutes for another look at the link."""
LINK_FIRST = timedelta(minutes=3)
"""A link is looked at so long before its Pin is, so that the look has something to go by."""
FRESH_NEAR = timedelta(minutes=50)
_FRESH_FAR = timedelta(hours=24)
_NEAR = DAY_AHEAD + timedelta(minutes=5)


def next_look_at(due_at: datetime, last: datetime) -> datetime | None:
    """The next look after one at `last`; None when its time is too near for another."""
    return min((due_at - ahead for ahead in AHEAD if due_at - ahead > last), default=None)


def fresh_for(due_at: datetime | None, now: datetime) -> timedelta:
    """How old a look at a link may be and still count: an hour before its time it has to be a new one."""
    near = due_at is not None and due_at - now <= ASK_AHEAD + LINK_FIRST
    return FRESH_NEAR if near else _FRESH_FAR


def next_link_look_at(due_times: Iterable[datetime], last: datetime) -> datetime | None:
    """When a link that was looked at then is looked at again for the Pins that lead to it; None: never more."""
    moments = (
        moment
        for due_at in due_times
        for ahead in AHEAD
        if (moment := due_at - ahead - LINK_FIRST) > last and moment - last > fresh_for(due_at, moment)
    )
    return min(moments, default=None)


def reasons(findings: Iterable[Finding], due_at: datetime | None, now: datetime) -> list[Finding]:
    """What would stop the Pin at its time, the gravest first: every blocker, and within a day also what the web will
    hardly heal any more."""
    found = list(findings)
    is_near = due_at is not None and due_at - now <= _NEAR
    grave = [each for each in found if each.level is Level.BLOCKER]
    return grave + [each for each in found if is_near and each.level is Level.WARNING and each.check in RISKS]


def at_risk(findings: Iterable[Finding], due_at: datetime | None, now: datetime) -> bool:
    """Whether something found would stop the Pin at its time."""
    return bool(reasons(findings, due_at, now))


def kept(findings: Iterable[Finding]) -> list[Finding]:
    """What is worth keeping of a Preflight: everything but good news."""
    return [each for each in findings if each.level is not Level.OK]


@dataclass(frozen=True, slots=True)
class Risk:
    """Pins of one account that will not go out for one reason. `first_at`: when the first of them is due."""

    connection_id: str
    cause: Cause
    title: str
    fix: str
    pin_ids: Sequence[str]
    first_at: datetime


def forecast(found: Iterable[tuple[str, str, datetime, Sequence[Finding]]]) -> list[Risk]:
    """Risks by account and reason, the nearest first, from (connection, Pin, due time, Findings) of Pins at risk."""
    groups: dict[tuple[str, Cause, str, str], list[tuple[datetime, str]]] = {}
    for connection_id, pin_id, due_at, findings in found:
        for each in reasons(findings, due_at, due_at)[:1]:
            key = (connection_id, each.cause or Cause.UNKNOWN, each.title, each.fix)
            groups.setdefault(key, []).append((due_at, pin_id))
    risks = [
        Risk(connection_id, cause, title, fix, [pin_id for _, pin_id in sorted(pins)], min(pins)[0])
        for (connection_id, cause, title, fix), pins in groups.items()
    ]
    return sorted(risks, key=lambda risk: (risk.first_at, risk.connection_id, risk.title))
