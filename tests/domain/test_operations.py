"""The table of operations is compared with Pinterest's own specification, so it cannot rot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from steadypin.domain.operations import (
    MINIMUM_SCOPES,
    OPERATIONS,
    PIN_CREATE,
    SECRET_SCOPES,
    Operation,
    missing_scopes,
)

SPEC = json.loads((Path(__file__).parents[2] / "spec" / "pinterest-v5.23-organic.json").read_text())


def specified(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = SPEC["paths"][operation.path][operation.method.lower()]
    return found


def scopes_of(entry: dict[str, Any]) -> set[str]:
    return {scope for way in entry["security"] for scope in way.get("pinterest_oauth2", [])}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_path_method_scopes_and_category_are_those_of_the_specification(operation: Operation) -> None:
    entry = specified(operation)
    assert entry["operationId"] == operation.id
    assert set(operation.scopes) == scopes_of(entry)
    if operation.id != "oauth/token":  # the token endpoint belongs to no category
        assert entry["x-ratelimit-category"] == operation.category.value


def test_no_operation_is_listed_twice() -> None:
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)


def test_only_what_makes_something_may_not_be_repeated() -> None:
    assert {operation.id for operation in OPERATIONS if not operation.repeatable} == {
        "pins/create",
        "boards/create",
        "board_sections/create",
        "oauth/token",
    }


def test_the_minimum_covers_every_operation_and_nothing_secret() -> None:
    wanted = {scope for operation in OPERATIONS for scope in operation.scopes}
    assert wanted <= set(MINIMUM_SCOPES)
    assert not set(MINIMUM_SCOPES) & set(SECRET_SCOPES)
    known = SPEC["components"]["securitySchemes"]["pinterest_oauth2"]["flows"]["authorizationCode"]["scopes"]
    assert {*MINIMUM_SCOPES, *SECRET_SCOPES} <= set(known)


def test_missing_scopes_are_named_in_the_order_in_which_they_were_wanted() -> None:
    granted = frozenset(MINIMUM_SCOPES) - {"pins:write", "boards:read"}
    assert missing_scopes(granted) == ("boards:read", "pins:write")
    assert missing_scopes(frozenset(MINIMUM_SCOPES), PIN_CREATE.scopes) == ()
