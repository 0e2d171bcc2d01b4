"""What each scope costs when it is missing."""

import pytest

from steadypin.domain.operations import MINIMUM_SCOPES, OPERATIONS, SECRET_SCOPES
from steadypin.domain.scopes import COSTS, lacking, lacking_sentence, named_scopes, wanted_scopes


def test_every_scope_that_is_asked_for_or_needed_has_its_cost_in_a_sentence() -> None:
    needed = {scope for operation in OPERATIONS for scope in operation.scopes}
    assert needed <= COSTS.keys() == {*MINIMUM_SCOPES, *SECRET_SCOPES}
    assert all(cost.endswith(".") and cost[0].isupper() for cost in COSTS.values())


def test_what_is_lacking_is_named_in_the_order_of_what_is_wanted() -> None:
    found = lacking({"pins:read", "boards:read"})
    assert [each.scope for each in found] == ["boards:write", "pins:write", "user_accounts:read"]
    assert not any(each.is_optional for each in found)
    assert lacking_sentence(found).startswith("Without boards:write: Pinterest takes no new Pin")
    assert all(each.is_optional for each in lacking(MINIMUM_SCOPES, COSTS))
    assert (lacking(COSTS), lacking_sentence(())) == ((), "")
    assert lacking((), ["ads:read"])[0].costs.endswith("not known to this version.")


def test_secret_boards_are_asked_for_on_request() -> None:
    assert wanted_scopes(secret_boards=False) == MINIMUM_SCOPES
    assert wanted_scopes(secret_boards=True) == MINIMUM_SCOPES + SECRET_SCOPES


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Missing: ['boards:write']", {"boards:write"}),
        ("Missing: ['boards:write_secret', 'pins:read']", {"boards:write_secret", "pins:read"}),
        ("Your token lacks something", set()),
        ("boards:writes", set()),
    ],
)
def test_scopes_in_a_text_are_found_by_their_whole_names(text: str, named: set[str]) -> None:
    assert named_scopes(text) == named
