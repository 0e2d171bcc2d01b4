"""A Connection: one authorised Pinterest account, its Grant, and the status derived from both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

EXPIRING_WITHIN = timedelta(days=7)
REFRESH_EVERY = timedelta(days=20)
"""A refresh token lives 60 days and is renewed by every refresh; 20 leaves room for two missed months of trouble."""


class ConnectionStatus(StrEnum):
    """Derived, never stored, so that it cannot contradict the facts."""

    CONNECTED = "connected"
    EXPIRING = "expiring"
    BROKEN = "broken"
    PAUSED = "paused"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Connection:
    """One Pinterest account in one environment (`production` or `sandbox`); token-free."""

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

    def status(self, now: datetime) -> ConnectionStatus:
        """The most serious thing that is true."""
        if self.disconnected_at is not None:
            return ConnectionStatus.DISCONNECTED
        if self.broken_because is not None:
            return ConnectionStatus.BROKEN
        if self.paused_at is not None:
            return ConnectionStatus.PAUSED
        ends = self.refresh_expires_at or self.access_expires_at
        return ConnectionStatus.EXPIRING if ends - now <= EXPIRING_WITHIN else ConnectionStatus.CONNECTED


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

    def refresh_due_at(self) -> datetime | None:
        """When less than a quarter of the access token's life is left, or after 20 days, whichever is first."""
        if self.refresh_token is None:
            return None
        life = self.access_expires_at - self.refreshed_at
        return min(self.access_expires_at - life / 4, self.refreshed_at + REFRESH_EVERY)

    def __repr__(self) -> str:
        return f"Grant(version={self.version}, scopes={sorted(self.scopes)}, access_token=…, refresh_token=…)"
