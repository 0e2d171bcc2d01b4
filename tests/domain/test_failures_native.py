"""What is read out of a reply, and out of what people paste."""

from __future__ import annotations

import pytest

from steadypin.domain.native import Native, native_from_exception, read_native, read_pasted


def test_pinterest_s_own_shape() -> None:
    body = b'{"status": "failure", "code": 8, "message": "Too fast", "message_detail": "Wait", "data": null}'
    native = read_native("pins/create", 429, body, {"X-Pinterest-RID": "123"})
    assert (native.code, native.message, native.detail, native.rid) == (8, "Too fast", "Wait", "123")
    assert native.extra == {"status": "failure", "data": None}
    assert native.form == "json"


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ('{"error": {"code": 29, "message": "No"}}', 29, "No"),
        ('{"data": {"code": "29", "message": "No"}}', 29, "No"),
        ('[{"code": 29, "message": "No"}]', 29, "No"),
        ('"{\\"code\\": 29, \\"message\\": \\"No\\"}"', 29, "No"),
        ("{'code': 29, 'message': 'No', 'x': None}", 29, "No"),
        ('{"error": "invalid_grant", "error_description": "Gone"}', None, "Gone"),
        ("<Error><Code>EntityTooLarge</Code><Message>Too big</Message></Error>", None, "Too big"),
        ("<html><head><title>502 Bad Gateway</title></head></html>", None, "502 Bad Gateway"),
        ("error=access_denied&error_description=The+user+said+no", None, "The user said no"),
        ("just words", None, "just words"),
        ("", None, ""),
        ("\ufeff", None, ""),
    ],
)
def test_a_body(body: str, code: int | None, message: str) -> None:
    native = read_native("pins/create", 400, body, {})
    assert (native.code, native.message.strip("\ufeff"), native.body) == (code, message, body)


def test_bytes_that_are_no_text_are_kept() -> None:
    assert read_native("pins/create", 200, b"\xff\xfe\x00a", {}).body.endswith("\x00a")


def test_a_native_survives_storing() -> None:
    native = read_native("pins/create", 400, '{"code": 1, "message": "m", "x": [1, {"y": 2.5}]}', {})
    assert Native.from_json(native.to_json()) == native
    gone = native_from_exception("pins/create", "ReadTimeout", "Read timed out.")
    assert Native.from_json(gone.to_json()) == gone
    assert gone.form == "none"
    assert Native.from_json({}) == Native("", None)


@pytest.mark.parametrize(
    ("text", "status", "endpoint", "code"),
    [
        ('HTTP 403 {"code": 29, "message": "No"}', 403, "", 29),
        ("status=401 {'code': 2, 'message': 'No'}", 401, "", 2),
        ("POST /v5/pins -> 429", 429, "pins/create", None),
        ("GET https://api.pinterest.com/v5/boards/1/pins?page_size=250 503", None, "boards/list_pins", None),
        ('127.0.0.1 - - "POST /v5/pins HTTP/1.1" 503 162', 503, "pins/create", None),
        ('HTTP/2 404\r\nx-pinterest-rid: 77\r\n\r\n{"code": 40, "message": "No"}', 404, "", 40),
        ('HTTP/1.1 100 Continue\n\nHTTP/1.1 400 Bad Request\ncontent-type: application/json\n\n{"code": 1}', 400, "", 1),
        ('> POST /v5/pins HTTP/2\n> host: api.pinterest.com\n>\n< HTTP/2 401\n< x-pinterest-rid: 9\n<\n{"code": 2}', 401, "pins/create", 2),
        ("401 Client Error: Unauthorized for url: https://api.pinterest.com/v5/user_account", 401, "user_account/get", None),
        ("Request failed with status code 502", 502, "", None),
        ('{"level":"error","status":403,"path":"/v5/pins","method":"POST","body":"{\\"code\\":29,\\"message\\":\\"No\\"}"}', 403, "pins/create", 29),
        ('Pinterest API error (403): {"code":29,"message":"No"}', 403, "", 29),
        ('time=10:00 op=boards/create status=500', 500, "boards/create", None),
        ("{ code: 29, message: 'No' }", None, "", 29),
        ('Post "https://api.pinterest.com/v5/pins": EOF', None, "pins/create", None),
        ("read tcp 10.0.0.5:53422->151.101.0.84:443: connection reset", None, "", None),
        ("timeout of 500 ms exceeded", None, "", None),
        ("ProxyError: Tunnel connection failed: 503 Service Unavailable", None, "", None),
    ],
)  # fmt: skip
def test_a_pasted_text(text: str, status: int | None, endpoint: str, code: int | None) -> None:
    native = read_pasted(text)
    assert (native.status, native.endpoint, native.code, native.body) == (status, endpoint, code, text)


def test_what_the_caller_knows_wins_over_the_text() -> None:
    native = read_pasted("POST /v5/pins -> 429", 500, "boards/create")
    assert (native.status, native.endpoint) == (500, "boards/create")


def test_the_request_id_is_found() -> None:
    assert read_pasted("HTTP/2 404\nx-pinterest-rid: 77\n\n{}").rid == "77"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("httpx.ReadTimeout: The read operation timed out", "httpx.ReadTimeout"),
        ("Traceback (most recent call last):\n  File \"x.py\", line 1\nValueError: a\n\nrequests.exceptions.ConnectionError: b", "requests.exceptions.ConnectionError"),
        ("TypeError: fetch failed", "TypeError"),
        ('{"code": 2, "message": "SomeError"}', None),
        ("HTTPError: 500 Server Error", None),
        ("read ECONNRESET", None),
    ],
)  # fmt: skip
def test_the_exception_is_found(text: str, name: str | None) -> None:
    assert read_pasted(text).exception == name


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"message": "Forbidden", "description": "Board not found."}', "Board not found."),
        ('{"message": "Request failed", "response": {"text": "Board not found."}}', "Board not found."),
        ('{"message": "x", "code": "ECONNRESET"}', "ECONNRESET"),
        ("{&quot;code&quot;: 40, &quot;message&quot;: &quot;x&quot;, &quot;detail&quot;: &quot;Board not found.&quot;}", "Board not found."),
    ],
)  # fmt: skip
def test_words_beside_the_message_are_kept_as_detail(body: str, words: str) -> None:
    assert words in read_native("pins/create", 404, body, {}).detail


def test_the_words_of_the_pin_itself_are_not_read_as_an_error() -> None:
    body = '{"code": 1, "message": "Zorblax", "request": {"title": "Board not found", "board_id": "1", "description": "spam"}}'
    assert "Board" not in read_native("pins/create", 400, body, {}).detail


def test_a_status_of_zero_is_no_status() -> None:
    assert read_native("pins/create", 0, "", {}).status is None
    assert read_pasted("socket hang up", 0).status is None


def test_an_endpoint_may_be_written_as_method_and_path() -> None:
    assert read_pasted("x", 500, "POST /v5/pins").endpoint == "pins/create"
    assert read_pasted("x", 500, "GET /boards/12/pins?page_size=1").endpoint == "boards/list_pins"
    assert read_pasted("x", 500, "media/source").endpoint == "media/source"
