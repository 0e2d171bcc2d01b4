"""A Connection: one authorised Pinterest account, its Grant, the status derived from both, and when its end is told.

    Connection(two clocks, what became of the last refresh) -> ends_at, ends_because, status -> alert_due

How a Grant is kept alive is decided in `upkeep`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from steadypin.domain.accounts import Account, Broken, Change
from steadypin.domain.upkeep import RefreshTrouble
from steadypin.domain.words import Cause, Remedy

EXPIRING_WITHIN = timedelta(days=7)
REFRESH_EVERY = timedelta(days=20)
"""A refresh token lives 60 days and is renewed by every refresh; 20 leaves room for two missed months of trouble."""
_EARLIER_BY = timedelta(days=1)
"""Connections made in one hour are not all renewed in one hour: each comes up to so much earlier."""
BROKEN = "connection-broken"
"""The rule of a break that was recorded without one."""
ALERT_DAYS = (14, 7, 3, 1)
"""How long before its end a Connection is told of."""

APPS_PAGE = "https://www.pinterest.com/settings/security"
"""Where the owner of an account removes an app. A client cannot do it for them: Pinterest revokes by API only what
system users hold, and answers anybody else with 403 code 29."""


class ConnectionStatus(StrEnum):
    """Derived, never stored, so that it cannot contradict the facts."""

    CONNECTED = "connected"
    EXPIRING = "expiring"
    BROKEN = "broken"
    PAUSED = "paused"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Owner:
    """The person who looks after a Connection (its "integration owner"); the contact is free text."""

    name: str
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """One Pinterest account in one environment (`production` or `sandbox`); token-free.

    `broken_…`: why nothing can be done for it; all but the first may be missing in rows from before they were kept.
    `checked_at`: when the account was last read; `check_at`: when it is read next; `check_trouble`: why the last read failed.
    `renewable`: there is a refresh token. `renewal_ended_at`: since when Pinterest refuses to renew the access, which
    goes on until `access_expires_at`. `renewal_cut_at`: a refresh left then and its answer was never kept.
    """

    id: str
    environment: str
    account_id: str
    username: str
    account_type: str
    scopes: frozenset[str]
    access_expires_at: datetime
    refresh_expires_at: datetime | None
    created_at: datetime
    broken_because: str | None = None
    paused_at: datetime | None = None
    disconnected_at: datetime | None = None
    renewable: bool = True
    renewal_ended_at: datetime | None = None
    renewal_cut_at: datetime | None = None
    refresh_trouble: RefreshTrouble | None = None
    broken_cause: Cause | None = None
    broken_remedy: Remedy | None = None
    broken_rule: str | None = None
    broken_fix: str | None = None
    checked_at: datetime | None = None
    check_at: datetime | None = None
    check_trouble: RefreshTrouble | None = None
    owner: Owner | None = None

    @property
    def account(self) -> Account:
        """What is known about the account."""
        return Account(self.account_id, self.username, self.account_type)

    @property
    def broken(self) -> Broken | None:
        """Why it is broken, whole; None while it is not."""
        if self.broken_because is None:
            return None
        return Broken(
            self.broken_because,
            self.broken_cause or Cause.TOKEN,
            self.broken_remedy or Remedy.RECONNECT,
            self.broken_rule or BROKEN,
            self.broken_fix or self.how_to_reconnect,
        )

    @property
    def how_to_reconnect(self) -> str:
        """What its owner does when only a new consent helps."""
        return f"Connect the Pinterest account {self.username} again; its Pins then go on by themselves."

    @property
    def ends_at(self) -> datetime:
        """When it ends unless it is refreshed or, where that is over, reconnected."""
        if self.renewal_ended_at is not None or not self.renewable or self.refresh_expires_at is None:
            return self.access_expires_at
        return self.refresh_expires_at

    @property
    def ends_because(self) -> str | None:
        """Why a refresh will not move its end, or did not yet; None while all is well."""
        until = f"this connection ends on {day(self.access_expires_at)} unless it is reconnected"
        if self.broken_because is not None or self.disconnected_at is not None:
            return None
        if self.renewal_ended_at is not None and self.renewal_cut_at is not None:
            return f"The last refresh was cut before its answer was kept; {until}."
        if self.renewal_ended_at is not None:
            return f"Pinterest refuses to renew the access; {until}."
        if not self.renewable:
            return f"It has no refresh token; {until}."
        if self.refresh_trouble is not None:
            return f"The last refresh failed ({self.refresh_trouble.title}); it is tried again."
        return None

    def status(self, now: datetime) -> ConnectionStatus:
        """The most serious thing that is true."""
        if self.disconnected_at is not None:
            return ConnectionStatus.DISCONNECTED
        if self.broken_because is not None:
            return ConnectionStatus.BROKEN
        if self.paused_at is not None:
            return ConnectionStatus.PAUSED
        soon = self.renewal_ended_at is not None or self.ends_at - now <= EXPIRING_WITHIN
        return ConnectionStatus.EXPIRING if soon else ConnectionStatus.CONNECTED


def day(moment: datetime) -> str:
    """A moment as people read it in a sentence."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Former:
    """The pair before the present one, kept until that one has worked."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    access_expires_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """The tokens of a Connection in the clear; lives in memory only. `version` counts every change of the pair."""

    access_token: str
    refresh_token: str | None
    scopes: frozenset[str]
    access_expires_at: datetime
    refresh_expires_at: datetime | None
    refreshed_at: datetime
    version: int = 1
    former: Former | None = None

    def refresh_due_at(self, jitter: float = 0.0) -> datetime:
        """When less than a quarter of the access token's life is left, or after 20 days, whichever is first.

        `jitter` in 0..1 makes it earlier by up to a day, and by a twentieth of a short life. Without a refresh token it is
        the end of the access token, when the Connection ends.
        """
        if self.refresh_token is None:
            return self.access_expires_at
        life = self.access_expires_at - self.refreshed_at
        at = min(self.access_expires_at - life / 4, self.refreshed_at + REFRESH_EVERY)
        return at - jitter * min(_EARLIER_BY, life / 20)

    def ends_at(self) -> datetime:
        """When it ends unless it is refreshed."""
        return (
            self.refresh_expires_at
            if self.refresh_token and self.refresh_expires_at
            else self.access_expires_at
        )

    def as_former(self) -> Former:
        """This pair, to be kept beside the one that takes its place."""
        return Former(self.access_token, self.refresh_token, self.access_expires_at)

    def __repr__(self) -> str:
        return f"Grant(version={self.version}, scopes={sorted(self.scopes)}, access_token=…, refresh_token=…)"


def passed(ends_at: datetime, now: datetime) -> int | None:
    """The last of ALERT_DAYS that has gone by; None when the end is further away than all of them."""
    return min((days for days in ALERT_DAYS if ends_at - now <= timedelta(days=days)), default=None)


def alert_due(ends_at: datetime, now: datetime, told: int | None) -> int | None:
    """For which of ALERT_DAYS the end has to be told now; `told` is the last one that was.

    Each is told at most once, and of several that went by unseen only the last. An end that is past is not told ahead.
    """
    due = passed(ends_at, now) if now < ends_at else None
    return due if due is not None and (told is None or due < told) else None


def next_alert_at(ends_at: datetime, told: int | None) -> datetime | None:
    """When the next alert falls due; None when all were told."""
    ahead = max((days for days in ALERT_DAYS if told is None or days < told), default=None)
    return ends_at - timedelta(days=ahead) if ahead is not None else None


class AlertKind(StrEnum):
    """What people are told about a Connection."""

    ENDS_SOON = "ends_soon"
    RENEWAL_REFUSED = "renewal_refused"
    BROKEN = "broken"
    CHANGED = "changed"
    RESTORED = "restored"
    BOARD_GONE = "board_gone"
    BOARD_RENAMED = "board_renamed"
    AT_RISK = "at_risk"


@dataclass(frozen=True, slots=True)
class Alert:
    """One message to the owner of a Connection; `cause` and `remedy` where something is wrong, `board_id` when it is about
    one of its boards."""

    kind: AlertKind
    connection_id: str
    username: str
    title: str
    fix: str
    ends_at: datetime
    owner: Owner | None = None
    cause: Cause | None = None
    remedy: Remedy | None = None
    board_id: str | None = None


def alert(connection: Connection, kind: AlertKind, change: Change | None = None) -> Alert:
    """The words for it; `change` is what CHANGED is about."""
    name, broken = connection.username, connection.broken
    because = f" {connection.ends_because}" if connection.ends_because else ""
    title = {
        AlertKind.ENDS_SOON: f"The connection to {name} ends on {day(connection.ends_at)} unless refreshed or reconnected.",
        AlertKind.RENEWAL_REFUSED: f"The connection to {name} cannot be renewed.{because} Its Pins go out until then.",
        AlertKind.BROKEN: f"The connection to {name} is broken: {connection.broken_because}.",
        AlertKind.CHANGED: f"{change.title}. {change.by_itself}" if change is not None else "",
    }[kind]
    fix = f"Connect the Pinterest account {name} again. Nothing is lost; its Pins go on by themselves."
    if kind is AlertKind.BROKEN and broken is not None:
        fix = f"{broken.fix} Nothing is lost."
    elif kind is AlertKind.CHANGED and change is not None:
        fix = change.fix
    wrong: Broken | Change | None = change or (broken if kind is AlertKind.BROKEN else None)
    return Alert(
        kind,
        connection.id,
        name,
        title,
        fix,
        connection.ends_at,
        connection.owner,
        wrong.cause if wrong is not None else None,
        wrong.remedy if wrong is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Went:
    """What a reconnect did: how many Pins go on, are looked for since they may be live, and wait for a person's word."""

    goes_on: int = 0
    looked_for: int = 0
    on_your_word: int = 0
    first_at: datetime | None = None

    def __str__(self) -> str:
        """In sentences; "" when nothing was held."""
        one, first = self.goes_on == 1, f", the first at {day(self.first_at)}" if self.first_at else ""
        go = "goes on by itself" if one else "go on by themselves"
        told = (
            (self.goes_on, f"{_pins(self.goes_on)} {go}{first}."),
            (self.looked_for, f"{_pins(self.looked_for)} may be live and will be looked for."),
            (
                self.on_your_word,
                f"{_pins(self.on_your_word)} too late to go on unasked: say whether to resume.",
            ),
        )
        return " ".join(sentence for count, sentence in told if count)


def restored(connection: Connection, went: Went) -> Alert:
    """The words for a Connection that is back."""
    title = f"The connection to {connection.username} is back. {went}".strip()
    fix = (
        "Look at the Pins that are too late, and say whether they go on."
        if went.on_your_word
        else "Nothing to do. Until the first of them is sent, all can be held again."
        if went.goes_on
        else "Nothing to do."
    )
    return Alert(
        AlertKind.RESTORED,
        connection.id,
        connection.username,
        title,
        fix,
        connection.ends_at,
        connection.owner,
    )


def _pins(count: int) -> str:
    return "1 Pin" if count == 1 else f"{count} Pins"
