"""What replies say, by tables of replies; no sockets."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadypin.domain.operations import BOARDS_LIST, TOKEN, USER_ACCOUNT
from steadypin.domain.verdicts import InDoubt, Made, NothingMade
from steadypin.domain.words import Remedy
from steadypin.pinterest.wire import (
    Refused,
    Unreached,
    prove_create,
    read_deletion,
    read_object,
    read_page,
    retry_after,
)
from tests.pinterest.replies import RECEIVED, reply

HTML = "<html><head><title>OK</title></head><body>OK</body></html>"
DEEP = b"[" * 200_000
HUGE_NUMBER = b'{"id": ' + b"9" * 5000 + b"}"


@pytest.mark.parametrize(
    ("status", "pin_id", "known_as"),
    [
        (201, "1234567890123456789", "1234567890123456789"),
        (200, "1", "1"),
        (201, 1234567890123456789, "1234567890123456789"),
    ],
)
def test_a_2xx_with_an_id_is_a_made_pin(status: int, pin_id: object, known_as: str) -> None:
    assert prove_create(reply(status, {"id": pin_id, "title": "x"})) == Made(known_as)


@pytest.mark.parametrize(
    "pin_id",
    [
        None,
        "",
        0.5,
        1e5,
        True,
        False,
        [],
        {},
        ["1"],
        "12a",
        "-5",
        -5,
        " 5",
        "5 ",
        "٣٤",
        "²",
        "１２",
        "9" * 65,
        "null",
    ],
)
def test_a_2xx_with_anything_else_for_an_id_is_doubt(pin_id: object) -> None:
    for status in (200, 201, 202):
        assert isinstance(prove_create(reply(status, {"id": pin_id})), InDoubt)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b"true", b"5", b'"5"', b"[]", b'[{"id": "5"}]', b'{"data": {"id": "5"}}', HTML, b'{"id": "5"',
     b"\xff\xfe\x00", b'{"id": "\xff"}', DEEP, HUGE_NUMBER],
)  # fmt: skip
def test_a_2xx_that_cannot_be_read_is_doubt(body: object) -> None:
    for status in (200, 201, 204):
        assert isinstance(prove_create(reply(status, body)), InDoubt)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 408, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [{"id": "5"}, {"code": 7, "message": "No"}, HTML, b"", DEEP])
def test_an_id_in_any_other_reply_makes_no_pin(status: int, body: object) -> None:
    assert isinstance(prove_create(reply(status, body)), InDoubt)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 409, 413, 422, 429])
def test_a_refusal_is_proof_only_in_pinterests_json(status: int) -> None:
    assert isinstance(prove_create(reply(status, {"code": 7, "message": "No"})), NothingMade)
    for body in (HTML, b"", b"[]", b'"no"', DEEP):
        assert isinstance(prove_create(reply(status, body)), InDoubt)


def test_a_doubt_keeps_pinterests_own_words_and_request_id() -> None:
    found = prove_create(reply(503, {"code": 12, "message": "Busy", "more": 1}, {"x-pinterest-rid": "rid-9"}))
    assert isinstance(found, InDoubt)
    native = found.failure.native
    assert (native.status, native.code, native.message, native.rid) == (503, 12, "Busy", "rid-9")
    assert native.extra == {"more": 1}


@pytest.mark.parametrize("left", [True, False])
def test_no_reply_is_doubt_once_the_body_may_have_left(left: bool) -> None:
    found = prove_create(Unreached("ServerDisconnectedError", "Server disconnected", left=left))
    assert isinstance(found, InDoubt) is left


@given(st.integers(100, 599), st.binary(max_size=200))
def test_no_reply_makes_reading_fail(status: int, body: bytes) -> None:
    answer = reply(status, body)
    assert isinstance(prove_create(answer), Made | NothingMade | InDoubt)
    for read in (read_page, read_object):
        with suppress(Refused):
            read(BOARDS_LIST, answer)


@pytest.mark.parametrize(
    ("body", "items", "bookmark"),
    [
        ({"items": [], "bookmark": None}, 0, None),
        ({"items": [{"id": "1"}], "bookmark": "b"}, 1, "b"),
        ({"items": [{"id": "1"}]}, 1, None),
        ({"items": [{"id": "1"}, None, 5, "x"], "bookmark": 5}, 1, None),
    ],
)
def test_a_page_is_read_with_its_bookmark(body: object, items: int, bookmark: str | None) -> None:
    found = read_page(BOARDS_LIST, reply(200, body))
    assert (len(found.items), found.bookmark) == (items, bookmark)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, {}), (200, {"items": None}), (200, {"items": {}}), (200, []), (200, HTML), (200, b""), (200, DEEP),
     (302, {"items": []}), (404, {"items": []}), (500, {"items": []})],
)  # fmt: skip
def test_a_page_that_is_none_never_reads_as_empty(status: int, body: object) -> None:
    with pytest.raises(Refused):
        read_page(BOARDS_LIST, reply(status, body))


def test_a_refused_object_says_why_and_how_long_to_wait() -> None:
    with pytest.raises(Refused) as refused:
        read_object(USER_ACCOUNT, reply(429, {"code": 8, "message": "Slow"}, {"retry-after": "12"}))
    assert refused.value.retry_after == timedelta(seconds=12)
    assert refused.value.failure.remedy is Remedy.RETRY_LATER
    with pytest.raises(Refused) as refused:
        read_object(TOKEN, reply(500, HTML))
    assert refused.value.failure.remedy is not Remedy.RECONNECT


@pytest.mark.parametrize("status", [200, 204, 404])
def test_a_deletion_is_done_when_the_pin_is_not_there(status: int) -> None:
    read_deletion(reply(status))


@pytest.mark.parametrize("status", [302, 401, 403, 429, 500])
def test_a_deletion_that_was_refused_is_told(status: int) -> None:
    with pytest.raises(Refused):
        read_deletion(reply(status, {"code": 1, "message": "No"}))


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry-after": "5", "x-ratelimit-reset": "60"}, 5),
        (429, {"x-ratelimit-reset": " 60 "}, 60),
        (429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "x-ratelimit-reset": "9"}, 9),
        (429, {"retry-after": "-5"}, None),
        (429, {"retry-after": "1.5"}, None),
        (429, {"retry-after": "²"}, None),
        (429, {"x-ratelimit-reset": "1772355600"}, None),  # a moment, not a wait
        (429, {}, None),
        (503, {"retry-after": "5"}, None),
    ],
)
def test_how_long_pinterest_asks_to_wait(status: int, headers: dict[str, str], seconds: int | None) -> None:
    expected = timedelta(seconds=seconds) if seconds is not None else None
    assert retry_after(reply(status, headers=headers)) == expected


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        (format_datetime(RECEIVED + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(RECEIVED - timedelta(hours=3)), -10800),
        ("Sun, 01 Mar 2026 09:00:00", 0),
        ("yesterday", 0),
        ("", 0),
        ("Sun, 99 Mar 2026 09:00:00 GMT", 0),
    ],
)
def test_pinterests_clock_is_read_from_its_date(date: str, seconds: int) -> None:
    assert reply(200, headers={"date": date}).clock_offset == timedelta(seconds=seconds)
    assert reply(200).clock_offset == timedelta(0)
