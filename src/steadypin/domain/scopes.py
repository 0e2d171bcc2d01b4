"""What each of Pinterest's scopes is for, and what is lost without it.

    lacking(granted, wanted) -> (Lacking(scope, costs), …) -> lacking_sentence

The scopes that publishing cannot do without are `operations.MINIMUM_SCOPES`; the four secret ones are an opt-in.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from steadypin.domain.operations import MINIMUM_SCOPES, SECRET_SCOPES

COSTS = {
    "boards:read": "Steadypin cannot see the boards, so no Pin can be put on one.",
    "boards:write": "Pinterest takes no new Pin: it wants this one for every Pin, even if no board is ever changed.",
    "pins:read": "Steadypin cannot find out whether a Pin is live after all when an answer of Pinterest was lost.",
    "pins:write": "Pinterest takes no new Pin.",
    "user_accounts:read": "Steadypin cannot tell which account this is, nor notice when it changes.",
    "boards:read_secret": "Secret boards are not listed, so none can be chosen.",
    "boards:write_secret": "Secret boards cannot be made or changed from Steadypin.",
    "pins:read_secret": "Pins on secret boards cannot be found again when an answer of Pinterest was lost.",
    "pins:write_secret": "No Pin can be put on a secret board.",
}
"""What is lost without each scope, a plain sentence."""

_NAMED = re.compile(
    "|".join(sorted((rf"{re.escape(scope)}(?!\w)" for scope in COSTS), key=len, reverse=True))
)


@dataclass(frozen=True, slots=True)
class Lacking:
    """One scope that was not granted, and what that costs."""

    scope: str
    costs: str

    @property
    def is_optional(self) -> bool:
        """Whether publishing goes on without it."""
        return self.scope not in MINIMUM_SCOPES


def wanted_scopes(*, secret_boards: bool) -> tuple[str, ...]:
    """What to ask for."""
    return MINIMUM_SCOPES + SECRET_SCOPES if secret_boards else MINIMUM_SCOPES


def lacking(granted: Collection[str], wanted: Collection[str] = MINIMUM_SCOPES) -> tuple[Lacking, ...]:
    """The wanted scopes that were not granted, by name, in the order of `wanted`."""
    return tuple(
        Lacking(scope, COSTS.get(scope, "What it is for is not known to this version."))
        for scope in wanted
        if scope not in granted
    )


def lacking_sentence(missing: Collection[Lacking]) -> str:
    """Every missing scope with what it costs; "" when none is missing."""
    return " ".join(f"Without {each.scope}: {each.costs}" for each in missing)


def named_scopes(text: str) -> frozenset[str]:
    """The scopes that a text of Pinterest names."""
    return frozenset(_NAMED.findall(text))
