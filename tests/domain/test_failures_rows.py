"""Every row of the project's catalogue of Pinterest errors has the cause, the remedy and the step it should have."""

from __future__ import annotations

import json

import pytest

from steadypin.domain.failures import classify, rules
from steadypin.domain.native import native_from_exception, read_native
from steadypin.domain.rules.checks import ROWS
from steadypin.domain.words import Cause, Remedy, Step

CREATE = "pins/create"
MISSING = (
    "Your token does not have sufficient permissions to perform this operation. Missing: ['boards:write']"
)
TRIAL = "Apps with Trial access may not create Pins in production https://api.pinterest.com"
NOT_PERMITTED = "You are not permitted to access that resource."
OUR_END = "Something went wrong on our end. Sorry about that."
DIGITS = "Invalid request: 'recipes' does not match '^\\d+$'"
S3 = "<?xml version='1.0'?><Error><Code>{}</Code><Message>m</Message></Error>"

# row, endpoint, status, code, message (or a whole body), cause, remedy, step
TABLE = [
    ("1", CREATE, 401, 2, "Authentication failed.", "token", "reconnect", 2),
    ("2", "oauth/token", 401, 2, "Authentication failed.", "app_credentials", "operator", 2),
    ("4", "oauth/token", 401, 283, "The authorization grant is invalid.", "token", "reconnect", 2),
    ("5", CREATE, 401, 3, MISSING, "scope", "reconnect", 2),
    ("6", "pins/update", 401, 3, "No access to restricted feature: pin_edit", "access_tier", "operator", 2),
    ("7", "search_user_pins/list", 401, 3, "No access to restricted feature: pin_search", "access_tier", "operator", 2),
    ("7", "multi_pins/analytics", 401, 3, "Not for this app.", "access_tier", "operator", 2),
    ("8", "boards/list", 401, 3, "Your application consumer type is not supported", "access_tier", "operator", 2),
    ("9", CREATE, 403, 29, NOT_PERMITTED, "board", "fix_input", 3),
    ("10", CREATE, 403, 29, TRIAL, "access_tier", "operator", 6),
    ("10", CREATE, 403, 3, TRIAL, "access_tier", "operator", 6),
    ("11", "boards/update", 403, 29, NOT_PERMITTED, "scope", "reconnect", 2),
    ("12", "pins/update", 403, 29, "Not authorized to update Pin.", "content", "fix_input", 6),
    ("13", "multi_pins/analytics", 401, 7, "Not authorized to access board or Pin.", "board", "fix_input", 3),
    ("14", "pins/analytics", 403, 403, "Not authorized to access board or Pin.", "board", "fix_input", 3),
    ("15", "user_account/get", 403, 403, "Not authorized to access the user account", "account", "reconnect", 2),
    ("16", "user_account/analytics", 403, 403, "Not authorized to access the user account analytics", "account", "reconnect", 2),
    ("17", "board_sections/create", 403, 403, "Not authorized to create board section.", "board", "fix_input", 3),
    ("17", "board_sections/update", 403, 403, "Not authorized to update board section.", "board", "fix_input", 3),
    ("17", "board_sections/delete", 403, 403, "Not authorized to delete board section.", "board", "fix_input", 3),
    ("18", "boards/update", 403, 403, "Not authorized to update the board.", "board", "fix_input", 3),
    ("19", "board_sections/list_pins", 403, 403, "Not authorized to access Pins on board section.", "board", "fix_input", 3),
    ("20", "user_websites/get", 403, 403, "Not authorized to access the user website list.", "account", "reconnect", 2),
    ("21", CREATE, 401, None, "You don't have permission to edit that board.", "board", "fix_input", 3),
    ("22", "", 403, 654, "You must have a business account.", "account", "fix_input", 2),
    ("23", "", 403, 2625, "Your account has been disapproved.", "account", "fix_input", 2),
    ("24", "", 403, 2626, "We are reviewing your account.", "account", "retry_later", 2),
    ("25", "", 400, 1104, "The token you provided is not valid or has expired.", "content", "fix_input", 6),
    ("26", "", 409, 4168, "The account has no website.", "account", "fix_input", 6),
    ("26", "", 409, 4169, "The account has no verified website.", "account", "fix_input", 6),
    ("27", "", None, None, "App deactivated", "app_credentials", "operator", 2),
    ("27", "", None, None, "User deactivated", "account", "fix_input", 2),
    ("27", "", None, None, "Session expired", "token", "reconnect", 2),
    ("28", CREATE, 404, 40, "Board not found.", "board", "fix_input", 3),
    ("29", "boards/list_pins", 404, 404, "Board not found.", "board", "fix_input", 3),
    ("30", CREATE, 404, 2031, "Sorry! We couldn't find this board section.", "board", "fix_input", 3),
    ("31", "board_sections/list", 404, 404, "Board section not found.", "board", "fix_input", 3),
    ("31", CREATE, 404, 404, "Board or section not found.", "board", "fix_input", 3),
    ("32", "pins/get", 404, 50, "Pin not found.", "content", "fix_input", 6),
    ("33", "pins/delete", 404, 404, "Pin not found.", "content", "fix_input", 6),
    ("34", "media/get", 404, 404, "Media upload not found", "media", "retry_later", 5),
    ("35", "", 404, 30, "User not found.", "account", "fix_input", 2),
    ("36", "boards/list", 404, 2, "AdAccount not found.", "account", "fix_input", 2),
    ("37", "unverify_website/delete", 404, 404, "Website not in user list", "account", "fix_input", 6),
    ("38", CREATE, 400, 1, "You have entered an invalid URL", "link", "fix_input", 4),
    ("39", CREATE, 400, 1, "Parameter 'link' (value x) is not a valid URL format.", "link", "fix_input", 4),
    ("40", CREATE, 400, 1, "Sorry we could not fetch the image.", "media", "fix_input", 4),
    ("41", CREATE, None, None, "Unable to reach the URL", "media", "fix_input", 4),
    ("42", CREATE, 403, 233, "Your image is too small.", "media", "fix_input", 4),
    ("43", CREATE, 403, 235, "Sorry, this image is broken.", "media", "fix_input", 4),
    ("44", CREATE, 400, None, "The format of the image is not supported", "media", "fix_input", 4),
    ("45", CREATE, 400, None, "items: constraint: maxItems=5", "media", "fix_input", 4),
    ("46", CREATE, 400, 1, DIGITS, "board", "fix_input", 3),
    ("46", CREATE, 400, 1, "board_id must match the pattern ^\\d+$", "board", "fix_input", 3),
    ("47", CREATE, 400, None, "cover_image_url or cover_image_content_type is needed", "media", "fix_input", 4),
    ("48", CREATE, 400, None, "Sorry! We blocked this link because it may lead to spam.", "link", "fix_input", 4),
    ("49", CREATE, 400, 1, "Sorry! This site doesn't allow you to save Pins.", "link", "fix_input", 4),
    ("50", "boards/create", 400, 400, "The board name is invalid or duplicated.", "board", "fix_input", 3),
    ("51", "boards/update", 400, 400, "Invalid board parameters.", "board", "fix_input", 3),
    ("52", "board_sections/create", 400, 400, "Invalid board section parameters.", "board", "fix_input", 3),
    ("53", "pins/list", 400, 400, "Invalid pin filter value", "unknown", "report", 6),
    ("54", "pins/analytics", 400, 400, "Invalid pins analytics parameters.", "unknown", "report", 6),
    ("55", "multi_pins/analytics", 400, 1, "Invalid multi_pins analytics parameters.", "unknown", "report", 6),
    ("56", "user_account/analytics", 400, 400, "Invalid user accounts analytics parameters.", "unknown", "report", 6),
    ("57", "boards/list", 400, 1, "Parameter 'page_size' was not numeric.", "unknown", "report", 3),
    ("58", "pins/analytics", 400, 1, "Parameter 'start_date' is required.", "unknown", "report", 6),
    ("59", CREATE, 400, 1, "Invalid request: 5 is not of type 'string'", "unknown", "report", 6),
    ("60", "pins/get", 400, 400, "Pin is not a call-to-create response.", "content", "fix_input", 6),
    ("61", "boards/list", 405, 5, "Method not allowed.", "unknown", "report", 3),
    ("62", "", 422, 4170, "The feed name already exists.", "content", "fix_input", 6),
    ("63", "", 400, 4196, "The request was invalid.", "content", "fix_input", 6),
    ("63", "", 400, 6126, "Invalid request parameter.", "content", "fix_input", 6),
    ("64", CREATE, 429, 8, "This request exceeded a rate limit.", "rate_limit", "retry_later", 6),
    ("65", CREATE, 429, 8, "You have exceeded your rate limit. Try again later.", "rate_limit", "retry_later", 6),
    ("66", CREATE, 429, 8, "Try again later: this looks like SPAM.", "spam_block", "retry_later", 6),
    ("67", "", 429, 30, "This request exceeded a rate limit.", "rate_limit", "retry_later", 6),
    ("68", "boards/list", 429, 429, "This request exceeded a rate limit.", "rate_limit", "retry_later", 6),
    ("69", "boards/list", 429, 7, "Another text.", "rate_limit", "retry_later", 6),
    ("70", CREATE, 400, 1, OUR_END, "platform", "retry_later", 6),
    ("71", CREATE, 400, 12, OUR_END, "platform", "retry_later", 6),
    ("71", "boards/list", 500, 12, OUR_END, "platform", "retry_later", 3),
    ("72", "pins/analytics", 400, 1, "Retry after 5 seconds", "platform", "retry_later", 6),
    ("73", "boards/update", 409, 409, "Could not get exclusive access to the board.", "board", "retry_later", 3),
    ("74", "board_sections/create", 409, 409, "Board section conflict.", "board", "retry_later", 3),
    ("75", "boards/delete", 409, 409, "Could not get exclusive access to delete the board.", "board", "retry_later", 3),
    ("76", "board_sections/create", 500, 500, "Could not create a new board section.", "platform", "retry_later", 3),
    ("77", CREATE, 500, 500, "Whatever", "platform", "confirm", 6),
    ("77", CREATE, 502, None, "<html><h1>502 Bad Gateway</h1></html>", "platform", "confirm", 6),
    ("77", "boards/list", 503, None, "<html><h1>503</h1></html>", "platform", "retry_later", 3),
    ("78", "boards/list", 503, 4197, "This endpoint has been ramped down.", "platform", "operator", 3),
    ("79", "boards/list", 501, 4181, "Not implemented.", "platform", "report", 3),
    ("80", CREATE, 408, None, "", "network", "confirm", 6),
    ("80", "boards/list", 408, None, "", "network", "retry_later", 3),
    ("81", "media/upload", 403, None, S3.format("SignatureDoesNotMatch"), "media", "retry_later", 5),
    ("81", "media/upload", 403, None, "<Error><Message>Invalid according to Policy: Policy expired.</Message></Error>", "media", "retry_later", 5),
    ("82", "media/upload", 400, None, S3.format("EntityTooLarge"), "media", "fix_input", 5),
    ("82a", "media/upload", 411, None, S3.format("MissingContentLength"), "media", "report", 5),
    ("83", "media/get", 200, None, '{"media_id": "1", "media_type": "video", "status": "failed"}', "media", "fix_input", 5),
    ("84", "media/get", 200, None, '{"media_id": "1", "media_type": "video", "status": "processing"}', "media", "retry_later", 5),
]  # fmt: skip


@pytest.mark.parametrize(("row", "endpoint", "status", "code", "message", "cause", "remedy", "step"), TABLE)
def test_a_row_of_the_catalogue(
    row: str,
    endpoint: str,
    status: int | None,
    code: int | None,
    message: str,
    cause: str,
    remedy: str,
    step: int,
) -> None:
    body = message if message[:1] in ("<", "{") else json.dumps({"code": code, "message": message})
    failure = classify(read_native(endpoint, status, body, {}))
    assert (failure.cause, failure.remedy, failure.step) == (Cause(cause), Remedy(remedy), Step(step)), (
        failure.rule
    )


def test_row_3_a_production_token_in_the_sandbox() -> None:
    native = read_native(CREATE, 401, '{"code": 2, "message": "Authentication failed."}', {})
    failure = classify(native, environment="sandbox")
    assert (failure.cause, failure.remedy) == (Cause.TOKEN, Remedy.OPERATOR)


def test_row_80_a_time_out_after_sending() -> None:
    lost = classify(native_from_exception(CREATE, "ReadTimeout", "Read timed out."))
    assert (lost.cause, lost.remedy, lost.leaves_doubt) == (Cause.NETWORK, Remedy.CONFIRM, True)
    read = classify(native_from_exception("boards/list", "ReadTimeout", "Read timed out."))
    assert (read.cause, read.remedy, read.leaves_doubt) == (Cause.NETWORK, Remedy.RETRY_LATER, False)


def test_the_table_leaves_no_row_out() -> None:
    assert {row for row, *_ in TABLE} | {"3", "2.6"} == ROWS
    assert {row for rule in rules() for row in rule.rows} == ROWS
