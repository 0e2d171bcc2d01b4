"""The places where a quick reading of Pinterest's errors goes wrong: the seven known traps, then what lies near them."""

from __future__ import annotations

import json

import pytest

from steadypin.domain.failures import Failure, classify
from steadypin.domain.native import read_native, read_pasted
from steadypin.domain.words import Cause, Remedy


def answer(endpoint: str, status: int, code: int | None, message: str, **more: object) -> Failure:
    return classify(read_native(endpoint, status, json.dumps({"code": code, "message": message, **more}), {}))


@pytest.mark.parametrize(
    "message",
    [
        "No access to restricted feature: pin_edit",
        "No access to a restricted feature",
        "Your application consumer type is not supported",
    ],
)
def test_a_401_that_is_not_a_reconnect(message: str) -> None:
    failure = answer("pins/update", 401, 3, message)
    assert (failure.cause, failure.remedy) == (Cause.ACCESS_TIER, Remedy.OPERATOR)
    assert not failure.refresh_first


def test_a_401_that_is_ours() -> None:
    ours = answer("oauth/token", 401, 2, "Authentication failed.")
    theirs = answer("pins/create", 401, 2, "Authentication failed.")
    assert (ours.cause, ours.remedy) == (Cause.APP_CREDENTIALS, Remedy.OPERATOR)
    assert (theirs.cause, theirs.remedy, theirs.refresh_first) == (Cause.TOKEN, Remedy.RECONNECT, True)
    sandbox = classify(theirs.native, environment="sandbox")
    assert (sandbox.rule, sandbox.cause, sandbox.remedy) == ("sandbox-token", Cause.TOKEN, Remedy.OPERATOR)


@pytest.mark.parametrize(
    ("code", "message"), [(233, "Your image is too small."), (235, "Sorry, this image is broken.")]
)
def test_a_403_that_is_an_image_problem(code: int, message: str) -> None:
    failure = answer("pins/create", 403, code, message)
    assert (failure.cause, failure.remedy) == (Cause.MEDIA, Remedy.FIX_INPUT)


def test_a_403_that_is_the_app_tier() -> None:
    for code in (29, 3, 403):
        failure = answer("pins/create", 403, code, "Apps with Trial access may not create Pins in production")
        assert (failure.cause, failure.remedy) == (Cause.ACCESS_TIER, Remedy.OPERATOR)
        assert not failure.leaves_doubt


@pytest.mark.parametrize("code", [None, 1, 12, 2787])
def test_a_400_that_is_transient(code: int | None) -> None:
    failure = answer("pins/create", 400, code, "Something went wrong on our end. Sorry about that.")
    assert (failure.cause, failure.remedy) == (Cause.PLATFORM, Remedy.RETRY_LATER)
    assert failure.leaves_doubt, "the board has to be read before the Pin is sent again"


@pytest.mark.parametrize("where", ["message", "message_detail"])
def test_a_429_that_is_spam(where: str) -> None:
    texts = {"message": "Try again later.", where: "This looks like spam."}
    failure = classify(read_native("pins/create", 429, json.dumps({"code": 8, **texts}), {}))
    assert (failure.cause, failure.wait) == (Cause.SPAM_BLOCK, "spam")


def test_a_404_with_code_2_that_is_not_auth() -> None:
    failure = answer("boards/list", 404, 2, "AdAccount not found.")
    assert (failure.cause, failure.remedy) == (Cause.ACCOUNT, Remedy.FIX_INPUT)
    board = answer("pins/create", 404, 2, "Board not found.")
    assert (board.cause, board.remedy) == (Cause.BOARD, Remedy.FIX_INPUT)


def test_missing_scopes_are_named() -> None:
    failure = answer(
        "pins/create",
        401,
        3,
        "Not sufficient permissions to perform this. Missing: ['boards:write', 'pins:write']",
    )
    assert failure.names == ("boards:write", "pins:write")
    assert "boards:write, pins:write" in failure.meaning


def test_the_restricted_feature_is_named() -> None:
    assert answer("pins/update", 401, 3, "No access to restricted feature: pin_edit").names == ("pin_edit",)


def test_a_link_blocked_for_spam_is_not_a_spam_block_of_the_account() -> None:
    for status in (400, 403, 429):
        failure = answer("pins/create", status, 1, "Sorry! We blocked this link because it may lead to spam.")
        assert (failure.cause, failure.remedy) == (Cause.LINK, Remedy.FIX_INPUT)


def test_a_catalog_report_token_does_not_end_a_connection() -> None:
    failure = answer("", 400, 1104, "The token you provided is not valid or has expired.")
    assert failure.remedy is Remedy.FIX_INPUT


def test_a_bucket_s_expired_token_does_not_end_a_connection() -> None:
    body = "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
    for endpoint in ("media/upload", ""):
        assert classify(read_pasted(body, 400, endpoint)).remedy is Remedy.RETRY_LATER
