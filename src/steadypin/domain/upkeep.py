"""Keeping a Grant alive: what follows from each refresh, and from each one that was cut.

    asked (on record) -> request -> renewed: a new Grant, all this starts afresh
                                 -> failed(…): tried again | refused: used until the access token ends
                                 -> nothing, the process died: the next `asked` finds the record, and knows

Only Pinterest's own refusal of the grant ends anything, and also then the access token is used until it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from steadypin.domain.failures import REFUSES, Failure
from steadypin.domain.incidents import IncidentKind, probe_wait, renewal_refused
from steadypin.domain.rules.policy import load_policy
from steadypin.domain.verdicts import retry_wait
from steadypin.domain.words import Cause, Remedy

TRIES_BEFORE_THE_END = 40
"""However long it fails: the tries that still fit before the tokens end."""
_LEAST_WAIT = timedelta(seconds=60)
_WHILE_PINS_WAIT = timedelta(minutes=15)
_ASK_A_REFUSER_AGAIN = timedelta(days=1)
"""A refusal may be an error at Pinterest, or an account that was closed for a while: asking again costs nothing."""


@dataclass(frozen=True, slots=True)
class RefreshTrouble:
    """Why the last refresh failed, as it was told and with the native reply; `at` is when."""

    at: datetime
    rule: str
    cause: str
    remedy: str
    title: str
    fix: str
    native: Mapping[str, Any]

    @classmethod
    def of(cls, failure: Failure, at: datetime) -> RefreshTrouble:
        """From a Failure at the token endpoint."""
        told = (failure.rule, failure.cause.value, failure.remedy.value, failure.title, failure.fix)
        return cls(at, *told, native=failure.native.to_json())


@dataclass(frozen=True, slots=True)
class Unrenewed:
    """A refresh that gave no new pair. `unsure`: Pinterest may have carried it out all the same, so the refresh token may
    be spent."""

    failure: Failure
    unsure: bool

    @property
    def is_refusal(self) -> bool:
        """Whether Pinterest itself refuses this grant; nothing else ends a Connection."""
        failure = self.failure
        return not self.unsure and (failure.cause, failure.remedy) == (Cause.TOKEN, Remedy.RECONNECT)

    @classmethod
    def after(cls, failure: Failure, *, left: bool = True) -> Unrenewed:
        """From a Failure at the token endpoint; `left`: some of the request may have left this machine."""
        native = failure.native
        refused = native.is_object and (native.status == 400 or native.status in REFUSES)
        return cls(failure, unsure=left and not refused)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How a Grant stands. All of it belongs to one version of the pair and starts afresh with the next.

    `refresh_at`: when to refresh next; `tries`: how many failed in a row. `refused_at`: since when its access token is
    refused. `asked_at`: a refresh was put on record then, and its outcome is not known yet. `cut_at`: so it was found later,
    or the answer never came. `ended_at`: since when Pinterest refuses to renew it.
    """

    access_expires_at: datetime
    refresh_expires_at: datetime | None = None
    refresh_at: datetime | None = None
    tries: int = 0
    refused_at: datetime | None = None
    asked_at: datetime | None = None
    cut_at: datetime | None = None
    ended_at: datetime | None = None
    trouble: RefreshTrouble | None = None

    def lacks_access(self, now: datetime) -> bool:
        """Whether nothing can be sent before a refresh: the access token is refused or over."""
        return self.refused_at is not None or self.access_expires_at <= now

    def is_over(self, now: datetime) -> bool:
        """Whether only a person can go on: nothing may be sent, and Pinterest refuses to renew it."""
        return self.ended_at is not None and self.lacks_access(now)

    def asked(self, now: datetime) -> Upkeep:
        """A refresh is about to leave. One that is still on record was cut: a process died over it."""
        return replace(self, asked_at=now, cut_at=self.cut_at or self.asked_at)

    def failed(self, result: Unrenewed, now: datetime, jitter: float = 0.0) -> Upkeep:
        """A refresh gave no new pair: what to remember, and when to try again."""
        after = replace(
            self,
            tries=self.tries + 1,
            asked_at=None,
            cut_at=self.cut_at or (now if result.unsure else None),
            ended_at=self.ended_at or (now if result.is_refusal else None),
            trouble=RefreshTrouble.of(result.failure, now),
        )
        return replace(after, refresh_at=after._next_try(result, now, jitter))

    def _next_try(self, result: Unrenewed, now: datetime, jitter: float) -> datetime | None:
        if self.is_over(now):
            return None
        if result.is_refusal:
            return min(now + _ASK_A_REFUSER_AGAIN, self.access_expires_at)
        longer = 1 + jitter * load_policy().jitter
        if renewal_refused(result.failure):
            return now + probe_wait(IncidentKind.RENEWAL, self.tries - 1) * longer
        return now + min(retry_wait(self.tries, result.failure.wait) * longer, self._longest_wait(now))

    def _longest_wait(self, now: datetime) -> timedelta:
        """Many tries fit before the access token ends; once it has, Pins wait for each."""
        if self.lacks_access(now):
            return _WHILE_PINS_WAIT
        return max((self.access_expires_at - now) / TRIES_BEFORE_THE_END, _LEAST_WAIT)
