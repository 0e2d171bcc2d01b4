"""Videos: registering and uploading them on a Stage, as a careful client does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pinsim import Answer, Request
from tests.pinsim.films import film
from tests.pinsim.stage import Stage, base64_source

MARK = "pinsim-test-boundary"
FORM = {"Content-Type": f"multipart/form-data; boundary={MARK}"}


def form(fields: Sequence[tuple[str, str | bytes]]) -> bytes:
    """A multipart body; the field `file` gets a file name."""
    parts = []
    for name, value in fields:
        more = '; filename="film.mp4"\r\nContent-Type: video/mp4' if name == "file" else ""
        raw = value.encode() if isinstance(value, str) else value
        parts.append(
            f'--{MARK}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
            + raw
            + b"\r\n"
        )
    return b"".join(parts) + f"--{MARK}--\r\n".encode()


def register(stage: Stage, username: str = "spring_shop") -> Any:
    """A registered upload."""
    answer = stage.as_(username, "POST", "/v5/media", {"media_type": "video"})
    assert answer.status == 201, answer.body
    return answer.json()


def send(
    stage: Stage, parameters: Mapping[str, str], data: bytes | None = None, **more: str | bytes
) -> Answer:
    """The form post: parameters, then `more`, then the file."""
    file = film() if data is None else data
    return post(stage, form([*parameters.items(), *more.items(), ("file", file)]))


def post(stage: Stage, body: bytes, headers: Mapping[str, str] = FORM, path: str = "/upload/") -> Answer:
    """Any body to the bucket."""
    return asyncio.run(stage.sim.answer(Request("POST", path, headers=headers, body=body)))


def upload(stage: Stage, data: bytes | None = None, username: str = "spring_shop") -> str:
    """The id of an upload whose file the bucket took."""
    made = register(stage, username)
    assert send(stage, made["upload_parameters"], data).status == 204
    return str(made["media_id"])


def processed(stage: Stage, data: bytes | None = None, username: str = "spring_shop") -> str:
    """The id of an upload whose processing is over."""
    media_id = upload(stage, data, username)
    stage.now += 60
    return media_id


def status(stage: Stage, media_id: str, username: str = "spring_shop") -> Any:
    """What Pinterest says of an upload."""
    return stage.as_(username, "GET", f"/v5/media/{media_id}").json().get("status")


def video_source(media_id: str, **cover: Any) -> dict[str, Any]:
    """A media_source of a video; without `cover` a picture is sent with it."""
    picture = base64_source()
    sent = {"cover_image_content_type": picture["content_type"], "cover_image_data": picture["data"]}
    return {"source_type": "video_id", "media_id": media_id, **(cover or sent)}
