"""Grants: who allowed which app what, and the codes and tokens that prove it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pinsim.ids import Ids

ACCESS_LIFETIME_S = 2_592_000
"""30 days."""
REFRESH_LIFETIME_S = 5_184_000
"""60 days from each refresh."""
FIXED_REFRESH_LIFETIME_S = 31_536_000
"""365 days, the old kind that is not renewed."""
SANDBOX_TOKEN_LIFETIME_S = 86_400
"""24 hours: the token that the app's own page hands out."""


@dataclass(slots=True)
class Grant:
    """One consent in one environment. `live` ends with revocation, a new password and the like."""

    app_id: str
    person: str
    environment: str
    scopes: frozenset[str]
    continuous: bool = True
    live: bool = True


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

    def spend_code(self, value: str) -> Code | None:
        """Take a code out: it works once."""
        return self._codes.pop(value, None)

    def open(self, grant: Grant) -> Grant:
        """Enter a new grant."""
        self._grants.append(grant)
        return grant

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
        return token

    def issue_refresh(self, grant: Grant, now: float) -> Token:
        """A new refresh token, `pinr_…`."""
        lifetime = REFRESH_LIFETIME_S if grant.continuous else FIXED_REFRESH_LIFETIME_S
        value = "pinr_" + self._ids.secret(f"refresh/{_name(grant)}")
        self._refresh[value] = Token(value, grant, grant.scopes, now + lifetime)
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

    def end_refresh(self, token: Token) -> None:
        """Make a refresh token useless."""
        self._refresh.pop(token.value, None)

    def end(self, which: Callable[[Grant], bool]) -> int:
        """End every grant that `which` names; returns how many."""
        ended = [grant for grant in self._grants if grant.live and which(grant)]
        for grant in ended:
            grant.live = False
        return len(ended)


def _name(grant: Grant) -> str:
    """In a token's derivation, so that one kept from a former world never opens another account."""
    return f"{grant.environment}/{grant.app_id}/{grant.person}"


def _usable(token: Token | None, now: float) -> Token | None:
    return token if token and token.grant.live and now < token.expires_at else None
