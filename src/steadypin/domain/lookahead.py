"""When a scheduled Pin is looked at again before its time, and what a look finds in it.

composed -> at once -> 7 days, 24 h, 1 h and 10 min before its time
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from steadypin.domain.findings import Finding, Level, blockers
from steadypin.domain.words import Cause

AHEAD = (timedelta(days=7), timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))
"""Before its time. The last one leaves a minute for whatever has to be asked on the network."""
_FRESH_FAR, _FRESH_NEAR = timedelta(hours=24), timedelta(minutes=50)


def next_look_at(due_at: datetime, last: datetime) -> datetime | None:
    """The next look after one at `last`; None when its time is too near for another."""
    return min((due_at - ahead for ahead in AHEAD if due_at - ahead > last), default=None)


def fresh_for(due_at: datetime | None, now: datetime) -> timedelta:
    """How old a look at a link may be and still count: an hour before its time it has to be a new one."""
    near = due_at is not None and due_at - now <= AHEAD[2] + timedelta(minutes=1)
    return _FRESH_NEAR if near else _FRESH_FAR


def at_risk(findings: Iterable[Finding]) -> bool:
    """Whether something found would stop the Pin at its time."""
    return bool(blockers(findings))


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
    """Risks by account and reason, the nearest first, from (connection, Pin, due time, Findings)."""
    groups: dict[tuple[str, Cause, str, str], list[tuple[datetime, str]]] = {}
    for connection_id, pin_id, due_at, findings in found:
        for each in blockers(findings)[:1]:
            key = (connection_id, each.cause or Cause.UNKNOWN, each.title, each.fix)
            groups.setdefault(key, []).append((due_at, pin_id))
    risks = [
        Risk(connection_id, cause, title, fix, [pin_id for _, pin_id in sorted(pins)], min(pins)[0])
        for (connection_id, cause, title, fix), pins in groups.items()
    ]
    return sorted(risks, key=lambda risk: (risk.first_at, risk.connection_id, risk.title))
