"""/pins: make, list, look, change, and what a person can do about one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse

from steadypin.api.at_risk import AtRisk, at_risk_json
from steadypin.api.cursors import read_cursor, write_cursor
from steadypin.api.doors import Caller
from steadypin.api.fields import Id
from steadypin.api.findings import PreflightOut, preflight_json
from steadypin.api.pin_shapes import (
    AttemptList,
    PinChanges,
    PinFilters,
    PinIn,
    PinOut,
    PinPage,
    Resolution,
    attempts_json,
    pin_json,
)
from steadypin.api.problems import documented
from steadypin.api.wiring import IdempotencyKey, InContext, ReadsPins, WritesPins, asked
from steadypin.domain.errors import InputRefused, NotThere
from steadypin.domain.pins import Pin
from steadypin.domain.texts import FieldError
from steadypin.services import compose, look_ahead, preflighting, replays
from steadypin.services.compose import NewPin, PinFilter
from steadypin.services.context import Context
from steadypin.services.preflighting import Planned
from steadypin.services.replays import Answer

router = APIRouter(prefix="/pins", tags=["Pins"], responses=documented(401, 403, 422, 503))

PinId = Annotated[Id, Path(description="The id of a Pin.")]


@router.post("", status_code=201, response_model=PinOut, responses=documented(400, 413, 415))
def create_pin(
    body: PinIn, request: Request, ctx: InContext, caller: WritesPins, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Make a Pin. It is checked at once; with a due time it goes live then."""
    new = _new(ctx, caller, body)
    answer = replays.once(
        ctx,
        asked(caller, idempotency_key, request, body),
        lambda tx: Answer(201, pin_json(compose.insert(ctx, tx, new, body.confirm))),
    )
    headers = {"Location": f"/api/v1/pins/{answer.body['id']}"}
    if answer.again:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(answer.body, answer.status, headers)


@router.get("", response_model=PinPage)
def list_pins(ctx: InContext, caller: ReadsPins, wanted: Annotated[PinFilters, Query()]) -> JSONResponse:
    """Pins, newest first, page by page."""
    found = compose.page(
        ctx,
        PinFilter(
            connection_id=wanted.connection_id,
            connection_ids=caller.connection_ids,
            board_id=wanted.board_id,
            stage=wanted.stage,
            cause=wanted.cause,
            remedy=wanted.remedy,
            due_from=wanted.due_from,
            due_until=wanted.due_until,
        ),
        wanted.limit + 1,
        read_cursor(wanted.cursor),
    )
    items = found[: wanted.limit]
    more = write_cursor(items[-1].created_at, items[-1].id) if len(found) > wanted.limit else None
    return JSONResponse({"items": [pin_json(pin) for pin in items], "next_cursor": more})


@router.get("/at-risk", response_model=AtRisk)
def pins_at_risk(ctx: InContext, caller: ReadsPins) -> JSONResponse:
    """Pins that will not go out at their time, the nearest first, and the reasons by account."""
    risks = look_ahead.risks(ctx, caller.connection_ids)
    forecasts = look_ahead.forecasts(risks)
    return JSONResponse(at_risk_json(risks, forecasts))


@router.post("/preflight", response_model=PreflightOut, responses=documented(400, 413, 415))
def preflight_new(body: PinIn, ctx: InContext, caller: ReadsPins) -> JSONResponse:
    """Everything that can be known about a Pin before it is made. Nothing is stored."""
    new = _new(ctx, caller, body)
    planned = Planned("", new.connection_id, new.content, new.due_at, frozenset(body.confirm))
    return JSONResponse(preflight_json(preflighting.of_planned(ctx, planned)))


@router.get("/{pin_id}/preflight", response_model=PreflightOut, responses=documented(404))
def preflight_pin(pin_id: PinId, ctx: InContext, caller: ReadsPins) -> JSONResponse:
    """The same about a stored Pin, as things stand now."""
    _seen(ctx, caller, pin_id)
    return JSONResponse(preflight_json(preflighting.of_pin(ctx, pin_id)))


@router.get("/{pin_id}", response_model=PinOut, responses=documented(404))
def show_pin(pin_id: PinId, ctx: InContext, caller: ReadsPins) -> JSONResponse:
    """One Pin."""
    return _answer(_seen(ctx, caller, pin_id))


@router.patch("/{pin_id}", response_model=PinOut, responses=documented(400, 404, 409, 413, 415))
def edit_pin(pin_id: PinId, body: PinChanges, ctx: InContext, caller: WritesPins) -> JSONResponse:
    """Change a Pin that is not being sent or confirmed, and not live."""
    pin = _seen(ctx, caller, pin_id)
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set - {"confirm"}}
    if "media" in changes:
        changes["media"] = body.media.to_domain()
    if changes.get("due_at") == "now":
        changes["due_at"] = ctx.clock.now()
    return _answer(compose.edit(ctx, pin_id, changes, body.confirm) if changes or body.confirm else pin)


@router.delete("/{pin_id}", response_model=PinOut, responses=documented(404, 409))
def delete_pin(
    pin_id: PinId,
    ctx: InContext,
    caller: WritesPins,
    live: Annotated[
        bool, Query(description="Also delete it on Pinterest, as soon as the account's turn comes.")
    ] = False,
) -> JSONResponse:
    """Remove a Pin from Steadypin; the answer is the Pin as it was."""
    _seen(ctx, caller, pin_id)
    return _answer(compose.delete(ctx, pin_id, live))


@router.post("/{pin_id}/retry", response_model=PinOut, responses=documented(404, 409))
def retry_pin(pin_id: PinId, ctx: InContext, caller: WritesPins) -> JSONResponse:
    """Try a held or waiting Pin now. One that may be live is looked for, never sent again."""
    _seen(ctx, caller, pin_id)
    return _answer(compose.retry(ctx, pin_id))


@router.post("/{pin_id}/cancel", response_model=PinOut, responses=documented(404, 409))
def cancel_pin(pin_id: PinId, ctx: InContext, caller: WritesPins) -> JSONResponse:
    """Take a Pin out of the queue. While it may be live, this is a wish that the outcome decides."""
    _seen(ctx, caller, pin_id)
    return _answer(compose.cancel(ctx, pin_id))


@router.post("/{pin_id}/resolve", response_model=PinOut, responses=documented(400, 404, 409, 413, 415))
def resolve_pin(pin_id: PinId, body: Resolution, ctx: InContext, caller: WritesPins) -> JSONResponse:
    """Say whether a Pin whose outcome is unknown is live, and as which."""
    _seen(ctx, caller, pin_id)
    return _answer(compose.resolve(ctx, pin_id, body.live_as))


@router.get("/{pin_id}/attempts", response_model=AttemptList, responses=documented(404))
def list_attempts(pin_id: PinId, ctx: InContext, caller: ReadsPins) -> JSONResponse:
    """Every try at publishing this Pin, with everything Pinterest said."""
    _seen(ctx, caller, pin_id)
    return JSONResponse(attempts_json(compose.history(ctx, pin_id)))


@router.post(
    "/{pin_id}/twins/{pinterest_pin_id}/undo",
    status_code=202,
    response_model=PinOut,
    responses=documented(404, 409),
)
def undo_twin(
    pin_id: PinId,
    pinterest_pin_id: Annotated[
        str, Path(pattern=r"^[0-9]{1,30}$", description="Pinterest's id of the twin.")
    ],
    ctx: InContext,
    caller: WritesPins,
) -> JSONResponse:
    """Delete a twin on Pinterest, as soon as the account's turn comes; the Pin itself stays."""
    _seen(ctx, caller, pin_id)
    return JSONResponse(pin_json(compose.undo_twin(ctx, pin_id, pinterest_pin_id)), 202)


def _new(ctx: Context, caller: Caller, body: PinIn) -> NewPin:
    if not caller.sees(body.connection_id):
        raise InputRefused([FieldError("connection_id", f"There is no connection {body.connection_id}.")])
    return NewPin(
        connection_id=body.connection_id,
        board_id=body.board_id,
        media=body.media.to_domain(),
        title=body.title,
        description=body.description,
        alt_text=body.alt_text,
        link=body.link,
        board_section_id=body.board_section_id,
        due_at=ctx.clock.now() if body.due_at == "now" else body.due_at,
    )


def _seen(ctx: Context, caller: Caller, pin_id: str) -> Pin:
    """The Pin, if this caller may know of it. A Pin never moves to another connection, so this stays true."""
    pin = compose.get(ctx, pin_id)
    if not caller.sees(pin.connection_id):
        raise NotThere(f"There is no Pin {pin_id}.")
    return pin


def _answer(pin: Pin) -> JSONResponse:
    return JSONResponse(pin_json(pin))
