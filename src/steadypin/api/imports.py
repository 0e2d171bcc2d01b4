"""/imports: many Pins at once, row by row."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from steadypin.api.fields import Body, Id, Text
from steadypin.api.problems import documented
from steadypin.api.wiring import InContext, WritesPins
from steadypin.domain.media import Item
from steadypin.domain.texts import FieldError
from steadypin.services import imports
from steadypin.services.imports import ImportRow, Outcome

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
                errors=[RowErrorOut(field=e.field, reason=e.reason, fix=e.fix) for e in result.errors],
            )
            for result in results
        ],
    )


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
