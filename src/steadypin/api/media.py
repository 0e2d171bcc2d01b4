"""/media: files for Pins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from steadypin.api.fields import Id, Told
from steadypin.api.findings import FindingOut
from steadypin.api.problems import documented
from steadypin.api.wiring import IdempotencyKey, InContext, ReadsPins, WritesPins, asked
from steadypin.domain.errors import InputRefused, StoreTrouble
from steadypin.domain.texts import FieldError
from steadypin.services import intake, replays
from steadypin.services.intake import KeptMedia
from steadypin.services.replays import Answer

router = APIRouter(prefix="/media", tags=["Media"], responses=documented(401, 403, 422, 503))

_CHUNK = 256 * 1024


class MediaKept(BaseModel):
    """A file in the media store. `digest` is the sha256 of its bytes, `size` in bytes, sides in pixels."""

    id: str
    digest: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    name: str | None
    created_at: Told


class MediaTaken(MediaKept):
    """The same, with what was found when the file was looked at."""

    findings: list[FindingOut]


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "One image."}
                    },
                    "required": ["file"],
                    "additionalProperties": False,
                }
            }
        },
    }
}


@router.post(
    "",
    status_code=201,
    response_model=MediaTaken,
    responses=documented(400, 413, 415),
    openapi_extra=_BODY,
)
async def take_media(
    request: Request, ctx: InContext, caller: WritesPins, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Upload one file, as the field `file` of a form. The same bytes always get the same id."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415, "Send the file as multipart/form-data, in a field named file.")
    async with _form(request) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InputRefused([FieldError("file", "There is no file. Send one in a form field named file.")])
        unknown = [
            FieldError(name, f"There is no field {name}. Remove it.") for name in form if name != "file"
        ]
        if unknown:
            raise InputRefused(unknown)
        kept = await intake.keep(ctx, _pieces(file), _name(file.filename))
    body = {
        **_media_json(kept.media),
        "findings": [finding.to_json() for finding in kept.findings],
    }
    same = asked(caller, idempotency_key, request, kept.media.digest.encode())
    answer = await run_in_threadpool(replays.once, ctx, same, lambda tx: Answer(201, body))
    return JSONResponse(answer.body, answer.status, {"Idempotent-Replayed": "true"} if answer.again else None)


@router.get("/{media_id}", response_model=MediaKept, responses=documented(404))
def show_media(
    media_id: Annotated[Id, Path(description="The id of a file.")], ctx: InContext, caller: ReadsPins
) -> JSONResponse:
    """What is known about a file."""
    return JSONResponse(_media_json(intake.get(ctx, media_id)))


def _media_json(media: KeptMedia) -> dict[str, Any]:
    return MediaKept(
        id=media.id,
        digest=media.digest,
        content_type=media.content_type,
        size=media.size,
        width=media.width,
        height=media.height,
        name=media.name,
        created_at=media.created_at,
    ).model_dump(mode="json")


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    """The form as sent; a large file waits in the system's temporary folder. Raises StoreTrouble."""
    try:
        form = await request.form(max_files=1, max_fields=4)
    except OSError as error:
        raise StoreTrouble(
            f"The temporary folder cannot take the file ({error.strerror}). Free some space, or set TMPDIR to a folder "
            "with room."
        ) from error
    try:
        yield form
    finally:
        await form.close()


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_CHUNK):
        yield piece


def _name(given: str | None) -> str | None:
    """The last part of a file name, as far as it can be printed."""
    last = (given or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:200] or None
