"""Pinterest's operations that Steadypin calls: path, scopes, rate category and whether repeating one is harmless.

The table is compared with `spec/pinterest-v5.23-organic.json` by a test, so it cannot rot silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """Pinterest's rate categories (`x-ratelimit-category` in the spec)."""

    ORG_READ = "org_read"
    ORG_WRITE = "org_write"
    ORG_ANALYTICS = "org_analytics"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `id` is the spec's operationId, `path` is relative to the API's base, with `{names}`.

    `repeatable` is False where sending the same request twice can leave two things on Pinterest.
    """

    id: str
    method: str
    path: str
    scopes: tuple[str, ...]
    category: Category
    repeatable: bool = True


_BOARDS = ("boards:read",)
_PINS = ("boards:read", "pins:read")
_BOARD_WRITE = ("boards:read", "boards:write")
_WRITE = ("boards:read", "boards:write", "pins:read", "pins:write")

USER_ACCOUNT = Operation(
    "user_account/get", "GET", "/user_account", ("user_accounts:read",), Category.ORG_READ
)
BOARDS_LIST = Operation("boards/list", "GET", "/boards", _BOARDS, Category.ORG_READ)
BOARD_GET = Operation("boards/get", "GET", "/boards/{board_id}", _BOARDS, Category.ORG_READ)
BOARD_CREATE = Operation(
    "boards/create", "POST", "/boards", _BOARD_WRITE, Category.ORG_WRITE, repeatable=False
)
SECTIONS_LIST = Operation(
    "board_sections/list", "GET", "/boards/{board_id}/sections", _BOARDS, Category.ORG_READ
)
SECTION_CREATE = Operation(
    "board_sections/create",
    "POST",
    "/boards/{board_id}/sections",
    _BOARD_WRITE,
    Category.ORG_WRITE,
    repeatable=False,
)
BOARD_PINS = Operation("boards/list_pins", "GET", "/boards/{board_id}/pins", _PINS, Category.ORG_READ)
SECTION_PINS = Operation(
    "board_sections/list_pins",
    "GET",
    "/boards/{board_id}/sections/{section_id}/pins",
    _PINS,
    Category.ORG_READ,
)
PIN_CREATE = Operation("pins/create", "POST", "/pins", _WRITE, Category.ORG_WRITE, repeatable=False)
PIN_GET = Operation("pins/get", "GET", "/pins/{pin_id}", _PINS, Category.ORG_READ)
PIN_DELETE = Operation("pins/delete", "DELETE", "/pins/{pin_id}", _WRITE, Category.ORG_WRITE)
TOKEN = Operation("oauth/token", "POST", "/oauth/token", (), Category.ORG_READ, repeatable=False)

OPERATIONS = (
    USER_ACCOUNT,
    BOARDS_LIST,
    BOARD_GET,
    BOARD_CREATE,
    SECTIONS_LIST,
    SECTION_CREATE,
    BOARD_PINS,
    SECTION_PINS,
    PIN_CREATE,
    PIN_GET,
    PIN_DELETE,
    TOKEN,
)

MINIMUM_SCOPES = ("boards:read", "boards:write", "pins:read", "pins:write", "user_accounts:read")
"""What a publisher must be granted: POST /pins wants all four of the first even if no board is ever edited."""

SECRET_SCOPES = ("boards:read_secret", "boards:write_secret", "pins:read_secret", "pins:write_secret")
"""Opt-in: they make secret boards visible and writable."""


def missing_scopes(granted: frozenset[str], wanted: tuple[str, ...] = MINIMUM_SCOPES) -> tuple[str, ...]:
    """The wanted scopes that were not granted, by name, in the order of `wanted`."""
    return tuple(scope for scope in wanted if scope not in granted)
