"""The names under which people look for a failure lead to it."""

from __future__ import annotations

import pytest

from steadypin.domain.failures import alias, classify, rule, step_of
from steadypin.domain.native import read_pasted
from steadypin.domain.rules.model import load_aliases
from steadypin.domain.words import Cause, Remedy, Step

PATTERNS = {
    "cover_image_url": (Cause.MEDIA, Remedy.FIX_INPUT),
    "cover_image_content_type": (Cause.MEDIA, Remedy.FIX_INPUT),
    "unauthorized": (Cause.TOKEN, Remedy.RECONNECT),
    "invalid token": (Cause.TOKEN, Remedy.RECONNECT),
    "429": (Cause.RATE_LIMIT, Remedy.RETRY_LATER),
    "rate limit": (Cause.RATE_LIMIT, Remedy.RETRY_LATER),
    "invalid media": (Cause.MEDIA, Remedy.FIX_INPUT),
    "unsupported format": (Cause.MEDIA, Remedy.FIX_INPUT),
}
BREAKAGES = {
    "token": (Cause.TOKEN, Remedy.RECONNECT),
    "scopes": (Cause.SCOPE, Remedy.RECONNECT),
    "board": (Cause.BOARD, Remedy.FIX_INPUT),
    "media": (Cause.MEDIA, Remedy.FIX_INPUT),
    "access tier": (Cause.ACCESS_TIER, Remedy.OPERATOR),
    "rate limit": (Cause.RATE_LIMIT, Remedy.RETRY_LATER),
    "account change": (Cause.ACCOUNT, Remedy.FIX_INPUT),
}


@pytest.mark.parametrize(("name", "expected"), [*PATTERNS.items(), *BREAKAGES.items()])
def test_a_common_name_leads_to_its_rule(name: str, expected: tuple[Cause, Remedy]) -> None:
    assert (alias(name).cause, alias(name).remedy) == expected
    assert alias(name.upper().replace(" ", "_")) is alias(name)


@pytest.mark.parametrize("name", load_aliases())
@pytest.mark.parametrize("endpoint", ["", "pins/create", "boards/list"])
def test_a_name_pasted_alone_is_explained(name: str, endpoint: str) -> None:
    assert classify(read_pasted(f" {name}\n", None, endpoint)).rule == alias(name).id


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        alias("zorblax")
    with pytest.raises(KeyError):
        rule("zorblax")


@pytest.mark.parametrize(
    ("endpoint", "step"),
    [
        ("oauth/token", Step.TOKEN_AND_SCOPES),
        ("boards/list", Step.BOARD),
        ("media/source", Step.MEDIA_AND_TEXT),
        ("media/get", Step.VIDEO_PROCESSING),
        ("boards/list_pins", Step.PUBLISH),
        ("pins/create", Step.PUBLISH),
        ("", Step.PUBLISH),
    ],
)
def test_a_call_stands_at_a_step(endpoint: str, step: Step) -> None:
    assert step_of(endpoint) is step
