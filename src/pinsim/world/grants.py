"""Grants: who allowed which app what, and the codes and tokens that prove it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pinsim.ids import Ids

ACCESS_LIFETIME_S = 2_592_000
"""30 days."""
REFRESH_LIFETIME_S = 5_184_000
"""60 days from each refresh."""
FIXED_REFRESH_LIFETIME_S = 31_536_000
"""365 days, the old kind that is not renewed."""
APP_PAGE_LIFETIME_S = 86_400
"""24 hours: the token that the app's own page hands out."""
APP_PAGE_SCOPES = frozenset({"boards:read", "pins:read", "user_accounts:read"})
"""All that a token from the app's own page may do in production."""
_NEVER = float("-inf")
"""An expiry before any clock."""


@dataclass(slots=True)
class Grant:
    """One consent in one environment. `ended_by` names the act that ended it: revocation, a new password and the like."""

    app_id: str
    person: str
    environment: str
    scopes: frozenset[str]
    continuous: bool = True
    opened_at: float = 0.0
    ended_at: float | None = None
    ended_by: str = ""
    access: str = ""
    """The newest access token."""
    access_until: float | None = None
    refresh_until: float | None = None
    """When the newest tokens end by themselves; None when there is none."""
    refreshes: int = 0

    @property
    def live(self) -> bool:
        """Whether its tokens may still open anything."""
        return self.ended_at is None


@dataclass(slots=True, frozen=True)
class Token:
    """An access or refresh token."""

    value: str
    grant: Grant
    scopes: frozenset[str]
    expires_at: float


@dataclass(slots=True, frozen=True)
class Code:
    """An authorization code; the token endpoint that exchanges it decides the environment."""

    app_id: str
    person: str
    scopes: frozenset[str]
    redirect_uri: str
    made_at: float


class GrantBook:
    """Every code and token that was issued."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Token] = {}
        self._refresh: dict[str, Token] = {}
        self._grants: list[Grant] = []

    def issue_code(self, code: Code) -> str:
        """Keep a code and return its value."""
        value = self._ids.secret("code").lower()
        self._codes[value] = code
        return value

    def code(self, value: str) -> Code | None:
        """A code that was not exchanged yet."""
        return self._codes.get(value)

    def spend_code(self, value: str) -> Code | None:
        """Take a code out: it works once."""
        return self._codes.pop(value, None)

    def open(self, grant: Grant, now: float) -> Grant:
        """Enter a new grant."""
        grant.opened_at = now
        self._grants.append(grant)
        return grant

    def listed(self) -> list[Grant]:
        """Every grant, ended ones too, in the order they were made."""
        return list(self._grants)

    def issue_access(
        self,
        grant: Grant,
        now: float,
        lifetime_s: float = ACCESS_LIFETIME_S,
        scopes: frozenset[str] | None = None,
    ) -> Token:
        """A new access token, `pina_…`."""
        value = "pina_" + self._ids.secret(f"access/{_name(grant)}")
        token = Token(value, grant, grant.scopes if scopes is None else scopes, now + lifetime_s)
        self._access[value] = token
        grant.access, grant.access_until = value, token.expires_at
        return token

    def issue_refresh(self, grant: Grant, now: float) -> Token:
        """A new refresh token, `pinr_…`."""
        lifetime = REFRESH_LIFETIME_S if grant.continuous else FIXED_REFRESH_LIFETIME_S
        value = "pinr_" + self._ids.secret(f"refresh/{_name(grant)}")
        self._refresh[value] = Token(value, grant, grant.scopes, now + lifetime)
        grant.refresh_until = now + lifetime
        return self._refresh[value]

    def access(self, value: str, now: float) -> Token | None:
        """A usable access token."""
        return _usable(self._access.get(value), now)

    def refresh(self, value: str, now: float) -> Token | None:
        """A usable refresh token."""
        return _usable(self._refresh.get(value), now)

    def owner_of(self, value: str) -> Grant | None:
        """Whose token this is, usable or not."""
        token = self._access.get(value) or self._refresh.get(value)
        return token.grant if token else None

    def spend_refresh(self, token: Token, until: float) -> None:
        """A newer refresh token took its place: it ends at `until`, unless it ends sooner anyway."""
        self._refresh[token.value] = replace(token, expires_at=min(token.expires_at, until))

    def end_access(self, grant: Grant) -> None:
        """Make the newest access token useless."""
        token = self._access.get(grant.access)
        if token is not None:
            self._access[grant.access] = replace(token, expires_at=_NEVER)

    def end(self, which: Callable[[Grant], bool], now: float, why: str) -> int:
        """End every grant that `which` names; returns how many."""
        ended = [grant for grant in self._grants if grant.live and which(grant)]
        for grant in ended:
            grant.ended_at, grant.ended_by = now, why
        return len(ended)


def _name(grant: Grant) -> str:
    """In a token's derivation, so that one kept from a former world never opens another account."""
    return f"{grant.environment}/{grant.app_id}/{grant.person}"


def _usable(token: Token | None, now: float) -> Token | None:
    return token if token and token.grant.live and now < token.expires_at else None
