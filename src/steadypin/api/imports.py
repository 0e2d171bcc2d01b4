"""/imports: many Pins at once, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from steadypin.api.fields import Body, Id, Text
from steadypin.api.findings import FindingOut
from steadypin.api.problems import documented
from steadypin.api.wiring import InContext, ReadsPins, WritesPins
from steadypin.domain.findings import Finding, Level, blockers
from steadypin.domain.media import Item
from steadypin.domain.texts import FieldError
from steadypin.services import foreseeing, imports
from steadypin.services.imports import ImportRow, Outcome, RowError

router = APIRouter(prefix="/imports", tags=["Imports"], responses=documented(401, 403, 422, 503))

_MOST_OF_A_CELL = 131_072

Cell = Annotated[Text, Field(max_length=_MOST_OF_A_CELL)]


class CellError(Body):
    """Something that the reader of the file found wrong."""

    field: str = Field(max_length=40)
    message: str = Field(max_length=2000)


class ImageRef(Body):
    """One image of a carousel: either `media_id` (uploaded before) or `url`."""

    media_id: Id | None = None
    url: Cell | None = None


class RowIn(Body):
    """One row as it was written. `connection` and `board` are names or ids; its image is uploaded already, or a `url`;
    several `images` make a carousel."""

    line: int = Field(ge=1, le=10_000_000, description="Where it stands in the file.")
    connection: Cell | None = Field(default=None, description="May be left out when there is only one.")
    board: Cell | None = None
    section: Cell | None = None
    title: Cell | None = None
    description: Cell | None = None
    alt_text: Cell | None = None
    link: Cell | None = None
    due_at: Cell | None = Field(
        default=None, description="With an offset. Without a time, the Pin stays a draft."
    )
    media_id: Id | None = None
    url: Cell | None = None
    images: list[ImageRef] = Field(
        default=[], max_length=50, description="In their order; the first is the cover."
    )
    errors: list[CellError] = Field(default=[], max_length=20)


class PlannedRowIn(RowIn):
    """A row that is only looked at: its file need not be uploaded."""

    digest: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", description="The sha256 of the image's file, in hexadecimal."
    )


class ForeseeIn(Body):
    """Rows to look at together."""

    rows: list[PlannedRowIn] = Field(min_length=1, max_length=foreseeing.MOST_ROWS)
    now: bool = Field(default=False, description="As if to publish at once, whatever the rows say.")


class ImportIn(Body):
    """Rows to import."""

    rows: list[RowIn] = Field(min_length=1, max_length=imports.MOST_ROWS)
    now: bool = Field(default=False, description="Publish at once, whatever the rows say.")


class RowErrorOut(BaseModel):
    """Why a row was refused, and what to do."""

    field: str
    reason: str
    fix: str


class RowOut(BaseModel):
    """What became of a row."""

    line: int
    outcome: Outcome
    pin_id: str | None = Field(description="The new Pin, or the one that this row made before.")
    errors: list[RowErrorOut]
    findings: list[FindingOut] = Field(
        description="`changed_row`: what the row made before it was changed stands still."
    )


class ForeseenRow(BaseModel):
    """What would become of a row, and what would stop its Pin."""

    line: int
    outcome: Outcome
    pin_id: str | None = Field(description="The Pin that this row made before.")
    same_as_line: int | None = Field(description="An earlier row that is the same.")
    errors: list[RowErrorOut]
    findings: list[FindingOut]


class CountOut(BaseModel):
    """In how many rows one check found something; `title` is what it is in the first of them."""

    check: str
    level: Level
    rows: int
    title: str


class ForeseenOut(BaseModel):
    """Every row, in the order in which they came. `passes`: none would be refused, and nothing would stop a Pin."""

    passes: bool
    created: int
    unchanged: int
    refused: int
    summary: list[CountOut]
    rows: list[ForeseenRow]


class ImportOut(BaseModel):
    """Every row, in the order in which they came."""

    created: int
    unchanged: int
    refused: int
    rows: list[RowOut]


@router.post("", responses=documented(400, 413, 415))
def import_rows(body: ImportIn, ctx: InContext, caller: WritesPins) -> ImportOut:
    """Import rows. A row that was imported before is recognised, so the same request may be sent again."""
    allowed = frozenset(caller.connection_ids) if caller.connection_ids is not None else None
    results = imports.take(ctx, [_row(row) for row in body.rows], now=body.now, allowed=allowed)
    counts = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    return ImportOut(
        created=counts[Outcome.CREATED],
        unchanged=counts[Outcome.UNCHANGED],
        refused=counts[Outcome.REFUSED],
        rows=[
            RowOut(
                line=result.line,
                outcome=result.outcome,
                pin_id=result.pin_id,
                errors=_errors(result.errors),
                findings=[_finding(foreseeing.changed_row(result.twins))] if result.twins else [],
            )
            for result in results
        ],
    )


@router.post("/preflight", response_model=ForeseenOut, responses=documented(400, 413, 415))
def preflight_rows(body: ForeseeIn, ctx: InContext, caller: ReadsPins) -> JSONResponse:
    """What an import of these rows would do, and what would stop their Pins. Nothing is stored."""
    allowed = frozenset(caller.connection_ids) if caller.connection_ids is not None else None
    rows = [replace(_row(row), digest=row.digest) for row in body.rows]
    found = foreseeing.foresee(ctx, rows, now=body.now, allowed=allowed)
    counts = {outcome: sum(each.outcome is outcome for each in found) for outcome in Outcome}
    out = ForeseenOut(
        passes=not counts[Outcome.REFUSED] and not any(blockers(each.findings) for each in found),
        created=counts[Outcome.CREATED],
        unchanged=counts[Outcome.UNCHANGED],
        refused=counts[Outcome.REFUSED],
        summary=[
            CountOut(check=each.check, level=each.level, rows=each.rows, title=each.title)
            for each in foreseeing.summary(found)
        ],
        rows=[
            ForeseenRow(
                line=each.line,
                outcome=each.outcome,
                pin_id=each.pin_id,
                same_as_line=each.same_as_line,
                errors=_errors(each.errors),
                findings=[_finding(finding) for finding in each.findings],
            )
            for each in found
        ],
    )
    return JSONResponse(out.model_dump(mode="json"))


def _errors(errors: Sequence[RowError]) -> list[RowErrorOut]:
    return [RowErrorOut(field=each.field, reason=each.reason, fix=each.fix) for each in errors]


def _finding(finding: Finding) -> FindingOut:
    return FindingOut.model_validate(finding.to_json())


def _row(row: RowIn) -> ImportRow:
    return ImportRow(
        line=row.line,
        connection=row.connection,
        board=row.board,
        section=row.section,
        title=row.title,
        description=row.description,
        alt_text=row.alt_text,
        link=row.link,
        due_at=row.due_at,
        media_id=row.media_id,
        url=row.url,
        images=tuple(Item(image.media_id, image.url) for image in row.images),
        errors=tuple(FieldError(error.field, error.message) for error in row.errors),
    )
