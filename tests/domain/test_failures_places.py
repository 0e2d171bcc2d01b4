"""Outside Pinterest's JSON API: the consent page, the upload bucket, a user's own web server."""

from __future__ import annotations

import pytest

from steadypin.domain.failures import classify
from steadypin.domain.native import read_pasted
from steadypin.domain.words import Cause, Remedy

PLACES = [
    ("oauth/authorize", 302, "https://shop.example/cb?error=access_denied&state=1", "token", "reconnect"),
    ("oauth/authorize", 400, "Invalid redirect URI", "app_credentials", "operator"),
    ("oauth/authorize", 400, '{"message": "invalid client_id"}', "app_credentials", "operator"),
    ("oauth/authorize", 200, "<html><title>Oops</title><p>The redirect_uri is not registered</p></html>", "app_credentials", "operator"),
    ("oauth/authorize", 302, "error=invalid_scope", "scope", "operator"),
    ("oauth/authorize", 404, "", "app_credentials", "operator"),
    ("oauth/authorize", 503, "", "platform", "retry_later"),
    ("oauth/authorize", None, "ReadTimeout", "network", "retry_later"),
    ("oauth/token", 400, '{"error": "invalid_grant"}', "token", "reconnect"),
    ("oauth/token", 400, '{"error": "invalid_client"}', "app_credentials", "operator"),
    ("oauth/token", 401, '{"message": "Unauthorized"}', "app_credentials", "operator"),
    ("oauth/token", 401, "", "app_credentials", "operator"),
    ("oauth/token", 400, '{"error": "unsupported_grant_type"}', "unknown", "report"),
    ("oauth/token", 400, '{"code": 1, "message": "Invalid refresh token"}', "token", "reconnect"),
    ("media/upload", 503, "<Error><Code>SlowDown</Code></Error>", "platform", "retry_later"),
    ("media/upload", 403, "", "media", "retry_later"),
    ("media/upload", 400, "<Error><Code>MalformedPOSTRequest</Code></Error>", "media", "report"),
    ("media/upload", None, "ClientOSError: [Errno 32] Broken pipe", "network", "retry_later"),
    ("media/source", 404, "", "media", "fix_input"),
    ("media/source", 401, '{"code": 2, "message": "Authentication failed."}', "media", "fix_input"),
    ("media/source", 403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", "media", "fix_input"),
    ("media/source", 200, "<html><title>Sign in</title></html>", "media", "fix_input"),
    ("media/source", 429, "", "media", "retry_later"),
    ("media/source", 500, "", "media", "retry_later"),
    ("media/source", None, "ReadTimeout: timed out", "media", "retry_later"),
    ("media/source", None, "SSLCertVerificationError: certificate verify failed", "media", "fix_input"),
    ("media/source", None, "Name or service not known", "media", "fix_input"),
    ("media/source", None, "192.168.1.5 is a private address", "media", "fix_input"),
    ("media/source", None, "TooManyRedirects: Exceeded 30 redirects.", "media", "fix_input"),
]  # fmt: skip


@pytest.mark.parametrize(("endpoint", "status", "text", "cause", "remedy"), PLACES)
def test_outside_the_api(endpoint: str, status: int | None, text: str, cause: str, remedy: str) -> None:
    failure = classify(read_pasted(text, status, endpoint))
    assert (failure.cause, failure.remedy) == (Cause(cause), Remedy(remedy)), failure.rule
    assert not failure.leaves_doubt
