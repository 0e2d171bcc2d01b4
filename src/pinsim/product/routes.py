"""Routes: the operations of the v5 API by method and path.

Names, scopes and rate categories are those of the OpenAPI description, release 5.23.0.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from pinsim import refusals
from pinsim.product import account, boards, creating, media, pins, sections, tokens
from pinsim.product.call import Call, Reply

Handler: TypeAlias = Callable[[Call], Reply | Awaitable[Reply]]

_BOARD_READ = ("boards:read",)
_BOARD_WRITE = ("boards:read", "boards:write")
_PIN_READ = ("boards:read", "pins:read")
_PIN_WRITE = ("boards:read", "boards:write", "pins:read", "pins:write")
_ACCOUNT = ("user_accounts:read",)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation; `scopes` None means the caller proves itself with the app's secret instead of a token."""

    method: str
    path: str
    operation: str
    category: str
    scopes: tuple[str, ...] | None
    handler: Handler
    in_sandbox: bool = True


def _later(call: Call) -> Reply:
    raise refusals.not_implemented()


ROUTES = (
    Route("GET", "/user_account", "user_account/get", "org_read", _ACCOUNT, account.read),
    Route("GET", "/boards", "boards/list", "org_read", _BOARD_READ, boards.listed),
    Route("POST", "/boards", "boards/create", "org_write", _BOARD_WRITE, boards.create),
    Route("GET", "/boards/*", "boards/get", "org_read", _BOARD_READ, boards.read),
    Route("PATCH", "/boards/*", "boards/update", "org_write", _BOARD_WRITE, boards.update),
    Route("DELETE", "/boards/*", "boards/delete", "org_write", _BOARD_WRITE, boards.delete),
    Route("GET", "/boards/*/pins", "boards/list_pins", "org_read", _PIN_READ, pins.on_board),
    Route("GET", "/boards/*/sections", "board_sections/list", "org_read", _BOARD_READ, sections.listed),
    Route("POST", "/boards/*/sections", "board_sections/create", "org_write", _BOARD_WRITE, sections.create),
    Route(
        "PATCH", "/boards/*/sections/*", "board_sections/update", "org_write", _BOARD_WRITE, sections.update
    ),
    Route(
        "DELETE", "/boards/*/sections/*", "board_sections/delete", "org_write", _BOARD_WRITE, sections.delete
    ),
    Route(
        "GET", "/boards/*/sections/*/pins", "board_sections/list_pins", "org_read", _PIN_READ, pins.in_section
    ),
    Route("POST", "/pins", "pins/create", "org_write", _PIN_WRITE, creating.create),
    Route("GET", "/pins", "pins/list", "org_read", _PIN_READ, pins.of_account),
    Route("GET", "/pins/*", "pins/get", "org_read", _PIN_READ, pins.read),
    Route("PATCH", "/pins/*", "pins/update", "org_write", _PIN_WRITE, pins.update),
    Route("DELETE", "/pins/*", "pins/delete", "org_write", _PIN_WRITE, pins.delete),
    Route("POST", "/media", "media/create", "org_write", ("pins:read", "pins:write"), media.create),
    Route("GET", "/media", "media/list", "org_read", ("pins:read",), media.listed),
    Route("GET", "/media/*", "media/get", "org_read", ("pins:read",), media.read),
    Route("POST", "/oauth/token", "oauth/token", "org_read", None, tokens.issue),
    Route("POST", "/oauth/token/revoke", "token/revoke", "org_write", None, tokens.revoke),
    # Known operations that answer 501 for now.
    Route("POST", "/pins/*/save", "pins/save", "org_write", _PIN_WRITE, _later),
    Route("GET", "/pins/*/analytics", "pins/analytics", "org_analytics", _PIN_READ, _later, False),
    Route("GET", "/pins/analytics", "multi_pins/analytics", "org_analytics", _PIN_READ, _later, False),
    Route(
        "GET", "/user_account/analytics", "user_account/analytics", "org_analytics", _ACCOUNT, _later, False
    ),
    Route("GET", "/user_account/websites", "user_websites/get", "org_read", _ACCOUNT, _later, False),
)

CONSENT = "oauth/authorize"
"""What the consent page is called; it is no operation of the API."""
UPLOAD = "media/upload"
"""What sending a file to the bucket is called; neither is it."""
OPERATIONS = frozenset({CONSENT, UPLOAD, *(route.operation for route in ROUTES)})


@dataclass(slots=True)
class _Stop:
    by_method: dict[str, Route] = field(default_factory=dict)
    next: dict[str, _Stop] = field(default_factory=dict)


def _tree() -> _Stop:
    root = _Stop()
    for route in ROUTES:
        stop = root
        for segment in route.path.strip("/").split("/"):
            stop = stop.next.setdefault(segment, _Stop())
        stop.by_method[route.method] = route
    return root


_ROOT = _tree()


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The operation and its path parameters; refuses unknown paths (404) and methods (405)."""
    stop, ids = _ROOT, []
    for segment in path.strip("/").split("/"):
        following = stop.next.get(segment)
        if following is None and segment and "*" in stop.next:
            following = stop.next["*"]
            ids.append(segment)
        if following is None:
            raise refusals.no_such_route()
        stop = following
    if not stop.by_method:
        raise refusals.no_such_route()
    if method not in stop.by_method:
        raise refusals.method_not_allowed()
    return stop.by_method[method], tuple(ids)
