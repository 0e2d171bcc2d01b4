"""No dangerous verdict: what may have made a Pin is never called retryable, and nobody is blamed for another's fault."""

from __future__ import annotations

import json

import pytest

from steadypin.domain.failures import Failure, classify
from steadypin.domain.native import native_from_exception, read_native, read_pasted
from steadypin.domain.rules.matching import CREATES
from steadypin.domain.verdicts import InDoubt, prove
from steadypin.domain.words import Cause, Remedy

PINTEREST_TEXTS = [
    "Authentication failed.", "The authorization grant is invalid.", "Unauthorized", "invalid token", "Session expired",
    "Missing: ['pins:write']", "Not authorized to access the user account", "Access token expired", "access_denied",
    "insufficient_scope", "You have exceeded a rate limit", "Something went wrong on our end.", "",
]  # fmt: skip
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def told(endpoint: str, status: int | None, body: str) -> Failure:
    return classify(read_native(endpoint, status, body, {}))


@pytest.mark.parametrize("endpoint", [*CREATES, ""])
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520, 524, 599])
@pytest.mark.parametrize("text", PINTEREST_TEXTS)
def test_a_server_error_on_a_create_is_confirmed(endpoint: str, status: int, text: str) -> None:
    for body in (text, HTML.format(text), json.dumps({"code": 2, "message": text})):
        failure = told(endpoint, status, body)
        assert failure.remedy is Remedy.CONFIRM, failure.rule
        assert failure.leaves_doubt


@pytest.mark.parametrize(
    "endpoint",
    [
        "boards/list",
        "pins/get",
        "user_account/get",
        "oauth/token",
        "media/create",
        "media/get",
        "pins/delete",
    ],
)
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("text", PINTEREST_TEXTS)
def test_a_server_error_or_a_limit_never_ends_a_connection(endpoint: str, status: int, text: str) -> None:
    for body in (text, HTML.format(text), json.dumps({"code": 283, "message": text})):
        failure = told(endpoint, status, body)
        assert failure.remedy is Remedy.RETRY_LATER, failure.rule
        assert not failure.leaves_doubt


@pytest.mark.parametrize("status", [200, 201, 204, 301, 302, 307])
@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><title>Pinterest</title></html>",
        '{"title": "x"}',
        "[]",
        '{"id": ""}',
        "\x00\x01",
        '{"message": "Unauthorized"}',
    ],
)
def test_a_success_without_a_pin_s_number_is_confirmed(status: int, body: str) -> None:
    assert told("pins/create", status, body).remedy is Remedy.CONFIRM
    assert told("boards/list", status, body).remedy is not Remedy.CONFIRM


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
def test_a_page_of_html_leaves_doubt_whatever_its_status(status: int) -> None:
    assert told("pins/create", status, HTML.format(f"{status} nginx")).leaves_doubt
    assert not told("boards/list", status, HTML.format(f"{status} nginx")).leaves_doubt


REFUSED = [401, 403, 404, 405, 409, 413, 422, 429]


@pytest.mark.parametrize("status", [*REFUSED, 400, 402, 406, 410, 418, 451])
@pytest.mark.parametrize(
    "body", ["", "Authentication failed.", "[]", '"Authentication failed."', "\x00\x01", HTML]
)
def test_what_is_not_pinterest_s_json_leaves_doubt_whatever_its_status(status: int, body: str) -> None:
    assert told("pins/create", status, body).leaves_doubt
    assert told("", status, body).leaves_doubt
    assert not told("boards/list", status, body).leaves_doubt


@pytest.mark.parametrize("status", [402, 406, 410, 418, 423, 425, 431, 451])
def test_a_status_that_refuses_no_creates_leaves_doubt_in_spite_of_its_words(status: int) -> None:
    assert told("pins/create", status, '{"code": 40, "message": "Board not found."}').leaves_doubt


@pytest.mark.parametrize("status", [None, 200, 204, 301, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("text", PINTEREST_TEXTS)
@pytest.mark.parametrize("form", ["{}", HTML, "json"])
def test_what_is_told_and_what_is_done_are_one_decision(status: int | None, text: str, form: str) -> None:
    body = json.dumps({"code": 2, "message": text}) if form == "json" else form.format(text)
    native = read_native("pins/create", status, body)
    for left in (True, False):
        known = left if status is None else None
        doubted = isinstance(prove(native, left=left), InDoubt)
        assert doubted is classify(native, left=known).leaves_doubt


@pytest.mark.parametrize(
    ("text", "status", "doubt"),
    [
        ('POST /v5/pins -> 401 {"code": 2, "message": "Authentication failed."}', None, False),
        ('HTTP/2 403\r\nserver: x\r\n\r\n{"code": 29, "message": "No"}', None, False),
        ("{'code': 40, 'message': 'Board not found.'}", 404, False),
        ("Authentication failed.", 401, False),
        ("", 401, True),
        ("POST /v5/pins -> 422", None, True),
        ("HTTP/2 401\r\nserver: x\r\n\r\n" + HTML.format("401 Unauthorized"), None, True),
        ("<html><script>{\"code\": 2}</script>Authentication failed.</html>", 401, True),
    ],
)  # fmt: skip
def test_of_a_pasted_text_its_json_or_a_known_sentence_counts(
    text: str, status: int | None, doubt: bool
) -> None:
    assert classify(read_pasted(text, status, "pins/create")).leaves_doubt is doubt


@pytest.mark.parametrize("exception", ["TimeoutError", "ServerDisconnectedError", "ClientOSError"])
def test_an_exception_before_the_body_left_is_told_as_not_sent(exception: str) -> None:
    native = native_from_exception("pins/create", exception, "")
    assert classify(native).leaves_doubt
    assert classify(native, left=True).remedy is Remedy.CONFIRM
    nothing = classify(native, left=False)
    assert (nothing.rule, nothing.remedy, nothing.leaves_doubt) == ("not-sent", Remedy.RETRY_LATER, False)


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (401, 2, "Authentication failed."),
        (403, 29, "You are not permitted to access that resource."),
        (404, 40, "Board not found."),
        (409, 409, "Conflict"),
        (429, 8, "You have exceeded a rate limit."),
        (400, 1, "Sorry we could not fetch the image."),
    ],
)
def test_a_clear_refusal_leaves_no_doubt(status: int, code: int, message: str) -> None:
    failure = told("pins/create", status, json.dumps({"code": code, "message": message}))
    assert failure.remedy is not Remedy.CONFIRM
    assert not failure.leaves_doubt


def test_a_400_whose_text_names_no_fault_proves_nothing() -> None:
    failure = told("pins/create", 400, '{"code": 1, "message": "Zorblax."}')
    assert (failure.cause, failure.remedy) == (Cause.UNKNOWN, Remedy.REPORT)
    assert failure.leaves_doubt


@pytest.mark.parametrize("text", [
    "Apps with Trial access may not create Pins in production", "restricted feature: pin_edit", "consumer type is not supported",
    "invalid_client", "Invalid client_id", "App deactivated",
])  # fmt: skip
@pytest.mark.parametrize("status", [None, 400, 401, 403])
@pytest.mark.parametrize("endpoint", ["pins/create", "user_account/get", "oauth/token", ""])
def test_the_operator_s_matter_is_nobody_else_s(text: str, status: int | None, endpoint: str) -> None:
    assert told(endpoint, status, json.dumps({"code": 2, "message": text})).remedy is Remedy.OPERATOR


BEFORE_SENDING = [
    "httpx.ConnectError: [Errno 111] Connection refused",
    "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='api.pinterest.com', port=443): Max retries exceeded with url: /v5/pins (Caused by ConnectTimeoutError(<o>, 'Connection to api.pinterest.com timed out. (connect timeout=10)'))",
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.pinterest.com', port=443): Max retries exceeded with url: /v5/pins (Caused by NameResolutionError(\"<o>: Failed to resolve 'api.pinterest.com'\"))",
    "requests.exceptions.ProxyError: Max retries exceeded (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 503 Service Unavailable')))",
    "aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host api.pinterest.com:443 ssl:default [Connection reset by peer]",
    "aiohttp.client_exceptions.ConnectionTimeoutError: Connection timeout to host https://api.pinterest.com/v5/pins",
    "socket.gaierror: [Errno -3] Temporary failure in name resolution",
    "OSError: [Errno 101] Network is unreachable",
    "httpx.PoolTimeout",
    "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
    "Error: getaddrinfo ENOTFOUND api.pinterest.com", "getaddrinfo EAI_AGAIN api.pinterest.com",
    "Error: connect ECONNREFUSED 151.101.0.84:443", "Error: connect ETIMEDOUT 151.101.0.84:443",
    "Client network socket disconnected before secure TLS connection was established",
    "TypeError: fetch failed [cause]: ConnectTimeoutError: Connect Timeout Error code: 'UND_ERR_CONNECT_TIMEOUT'",
    "curl: (6) Could not resolve host: api.pinterest.com", "curl: (7) Failed to connect to api.pinterest.com port 443",
    "curl: (28) Connection timed out after 10001 milliseconds", "curl: (35) OpenSSL SSL_connect: Connection reset by peer",
    "GuzzleHttp\\Exception\\ConnectException: cURL error 6: Could not resolve host: api.pinterest.com",
    'Post "https://api.pinterest.com/v5/pins": dial tcp: lookup api.pinterest.com: no such host',
    'Post "https://api.pinterest.com/v5/pins": dial tcp 151.101.0.84:443: i/o timeout',
    'Post "https://api.pinterest.com/v5/pins": net/http: TLS handshake timeout',
    "java.net.SocketTimeoutException: connect timed out", "java.net.UnknownHostException: api.pinterest.com",
    "Net::OpenTimeout: execution expired", "No such host is known. (api.pinterest.com:443)",
]  # fmt: skip

AFTER_SENDING = [
    "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='api.pinterest.com', port=443): Read timed out. (read timeout=30)",
    "requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
    "httpx.ReadTimeout", "httpx.RemoteProtocolError: Server disconnected without sending a response.", "httpx.WriteError",
    "aiohttp.client_exceptions.ServerDisconnectedError: Server disconnected", "aiohttp.client_exceptions.SocketTimeoutError: Timeout on reading data from socket",
    "asyncio.exceptions.TimeoutError", "http.client.IncompleteRead: IncompleteRead(0 bytes read)", "BrokenPipeError: [Errno 32] Broken pipe",
    "Error: read ECONNRESET", "Error: socket hang up", "AxiosError: timeout of 30000ms exceeded", "TypeError: fetch failed",
    "HeadersTimeoutError: Headers Timeout Error code: 'UND_ERR_HEADERS_TIMEOUT'", "ETIMEDOUT", "write EPIPE",
    "curl: (28) Operation timed out after 30001 milliseconds with 0 bytes received", "curl: (52) Empty reply from server", "curl: (56) Recv failure: Connection reset by peer",
    "GuzzleHttp\\Exception\\ConnectException: cURL error 28: Operation timed out after 30001 milliseconds with 0 bytes received",
    'Post "https://api.pinterest.com/v5/pins": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    'Post "https://api.pinterest.com/v5/pins": EOF', "read tcp 10.0.0.5:53422->151.101.0.84:443: read: connection reset by peer",
    "java.net.SocketTimeoutException: Read timed out", "org.apache.http.NoHttpResponseException: api.pinterest.com:443 failed to respond",
    "Net::ReadTimeout", "TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.",
    "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)", "SyntaxError: Unexpected token < in JSON at position 0",
    "upstream connect error or disconnect/reset before headers. reset reason: connection termination", "delayed connect error: Connection refused upstream connect error",
]  # fmt: skip


@pytest.mark.parametrize("text", BEFORE_SENDING)
def test_what_failed_before_it_was_sent_may_be_sent_again(text: str) -> None:
    failure = classify(read_pasted(text, None, "pins/create"))
    assert (failure.cause, failure.remedy) == (Cause.NETWORK, Remedy.RETRY_LATER), failure.rule
    assert not failure.leaves_doubt


@pytest.mark.parametrize("text", AFTER_SENDING)
def test_a_lost_answer_is_confirmed_on_a_create_and_repeated_on_a_read(text: str) -> None:
    create = classify(read_pasted(text, None, "pins/create"))
    assert (create.remedy, create.leaves_doubt) == (Remedy.CONFIRM, True), create.rule
    read = classify(read_pasted(text, None, "boards/list"))
    assert (read.remedy, read.leaves_doubt) == (Remedy.RETRY_LATER, False), read.rule
