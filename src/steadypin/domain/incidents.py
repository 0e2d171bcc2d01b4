"""One trouble that concerns many Pins: when it opens an incident, and when it is over.

    the last creates and looks -> opens -> IncidentKind | None      one probe at a time -> closes -> over or not

Nothing here knows the time or the store: what was seen lately comes in, newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from steadypin.domain.failures import Failure
from steadypin.domain.rules.policy import IncidentPolicy, load_policy
from steadypin.domain.words import Cause, Remedy

_PINTEREST_LOOKED_AT_IT = frozenset({Cause.BOARD, Cause.MEDIA, Cause.LINK, Cause.CONTENT, Cause.DUPLICATE})
"""A refusal for one of these comes after Pinterest has accepted the App that asks."""


class IncidentKind(StrEnum):
    """Whose trouble it is. CONNECTION concerns one account, and only that; of the others all but RENEWAL keep creates
    waiting."""

    PLATFORM = "platform"
    NETWORK = "network"
    APP = "app"
    RENEWAL = "renewal"
    CONNECTION = "connection"

    @property
    def pauses(self) -> bool:
        """Whether creates of all accounts wait. Without renewals Pins still go out, as long as their tokens live."""
        return self not in (IncidentKind.RENEWAL, IncidentKind.CONNECTION)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one call came to. `at`: when it left; `answered`: a reply came, whatever it said; without a cause it went well.

    `create` is False for the reading of a board, which tells of the network only.
    """

    connection_id: str
    at: datetime
    answered: bool = True
    cause: Cause | None = None
    remedy: Remedy | None = None
    rule: str = ""
    create: bool = True

    @classmethod
    def of(cls, connection_id: str, at: datetime, failure: Failure | None) -> Seen:
        """A create with its Failure; without one it was made."""
        if failure is None:
            return cls(connection_id, at)
        answered = failure.native.status is not None
        return cls(connection_id, at, answered, failure.cause, failure.remedy, failure.rule)


def opens(
    recent: Sequence[Seen], now: datetime, since: datetime | None = None, policy: IncidentPolicy | None = None
) -> IncidentKind | None:
    """The incident that the newest of these makes, if it makes one. `since`: when the last one ended; what is older is told."""
    known = policy or load_policy().incidents
    earliest = now - timedelta(seconds=known.window_s)
    lately = [seen for seen in recent if seen.at >= max(earliest, since or earliest)]
    if not lately:
        return None
    newest = lately[0]
    if newest.rule in known.app_rules:
        return IncidentKind.APP
    if newest.rule in known.unreached_rules:
        return IncidentKind.NETWORK if _nothing_leaves(lately, known) else None
    return IncidentKind.PLATFORM if _troubled(newest) and _rises(lately, known) else None


def may_open(failure: Failure) -> bool:
    """Whether this Failure alone gives reason to look at the others."""
    known = load_policy().incidents
    return failure.rule in known.app_rules | known.unreached_rules or _passes(failure.cause, failure.remedy)


def renewal_refused(failure: Failure) -> bool:
    """Whether a refused renewal is the App's matter, so that every Connection meets the same."""
    return failure.rule in load_policy().incidents.renewal_rules


def gets_through(kind: IncidentKind, seen: Seen) -> bool:
    """Whether this call shows that the trouble is over: made, or refused for a reason of its own."""
    if kind is IncidentKind.NETWORK:
        return seen.answered
    if seen.cause is None or not seen.create:
        return seen.create
    if kind is IncidentKind.PLATFORM:
        return seen.answered and seen.cause not in (Cause.PLATFORM, Cause.NETWORK, Cause.UNKNOWN)
    return seen.cause in _PINTEREST_LOOKED_AT_IT


def closes(
    kind: IncidentKind, opened_at: datetime, recent: Sequence[Seen], policy: IncidentPolicy | None = None
) -> bool:
    """Whether the last probe, the newest of these, ends the incident. One good answer of a troubled Pinterest is chance."""
    known = policy or load_policy().incidents
    if kind is not IncidentKind.PLATFORM:
        return bool(recent) and gets_through(kind, recent[0])
    creates = [seen for seen in recent if seen.create and seen.at >= opened_at]
    return len(creates) >= known.through and all(
        gets_through(kind, seen) for seen in creates[: known.through]
    )


def probe_wait(kind: IncidentKind, probes: int) -> timedelta:
    """The wait for the next probe after so many."""
    return timedelta(seconds=load_policy().incidents.probe_wait_s(kind.value, probes))


def _nothing_leaves(lately: Sequence[Seen], known: IncidentPolicy) -> bool:
    last = lately[: known.unreached]
    return len(last) == known.unreached and all(seen.rule in known.unreached_rules for seen in last)


def _troubled(seen: Seen) -> bool:
    return seen.create and _passes(seen.cause, seen.remedy)


def _passes(cause: Cause | None, remedy: Remedy | None) -> bool:
    """Pinterest's own trouble, or an answer that never came: nobody can tell whose fault that was, but it is the same to us."""
    if cause is Cause.PLATFORM:
        return remedy in (Remedy.RETRY_LATER, Remedy.CONFIRM)
    return cause is Cause.NETWORK and remedy is Remedy.CONFIRM


def _rises(lately: Sequence[Seen], known: IncidentPolicy) -> bool:
    """Answers that never came weigh less: a line of ours that drops some is no trouble of Pinterest's."""
    creates = [seen for seen in lately if seen.create][: known.last]
    troubled = [seen for seen in creates if _troubled(seen)]
    said_so = [seen for seen in troubled if seen.answered]
    return _many(said_so, known.share * len(creates), known) or _many(
        troubled, known.silent_share * len(creates), known
    )


def _many(troubled: Sequence[Seen], least: float, known: IncidentPolicy) -> bool:
    return (
        len(troubled) >= max(known.failures, least)
        and len({seen.connection_id for seen in troubled}) >= known.connections
    )
