"""Every refusal as `application/problem+json` (RFC 9457), whatever raised it.

Refusal (domain) -> status          RequestValidationError -> 400, 415 or 422          HTTPException -> its status
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from steadypin.api.addresses import verbs_at
from steadypin.api.sentences import sentences
from steadypin.domain.errors import CannotStart, InputRefused, NotThere, Refusal
from steadypin.domain.texts import FieldError
from steadypin.services.transitions import Moved

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

KINDS = {
    400: ("malformed", "The request cannot be read"),
    401: ("no-key", "An API key is needed"),
    403: ("not-allowed", "This key may not do that"),
    404: ("not-found", "There is no such thing"),
    405: ("wrong-verb", "This address does not take that verb"),
    406: ("not-acceptable", "There is no such representation"),
    409: ("conflict", "Not in its present state"),
    413: ("too-large", "The request is too large"),
    415: ("media-type", "The body has the wrong type"),
    421: ("wrong-host", "This is not the host that was asked for"),
    422: ("input-refused", "The input cannot be taken"),
    500: ("internal", "Something went wrong in Steadypin"),
    503: ("unavailable", "Steadypin cannot answer just now"),
}
"""Status → (name in the type, title)."""


class FieldProblem(BaseModel):
    """One field that cannot be taken."""

    field: str
    message: str


class Problem(BaseModel):
    """What every answer from 400 on looks like."""

    type: str = Field(description="An address that explains this kind of problem.")
    title: str
    status: int
    detail: str = Field(description="What happened, and what to do.")
    errors: list[FieldProblem] = Field(default=[], description="The fields that cannot be taken.")
    cause: str | None = Field(default=None, description="For publishing matters: which thing is wrong.")
    remedy: str | None = Field(default=None, description="For publishing matters: what heals it.")
    fix: str | None = Field(default=None, description="For publishing matters: what to do.")
    native: dict[str, Any] | None = Field(
        default=None, description="For publishing matters: Pinterest's words."
    )


def problem(
    base_url: str,
    status: int,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem as a response. `type` points into the reference page."""
    kind, title = KINDS.get(status, (f"status-{status}", HTTPStatus(status).phrase))
    content: dict[str, Any] = {
        "type": f"{base_url}/api/docs#problem-{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [{"field": error.field, "message": error.message} for error in errors],
    }
    return JSONResponse(content, status, dict(headers or {}), MEDIA_TYPE)


def status_of(refusal: Exception) -> int:
    """The HTTP status of a refusal."""
    match refusal:
        case NotThere():
            return 404
        case InputRefused():
            return 422
        case CannotStart():
            return 503
        case _:
            return 409


_SENTENCES = {
    404: "There is nothing at {path}. The addresses are listed at {base_url}/api/docs.",
    405: "{path} does not take {method}; it takes {allow}.",
    400: "The body cannot be read. Send it whole, as the reference says.",
    413: "The body is larger than Steadypin takes here. Send less at once.",
}


def install(app: FastAPI, base_url: str) -> None:
    """Make `app` answer every error so."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        errors = error.errors if isinstance(error, InputRefused) else ()
        return problem(base_url, status_of(error), str(error), errors)

    async def moved(request: Request, error: Exception) -> JSONResponse:
        return problem(
            base_url, 409, "It was changed by somebody else at this moment. Look at it, and try again."
        )

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        kinds = {str(found["type"]) for found in error.errors()}
        if "json_invalid" in kinds:
            return problem(base_url, 400, "The body is not JSON. Send valid JSON.")
        if "model_attributes_type" in kinds and not _says_json(request):
            return problem(
                base_url, 415, "The body must be JSON. Say so with Content-Type: application/json."
            )
        errors = sentences(error.errors())
        return problem(base_url, 422, " ".join(found.message for found in errors), errors)

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        verbs = verbs_at(request.app.state.addresses, request.url.path) if error.status_code == 405 else []
        if verbs:
            headers["Allow"] = ", ".join(verbs)
        words = _SENTENCES.get(error.status_code)
        detail = str(error.detail)
        if words is not None and detail in (HTTPStatus(error.status_code).phrase, *_STARLETTES_WORDS):
            detail = words.format(
                path=request.url.path,
                method=request.method,
                allow=headers.get("Allow", "another"),
                base_url=base_url,
            )
        return problem(base_url, error.status_code, detail, headers=headers)

    async def broken(request: Request, error: Exception) -> JSONResponse:
        # the server's own log carries the traceback
        log.error("api.failed", method=request.method, path=request.url.path, error=type(error).__name__)
        return problem(
            base_url,
            500,
            "This is a fault of Steadypin, and its log says which. What was asked may or may not have been done: look "
            "before you ask again.",
        )

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(Moved, moved)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, broken)


_STARLETTES_WORDS = ("There was an error parsing the body", "Content Too Large")


def _says_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that can answer with these problems."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {status: {"description": KINDS[status][1], "content": {MEDIA_TYPE: schema}} for status in statuses}
