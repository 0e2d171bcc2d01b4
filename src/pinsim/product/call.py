"""Call: one request on its way through the API."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pinsim import refusals
from pinsim.switches import Switches
from pinsim.wire import Request
from pinsim.world.account import Account
from pinsim.world.app import App
from pinsim.world.realm import Realm
from pinsim.world.world import World

if TYPE_CHECKING:
    from pinsim.product.routes import Route


@dataclass(frozen=True, slots=True)
class Caller:
    """The account a token acts for, the app it belongs to and the scopes it carries."""

    app: App
    account: Account
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers; `made` is the id of a Pin that came into being."""

    status: int
    payload: object = None
    made: str | None = None


@dataclass(slots=True)
class Call:
    """Everything a handler may look at. `ids` are the path's parameters in order, `late_s` delays a new Pin, `person`
    is whom a call of the token endpoint concerns."""

    request: Request
    world: World
    realm: Realm
    switches: Switches
    now: float
    base_url: str
    route: Route | None = None
    ids: tuple[str, ...] = ()
    caller: Caller | None = None
    late_s: float = 0.0
    person: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    _parsed: Any = None
    _is_parsed: bool = False

    @property
    def account(self) -> Account:
        """The acting account; only handlers behind a token ask."""
        assert self.caller is not None
        return self.caller.account

    @property
    def scopes(self) -> frozenset[str]:
        """The token's scopes."""
        assert self.caller is not None
        return self.caller.scopes

    def peek(self) -> dict[str, Any] | None:
        """The JSON body if it is an object; parsed once."""
        if not self._is_parsed:
            self._is_parsed = True
            self._parsed = _object(self.request.body)
        return self._parsed if isinstance(self._parsed, dict) else None

    def body(self) -> dict[str, Any]:
        """The JSON object sent, or the refusal of anything else."""
        found = self.peek()
        if found is None:
            raise refusals.invalid_request("the body is not of type 'object'")
        return found


def _object(body: bytes) -> Any:
    if not body[:64].lstrip().startswith(b"{"):
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # a ValueError too when the bytes are no UTF-8
        return None
